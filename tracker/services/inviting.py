"""Whom a meeting is for: the members of the body that day, guests, and substitutes called in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tracker.clock import local_date
from tracker.errors import InvalidAnswer, NotFound
from tracker.language import sort_key
from tracker.models import (
    Coming,
    Invitation,
    Meeting,
    MeetingStatus,
    Membership,
    MessageKind,
    Method,
    Person,
    Role,
)
from tracker.rules.access import Office
from tracker.services import people, remind, sign_up

MEMBERS = (Office.CHAIR, Office.DEPUTY_CHAIR, Office.MEMBER)
MOST_SEATS = 100_000


@dataclass(frozen=True, slots=True)
class Details:
    """What a meeting is called, and how people take part. Time and place are moved (`moving.py`)."""

    title: str
    remote_link: str = ""
    register_by: date | None = None
    seats: int | None = None
    asks_diet: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """A member who can't come. `called`: the substitute who was called instead; `offer`: whom to call now,
    None when there is nobody left or nobody is needed; `named`: whom the member suggested."""

    invitation: Invitation
    called: Invitation | None
    offer: Person | None
    named: Person | None


def change(session: Session, meeting: Meeting, details: Details, now: datetime) -> None:
    """Give the meeting other details. More seats are taken by those who wait. Raises InvalidAnswer.

    Calendars and invitations show title and link: another SEQUENCE tells them that there is something new.
    """
    sign_up.hold(session, meeting)
    if not can_change(meeting):
        raise InvalidAnswer("Møtet er avlyst eller holdt og kan ikke endres.", field="title")
    title = " ".join(details.title.split())[:300]
    if not title:
        raise InvalidAnswer("Skriv hva møtet heter.", field="title")
    link = checked_link(details.remote_link)
    if details.register_by is not None and details.register_by > meeting.starts_on:
        raise InvalidAnswer("Påmeldingsfristen er etter at møtet begynner.", field="register_by")
    line = sign_up.line(meeting)
    taken = len(line.seated)
    if details.seats is not None and not max(taken, 1) <= details.seats <= MOST_SEATS:
        if details.seats < taken:
            raise InvalidAnswer("%(num)d har alt fått plass. Skriv minst så mange.", field="seats", num=taken)
        raise InvalidAnswer("Skriv et tall fra 1 til %(most)d.", field="seats", most=MOST_SEATS)
    if (title, link) != (meeting.title, meeting.remote_link):
        meeting.sequence += 1
    meeting.title, meeting.remote_link = title, link
    meeting.register_by, meeting.seats, meeting.asks_diet = (
        details.register_by,
        details.seats,
        details.asks_diet,
    )
    if session.is_modified(meeting):
        meeting.changed_at = now
    session.flush()
    sign_up.move_up(session, meeting, [i.id for i in line.waiting], now)


def checked_link(given: str) -> str | None:
    """The address of a meeting on the net as it is stored, None for an empty one. Raises InvalidAnswer."""
    link = given.strip()
    if not link:
        return None
    try:
        parts = urlsplit(link)
        good = parts.scheme == "https" and "." in (parts.hostname or "") and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or len(link) > 500 or re.search(r"[\s\"<>\\^`{|}\x00-\x1f\x7f]", link):
        raise InvalidAnswer("Lim inn hele lenken. Den begynner med https://.", field="remote_link")
    return link


def members(session: Session, meeting: Meeting) -> list[Person]:
    """Who is a member of the body on the day of the meeting, by name."""
    return sorted(
        {m.person for m in _held(session, meeting, MEMBERS)},
        key=lambda person: (sort_key(person.name), person.id),
    )


def substitutes(session: Session, meeting: Meeting) -> list[Person]:
    """The body's substitutes (vara) on that day, in the order they are to be called."""
    held = _held(session, meeting, (Office.SUBSTITUTE,))
    ordered = sorted(
        held,
        key=lambda m: (m.substitute_order is None, m.substitute_order or 0, sort_key(m.person.name), m.id),
    )
    return list(dict.fromkeys(m.person for m in ordered))


