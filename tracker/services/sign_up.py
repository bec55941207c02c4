"""Signing up (påmelding): answering an invitation, the line for a seat, the deadline and its one reminder.

Who has a seat is computed (`line`): the first `meeting.seats` in the order of `Invitation.turn`. Turns are
given while the meeting is held, so of two who answer at once for the last seat one gets it, and keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import literal, or_, select, update
from sqlalchemy.orm import Session, joinedload

from tracker import db
from tracker.clock import local, local_date
from tracker.errors import InvalidAnswer, LinkOutdated, NotFound
from tracker.links import Links
from tracker.models import (
    Coming,
    Invitation,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Message,
    MessageKind,
    MessageState,
    Person,
    Role,
    Via,
)
from tracker.rules import workdays
from tracker.rules.reminders import paused
from tracker.services import people, remind

REMIND_WORKING_DAYS_BEFORE = 3
LOOK_AHEAD = timedelta(days=14)  # three working days never span more, Christmas and Easter included
DIET_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `partly_text`: when or for what the person comes; `comment`: words beside it."""

    coming: Coming
    partly_text: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Those who come, in the order they signed up: with a seat, and waiting for one."""

    seated: list[Invitation]
    waiting: list[Invitation]

    def place(self, invitation: Invitation) -> int | None:
        """The number on the waiting list; None for who isn't on it."""
        return self.waiting.index(invitation) + 1 if invitation in self.waiting else None


def line(meeting: Meeting) -> Line:
    """Who has a seat, and who waits. Reads `meeting.invitations`."""
    coming = sorted((i for i in meeting.invitations if i.turn is not None), key=lambda i: i.turn or 0)
    seats = len(coming) if meeting.seats is None else meeting.seats
    return Line(coming[:seats], coming[seats:])


def is_full(meeting: Meeting) -> bool:
    """Whether the next to sign up has to wait."""
    return meeting.seats is not None and len(line(meeting).seated) >= meeting.seats


def by_link(
    session: Session, links: Links, token: str, now: datetime, *, to_change: bool = False
) -> Invitation:
    """The invitation that a link in a mail is for. `to_change`: hold its meeting until the transaction ends.

    Raises NotFound for a link that isn't ours, LinkOutdated when there is nothing left to answer.
    """
    (number,) = links.read("sign-up", token, (int,))
    found = session.get(Invitation, number)
    if found is None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    if to_change:
        hold(session, found.meeting)
    check_current(found, local_date(now))
    return found


def check_current(invitation: Invitation, today: date) -> None:
    """Raises LinkOutdated when the invitation is withdrawn, or the meeting cancelled or over."""
    meeting = invitation.meeting
    if not invitation.stands:
        raise LinkOutdated("Innkallingen gjelder ikke deg lenger.")
    if meeting.is_cancelled:
        raise LinkOutdated("Møtet er avlyst.")
    if meeting.status is MeetingStatus.HELD or meeting.minutes_id is not None or meeting.ends_on < today:
        raise LinkOutdated("Møtet er holdt.")


def is_open(invitation: Invitation, today: date) -> bool:
    """Whether one may still sign up. The deadline binds nobody who was asked after it (a substitute)."""
    last_day = invitation.meeting.register_by
    return last_day is None or today <= last_day or local_date(invitation.invited_at) > last_day


def hold(session: Session, meeting: Meeting) -> None:
    """The meeting and its invitations as they are now, held against others until the transaction ends."""
    session.flush()
    session.refresh(meeting, with_for_update={"of": Meeting})
    session.scalars(
        select(Invitation)
        .where(Invitation.meeting_id == meeting.id)
        .execution_options(populate_existing=True)
    ).all()
    session.refresh(meeting, ["invitations"])


def answer(session: Session, invitation: Invitation, reply: Reply, now: datetime, via: Via) -> None:
    """Write an answer down; the same one twice changes nothing. Who is first in the line gets a free seat.

    A member's or substitute's «no» to a meeting is forfall: its secretary hears of it. Attendance is what
    minutes tell, and stays untouched. «No» may be said until the meeting is over. Raises InvalidAnswer when
    the deadline has passed or the answer lacks something, LinkOutdated as `check_current`.
    """
    meeting, today = invitation.meeting, local_date(now)
    hold(session, meeting)
    if via is not Via.SECRETARY:
        check_current(invitation, today)
        if reply.coming is not Coming.NO and not is_open(invitation, today):
            raise InvalidAnswer("Påmeldingsfristen er ute. Spør sekretæren om det er plass.", field="answer")
    partly_text = " ".join(reply.partly_text.split())[:300]
    if reply.coming is Coming.PARTLY and not partly_text:
        raise InvalidAnswer("Skriv når du er med.", field="partly_text")
    waited = {i.id for i in line(meeting).waiting}
    before = invitation.answer
    comes = reply.coming in (Coming.YES, Coming.PARTLY)
    invitation.answer = reply.coming
    invitation.answered_at = None if reply.coming is Coming.NONE else now
    invitation.answered_via = None if reply.coming is Coming.NONE else via
    invitation.comment = " ".join(reply.comment.split())[:500]
    invitation.partly_text = partly_text if reply.coming is Coming.PARTLY else ""
    if not comes:
        invitation.turn = invitation.diet = None
    elif invitation.turn is None:
        invitation.turn = max((i.turn or 0 for i in meeting.invitations), default=0) + 1
    session.flush()
    move_up(session, meeting, waited, now)
    if reply.coming is Coming.NO and before is not Coming.NO and via is not Via.SECRETARY:
        _tell_of_absence(session, invitation, now)


