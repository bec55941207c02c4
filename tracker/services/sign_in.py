"""Signing in by a mailed link: asking for one, using it once, staying signed in, signing out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Date, String, bindparam, cast, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from tracker.clock import local_date
from tracker.errors import LinkOutdated, NotFound
from tracker.links import Links, hashed
from tracker.models import (
    Assignment,
    Body,
    Deed,
    Invitation,
    Key,
    KeyPurpose,
    Membership,
    Message,
    MessageKind,
    Person,
)
from tracker.rules.access import Office, Rights
from tracker.services import attempts, audit, people, pulse

LINK_LASTS = timedelta(minutes=30)
SESSION_LASTS = timedelta(days=30)
USED_TO = timedelta(hours=1)  # how exactly it is known when a session was last used


def ask_for_link(session: Session, email: str, now: datetime) -> None:
    """Put a sign-in mail in the outbox for everyone with this address; says nothing of whether there was one.

    Guests of a meeting, who have never had an office or a task here, have only their own page of it.
    The link itself is made when the mail is written (`new_link`), so that none lies in the outbox. How often
    one may ask is settled before (`attempts.py`).
    """
    held = session.scalars(
        select(Person).where(
            func.lower(Person.email) == email.strip().lower(),
            or_(
                ~exists().where(Invitation.person_id == Person.id),
                exists().where(Membership.person_id == Person.id),
                exists().where(Assignment.person_id == Person.id),
            ),
        )
    )
    for person in held:
        session.add(
            Message(
                organisation_id=person.organisation_id,
                kind=MessageKind.SIGN_IN,
                person=person,
                address=person.email or "",
                created_at=now,
                send_at=now,
            )
        )


def new_link(session: Session, person: Person, now: datetime, links: Links) -> str:
    """An address that signs `person` in once, within half an hour."""
    return links.sign_in(_new_key(session, person, KeyPurpose.SIGN_IN, now, LINK_LASTS))


def holder(session: Session, links: Links, token: str, now: datetime) -> Person:
    """Whom the link in a mail belongs to; reading it uses nothing up, since mail scanners open links.

    Raises NotFound when it isn't ours, LinkOutdated when it is used or too old.
    """
    return _sign_in_key(session, links, token, now).person


def sign_in(session: Session, links: Links, token: str, now: datetime, device: str = "") -> str:
    """Use the link up and start a session on `device`; gives the session's secret, for the cookie.

    Raises as `holder`; of two at once, one wins.
    """
    key = _sign_in_key(session, links, token, now)
    won = session.scalar(
        update(Key).where(Key.id == key.id, Key.used_at.is_(None)).values(used_at=now).returning(Key.id)
    )
    if won is None:
        raise LinkOutdated("Lenken er brukt eller gått ut.")
    return start_session(session, key.person, now, device)


def start_session(session: Session, person: Person, now: datetime, device: str = "") -> str:
    """A new session for `person`; gives its secret."""
    audit.note(session, person, now, Deed.SIGNED_IN, subject=person, detail=device)
    return _new_key(session, person, KeyPurpose.SESSION, now, SESSION_LASTS, device=device, used_at=now)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in, what they may today, and since when jobs that should have run stand still."""

    key: Key
    rights: Rights
    silent_since: datetime | None


def visitor(session: Session, secret: str, now: datetime) -> Visitor | None:
    """Whose session this secret is; None when it is unknown, ended or too old. One query."""
    asked = {"sha256": hashed(secret), "now": now, "today": local_date(now)}
    found = session.execute(_VISITOR, asked).one_or_none()
    if found is None or found[0].expires_at <= now:
        return None
    key, silent_since, offices, elsewhere = found
    held = [office.split(":") for office in (offices or "").split()]
    rights = people.rights_by(key.person, [(int(body_id), Office(name)) for body_id, name in held])
    return Visitor(key, replace(rights, elsewhere=elsewhere), silent_since)


