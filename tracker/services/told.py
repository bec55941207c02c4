"""What a batch of mails about tasks has to tell, read from the ledger in a few queries.

Plain rows: an object of the ORM for each reminder, task, part, case and meeting takes as long to make as
the rest of the mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from tracker import db
from tracker.models import (
    AgendaItem,
    Answer,
    Assignment,
    Body,
    Meeting,
    Part,
    Person,
    Reminder,
    Task,
    TaskStatus,
)
from tracker.rules.reminders import Rhythm, Step


class Whose(NamedTuple):
    """The body whose task it is."""

    id: int
    name: str
    organisation_id: int
    rhythm: Rhythm


class Told(NamedTuple):
    """A row of the ledger, with its task and the person's part in it as they are now.

    `waits`: the task is open, the part still this person's, and not answered. `handed_over`: the person got
    it after the meeting. `meeting_on`: the meeting that the task comes from.
    """

    message_id: int
    id: int
    step: Step
    local_date: date
    waits: bool
    task_id: int
    what: str
    due_on: date | None
    evidence: str
    version: int
    part_id: int
    part: Part
    handed_over: bool
    case_number: str | None
    restricted: str | None
    meeting_on: date | None
    body_id: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """By mail: what it tells; by row: with whom; and the bodies, by id."""

    rows: dict[int, list[Told]] = field(default_factory=lambda: defaultdict(list))
    together_with: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    bodies: dict[int, Whose] = field(default_factory=dict)


def read(session: Session, message_ids: Sequence[int]) -> Ledger:
    """What these mails tell, in the order it was noted."""
    ledger = Ledger()
    theirs = db.among(session, Reminder.message_id, message_ids)
    for row in session.execute(_ROWS.where(theirs)):
        ledger.rows[row.message_id].append(Told._make(row))
    if ledger.rows:
        for number, name in session.execute(_OTHERS.where(theirs)):
            ledger.together_with[number].append(name)
        ledger.bodies.update(_bodies(session, {row.body_id for rows in ledger.rows.values() for row in rows}))
    return ledger


_ROWS = (
    select(
        Reminder.message_id,
        Reminder.id,
        Reminder.step,
        Reminder.local_date,
        and_(
            Task.status == TaskStatus.OPEN, Assignment.ended_at.is_(None), Assignment.answer == Answer.NONE
        ).label("waits"),
        Task.id,
        Task.what,
        Task.due_on,
        Task.evidence,
        Task.version,
        Assignment.id,
        Assignment.part,
        Assignment.assigned_at > Task.created_at,
        AgendaItem.number,
        AgendaItem.restricted,
        Meeting.starts_on,
        Task.body_id,
    )
    .join(Task, Task.id == Reminder.task_id)
    .join(Assignment, Assignment.id == Reminder.assignment_id)
    .outerjoin(AgendaItem, AgendaItem.id == Task.agenda_item_id)
    .outerjoin(Meeting, Meeting.id == Task.meeting_id)
    .order_by(Reminder.id)
)
_OTHERS = (
    select(Reminder.id, Person.name)
    .join(
        Assignment,
        and_(
            Assignment.task_id == Reminder.task_id,
            Assignment.person_id != Reminder.person_id,
            Assignment.ended_at.is_(None),
        ),
    )
    .join(Person, Person.id == Assignment.person_id)
    .order_by(Assignment.part != Part.OWNER, Assignment.id)
)


def _bodies(session: Session, numbers: Collection[int]) -> dict[int, Whose]:
    found: Any = session.execute(
        select(Body.id, Body.name, Body.organisation_id, Body.rhythm).where(
            db.among(session, Body.id, numbers)
        )
    )
    return {row.id: Whose._make(row) for row in found}


def forget(session: Session, rows: Iterable[Told]) -> None:
    """What isn't told has not been told: should it become true again, it is due again."""
    numbers = [row.id for row in rows]
    if numbers:
        session.execute(delete(Reminder).where(Reminder.id.in_(numbers)))
