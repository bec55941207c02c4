"""on SQLite it can be asked which forms a word has, so that common ones are searched by them

These tables hold nothing of their own: they show what is in the indexes of migration 0009.
https://www.sqlite.org/fts5.html#the_fts5vocab_virtual_table_module
"""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("task", "decision", "agenda_item", "meeting", "source")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            op.execute(f"CREATE VIRTUAL TABLE search_{table}_forms USING fts5vocab(search_{table}, instance)")