_OFFICE = Membership.person_id == Key.person_id, Membership.held_on(bindparam("today", type_=Date))
_HELD = (  # in one value: an object for each takes as long as all the rest
    select(
        func.aggregate_strings(cast(Membership.body_id, String) + ":" + cast(Membership.office, String), " ")
    )
    .where(*_OFFICE)
    .scalar_subquery()
)
_ELSEWHERE = exists().where(
    Body.organisation_id == Key.organisation_id,
    ~exists().where(Membership.body_id == Body.id, *_OFFICE).correlate(Body, Key),
)
_VISITOR = (
    select(Key, pulse.SILENT, _HELD, _ELSEWHERE)
    .where(Key.sha256 == bindparam("sha256"), Key.purpose == KeyPurpose.SESSION)
    .options(joinedload(Key.person, innerjoin=True).joinedload(Person.organisation, innerjoin=True))
)


def needs_note(key: Key, now: datetime) -> bool:
    """Whether `used` would write."""
    return key.used_at is None or key.used_at <= now - USED_TO


def used(session: Session, key: Key, now: datetime) -> None:
    """Note that the session is used, at most once an hour, for its owner to see. As `feeds.fetched`."""
    session.execute(
        update(Key)
        .where(Key.id == key.id, or_(Key.used_at.is_(None), Key.used_at <= now - USED_TO))
        .values(used_at=now)
    )


def sessions(session: Session, person: Person, now: datetime) -> list[Key]:
    """Where the person is signed in, the last used first."""
    found = session.scalars(
        select(Key).where(
            Key.organisation_id == person.organisation_id,
            Key.person_id == person.id,
            Key.purpose == KeyPurpose.SESSION,
            Key.expires_at > now,
        )
    )
    return sorted(found, key=lambda key: (key.used_at or key.created_at, key.id), reverse=True)


def end_session(session: Session, person: Person, key_id: int, now: datetime) -> Key:
    """End one of the person's own sessions. Raises NotFound, also for somebody else's."""
    found = next((key for key in sessions(session, person, now) if key.id == key_id), None)
    if found is None:
        raise NotFound("Vi fant ikke innloggingen. Den kan alt være avsluttet.")
    audit.note(session, person, now, Deed.SESSIONS_ENDED, subject=person, detail="1")
    session.delete(found)
    session.flush()
    return found


def end_others(session: Session, person: Person, secret: str, now: datetime) -> int:
    """End all the person's sessions but the one with `secret`, and the links not used yet; gives how many."""
    others = [key for key in sessions(session, person, now) if key.sha256 != hashed(secret)]
    session.execute(delete(Key).where(Key.person_id == person.id, Key.sha256 != hashed(secret)))
    if others:
        audit.note(session, person, now, Deed.SESSIONS_ENDED, subject=person, detail=str(len(others)))
    session.flush()
    return len(others)


def sign_out(session: Session, secret: str) -> None:
    """End the session with this secret, here and wherever the cookie may have been copied to."""
    session.execute(delete(Key).where(Key.sha256 == hashed(secret), Key.purpose == KeyPurpose.SESSION))


def sweep(session: Session, now: datetime) -> int:
    """Remove keys that open nothing any more, and attempts that limit nothing; gives how many keys."""
    attempts.sweep(session, now)
    return len(
        session.scalars(delete(Key).where(Key.expires_at < now - timedelta(days=1)).returning(Key.id)).all()
    )


def _new_key(
    session: Session,
    person: Person,
    purpose: KeyPurpose,
    now: datetime,
    lasts: timedelta,
    *,
    device: str = "",
    used_at: datetime | None = None,
) -> str:
    secret = secrets.token_urlsafe(24)
    session.add(
        Key(
            organisation_id=person.organisation_id,
            purpose=purpose,
            person=person,
            sha256=hashed(secret),
            created_at=now,
            expires_at=now + lasts,
            device=device[:40] or None,
            used_at=used_at,
        )
    )
    session.flush()
    return secret


def _sign_in_key(session: Session, links: Links, token: str, now: datetime) -> Key:
    (secret,) = links.read("sign-in", token, (str,))
    key = session.scalar(select(Key).where(Key.sha256 == hashed(secret), Key.purpose == KeyPurpose.SIGN_IN))
    if key is None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    if key.used_at is not None or key.expires_at <= now:
        raise LinkOutdated("Lenken er brukt eller gått ut.")
    return key
