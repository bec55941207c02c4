"""Which reminders are due: the rules' answer for every day as a small table, joined with the open tasks.

The database thus hands over only what is due and not yet in the ledger, however many tasks there are; the
partial index on the deadlines of open tasks finds them. The table goes along as one JSON value, so that the
statement is the same every minute: SQLAlchemy would take longer to write out VALUES than the search takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Date, Integer, String, TextualSelect, bindparam, select, text
from sqlalchemy.orm import Session

from tracker.clock import at, local, local_date
from tracker.models import (
    Body,
    Part,
)
from tracker.models.base import UTCDateTime
from tracker.rules.reminders import HORIZON_AFTER, HORIZON_BEFORE, Rhythm, Step, current_step, paused


class DuePart(NamedTuple):
    """One person's part in a task, and the step that is due for it."""

    task_id: int
    assignment_id: int
    body_id: int
    step: Step
    on: date


@dataclass(slots=True)
class Mailing:
    """One mail to come: everything that is due to one person, or one task of it if they want it so."""

    organisation_id: int
    person_id: int
    address: str
    parts: list[DuePart] = field(default_factory=list)


class Row(NamedTuple):
    """One part that has a step due, as the database gives it, and the person."""

    task_id: int
    body_id: int
    due_on: date
    assignment_id: int
    step: str
    on_day: date
    person_id: int
    person: Any


def mailings(session: Session, now: datetime) -> list[Mailing]:
    """What is due now, a mail at a time.

    A person is written to once one of the bodies concerned has come to its hour; what other bodies want to
    tell this day comes along, since there is one mail a morning.
    """
    bodies: dict[int, Rhythm] = {row.id: row.rhythm for row in session.execute(select(Body.id, Body.rhythm))}
    ready = {number for number, rhythm in bodies.items() if local(now).time() >= rhythm.hour}
    if not ready:
        return []
    found: list[Mailing] = []
    for _, theirs in groupby(_rows(session, bodies, now), attrgetter("person_id")):
        rows = list(theirs)
        if any(row.body_id in ready for row in rows):
            found += [_mailing(rows)] if rows[0].person.bundled else [_mailing([row]) for row in rows]
    return found


def _mailing(rows: list[Row]) -> Mailing:
    person = rows[0].person
    parts = [DuePart(row.task_id, row.assignment_id, row.body_id, Step(row.step), row.on_day) for row in rows]
    return Mailing(person.organisation_id, person.id, person.email, parts)


def _rows(session: Session, bodies: dict[int, Rhythm], now: datetime) -> list[Row]:
    """What is due to whom, by person, and then by deadline."""
    today, dialect = local_date(now), session.get_bind().dialect.name
    rhythms = list(dict.fromkeys(bodies.values()))
    numbers = {rhythm: number for number, rhythm in enumerate(rhythms)}
    table = [row for rhythm in rhythms for row in _table(rhythm, numbers[rhythm], today, dialect)]
    if not table:
        return []
    own = [{"body_id": body, "rhythm": numbers[rhythm]} for body, rhythm in bodies.items()]
    values = {"steps": json.dumps(table), "rhythms": json.dumps(own)}
    found = session.execute(_query(_DUE, dialect), values).all()
    people = _reached(session, {row.person_id for row in found}, now)
    rows = [
        Row(
            row.task_id,
            row.body_id,
            row.due_on,
            row.assignment_id,
            row.step,
            row.on_day,
            row.person_id,
            person,
        )
        for row in found
        if (person := people.get(row.person_id))
    ]
    return sorted(rows, key=attrgetter("person_id", "due_on", "task_id"))


def _reached(session: Session, numbers: set[int], now: datetime) -> dict[int, Any]:
    """Those of the people who can be written to now: with an address, not paused, without a mail today.

    The mail that a deadline has moved counts: what that made due can wait till the next morning.
    """
    if not numbers:
        return {}
    today = local_date(now)
    values = {
        "people": json.dumps([{"id": number} for number in sorted(numbers)]),
        "midnight": at(today, time(0)),
        "now": now,
    }
    rows = session.execute(_query(_REACHED, session.get_bind().dialect.name), values)
    return {row.id: row for row in rows if not paused(row.pause_from, row.pause_until, today)}


@lru_cache(maxsize=256)
def _table(rhythm: Rhythm, number: int, today: date, dialect: str) -> list[dict[str, Any]]:
    """Deadline and part → the step that counts today, its day, and when that day began."""
    moment = "%Y-%m-%d %H:%M:%S.%f" + ("+00:00" if dialect == "postgresql" else "")
    return [
        {
            "rhythm": number,
            "due_on": due_on.isoformat(),
            "part": part.value,
            "step": due.step.value,
            "on_day": due.on.isoformat(),
            "day_begins": at(due.on, time(0)).astimezone(UTC).strftime(moment),
        }
        for part in Part
        for due_on in _days(today)
        if (due := current_step(due_on, rhythm, today, contributor=part is Part.CONTRIBUTOR))
    ]


