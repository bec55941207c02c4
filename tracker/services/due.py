"""Which reminders are due: the rules' answer for every day as a small table, joined with the open tasks.

The database thus hands over only what is due and not yet in the ledger, however many tasks there are; the
partial index on the deadlines of open tasks finds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import CTE, Date, Select, String, and_, column, exists, literal, select, values
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
    bodies = session.execute(select(Body.id, Body.rhythm)).all()
    ready = {number for number, rhythm in bodies if local(now).time() >= rhythm.hour}
    if not ready:
        return []
    rows: list[Any] = []
    for rhythm in {rhythm for _, rhythm in bodies}:
        rows.extend(_rows(session, rhythm, now))
    rows.sort(key=attrgetter("person_id", "due_on", "task_id"))
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


def _rows(session: Session, rhythm: Rhythm, now: datetime) -> Iterator[Any]:
    today = local_date(now)
    table = [
        (due_on, part, due.step, due.on, at(due.on, time(0)))
        for part in Part
        for due_on in _days(today)
        if (due := current_step(due_on, rhythm, today, contributor=part is Part.CONTRIBUTOR))
    ]
    if not table:
        return
    for row in session.execute(_due(_steps(table), rhythm, now)):
        if not paused(row.pause_from, row.pause_until, today):
            yield row


def _days(today: date) -> Iterator[date]:
    """The deadlines for which a step can be due."""
    for number in range((HORIZON_AFTER + HORIZON_BEFORE).days + 1):
        yield today - HORIZON_AFTER + timedelta(days=number)


def _steps(table: list[tuple[date, Part, Step, date, datetime]]) -> CTE:
    """Deadline and part → the step that counts today, its day, and when that day began."""
    return (
        values(
            column("due_on", Date),
            column("part", String),
            column("step", String),
            column("on_day", Date),
            column("day_begins", UTCDateTime),
            name="steps",
        )
        .data([(due_on, part.value, step.value, on, begins) for due_on, part, step, on, begins in table])
        .cte("steps")
    )


def _due(steps: CTE, rhythm: Rhythm, now: datetime) -> Select[Any]:
    """Parts in open tasks of bodies with this rhythm that have a step due, not gone, and no mail today.

    The mail that a deadline has moved counts: what that made due can wait till the next morning.
    """
    today = local_date(now)
    open_still = literal(TaskStatus.OPEN, Task.status.type, literal_execute=True)  # for the partial index
    gone = exists().where(
        Reminder.organisation_id == Task.organisation_id,
        Reminder.task_id == Task.id,
        Reminder.person_id == Assignment.person_id,
        Reminder.step == steps.c.step,
        Reminder.local_date == steps.c.on_day,
    )
    told_today = exists().where(
        Message.person_id == Assignment.person_id,
        Message.kind.in_((MessageKind.REMINDER, MessageKind.MEETING_CHANGED)),
        Message.created_at >= at(today, time(0)),
        Message.created_at <= now,
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
        .join(Body, and_(Body.id == Task.body_id, Body.rhythm == rhythm))
        .join(Assignment, Assignment.task_id == Task.id)
        .join(steps, and_(steps.c.due_on == Task.due_on, steps.c.part == Assignment.part))
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Task.status == open_still,
            Task.due_on.between(today - HORIZON_AFTER, today + HORIZON_BEFORE),
            Assignment.ended_at.is_(None),
            Assignment.answer == Answer.NONE,
            Assignment.assigned_at < steps.c.day_begins,
            Person.email.is_not(None),
            ~gone,
            ~told_today,
        )
    )
