"""Which mails would go to whom, when, in the coming 30 days, if nobody did anything: seen before it is kept.

The rules' own answer (`rules/reminders.due_step`) for every morning to come; what goes enters the ledger that
the next morning is asked with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, exists, select
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

    What other bodies want to tell the same people comes along, as it does. Nothing is written. Three queries.
    """
    today = local_date(now)
    parts, sent, told_today = _parts(session, body, now)
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


def _parts(session: Session, body: Body, now: datetime) -> tuple[list[Assignment], Sent, set[int]]:
    """The unanswered parts in open tasks of everybody who has one in this body, the first due first; what has
    gone about them; and who of these people (ids) has had a mail today."""
    theirs = (
        select(Assignment.person_id)
        .join(Assignment.task)
        .where(Task.body_id == body.id, Task.status == TaskStatus.OPEN, Assignment.ended_at.is_(None))
    )
    told_today = exists().where(
        Message.person_id == Assignment.person_id,
        Message.created_at >= at(local_date(now), time(0)),
        Message.created_at <= now,
        Message.kind.in_((MessageKind.REMINDER, MessageKind.MEETING_CHANGED)),
        Message.state != MessageState.STOPPED,
    )
    gone = and_(Reminder.task_id == Assignment.task_id, Reminder.person_id == Assignment.person_id)
    rows = session.execute(
        select(Assignment, told_today, Reminder.step, Reminder.local_date)
        .join(Assignment.task)
        .join(Assignment.person)
        .outerjoin(Reminder, gone)
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
    parts, sent, told = dict[Assignment, None](), Sent(), set[int]()
    for part, is_told, step, day in rows:
        parts[part] = None
        if is_told:
            told.add(part.person_id)
        if step is not None:
            sent.setdefault((part.task_id, part.person_id), set()).add((step, day))
    return list(parts), sent, told


def _statuses(session: Session, body: Body, rhythm: Rhythm, today: date) -> Iterator[Coming]:
    """The status mails before the meetings of the body."""
    rows = session.execute(
        select(Meeting, MeetingNotice.person_id)
        .outerjoin(
            MeetingNotice,
            and_(MeetingNotice.meeting_id == Meeting.id, MeetingNotice.meeting_day == Meeting.starts_on),
        )
        .where(
            Meeting.organisation_id == body.organisation_id,
            Meeting.body_id == body.id,
            Meeting.kind == MeetingKind.MEETING,
            Meeting.status == MeetingStatus.CALLED,
            Meeting.starts_on.between(today, today + AHEAD + status_mails.LOOK_AHEAD),
        )
        .order_by(Meeting.starts_on, Meeting.id)
    )
    meetings: dict[Meeting, set[int | None]] = defaultdict(set)
    for meeting, told in rows:
        meetings[meeting].add(told)
    recipients = status_mails.recipients(session, body, today) if meetings else []
    for meeting, gone in meetings.items():
        for person in recipients:
            first = workdays.on_or_after(max(status_mails.due_on(meeting.starts_on), today))
            days = (day for day in _days(today) if first <= day <= meeting.starts_on)
            on = next((day for day in days if not paused(person.pause_from, person.pause_until, day)), None)
            if on is not None and person.id not in gone:
                yield Coming(on, rhythm.hour, person, meeting=meeting)
