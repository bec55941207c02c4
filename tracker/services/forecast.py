"""Which mails would go to whom, when, in the coming 30 days, if nobody did anything: seen before it is kept.

The rules' own answer (`rules/reminders.due_step`) for every morning to come; what goes enters the ledger that
the next morning is asked with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock import at, local, local_date
from tracker.models import (
    Answer,
    Assignment,
    Body,
    Meeting,
    MeetingKind,
    MeetingNotice,
    MeetingStatus,
    Message,
    MessageKind,
    MessageState,
    Part,
    Person,
    Reminder,
    Task,
    TaskStatus,
)
from tracker.rules import workdays
from tracker.rules.reminders import Rhythm, Step, due_step, paused
from tracker.services import status_mails

AHEAD = timedelta(days=30)
Sent = dict[tuple[int, int], set[tuple[Step, date]]]  # (task, person) → what has gone


@dataclass(frozen=True, slots=True)
class Coming:
    """A mail to come. `meeting`: its status; else reminders of the tasks, each with its step."""

    on: date
    hour: time
    person: Person
    parts: tuple[tuple[Assignment, Step], ...] = ()
    meeting: Meeting | None = None


def forecast(session: Session, body: Body, rhythm: Rhythm, now: datetime) -> list[Coming]:
    """The mails of the coming 30 days that tell of this body, if its rhythm were `rhythm`; soonest first.

    What other bodies want to tell the same people comes along, as it does. Nothing is written.
    """
    today = local_date(now)
    parts, sent = _parts(session, body), Sent()
    for row in session.scalars(select(Reminder).where(Reminder.task_id.in_({p.task_id for p in parts}))):
        sent.setdefault((row.task_id, row.person_id), set()).add((row.step, row.local_date))
    told_today = _told_today(session, now)
    found: list[Coming] = []
    for day in _days(today):
        for mail in _morning(parts, body, rhythm, sent, day):
            late = day == today and (mail.person.id in told_today)
            if late:
                continue
            for part, step in mail.parts:
                sent.setdefault((part.task_id, part.person_id), set()).add(
                    (step, _day_of(part, body, rhythm, day))
                )
            if any(part.task.body_id == body.id for part, _step in mail.parts):
                found.append(mail)
    found += _statuses(session, body, rhythm, today)
    hour_now = local(now).time()
    return sorted(
        found,
        key=lambda mail: (
            mail.on,
            max(mail.hour, hour_now) if mail.on == today else mail.hour,
            mail.person.name,
            mail.meeting is not None,
        ),
    )


def _days(today: date) -> Iterator[date]:
    days = (today + timedelta(days=number) for number in range(AHEAD.days + 1))
    return (day for day in days if workdays.is_working_day(day))


def _morning(
    parts: Iterable[Assignment], body: Body, rhythm: Rhythm, sent: Sent, day: date
) -> Iterator[Coming]:
    """What is due on a morning, a mail at a time."""
    due: dict[Person, list[tuple[Assignment, Step]]] = defaultdict(list)
    for part in parts:
        person, task = part.person, part.task
        if task.due_on is None or paused(person.pause_from, person.pause_until, day):
            continue
        step = due_step(
            task.due_on,
            _rhythm_of(task, body, rhythm),
            assigned_on=local_date(part.assigned_at),
            today=day,
            sent=sent.get((task.id, person.id), ()),
            contributor=part.part is Part.CONTRIBUTOR,
        )
        if step is not None:
            due[person].append((part, step.step))
    for person, theirs in due.items():
        hour = min(_rhythm_of(part.task, body, rhythm).hour for part, _step in theirs)
        for bundle in [theirs] if person.bundled else [[one] for one in theirs]:
            yield Coming(day, hour, person, tuple(bundle))


def _day_of(part: Assignment, body: Body, rhythm: Rhythm, day: date) -> date:
    """The day that the step due on `day` belongs to, as the ledger has it."""
    assert part.task.due_on is not None
    step = due_step(
        part.task.due_on,
        _rhythm_of(part.task, body, rhythm),
        assigned_on=date.min,
        today=day,
        sent=(),
        contributor=part.part is Part.CONTRIBUTOR,
    )
    assert step is not None
    return step.on


def _rhythm_of(task: Task, body: Body, rhythm: Rhythm) -> Rhythm:
    return rhythm if task.body_id == body.id else task.body.rhythm


def _parts(session: Session, body: Body) -> list[Assignment]:
    """The unanswered parts in open tasks of everybody who has one in this body, the first due first."""
    theirs = (
        select(Assignment.person_id)
        .join(Assignment.task)
        .where(Task.body_id == body.id, Task.status == TaskStatus.OPEN, Assignment.ended_at.is_(None))
    )
    found = session.scalars(
        select(Assignment)
        .join(Assignment.task)
        .join(Assignment.person)
        .where(
            Assignment.organisation_id == body.organisation_id,
            Assignment.person_id.in_(theirs),
            Assignment.ended_at.is_(None),
            Assignment.answer == Answer.NONE,
            Task.status == TaskStatus.OPEN,
            Task.due_on.is_not(None),
            Person.email.is_not(None),
        )
        .options(
            joinedload(Assignment.task).joinedload(Task.body),
            joinedload(Assignment.task).joinedload(Task.agenda_item),
            joinedload(Assignment.person),
        )
        .order_by(Task.due_on, Task.id, Assignment.id)
    )
    return list(found)


def _told_today(session: Session, now: datetime) -> set[int]:
    return set(
        session.scalars(
            select(Message.person_id).where(
                Message.created_at >= at(local_date(now), time(0)),
                Message.created_at <= now,
                Message.kind.in_((MessageKind.REMINDER, MessageKind.MEETING_CHANGED)),
                Message.state != MessageState.STOPPED,
            )
        )
    )


def _statuses(session: Session, body: Body, rhythm: Rhythm, today: date) -> Iterator[Coming]:
    """The status mails before the meetings of the body."""
    meetings = session.scalars(
        select(Meeting).where(
            Meeting.organisation_id == body.organisation_id,
            Meeting.body_id == body.id,
            Meeting.kind == MeetingKind.MEETING,
            Meeting.status == MeetingStatus.CALLED,
            Meeting.starts_on.between(today, today + AHEAD + status_mails.LOOK_AHEAD),
        )
    )
    for meeting in meetings:
        gone = set(
            session.scalars(
                select(MeetingNotice.person_id).where(
                    MeetingNotice.meeting_id == meeting.id, MeetingNotice.meeting_day == meeting.starts_on
                )
            )
        )
        for person in status_mails.recipients(session, body, today):
            first = workdays.on_or_after(max(status_mails.due_on(meeting.starts_on), today))
            days = (day for day in _days(today) if first <= day <= meeting.starts_on)
            on = next((day for day in days if not paused(person.pause_from, person.pause_until, day)), None)
            if on is not None and person.id not in gone:
                yield Coming(on, rhythm.hour, person, meeting=meeting)
