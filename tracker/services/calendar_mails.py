"""Invitations in people's own calendars (iMIP): what each mail carries, and the mails that bring a change.

Whether a change is to be told is computed: from what was last sent and what holds now, a minute after the
last edit, so that several quick ones become one mail. Who is invited hears of a change this way alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker import db
from tracker.calendars.event import Style
from tracker.calendars.feed import host_of
from tracker.calendars.invitation import Party
from tracker.calendars.invitation import invitation as calendar_of
from tracker.clock import local_date
from tracker.language import language
from tracker.links import Links
from tracker.mail import letters
from tracker.mail.mime import CalendarPart, Outgoing
from tracker.models import (
    Coming,
    Invitation,
    Meeting,
    MeetingChange,
    MeetingStatus,
    Message,
    MessageKind,
    MessageState,
    Method,
)
from tracker.services import notices, remind
from tracker.services.moving import Plan, plan_of

SETTLES_IN = timedelta(minutes=1)  # edits that follow each other closer than this become one mail
KINDS = (MessageKind.INVITATION, MessageKind.MEETING_CHANGED)
PARTSTAT = {
    Coming.NONE: "NEEDS-ACTION",
    Coming.YES: "ACCEPTED",
    Coming.PARTLY: "ACCEPTED",
    Coming.NO: "DECLINED",
}


@dataclass(frozen=True, slots=True)
class AnswerAddress:
    """Where answers to invitations are read. `tagged`: what follows a plus comes there too."""

    address: str
    tagged: bool = False

    def of(self, invitation: Invitation, links: Links) -> str:
        """The address that one invitation comes from, and is answered to."""
        if not self.tagged:
            return self.address
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{links.answer_tag(invitation.id)}@{domain}"


def with_calendar(
    mail: Outgoing, message: Message, invitation: Invitation, links: Links, answers_to: AnswerAddress | None
) -> Outgoing:
    """The mail with the meeting for a calendar, sent from the address that calendars answer to."""
    address = answers_to.of(invitation, links) if answers_to else mail.from_address
    meeting, person, method = invitation.meeting, invitation.person, wanted(invitation)
    content = calendar_of(
        meeting,
        Party(mail.from_name, address),
        Party(person.name, person.email or "", PARTSTAT[invitation.answer]),
        Style(links.url, host_of(links.url), language(person.language)),
        method=method,
        sequence=meeting.sequence + invitation.taken_back,
        stamp=max(message.created_at, meeting.changed_at),
    )
    return replace(
        mail,
        from_address=address,
        reply_to="" if answers_to else mail.reply_to,  # some programs answer there instead
        calendar=CalendarPart(content, method.value.upper()),
    )


def wanted(invitation: Invitation) -> Method:
    """What the person's calendar is to hold."""
    off = not invitation.stands or invitation.meeting.is_cancelled
    return Method.CANCEL if off else Method.REQUEST


def send_due(session: Session, now: datetime) -> int:
    """Put in the outbox what has changed for those who are invited; gives how many mails.

    Safe to run at any time, and twice.
    """
    db.take_turn(session, "invitations")
    count = 0
    for invitation in _changed(session, now):
        if _told_or_about_to_be(session, invitation):
            continue
        since = _since(invitation)
        if _came_to_nothing(invitation, since):
            invitation.sent_sequence, invitation.sent_at = invitation.meeting.sequence, now
            continue
        if not invitation.stands and not invitation.meeting.is_cancelled:
            invitation.taken_back += 1
        first = since[0].id if since else 0
        about = {"invitation": invitation.id, "since": first}
        count += len(remind.tell(session, MessageKind.MEETING_CHANGED, [invitation.person], now, **about))
    return count


def news_letter(
    session: Session,
    message: Message,
    invitation: Invitation,
    to: letters.Addressee,
    sender: letters.Sender,
    links: Links,
    today: date,
) -> letters.Letter | str:
    """The letter about a change, or why it isn't to go (bokmål, for Utboks)."""
    meeting = invitation.meeting
    if meeting.ends_on < today or meeting.status is MeetingStatus.HELD:
        return "Møtet er holdt."
    known = (invitation.sent_method, invitation.sent_sequence)
    if "told" not in message.about and known == (wanted(invitation), meeting.sequence):
        return "Mottakeren har alt fått vite det."
    first = message.about["since"]
    since = [change for change in meeting.changes if first and change.id >= first]
    found = notices.of_invitation(session, invitation, since, links)
    return letters.meeting_changed(to, found.news, found.lines, sender, today)


def note_told(message: Message, invitation: Invitation, now: datetime) -> None:
    """Keep what the person's calendar is told. `told` in the mail: tried again, it still tells it."""
    invitation.sent_method, invitation.sent_sequence = wanted(invitation), invitation.meeting.sequence
    invitation.sent_at = now
    message.about = {**message.about, "told": invitation.meeting.sequence}


def not_told(message: Message, invitation: Invitation) -> None:
    """An invitation that was stopped has reached nobody, so nothing has to be taken back."""
    if message.kind is MessageKind.INVITATION:
        invitation.sent_method = None


def _changed(session: Session, now: datetime) -> list[Invitation]:
    """Those whose calendars hold something else than what holds now, and for a minute has held."""
    settled = now - SETTLES_IN
    off = or_(Meeting.status == MeetingStatus.CANCELLED, Invitation.withdrawn_at.is_not(None))
    newer = and_(
        Invitation.sent_method == Method.REQUEST,
        or_(Meeting.sequence > Invitation.sent_sequence, off),
    )
    back = and_(Invitation.sent_method == Method.CANCEL, Invitation.withdrawn_at.is_(None))
    found = session.scalars(
        select(Invitation)
        .join(Invitation.meeting)
        .where(
            Meeting.ends_on >= local_date(now),
            Meeting.status != MeetingStatus.HELD,
            Meeting.changed_at <= settled,
            or_(Invitation.withdrawn_at.is_(None), Invitation.withdrawn_at <= settled),
            or_(newer, and_(back, Meeting.status == MeetingStatus.CALLED)),
        )
        .options(joinedload(Invitation.meeting), joinedload(Invitation.person))
        .order_by(Invitation.id)
    )
    return list(found)


def _told_or_about_to_be(session: Session, invitation: Invitation) -> bool:
    """Whether a mail waits that will tell it, or one has been decided on since, be it stopped."""
    changed = max(invitation.meeting.changed_at, invitation.withdrawn_at or invitation.meeting.changed_at)
    found = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.organisation_id == invitation.organisation_id,
            Message.person_id == invitation.person_id,
            Message.kind.in_(KINDS),
            Message.about["invitation"].as_integer() == invitation.id,
            or_(
                Message.state.in_((MessageState.WAITING, MessageState.SENDING)),
                Message.created_at > changed,
            ),
        )
    )
    return bool(found)


def _since(invitation: Invitation) -> list[MeetingChange]:
    """The changes of time, place and state since the person last was told."""
    sent_at = invitation.sent_at
    return [change for change in invitation.meeting.changes if sent_at is None or change.at > sent_at]


def _came_to_nothing(invitation: Invitation, since: list[MeetingChange]) -> bool:
    """Whether all was undone again. Another title or link leaves no change behind, but raises SEQUENCE."""
    meeting = invitation.meeting
    if not since or wanted(invitation) is not invitation.sent_method:
        return False
    only_these = meeting.sequence - (invitation.sent_sequence or 0) == len(since)
    return only_these and Plan.from_json(since[0].before) == plan_of(meeting)