def _days(today: date) -> Iterator[date]:
    """The deadlines for which a step can be due."""
    for number in range((HORIZON_AFTER + HORIZON_BEFORE).days + 1):
        yield today - HORIZON_AFTER + timedelta(days=number)


# As text, since the way matters: from the few deadlines with a step to their open tasks, the parts that
# nobody has answered and the ledger, each looked up by its index. Neither database may take another way, nor
# where it knows no sizes yet (a register just restored): what is best for three rows takes a minute for some
# thousand.
_DUE = """
WITH steps AS MATERIALIZED ({steps}), rhythms AS MATERIALIZED ({rhythms})
SELECT task.id AS task_id, task.body_id, task.due_on, assignment.id AS assignment_id,
    steps.step, steps.on_day, assignment.person_id
FROM steps {task} {assignment} CROSS JOIN rhythms
WHERE rhythms.body_id = task.body_id AND rhythms.rhythm = steps.rhythm
    AND NOT EXISTS (
        SELECT 1 FROM reminder
        WHERE reminder.organisation_id = task.organisation_id AND reminder.task_id = task.id
            AND reminder.person_id = assignment.person_id AND reminder.step = steps.step
            AND reminder.local_date = steps.on_day
        LIMIT 1 OFFSET 0
    )
"""
_REACHED = """
WITH people AS MATERIALIZED ({people})
SELECT person.id, person.organisation_id, person.email, person.bundled, person.pause_from, person.pause_until
FROM people {person}
WHERE NOT EXISTS (
        SELECT 1 FROM message
        WHERE message.person_id = person.id AND message.created_at BETWEEN :midnight AND :now
            AND message.kind IN ('reminder', 'meeting_changed') AND message.state <> 'stopped'
        LIMIT 1 OFFSET 0
    )
"""
LOOKED_UP = {
    "task": "task.due_on = steps.due_on AND task.status = 'open'",
    "assignment": (
        "assignment.task_id = task.id AND assignment.part = steps.part AND assignment.ended_at IS NULL"
        " AND assignment.answer = 'none' AND assignment.assigned_at < steps.day_begins"
    ),
    "person": "person.id = people.id AND person.email IS NOT NULL",
}


def _looked_up(table: str, where: str, dialect: str) -> str:
    """A join that is a look-up for each row before it: no database turns it round.

    SQLite keeps the order of a CROSS JOIN (sqlite.org/optoverview.html, section 6.4); PostgreSQL plans what
    has an OFFSET by itself, for one row at a time (as it does the two NOT EXISTS).
    """
    if dialect == "postgresql":
        return f"CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {where} OFFSET 0) AS {table}"  # noqa: S608
    return f"CROSS JOIN {table} ON {where}"


@lru_cache
def _query(words: str, dialect: str) -> TextualSelect:
    """One of the two, for this kind of database, with what comes out as dates."""
    given = {name: _given(name, columns, dialect) for name, columns in GIVEN.items()}
    joins = {table: _looked_up(table, where, dialect) for table, where in LOOKED_UP.items()}
    query = text(words.format(**given, **joins))
    if words is _DUE:
        return query.columns(task_id=Integer, body_id=Integer, due_on=Date, assignment_id=Integer,
                             step=String, on_day=Date, person_id=Integer)  # fmt: skip
    query = query.bindparams(*(bindparam(name, type_=UTCDateTime()) for name in ("midnight", "now")))
    return query.columns(id=Integer, organisation_id=Integer, email=String, bundled=Boolean,
                         pause_from=Date, pause_until=Date)  # fmt: skip


GIVEN = {
    "steps": {
        "rhythm": "integer",
        "due_on": "date",
        "part": "text",
        "step": "text",
        "on_day": "date",
        "day_begins": "timestamptz",
    },
    "rhythms": {"body_id": "integer", "rhythm": "integer"},
    "people": {"id": "integer"},
}


def _given(name: str, columns: dict[str, str], dialect: str) -> str:
    """A list of JSON objects, handed over as the value `name`, as a table.

    SQLite compares dates and moments as the text that it keeps them in.
    """
    if dialect == "postgresql":
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        return f"SELECT * FROM json_to_recordset(CAST(:{name} AS json)) AS given({typed})"  # noqa: S608
    picked = ", ".join(f"json_extract(value, '$.{column}') AS {column}" for column in columns)
    return f"SELECT {picked} FROM json_each(:{name})"  # noqa: S608 - our own names
