"""Deciding on mail about tasks: what is due goes into the ledger and the outbox, in one transaction.

Being due is computed from the tasks, the body's rhythm and the ledger; nothing stores a "next" date.
The words come later (`compose.py`), from what is true when a mail's turn comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import at, local, local_date
from tracker.models import (
    Answer,
    Assignment,
    Body,
    Message,
    MessageKind,
    Part,
    Person,
    Reminder,
    Task,
    TaskStatus,
)
from tracker.rules import workdays
from tracker.rules.reminders import HORIZON_AFTER, HORIZON_BEFORE, Due, Rhythm, Step, due_step, paused
from tracker.services import people

Ledger = dict[tuple[int, int], set[tuple[Step, date]]]  # (task, person) → (step, its day)


def announce(session: Session, assignments: Iterable[Assignment], now: datetime) -> list[Message]:
    """Tell people of what they have just been given: one mail each, once for each assignment.

    Those without an address get nothing; the secretary's list shows them.
    """
    today = local_date(now)
    given: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        body = assignment.task.body
        if assignment.person.email and body.rhythm.on_assignment and not _announced(session, assignment):
            given[assignment.person_id].append(assignment)
    messages = []
    for parts in given.values():
        person = parts[0].person
        message = _message(MessageKind.NEW_TASKS, person, now)
        session.add(message)
        session.flush()
        for part in parts:
            session.add(_ledger(part.task_id, part.id, person, Due(Step.ASSIGNED, today), message, now))
        messages.append(message)
    session.flush()
    return messages


def request_answer(session: Session, assignment: Assignment, now: datetime) -> list[Message]:
    """Tell the secretaries of the body that somebody waits for their answer."""
    told = [
        person
        for person in people.secretaries(session, assignment.task.body, local_date(now))
        if person.email and person.id != assignment.person_id
    ]
    messages = [_message(MessageKind.REQUEST, person, now, {"assignment": assignment.id}) for person in told]
    session.add_all(messages)
    session.flush()
    return messages


class _Part(NamedTuple):
    """One person's part in an open task, as the query below gives it."""

    task_id: int
    body_id: int
    due_on: date | None
    assignment_id: int
    part: Part
    assigned_at: datetime
    person: Person


def remind_all(session: Session, now: datetime) -> int:
    """Put in the outbox what is due now, one mail a person and working morning; gives how many mails.

    Safe to run at any time, twice, and in several places at once: the ledger says what has gone.
    """
    today = local_date(now)
    if not workdays.is_working_day(today):
        return 0
    db.take_turn(session, "remind")
    rhythms = {
        body.id: body.rhythm
        for body in session.scalars(select(Body))
        if local(now).time() >= body.rhythm.hour
    }
    if not rhythms:
        return 0
    told = _told_today(session, now)
    due: dict[int, list[tuple[_Part, Due]]] = defaultdict(list)
    ledger = _ledger_rows(session, now)
    for row in session.execute(_candidates(now)):
        part = _Part(*row.tuple())
        rhythm = rhythms.get(part.body_id)
        if rhythm is None or part.person.id in told:
            continue
        if paused(part.person.pause_from, part.person.pause_until, today):
            continue
        step = _step(part, rhythm, now, ledger)
        if step is not None:
            due[part.person.id].append((part, step))
    for parts in due.values():
        person = parts[0][0].person
        message = _message(MessageKind.REMINDER, person, now)
        session.add(message)
        session.flush()
        session.add_all(_ledger(p.task_id, p.assignment_id, person, step, message, now) for p, step in parts)
    session.flush()
    return len(due)


def _step(part: _Part, rhythm: Rhythm, now: datetime, ledger: Ledger) -> Due | None:
    if part.due_on is None:
        return None
    return due_step(
        part.due_on,
        rhythm,
        assigned_on=local_date(part.assigned_at),
        today=local_date(now),
        sent=ledger.get((part.task_id, part.person.id), set()),
        contributor=part.part is Part.CONTRIBUTOR,
    )


def _candidates(now: datetime) -> Select[int, int, date | None, int, Part, datetime, Person]:
    """Parts in open tasks whose deadline lies where a step can be due; the partial index finds them."""
    today = local_date(now)
    return (
        select(
            Task.id, Task.body_id, Task.due_on, Assignment.id, Assignment.part, Assignment.assigned_at, Person
        )
        .join(Assignment, Assignment.task_id == Task.id)
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Task.status == TaskStatus.OPEN,
            Task.due_on >= today - HORIZON_AFTER,
            Task.due_on <= today + HORIZON_BEFORE,
            Assignment.ended_at.is_(None),
            Assignment.answer == Answer.NONE,
            Person.email.is_not(None),
        )
        .order_by(Person.id, Task.due_on, Task.id)
    )


def _ledger_rows(session: Session, now: datetime) -> Ledger:
    """What has gone for the tasks in question."""
    today = local_date(now)
    rows = session.execute(
        select(Reminder.task_id, Reminder.person_id, Reminder.step, Reminder.local_date)
        .join(Task, Task.id == Reminder.task_id)
        .where(
            Task.status == TaskStatus.OPEN,
            Task.due_on >= today - HORIZON_AFTER,
            Task.due_on <= today + HORIZON_BEFORE,
        )
    )
    found: Ledger = defaultdict(set)
    for task_id, person_id, step, day in rows:
        found[task_id, person_id].add((step, day))
    return found


def _told_today(session: Session, now: datetime) -> set[int]:
    """Who has had, or will have, a reminder this local day."""
    midnight = at(local_date(now), time(0)).astimezone(UTC)
    return set(
        session.scalars(
            select(Message.person_id).where(
                Message.kind == MessageKind.REMINDER,
                Message.created_at >= midnight,
                Message.created_at <= now,
            )
        )
    )


def _announced(session: Session, assignment: Assignment) -> bool:
    found = session.scalar(
        select(Reminder.id)
        .where(Reminder.assignment_id == assignment.id, Reminder.step == Step.ASSIGNED)
        .limit(1)
    )
    return found is not None


def _message(
    kind: MessageKind, person: Person, now: datetime, about: dict[str, int] | None = None
) -> Message:
    return Message(
        organisation_id=person.organisation_id,
        kind=kind,
        person=person,
        about=about or {},
        address=person.email or "",
        created_at=now,
        send_at=now,
    )


def _ledger(
    task_id: int, assignment_id: int, person: Person, due: Due, message: Message, now: datetime
) -> Reminder:
    return Reminder(
        organisation_id=person.organisation_id,
        task_id=task_id,
        person_id=person.id,
        assignment_id=assignment_id,
        step=due.step,
        local_date=due.on,
        message_id=message.id,
        created_at=now,
    )
