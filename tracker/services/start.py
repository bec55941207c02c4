"""The first start: an empty installation gets its council, a body and a secretary.

Whoever sees the console gets a link to it (`tracker serve` prints it, and `tracker start-link`), so that a
stranger on the network can't take the installation over. It stays open until a second person is put in;
the mail server can be changed with such a link ever after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import local_date
from tracker.errors import InvalidAnswer, LinkOutdated
from tracker.language import LANGUAGES
from tracker.links import Links
from tracker.models import Body, Organisation, Person
from tracker.rules.access import Office
from tracker.services import people

LINK_LASTS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begun:
    """What has been put in so far."""

    organisation: Organisation | None = None
    body: Body | None = None
    person: Person | None = None


def link(links: Links, now: datetime) -> str:
    """An address that sets the installation up, for a day."""
    return links.start(int(now.timestamp()))


def check(links: Links, token: str, now: datetime) -> None:
    """Raises NotFound for a link that isn't ours, LinkOutdated for one that is too old."""
    (issued,) = links.read("start", token, (int,))
    if now - datetime.fromtimestamp(issued, UTC) > LINK_LASTS:
        raise LinkOutdated("Lenken virker i ett døgn. Lag en ny med kommandoen «tracker start-link».")


def is_empty(session: Session) -> bool:
    """Whether nobody is in the register yet, of any organisation."""
    return session.scalar(select(Person.id).limit(1)) is None


def begun(session: Session) -> Begun | None:
    """How far the first start has come; None when it is over."""
    organisations, bodies, persons = (
        session.scalars(select(Organisation).limit(2)).all(),
        session.scalars(select(Body).limit(2)).all(),
        session.scalars(select(Person).limit(2)).all(),
    )
    if max(map(len, (organisations, bodies, persons))) > 1:
        return None
    return Begun(next(iter(organisations), None), next(iter(bodies), None), next(iter(persons), None))


def name_council(session: Session, name: str, body_name: str, language: str) -> None:
    """Put the council and its body in, or correct them. Raises InvalidAnswer."""
    held = _still_open(session)
    name, body_name = " ".join(name.split())[:200], " ".join(body_name.split())[:200]
    if not name:
        raise InvalidAnswer("Skriv navnet på rådet eller foreningen.", field="name")
    if not body_name:
        raise InvalidAnswer("Skriv navnet på organet.", field="body")
    if language not in LANGUAGES:
        raise InvalidAnswer("Velg et språk.", field="language")
    organisation = held.organisation or people.new_organisation(session, name)
    if organisation.short_name == organisation.name[:60]:
        organisation.short_name = name[:60]
    organisation.name, organisation.language = name, language
    if held.body is None:
        session.add(Body(organisation_id=organisation.id, name=body_name, aliases=[]))
    else:
        held.body.name = body_name
    session.flush()


def name_secretary(session: Session, name: str, email: str, now: datetime) -> Person:
    """Put the secretary in, or correct who it is. Raises InvalidAnswer."""
    held = _still_open(session)
    if held.organisation is None or held.body is None:
        raise InvalidAnswer("Skriv navnet på rådet eller foreningen.", field="name")
    if not email.strip():
        raise InvalidAnswer("Skriv e-postadressen.", field="email")
    person = held.person
    if person is None:
        person = people.add_person(session, held.organisation.id, name, email=email)
    else:
        person.email = people.checked_address(session, held.organisation.id, email, person.id)
        person.name = " ".join(name.split())[:200] or person.name
    people.add_to_body(session, held.body, person, local_date(now), Office.SECRETARY)
    return person


def _still_open(session: Session) -> Begun:
    """What is there, held so that two who begin at once don't make two councils."""
    db.take_turn(session, "start")
    held = begun(session)
    if held is None:
        raise InvalidAnswer("Oppsettet er gjort. Logg inn for å endre noe.")
    return held
