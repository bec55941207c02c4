"""The status before a meeting, by mail to leader and secretary: decided on here, once for each meeting day.

A meeting that moves gets a new one, since its day is another. After downtime it goes as long as the meeting
is ahead.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import exists, literal, select
from sqlalchemy.orm import Session, joinedload

from tracker import db
from tracker.clock import local, local_date
from tracker.models import (
    Body,
    Meeting,
    MeetingKind,
    MeetingNotice,
    MeetingStatus,
    Membership,
    MessageKind,
    Person,
    Task,
)
from tracker.rules import workdays
from tracker.rules.access import Office
from tracker.rules.reminders import paused
from tracker.services import remind

WORKING_DAYS_BEFORE = 3
LOOK_AHEAD = timedelta(days=14)  # three working days never span more, Christmas and Easter included
TO = (Office.CHAIR, Office.SECRETARY)


def send_due(session: Session, now: datetime) -> int:
    """Put in the outbox what is due now; gives how many mails. Safe to run at any time, and twice."""
    today = local_date(now)
    if not workdays.is_working_day(today):
        return 0
    db.take_turn(session, "status")
    return sum(_send(session, meeting, now) for meeting in _meetings(session, now))


def _meetings(session: Session, now: datetime) -> list[Meeting]:
    """The meetings whose status has come to its day and hour, of bodies that follow something up."""
    today = local_date(now)
    found = session.scalars(
        select(Meeting)
        .join(Meeting.body)
        .where(
            Meeting.status == literal(MeetingStatus.CALLED, Meeting.status.type, literal_execute=True),
            Meeting.kind == MeetingKind.MEETING,
            Meeting.starts_on.between(today, today + LOOK_AHEAD),
            exists().where(Task.body_id == Body.id),
        )
        .options(joinedload(Meeting.body))
        .order_by(Meeting.starts_on, Meeting.id)
    )
    return [
        meeting
        for meeting in found
        if today >= due_on(meeting.starts_on) and local(now).time() >= meeting.body.rhythm.hour
    ]


def due_on(meeting_day: date) -> date:
    """The day that the status of a meeting goes out."""
    return workdays.add(meeting_day, -WORKING_DAYS_BEFORE)


def _send(session: Session, meeting: Meeting, now: datetime) -> int:
    today = local_date(now)
    gone = set(
        session.scalars(
            select(MeetingNotice.person_id).where(
                MeetingNotice.organisation_id == meeting.organisation_id,
                MeetingNotice.meeting_id == meeting.id,
                MeetingNotice.meeting_day == meeting.starts_on,
            )
        )
    )
    to = [
        person
        for person in recipients(session, meeting.body, today)
        if person.id not in gone and not paused(person.pause_from, person.pause_until, today)
    ]
    messages = remind.tell(session, MessageKind.STATUS, to, now, meeting=meeting.id)
    session.add_all(
        MeetingNotice(
            organisation_id=meeting.organisation_id,
            meeting_id=meeting.id,
            person_id=message.person_id,
            meeting_day=meeting.starts_on,
            message_id=message.id,
            created_at=now,
        )
        for message in messages
    )
    session.flush()
    return len(messages)


def recipients(session: Session, body: Body, today: date) -> list[Person]:
    """Leader and secretary of the body today, those with an address; once who is both."""
    held = session.scalars(
        select(Membership)
        .where(Membership.body_id == body.id, Membership.office.in_(TO))
        .options(joinedload(Membership.person))
        .order_by(Membership.id)
    )
    return list(dict.fromkeys(m.person for m in held if m.covers(today) and m.person.email))