def not_invited(session: Session, meeting: Meeting) -> list[Person]:
    """The members who aren't asked yet. Whom the secretary has taken off the list stays off it."""
    known = {i.person_id for i in meeting.invitations}
    return [person for person in members(session, meeting) if person.id not in known]


def to_mail(session: Session, meeting: Meeting) -> list[Person]:
    """Who would be mailed by `invite` now, or ought to be: some may have no address."""
    unsent = [i.person for i in meeting.invitations if i.stands and i.sent_method is None]
    return [*unsent, *not_invited(session, meeting)]


def invite(session: Session, meeting: Meeting, now: datetime) -> int:
    """Ask the members who aren't asked yet, and mail everybody who hasn't had an invitation; gives how many.

    Pressed twice nobody gets two. Raises InvalidAnswer for a meeting that is cancelled or held.
    """
    sign_up.hold(session, meeting)
    _check_coming(meeting, now)
    for person in not_invited(session, meeting):
        _ask(meeting, person, Role.MEMBER, now)
    meeting.invites = True
    session.flush()
    return _send(session, meeting, meeting.invitations, now)


def add_guest(session: Session, meeting: Meeting, name: str, email: str, now: datetime) -> Invitation:
    """Ask somebody from outside; who is known by the address already is asked as who they are.

    Mailed at once when the others have been. Raises InvalidAnswer.
    """
    sign_up.hold(session, meeting)
    _check_coming(meeting, now)
    email = email.strip()
    known = session.scalar(
        select(Person).where(
            Person.organisation_id == meeting.organisation_id,
            func.lower(Person.email) == email.lower(),
            Person.email.is_not(None),
        )
    )
    person = known or people.add_person(session, meeting.organisation_id, name, email=email)
    already = next((i for i in meeting.invitations if i.person_id == person.id and i.stands), None)
    if already is not None:
        raise InvalidAnswer("%(name)s er alt innkalt.", field="email", name=person.name)
    invitation = _ask(meeting, person, _role(session, meeting, person), now)
    session.flush()
    if meeting.invites:
        _send(session, meeting, [invitation], now)
    return invitation


def withdraw(session: Session, invitation: Invitation, now: datetime) -> None:
    """Take somebody off the list; a seat goes to the first who waits."""
    meeting = invitation.meeting
    sign_up.hold(session, meeting)
    if not invitation.stands:
        return
    waited = [i.id for i in sign_up.line(meeting).waiting]
    invitation.withdrawn_at, invitation.turn, invitation.diet = now, None, None
    session.flush()
    sign_up.move_up(session, meeting, waited, now)


def absences(session: Session, meeting: Meeting) -> list[Absence]:
    """The members who have said no, and what can be done about it. Reads `meeting.invitations`.

    Substitutes are called in the order they were elected in; whom a member named is only shown.
    """
    asked = {i.person_id: i for i in meeting.invitations}
    refused = {i.person_id for i in meeting.invitations if i.stands or i.answer is Coming.NO}
    free = [person for person in substitutes(session, meeting) if person.id not in refused]
    found = []
    for invitation in meeting.invitations:
        if invitation.role is not Role.MEMBER or not invitation.stands or invitation.answer is not Coming.NO:
            continue
        called = _called(invitation, asked)
        covered = called is not None and called.answer is not Coming.NO
        named = invitation.substitute if called is None else None
        found.append(Absence(invitation, called, free[0] if free and not covered else None, named))
    return found


def not_needed(meeting: Meeting) -> list[tuple[Invitation, Invitation]]:
    """Substitutes who were called for a member who comes after all: (the substitute, the member)."""
    asked = {i.person_id: i for i in meeting.invitations}
    found = [(_called(i, asked), i) for i in meeting.invitations if i.answer is not Coming.NO]
    return [(called, i) for called, i in found if called is not None and called.answer is not Coming.NO]