def wish_food(session: Session, invitation: Invitation, diet: str) -> None:
    """Write down what somebody who comes can't eat, when the organiser asks; nothing else is kept."""
    hold(session, invitation.meeting)
    wanted = invitation.comes and invitation.meeting.asks_diet
    invitation.diet = " ".join(diet.split())[:300] or None if wanted else None
    session.flush()


def name_substitute(session: Session, invitation: Invitation, substitute: Person | None) -> None:
    """Whom somebody who can't come suggests in their place. Once one has been called, that one stands."""
    hold(session, invitation.meeting)
    called = {i.person_id for i in invitation.meeting.invitations if i.role is Role.SUBSTITUTE and i.stands}
    if invitation.answer is Coming.NO and invitation.substitute_id not in called:
        invitation.substitute = substitute
    session.flush()


def move_up(session: Session, meeting: Meeting, waited: Iterable[int], now: datetime) -> None:
    """Tell those who have come from the waiting list (`waited`: who stood on it, ids) to a seat."""
    stood = set(waited)
    up = [i for i in line(meeting).seated if i.id in stood]
    for invitation in up:
        remind.tell(session, MessageKind.MOVED_UP, [invitation.person], now, invitation=invitation.id)


def _tell_of_absence(session: Session, invitation: Invitation, now: datetime) -> None:
    """One mail to the secretaries while it waits; what it says is true when it goes."""
    meeting = invitation.meeting
    if invitation.role is Role.GUEST or meeting.kind is not MeetingKind.MEETING:
        return
    told = set(
        session.scalars(
            select(Message.person_id).where(
                Message.organisation_id == meeting.organisation_id,
                Message.kind == MessageKind.ABSENCE,
                Message.state == MessageState.WAITING,
                Message.about["invitation"].as_integer() == invitation.id,
            )
        )
    )
    secretaries = people.secretaries(session, meeting.body, local_date(now))
    to = [person for person in secretaries if person.id not in {*told, invitation.person_id}]
    remind.tell(session, MessageKind.ABSENCE, to, now, invitation=invitation.id)


def remind_due(session: Session, now: datetime) -> int:
    """Remind those who haven't answered, once for each deadline; gives how many mails.

    Three working days before the deadline, at the body's hour; after downtime as long as one may sign up.
    Safe to run at any time, and twice: `Invitation.reminded_for` is the ledger.
    """
    today = local_date(now)
    if not workdays.is_working_day(today):
        return 0
    db.take_turn(session, "sign-up")
    found = session.scalars(
        select(Invitation)
        .join(Invitation.meeting)
        .where(
            Meeting.status == literal(MeetingStatus.CALLED, Meeting.status.type, literal_execute=True),
            Meeting.invites.is_(True),
            Meeting.starts_on >= today,
            Meeting.register_by.between(today, today + LOOK_AHEAD),
            Invitation.answer == Coming.NONE,
            Invitation.withdrawn_at.is_(None),
            or_(Invitation.reminded_for.is_(None), Invitation.reminded_for != Meeting.register_by),
        )
        .options(joinedload(Invitation.meeting).joinedload(Meeting.body), joinedload(Invitation.person))
        .order_by(Invitation.id)
    )
    due = [invitation for invitation in found if _is_due(invitation, now)]
    for invitation in due:
        invitation.reminded_for = invitation.meeting.register_by
        remind.tell(session, MessageKind.SIGN_UP_REMINDER, [invitation.person], now, invitation=invitation.id)
    return len(due)


def _is_due(invitation: Invitation, now: datetime) -> bool:
    """Whether its day and hour have come. Who was asked today has just had a mail."""
    today, person, meeting = local_date(now), invitation.person, invitation.meeting
    if meeting.register_by is None or not person.email:
        return False
    return (
        today >= workdays.add(meeting.register_by, -REMIND_WORKING_DAYS_BEFORE)
        and local(now).time() >= meeting.body.rhythm.hour
        and local_date(invitation.invited_at) < today
        and not paused(person.pause_from, person.pause_until, today)
    )


def forget_diets(session: Session, now: datetime) -> None:
    """Empty what people eat, a week after the meeting: it may tell of health or belief."""
    over = select(Meeting.id).where(Meeting.ends_on < local_date(now) - DIET_LASTS)
    session.execute(
        update(Invitation)
        .where(Invitation.diet.is_not(None), Invitation.meeting_id.in_(over))
        .values(diet=None)
        .execution_options(synchronize_session=False)
    )
