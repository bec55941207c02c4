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

from sqlalchemy import (
    CTE,
    JSON,
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from tracker.clock import at, local, local_date
from tracker.models import (
    Answer,
    Assignment,
    Body,
    Message,
    MessageKind,
    MessageState,
    Part,
    Person,
    Reminder,
    Task,
)
from tracker.models.base import UTCDateTime
from tracker.models.task import TaskStatus
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


def mailings(session: Session, now: datetime) -> list[Mailing]:
    """What is due now, a mail at a time.

    A person is written to once one of the bodies concerned has come to its hour; what other bodies want to
    tell this day comes along, since there is one mail a morning.
    """
    bodies: dict[int, Rhythm] = {row.id: row.rhythm for row in session.execute(select(Body.id, Body.rhythm))}
    ready = {number for number, rhythm in bodies.items() if local(now).time() >= rhythm.hour}
    if not ready:
        return []
    rows = _rows(session, bodies, now)
    found: list[Mailing] = []
    for _, theirs in groupby(rows, attrgetter("person_id")):
        parts = list(theirs)
        if any(part.body_id in ready for part in parts):
            found += [_mailing(parts)] if parts[0].bundled else [_mailing([part]) for part in parts]
    return found


def _mailing(rows: list[Any]) -> Mailing:
    first = rows[0]
    parts = [DuePart(row.task_id, row.assignment_id, row.body_id, Step(row.step), row.on_day) for row in rows]
    return Mailing(first.organisation_id, first.person_id, first.email, parts)


def _rows(session: Session, bodies: dict[int, Rhythm], now: datetime) -> list[Any]:
    """What is due, by person, and then by deadline."""
    today = local_date(now)
    rhythms = list(dict.fromkeys(bodies.values()))
    numbers = {rhythm: number for number, rhythm in enumerate(rhythms)}
    dialect = session.get_bind().dialect.name
    table = [row for rhythm in rhythms for row in _table(rhythm, numbers[rhythm], today, dialect)]
    values = {
        "steps": json.dumps(table),
        "rhythms": json.dumps([{"body_id": body, "rhythm": numbers[own]} for body, own in bodies.items()]),
        "first": today - HORIZON_AFTER,
        "last": today + HORIZON_BEFORE,
        "midnight": at(today, time(0)),
        "now": now,
    }
    found = session.execute(_due(dialect), values)
    rows = [row for row in found if not paused(row.pause_from, row.pause_until, today)]
    return sorted(rows, key=attrgetter("person_id", "due_on", "task_id"))


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


def _given(name: str, dialect: str, **columns: Any) -> CTE:
    """A list of JSON objects, handed over as the value `name`, as a table.

    SQLite has no types for JSON's values; what it compares is text, as it stores dates and moments.
    """
    if dialect == "postgresql":
        kinds = [column(key, kind) for key, kind in columns.items()]
        rows = func.json_to_recordset(type_coerce(bindparam(name, type_=String), String).cast(JSON))
        table = rows.table_valued(*kinds, name=f"{name}_given").render_derived(with_types=True)
        return select(table).cte(name).prefix_with("MATERIALIZED", dialect="postgresql")
    each = func.json_each(bindparam(name, type_=String)).table_valued("value", name=f"{name}_given")
    picked = [
        type_coerce(func.json_extract(each.c.value, f"$.{key}"), kind).label(key)
        for key, kind in columns.items()
    ]
    return select(*picked).cte(name)


@lru_cache
def _due(dialect: str) -> Select[Any]:
    """Parts in open tasks of bodies with this rhythm that have a step due, not gone, and no mail today.

    The mail that a deadline has moved counts: what that made due can wait till the next morning.
    """
    steps = _given(
        "steps", dialect,
        rhythm=Integer, due_on=Date, part=String, step=String, on_day=Date, day_begins=UTCDateTime(),
    )  # fmt: skip
    rhythms = _given("rhythms", dialect, body_id=Integer, rhythm=Integer)
    open_still = literal(TaskStatus.OPEN, Task.status.type, literal_execute=True)  # for the partial index
    gone = exists().where(
        Reminder.organisation_id == Task.organisation_id,
        Reminder.task_id == Task.id,
        Reminder.person_id == Assignment.person_id,
        type_coerce(Reminder.step, String) == steps.c.step,
        Reminder.local_date == steps.c.on_day,
    )
    told_today = exists().where(
        Message.person_id == Assignment.person_id,
        Message.kind.in_((MessageKind.REMINDER, MessageKind.MEETING_CHANGED)),
        Message.created_at >= bindparam("midnight", type_=UTCDateTime()),
        Message.created_at <= bindparam("now", type_=UTCDateTime()),
        Message.state != MessageState.STOPPED,
    )
    return (
        select(
            Task.id.label("task_id"),
            Task.body_id,
            Task.due_on,
            Assignment.id.label("assignment_id"),
            steps.c.step,
            steps.c.on_day,
            Person.id.label("person_id"),
            Person.organisation_id,
            Person.email,
            Person.bundled,
            Person.pause_from,
            Person.pause_until,
        )
        .select_from(Task)
        .join(rhythms, rhythms.c.body_id == Task.body_id)
        .join(Assignment, Assignment.task_id == Task.id)
        .join(
            steps,
            and_(
                steps.c.rhythm == rhythms.c.rhythm,
                steps.c.due_on == Task.due_on,
                steps.c.part == type_coerce(Assignment.part, String),
            ),
        )
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Task.status == open_still,
            Task.due_on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
            Assignment.ended_at.is_(None),
            Assignment.answer == Answer.NONE,
            Assignment.assigned_at < steps.c.day_begins,
            Person.email.is_not(None),
            ~gone,
            ~told_today,
        )
    )
