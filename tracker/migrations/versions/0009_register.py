"""full-text search, comments, saved filters, and changes of many tasks at once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.migrations.words import allow

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# SQLite: an FTS5 index for each table, whose words stay in the table itself (external content), kept by
# triggers, so that nothing that is written, however it comes, can be missing or left behind.
# https://www.sqlite.org/fts5.html#external_content_tables
WORDS = {
    "task": ("task", {"what": "ROW.what", "evidence": "ROW.evidence", "result": "ROW.result"}),
    "decision": ("decision", {"text": "ROW.text"}),
    "agenda_item": ("agenda_item", {"number": "ROW.number", "title": "ROW.title"}),
    "meeting": ("meeting", {"title": "ROW.title", "place": "ROW.place"}),
    "source": ("search_source_words", {"words": "json_extract(ROW.draft, '$.text')"}),
}
# PostgreSQL: an index of an expression can't be stale either.
EXPRESSIONS = {
    "task": "what || ' ' || evidence || ' ' || result",
    "decision": "text",
    "agenda_item": "coalesce(number, '') || ' ' || title",
    "meeting": "title || ' ' || coalesce(place, '')",
    "source": "draft ->> 'text'",
}
# Signs between letters part words, as they do in SQLite («4/22», «e-post»). A text with more different words
# than a tsvector holds (1 MB, § 11.11) is searched in its first part: it must never be refused for that.
FUNCTION = """
CREATE FUNCTION search_words(words text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE plain text := translate(words, 'ÆØÅÄÖÉ./\\-_:,;@#%&()[]+=*', 'æøåäöé                   ');
BEGIN
    RETURN to_tsvector('pg_catalog.norwegian', plain);
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN to_tsvector('pg_catalog.norwegian', left(plain, 100000));
END $$
"""


def upgrade() -> None:
    _tables()
    op.create_index("ix_task_register", "task", ["organisation_id", "body_id", "status", "due_on", "id"])
    op.create_index("ix_task_register_all", "task", ["organisation_id", "body_id", "due_on", "id"])
    op.drop_index("ix_task_organisation_id_body_id_status", "task")
    allow("message", "kind", "comments")
    op.add_column("person", sa.Column("shortcuts", sa.Boolean(), server_default=sa.true(), nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        for table, expression in EXPRESSIONS.items():
            op.execute(f"CREATE INDEX search_{table} ON {table} USING gin (search_words({expression}))")
    else:
        op.execute(
            "CREATE VIEW search_source_words AS SELECT id, json_extract(draft, '$.text') AS words FROM source"
        )
        for table, (content, columns) in WORDS.items():
            _kept_by_triggers(table, content, columns)


def _kept_by_triggers(table: str, content: str, columns: dict[str, str]) -> None:
    index, names = f"search_{table}", ", ".join(columns)
    old, new = ([how.replace("ROW", row) for how in columns.values()] for row in ("OLD", "NEW"))
    drop = f"INSERT INTO {index}({index}, rowid, {names}) VALUES ('delete', OLD.id, {', '.join(old)});"  # noqa: S608 - names of our own
    add = f"INSERT INTO {index}(rowid, {names}) VALUES (NEW.id, {', '.join(new)});"  # noqa: S608
    changed = " OR ".join(f"{before} IS NOT {after}" for before, after in zip(old, new, strict=True))
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='{content}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 0', prefix='2 3')"
    )
    op.execute(f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN {add} END")
    op.execute(f"CREATE TRIGGER {index}_gone AFTER DELETE ON {table} BEGIN {drop} END")
    op.execute(
        f"CREATE TRIGGER {index}_changed AFTER UPDATE ON {table} WHEN {changed} BEGIN {drop} {add} END"
    )
    op.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")  # noqa: S608


def _tables() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        *_owned("comment", task_id="task", decision_id="decision", person_id="person"),
        sa.CheckConstraint("(task_id IS NULL) <> (decision_id IS NULL)", name="ck_comment_about_one"),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        *_owned("saved_filter", person_id="person"),
        sa.UniqueConstraint(
            "organisation_id",
            "person_id",
            "page",
            "name",
            name="uq_saved_filter_organisation_id_person_id_page_name",
        ),
    )
    op.create_table(
        "bulk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        *_owned("bulk_change", person_id="person"),
    )
    for table, column in (
        ("comment", "task_id"), ("comment", "decision_id"), ("saved_filter", "person_id"), ("bulk_change", "person_id"),
        ("comment", "organisation_id"), ("saved_filter", "organisation_id"), ("bulk_change", "organisation_id"),
    ):  # fmt: skip
        op.create_index(f"ix_{table}_{column}", table, [column])


def _owned(table: str, **points: str) -> list[sa.Column[int] | sa.Constraint]:
    """What every table has: its organisation, its key, and what its columns point to."""
    return [
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")
            for column, to in (*points.items(), ("organisation_id", "organisation"))
        ),
    ]
