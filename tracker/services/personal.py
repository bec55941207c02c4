"""What is stored about a person: all of it, found by what the tables say of themselves.

Whatever table points to a person is found here, so that a new one can't be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, LargeBinary, RowMapping, select
from sqlalchemy.orm import Session

from tracker.links import without_secrets
from tracker.models import AgendaItem, Base, Message, Person, Task
from tracker.rules.access import Rights, hidden
from tracker.services import outbox

# Bytes, hashes of secrets, and what is about the thing and not the person.
LEFT_OUT = {
    "organisation_id", "sha256", "content", "draft", "body_html", "version", "digest", "from_name",
    "from_address", "said",
}  # fmt: skip
OWN = "person_id"  # the column that says whose a row is; others say who is mentioned in it
OWN_WORDS = {"comment", "diet", "partly_text", "address", "text"}  # what only whoever owns the row has said
WORDS_OF_TASKS = {"before", "after", "comment", "name", "text"}  # what may tell what a restricted case says

Row = dict[str, Any]


def references() -> list[Column[Any]]:
    """Every column that points to a person, by table and name."""
    return sorted(
        (
            column
            for table in Base.metadata.tables.values()
            for column in table.columns
            if isinstance(column, Column)
            and any(key.column is Person.__table__.c.id for key in column.foreign_keys)
        ),
        key=lambda column: (column.table.name, column.name),
    )


def stored(session: Session, person: Person, rights: Rights) -> dict[str, list[Row]]:
    """All rows that are about the person or done by them, by table, ready for JSON.

    The words of a restricted case are left out where the person may not read them.
    """
    whoever = Person.__table__
    found = {"person": [_plain(row) for row in _rows(session, whoever, whoever.c.id == person.id)]}
    closed = _closed_tasks(session, rights)
    mails = _closed_mails(session, person, rights)
    for column in references():
        for row in _rows(session, column.table, column == person.id):
            plain = _plain(row)
            if column.name != OWN:
                plain = {name: value for name, value in plain.items() if name not in OWN_WORDS}
            if row.get("task_id") in closed:
                plain = {name: value for name, value in plain.items() if name not in WORDS_OF_TASKS}
            if column.table.name == "message" and row["id"] in mails:
                plain |= {"subject": "", "body_text": ""}
            rows = found.setdefault(column.table.name, [])
            if plain not in rows:  # a row may point to the person twice
                rows.append(plain)
    return {name: rows for name, rows in found.items() if rows}


def _rows(session: Session, table: FromClause, about: ColumnElement[bool]) -> Iterator[RowMapping]:
    shown = [c for c in table.columns if c.name not in LEFT_OUT and not isinstance(c.type, LargeBinary)]
    yield from session.execute(select(*shown).where(about).order_by(table.c.id)).mappings()


def _plain(row: RowMapping) -> Row:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value


def _closed_tasks(session: Session, rights: Rights) -> set[int]:
    rows = session.execute(
        select(Task.id, Task.body_id, AgendaItem.restricted)
        .join(Task.agenda_item)
        .where(Task.organisation_id == rights.organisation_id, AgendaItem.restricted.is_not(None))
    )
    return {number for number, body_id, basis in rows if hidden(basis, body_id, rights)}


def _closed_mails(session: Session, person: Person, rights: Rights) -> frozenset[int]:
    mails = session.scalars(select(Message).where(Message.person_id == person.id)).all()
    return outbox.restricted(session, list(mails), rights)
