"""on PostgreSQL the words of short texts are kept ready for the search

A search for the newest rows walks back through a table until it has enough that hold the words. Making a row's
words anew takes fifty times as long as looking at them, and a word that is rare, or old, has it look at all.
(§ 12.2.2 of PostgreSQL's manual.) Minutes are long and few: their words stay in the index alone, and the
planner is told what making them takes.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WORDS = {
    "task": "what || ' ' || evidence || ' ' || result",
    "decision": "text",
    "agenda_item": "coalesce(number, '') || ' ' || title",
    "meeting": "title || ' ' || coalesce(place, '')",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, words in WORDS.items():
        op.execute(f"DROP INDEX search_{table}")
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN search_words tsvector "
            f"GENERATED ALWAYS AS (search_words({words})) STORED"
        )
        op.execute(f"CREATE INDEX search_{table} ON {table} USING gin (search_words)")
    op.execute("ALTER FUNCTION search_words(text) COST 100000")
