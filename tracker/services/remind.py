"""Deciding on mail about tasks: what is due goes into the ledger and the outbox, in one transaction.

Being due is computed from the tasks, the body's rhythm and the ledger (`due.py`); nothing stores a "next"
date. The words come later (`compose.py`), from what is true when a mail's turn comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Insert, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from tracker import db
from tracker.clock import local_date
from tracker.models import Assignment, Message, MessageKind, MessageState, Person, Reminder
from tracker.rules import workdays
from tracker.rules.reminders import Step
from tracker.services import people
from tracker.services.due import Mailing, mailings

log = structlog.get_logger(__name__)


def announce(session: Session, assignments: Iterable[Assignment], now: datetime) -> list[Message]:
    """Tell people of what they have just been given: one mail each, once for each assignment.

    Those without an address get nothing; the secretary's list shows them. Who gets a task back on the day
    it was taken away is not told twice.
    """
    today = local_date(now)
    given = [part for part in assignments if part.task.body.rhythm.on_assignment]
    told = _told(session, given, today)
    messages: dict[int, Message] = {}
    for part in given:
        person, row = part.person, told.get((part.task_id, part.person_id))
        if not person.email:
            log.info("nobody to tell: the person has no address", person=person.id, task=part.task_id)
            continue
        if row is not None and (row.assignment_id == part.id or row.message.state not in _NOT_GONE):
            row.assignment = part
            continue
        message = messages.setdefault(person.id, _message(MessageKind.NEW_TASKS, person, now))
        if row is not None:
            row.assignment, row.message = part, message
        else:
            session.add(_first(part, message, now, today))
    session.add_all(messages.values())
    session.flush()
    return list(messages.values())


_NOT_GONE = (MessageState.STOPPED, MessageState.FAILED)


def request_answer(session: Session, assignment: Assignment, now: datetime) -> list[Message]:
    """Tell the secretaries of the body that somebody waits for their answer.

    Nobody gets a second mail while the first one waits: it will say what is asked for then.
    """
    waiting = _waits_for(session, MessageKind.REQUEST, assignment)
    told = [
        person
        for person in people.secretaries(session, assignment.task.body, local_date(now))
        if person.email and person.id != assignment.person_id and person.id not in waiting
    ]
    messages = [_message(MessageKind.REQUEST, person, now, {"assignment": assignment.id}) for person in told]
    session.add_all(messages)
    session.flush()
    return messages


def confirm_answer(session: Session, assignment: Assignment, now: datetime) -> None:
    """Tell somebody what was noted of their answer; one mail while it waits, which says what holds then."""
    if assignment.person_id not in _waits_for(session, MessageKind.RECEIPT, assignment):
        tell(session, MessageKind.RECEIPT, [assignment.person], now, assignment=assignment.id)


def _waits_for(session: Session, kind: MessageKind, assignment: Assignment) -> set[int]:
    """Who has a mail of this kind about this part coming."""
    return set(
        session.scalars(
            select(Message.person_id).where(
                Message.organisation_id == assignment.organisation_id,
                Message.kind == kind,
                Message.state == MessageState.WAITING,
                Message.about["assignment"].as_integer() == assignment.id,
            )
        )
    )


def tell(
    session: Session, kind: MessageKind, to: Iterable[Person], now: datetime, **about: int
) -> list[Message]:
    """One mail each, of this kind and about this, to those who have an address."""
    messages = [_message(kind, person, now, about) for person in to if person.email]
    session.add_all(messages)
    session.flush()
    return messages


def remind_all(session: Session, now: datetime) -> int:
    """Put in the outbox what is due now, one mail a person and working morning unless they want one a task;
    gives how many mails.

    Safe to run at any time, twice, and in several places at once: the ledger says what has gone.
    """
    if not workdays.is_working_day(local_date(now)):
        return 0
    db.take_turn(session, "remind")
    found = mailings(session, now)
    if found:
        ids = _write_messages(session, found, now)
        _write_ledger(session, found, ids, now)
    return len(found)


def _write_messages(session: Session, found: Sequence[Mailing], now: datetime) -> list[int]:
    """A mail for each, in few statements; gives their ids, in the same order.

    The database may write them in any order, so that each is known again by its Message-ID.
    """
    names = [secrets.token_hex(12) for _ in found]
    rows: list[dict[str, Any]] = [
        {
            "organisation_id": mailing.organisation_id,
            "kind": MessageKind.REMINDER,
            "person_id": mailing.person_id,
            "address": mailing.address,
            "message_id": name,
            "created_at": now,
            "send_at": now,
        }
        for mailing, name in zip(found, names, strict=True)
    ]
    written = dict(session.execute(insert(Message).returning(Message.message_id, Message.id), rows).all())
    return [written[name] for name in names]


def _write_ledger(session: Session, found: Sequence[Mailing], ids: Sequence[int], now: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "organisation_id": mailing.organisation_id,
            "task_id": part.task_id,
            "person_id": mailing.person_id,
            "assignment_id": part.assignment_id,
            "step": part.step,
            "local_date": part.on,
            "message_id": number,
            "created_at": now,
        }
        for mailing, number in zip(found, ids, strict=True)
        for part in mailing.parts
    ]
    session.execute(_unless_there(session), rows)


def _unless_there(session: Session) -> Insert:
    """Into the ledger, and nothing where the row is: the unique key is what makes running twice harmless."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(Reminder).on_conflict_do_nothing()
    return sqlite.insert(Reminder).on_conflict_do_nothing()


def _told(session: Session, given: Sequence[Assignment], today: date) -> dict[tuple[int, int], Reminder]:
    """What the ledger knows of these assignments, or of the same task and person today."""
    rows = session.scalars(
        select(Reminder)
        .where(Reminder.step == Step.ASSIGNED, Reminder.task_id.in_({part.task_id for part in given}))
        .options(joinedload(Reminder.message))
    )
    ours = {part.id for part in given}
    return {
        (row.task_id, row.person_id): row
        for row in rows
        if row.assignment_id in ours or row.local_date == today
    }


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


def _first(part: Assignment, message: Message, now: datetime, today: date) -> Reminder:
    """The ledger's row for the news of an assignment."""
    return Reminder(
        organisation_id=part.organisation_id,
        task_id=part.task_id,
        person_id=part.person_id,
        assignment=part,
        step=Step.ASSIGNED,
        local_date=today,
        message=message,
        created_at=now,
    )