def call_substitute(session: Session, absent: Invitation, person_id: int, now: datetime) -> Invitation | None:
    """Ask a substitute in somebody's place, and mail them; None when a substitute is called already.

    Raises InvalidAnswer when another one is next by now.
    """
    meeting = absent.meeting
    sign_up.hold(session, meeting)
    _check_coming(meeting, now)
    absence = next((a for a in absences(session, meeting) if a.invitation is absent), None)
    if absence is None or (absence.called is not None and absence.called.person_id == person_id):
        return None
    if absence.offer is None or absence.offer.id != person_id:
        raise InvalidAnswer("En annen vara er nå den neste. Se over listen før du kaller inn.")
    invitation = _ask(meeting, absence.offer, Role.SUBSTITUTE, now)
    absent.substitute = absence.offer
    session.flush()
    _send(session, meeting, [invitation], now)
    return invitation


def invitation_of(session: Session, meeting: Meeting, invitation_id: int) -> Invitation:
    """One of the meeting's invitations. Raises NotFound."""
    found = session.get(Invitation, invitation_id)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound("Vi fant ikke innkallingen.")
    return found


def answered_before_move(invitation: Invitation) -> bool:
    """Whether the meeting got another time after the answer. Reads `meeting.changes`."""
    answered = invitation.answered_at
    if answered is None:
        return False
    times = ("starts_on", "starts_at", "ends_on", "ends_at")
    return any(
        change.undone_at is None
        and change.at > answered
        and any(change.before[name] != change.after[name] for name in times)
        for change in invitation.meeting.changes
    )


def _called(absent: Invitation, asked: dict[int, Invitation]) -> Invitation | None:
    """The standing invitation of the substitute called in somebody's place."""
    found = asked.get(absent.substitute_id or 0)
    return found if found is not None and found.role is Role.SUBSTITUTE and found.stands else None


def _ask(meeting: Meeting, person: Person, role: Role, now: datetime) -> Invitation:
    """A new invitation, or one that was withdrawn, standing again without its old answer."""
    found = next((i for i in meeting.invitations if i.person_id == person.id), None)
    if found is None:
        found = Invitation(organisation_id=meeting.organisation_id, person=person, answer=Coming.NONE)
        meeting.invitations.append(found)
    found.role, found.invited_at, found.withdrawn_at = role, now, None
    found.answer, found.answered_at, found.answered_via, found.turn = Coming.NONE, None, None, None
    found.comment = found.partly_text = ""
    if found.sent_method is Method.CANCEL:  # the invitation is to be newer than its cancellation
        found.taken_back += 1
    found.sent_method = None
    return found


def _send(session: Session, meeting: Meeting, invitations: Iterable[Invitation], now: datetime) -> int:
    """Mail those who haven't had an invitation yet and have an address."""
    unsent = [i for i in invitations if i.stands and i.sent_method is None and i.person.email]
    for invitation in unsent:
        invitation.sent_method, invitation.sent_sequence, invitation.sent_at = (
            Method.REQUEST,
            meeting.sequence,
            now,
        )
        remind.tell(session, MessageKind.INVITATION, [invitation.person], now, invitation=invitation.id)
    return len(unsent)


def _role(session: Session, meeting: Meeting, person: Person) -> Role:
    if person in members(session, meeting):
        return Role.MEMBER
    return Role.SUBSTITUTE if person in substitutes(session, meeting) else Role.GUEST


def _held(session: Session, meeting: Meeting, offices: tuple[Office, ...]) -> list[Membership]:
    rows = session.scalars(
        select(Membership)
        .where(
            Membership.organisation_id == meeting.organisation_id,
            Membership.body_id == meeting.body_id,
            Membership.office.in_(offices),
        )
        .options(joinedload(Membership.person))
        .order_by(Membership.id)
    )
    return [m for m in rows if m.covers(meeting.starts_on)]


def can_change(meeting: Meeting) -> bool:
    """Whether the meeting is still to be held."""
    return meeting.status is MeetingStatus.CALLED and meeting.minutes_id is None


def is_coming(meeting: Meeting, today: date) -> bool:
    """Whether anybody can still be asked to it."""
    return can_change(meeting) and meeting.ends_on >= today


def _check_coming(meeting: Meeting, now: datetime) -> None:
    if not is_coming(meeting, local_date(now)):
        raise InvalidAnswer("Møtet er avlyst eller holdt, så ingen kan kalles inn.", field="title")
