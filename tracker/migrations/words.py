"""Letting a column hold more words than its check has allowed so far."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op


def allow(table: str, column: str, *words: str) -> None:
    """Let `column` hold more words, whatever it may hold already.

    SQLite can't change a check. Its own way to do it without copying the table is to write the new text of
    the table into the schema (https://www.sqlite.org/lang_altertable.html, section 7); nothing on disk
    changes.
    """
    name, connection = f"ck_{table}_{column}", op.get_bind()
    if connection.dialect.name == "sqlite":
        sql = connection.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = :t"), {"t": table})
        check = re.compile(rf"(CONSTRAINT {name} CHECK \({column} IN \()([^)]*)(\)\))")
        found = check.search(sql)
        assert found is not None
        allowed = ", ".join(f"'{word}'" for word in _together(found[2], words))
        sql = check.sub(lambda hit: hit[1] + allowed + hit[3], sql)
        version = connection.scalar(sa.text("PRAGMA schema_version"))
        op.execute("PRAGMA writable_schema=ON")
        connection.execute(
            sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :t"),
            {"sql": sql, "t": table},
        )
        op.execute(f"PRAGMA schema_version={version + 1}")
        op.execute("PRAGMA writable_schema=RESET")
        return
    present = connection.scalar(
        sa.text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :n"), {"n": name}
    )
    allowed = ", ".join(f"'{word}'" for word in _together(present, words))
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({allowed}))")


def _together(present: str, words: tuple[str, ...]) -> list[str]:
    """The words allowed so far, and then the new ones."""
    return list(dict.fromkeys([*re.findall(r"'(\w+)'", present), *words]))
