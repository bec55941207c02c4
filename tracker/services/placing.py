"""Whose answer a mail is: by the tag in the address, what it refers to, UID, ATTENDEE, and then the sender.

The tag and our Message-ID are known to nobody but the person invited, so they are good for an answer from
another address. UID is known to everybody who is invited, and anybody may write any sender: where only those
tell who it is, both the sender and the attendee must be the same invited person. The rest a human decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.calendars.reply import Reply, said_in
from tracker.links import Links
from tracker.mail.received import Received
from tracker.models import Invitation, Meeting, Message, Organisation, Outcome, Person
from tracker.services import people

UID = re.compile(r"meeting-([0-9a-f]{4,32})@", re.IGNORECASE)
OUR_ID = re.compile(r"([0-9a-f]{24})@")


@dataclass(frozen=True, slots=True)
class Place:
    """The invitation that a mail answers; with `doubt`, the one that it may answer, if any."""

    invitation: Invitation | None
    doubt: Outcome | None = None


def place(session: Session, mail: Received, reply: Reply, links: Links) -> Place:
    """Whose answer it is."""
    known = of_mail(session, mail, links, [reply.organizer])
    meeting = _meeting(session, reply.uid)
    if known is not None and (known.meeting is meeting or not reply.uid):
        return Place(known, _doubt(session, known, mail, reply))
    if meeting is None:
        return Place(known, Outcome.UNKNOWN_MEETING)
    return _by_address(meeting, mail, reply)


def of_mail(session: Session, mail: Received, links: Links, more: Iterable[str] = ()) -> Invitation | None:
    """The invitation whose tag is in an address, or whose mail is answered."""
    for address in (*more, *mail.to):
        tag = address.rpartition("@")[0].partition("+")[2]
        number = links.read_answer_tag(tag) if tag else None
        found = session.get(Invitation, number) if number else None
        if found is not None:
            return found
    ids = [match[1] for name in mail.refers_to if (match := OUR_ID.match(name))]
    about = session.scalars(select(Message.about).where(Message.message_id.in_(ids[:20])))
    numbers = {found["invitation"] for found in about if "invitation" in found}
    return session.get(Invitation, numbers.pop()) if len(numbers) == 1 else None


def by_sender(session: Session, address: str) -> Invitation | None:
    """The invitation of whoever has this address, when there is just one that an answer can be about."""
    found = session.scalars(
        select(Invitation)
        .join(Invitation.person)
        .where(
            func.lower(Person.email) == address,
            Invitation.withdrawn_at.is_(None),
            Invitation.answered_at.is_(None),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def partstat(invitation: Invitation, mail: Received, reply: Reply) -> str:
    """What the person says (RFC 5545 §3.2.12), or empty. Some list everybody who is invited."""
    said = {answer.address: answer.partstat for answer in reply.answers}
    for address in ((invitation.person.email or "").lower(), mail.from_address):
        if said.get(address):
            return said[address]
    if len(reply.answers) == 1 and reply.answers[0].partstat:
        return reply.answers[0].partstat
    return reply.said or said_in(mail.subject)


def organisation_id(session: Session, mail: Received, invitation: Invitation | None, uid: str) -> int | None:
    """Whose list a mail belongs on; None when nothing says it and there are several councils."""
    if invitation is not None:
        return invitation.organisation_id
    if (meeting := _meeting(session, uid)) is not None:
        return meeting.organisation_id
    senders = session.scalars(
        select(Person.organisation_id).where(func.lower(Person.email) == mail.from_address).distinct()
    ).all()
    if len(senders) == 1:
        return senders[0]
    all_ = session.scalars(select(Organisation.id).limit(2)).all()
    return all_[0] if len(all_) == 1 else None


def _meeting(session: Session, uid: str) -> Meeting | None:
    found = UID.match(uid)
    if found is None:
        return None
    rows = session.scalars(select(Meeting).where(Meeting.public_id == found[1].lower()).limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def _doubt(session: Session, known: Invitation, mail: Received, reply: Reply) -> Outcome | None:
    """Why an answer to somebody's own invitation may still not be theirs: it may have been passed on."""
    given = {mail.from_address, *(answer.address for answer in reply.answers)} - {""}
    own = (known.person.email or "").lower()
    others = session.scalar(
        select(Person.id)
        .where(
            Person.organisation_id == known.organisation_id,
            Person.id != known.person_id,
            func.lower(Person.email).in_(given),
        )
        .limit(1)
    )
    if own in given and (own == mail.from_address or others is None):
        return None
    if others is None and people.same_name(mail.from_name, known.person.name):
        return None
    return Outcome.DOUBTFUL


def _by_address(meeting: Meeting, mail: Received, reply: Reply) -> Place:
    invited = {(i.person.email or "").lower(): i for i in meeting.invitations}
    invited.pop("", None)
    sender = invited.get(mail.from_address)
    named = [invited[answer.address] for answer in reply.answers if answer.address in invited]
    if sender is not None and (not named or sender in named) and not mail.doubtful:
        return Place(sender)
    if sender is not None or named:
        return Place(named[0] if named else sender, Outcome.DOUBTFUL)
    alike = [i for i in meeting.invitations if people.same_name(i.person.name, mail.from_name)]
    return Place(alike[0] if len(alike) == 1 else None, Outcome.UNKNOWN_SENDER)
