"""Signing in by a mailed link: asking for one, using it once, staying signed in, signing out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from tracker.errors import LinkOutdated, NotFound
from tracker.links import Links, hashed
from tracker.models import Assignment, Invitation, Key, KeyPurpose, Membership, Message, MessageKind, Person

LINK_LASTS = timedelta(minutes=30)
SESSION_LASTS = timedelta(days=30)
MOST_LINKS = 5  # a person and half-hour: enough for a slow mail server, too few to flood somebody


def ask_for_link(session: Session, email: str, now: datetime) -> None:
    """Put a sign-in mail in the outbox for everyone with this address; says nothing of whether there was one.

    Guests of a meeting, who have never had an office or a task here, have only their own page of it.
    The link itself is made when the mail is written (`new_link`), so that none lies in the outbox.
    """
    people = session.scalars(
        select(Person).where(
            func.lower(Person.email) == email.strip().lower(),
            or_(
                ~exists().where(Invitation.person_id == Person.id),
                exists().where(Membership.person_id == Person.id),
                exists().where(Assignment.person_id == Person.id),
            ),
        )
    )
    for person in people:
        asked = session.scalar(
            select(func.count())
            .select_from(Message)
            .where(
                Message.organisation_id == person.organisation_id,
                Message.person_id == person.id,
                Message.kind == MessageKind.SIGN_IN,
                Message.created_at > now - LINK_LASTS,
            )
        )
        if (asked or 0) >= MOST_LINKS:
            continue
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


def sign_in(session: Session, links: Links, token: str, now: datetime) -> str:
    """Use the link up and start a session; gives the session's secret, for the cookie.

    Raises as `holder`; of two at once, one wins.
    """
    key = _sign_in_key(session, links, token, now)
    won = session.scalar(
        update(Key).where(Key.id == key.id, Key.used_at.is_(None)).values(used_at=now).returning(Key.id)
    )
    if won is None:
        raise LinkOutdated("Lenken er brukt eller gått ut.")
    return start_session(session, key.person, now)


def start_session(session: Session, person: Person, now: datetime) -> str:
    """A new session for `person`; gives its secret."""
    return _new_key(session, person, KeyPurpose.SESSION, now, SESSION_LASTS)


def signed_in(session: Session, secret: str, now: datetime) -> Person | None:
    """Who holds the session with this secret; None when it is unknown, ended or too old."""
    key = session.scalar(select(Key).where(Key.sha256 == hashed(secret), Key.purpose == KeyPurpose.SESSION))
    if key is None or key.expires_at <= now:
        return None
    return key.person


def sign_out(session: Session, secret: str) -> None:
    """End the session with this secret, here and wherever the cookie may have been copied to."""
    session.execute(delete(Key).where(Key.sha256 == hashed(secret), Key.purpose == KeyPurpose.SESSION))


def sweep(session: Session, now: datetime) -> int:
    """Remove keys that open nothing any more; gives how many."""
    return len(
        session.scalars(delete(Key).where(Key.expires_at < now - timedelta(days=1)).returning(Key.id)).all()
    )


def _new_key(session: Session, person: Person, purpose: KeyPurpose, now: datetime, lasts: timedelta) -> str:
    secret = secrets.token_urlsafe(24)
    session.add(
        Key(
            organisation_id=person.organisation_id,
            purpose=purpose,
            person=person,
            sha256=hashed(secret),
            created_at=now,
            expires_at=now + lasts,
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
