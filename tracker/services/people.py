"""People, bodies and offices: who is in what, and what that lets them do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from tracker import db
from tracker.errors import InvalidAnswer, NotFound
from tracker.language import sort_key
from tracker.minutes.names import Known, KnownBody, KnownPerson
from tracker.models import Body, Membership, Organisation, Person
from tracker.rules.access import Office, Rights

LEADERS = (Office.CHAIR, Office.DEPUTY_CHAIR)
ADDRESS = re.compile(r"[^@\s<>,;:\"\x00-\x1f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})\.[A-Za-z]{2,}")


def rights(session: Session, person: Person, today: date) -> Rights:
    """What `person` may do today, from the offices held. One query."""
    held = session.execute(
        select(Membership.body_id, Membership.office).where(
            Membership.organisation_id == person.organisation_id,
            Membership.person_id == person.id,
            Membership.held_on(today),
        )
    )
    return rights_by(person, [(body_id, office) for body_id, office in held])


def rights_by(person: Person, held: Sequence[tuple[int, Office]]) -> Rights:
    """What the offices that `person` holds, each with the id of its body, let them do."""
    return Rights(
        person_id=person.id,
        organisation_id=person.organisation_id,
        member_of=frozenset(body for body, office in held if office not in (Office.SECRETARY, Office.GUEST)),
        secretary_of=frozenset(body for body, office in held if office is Office.SECRETARY),
        leader_of=frozenset(body for body, office in held if office in LEADERS),
        guest_of=frozenset(body for body, office in held if office is Office.GUEST),
    )


def known(session: Session, organisation_id: int) -> Known:
    """The people and bodies of an organisation, as the reader of minutes wants them."""
    people = session.scalars(
        select(Person)
        .where(Person.organisation_id == organisation_id, Person.removed_at.is_(None))
        .order_by(Person.id)
    )
    bodies = session.scalars(select(Body).where(Body.organisation_id == organisation_id).order_by(Body.id))
    return Known(
        people=tuple(
            KnownPerson(name=p.name, role=p.title, organisation=p.employer, aliases=(), email=p.email)
            for p in people
        ),
        bodies=tuple(KnownBody(name=b.name, aliases=tuple(b.aliases)) for b in bodies),
    )


def everyone(session: Session, organisation_id: int, *, with_offices: bool = False) -> list[Person]:
    """All people of an organisation, by name. One query, and one for the offices they hold."""
    found = session.scalars(
        select(Person)
        .where(Person.organisation_id == organisation_id, Person.removed_at.is_(None))
        .options(*([selectinload(Person.memberships)] if with_offices else []))
    )
    return sorted(found, key=lambda person: (sort_key(person.name), person.id))


def bodies(session: Session, organisation_id: int, *, with_members: bool = False) -> list[Body]:
    """All bodies of an organisation, by name. One query, and one for their members."""
    found = session.scalars(
        select(Body)
        .where(Body.organisation_id == organisation_id)
        .options(*([selectinload(Body.memberships).joinedload(Membership.person)] if with_members else []))
    )
    return sorted(found, key=lambda body: sort_key(body.name))


def person_of(session: Session, organisation_id: int, person_id: int) -> Person:
    """A person of this organisation. Raises NotFound, also for somebody else's."""
    found = session.get(Person, person_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("Vi fant ikke personen.")
    return found


def secretaries(session: Session, body: Body, today: date) -> list[Person]:
    """Who is secretary of `body` today, the one with the oldest office first."""
    return list(session.scalars(_secretaries(select(Person), Membership.body_id == body.id, today)))


def secretary_among(everyone: Iterable[Person], body: Body, today: date) -> Person | None:
    """The first of the `secretaries` of a body, found among people whose offices are loaded."""
    held = (m for person in everyone for m in person.memberships if m.body_id == body.id)
    theirs = [m for m in held if m.office is Office.SECRETARY and m.covers(today)]
    first = min(theirs, key=lambda m: (m.from_date, m.id), default=None)
    return first.person if first else None


def secretary_of_each(session: Session, bodies: Iterable[int], today: date) -> dict[int, tuple[str, str]]:
    """Name and address ("" without one) of the first of each body's secretaries, by the body's id."""
    columns = select(Membership.body_id, Person.name, Person.email).select_from(Person)
    found: dict[int, tuple[str, str]] = {}
    for body_id, name, address in session.execute(
        _secretaries(columns, db.among(session, Membership.body_id, bodies), today)
    ):
        found.setdefault(body_id, (name, address or ""))
    return found


def _secretaries(
    what: Select[*tuple[Any, ...]], which: ColumnElement[bool], today: date
) -> Select[*tuple[Any, ...]]:
    return (
        what.join(Membership, Membership.person_id == Person.id)
        .where(which, Membership.office == Office.SECRETARY, Membership.held_on(today))
        .order_by(Membership.from_date, Membership.id)
    )


def in_charge(session: Session, rights_of: Rights, body_id: int) -> Body:
    """A body that the person manages. Raises NotFound when it isn't one of theirs."""
    body = session.get(Body, body_id)
    if body is None or body.organisation_id != rights_of.organisation_id or not rights_of.may_manage(body.id):
        raise NotFound("Vi fant ikke organet.")
    return body


def checked_address(
    session: Session, organisation_id: int, email: str, person_id: int | None = None
) -> str | None:
    """A mail address as it is stored, None for an empty one.

    Raises InvalidAnswer when it is malformed, or somebody else's in the organisation.
    """
    email = email.strip()
    if not email:
        return None
    if not ADDRESS.fullmatch(email):
        raise InvalidAnswer("Skriv e-postadressen slik: navn@kommune.no.", field="email")
    other = session.scalar(
        select(Person).where(
            Person.organisation_id == organisation_id,
            func.lower(Person.email) == email.lower(),
            Person.id != (person_id or 0),
        )
    )
    if other is not None:
        raise InvalidAnswer("E-postadressen brukes allerede av %(name)s.", field="email", name=other.name)
    return email


def add_person(
    session: Session, organisation_id: int, name: str, *, email: str = "", title: str = "", employer: str = ""
) -> Person:
    """A new person. Raises InvalidAnswer when the name is missing or the address can't be used."""
    name = " ".join(name.split())
    if not name:
        raise InvalidAnswer("Skriv navnet.", field="name")
    organisation = session.get_one(Organisation, organisation_id)
    person = Person(
        organisation_id=organisation_id,
        name=name[:200],
        email=checked_address(session, organisation_id, email),
        title=title.strip()[:200] or None,
        employer=employer.strip()[:200] or None,
        language=organisation.language,
    )
    session.add(person)
    session.flush()
    return person


def add_to_body(
    session: Session, body: Body, person: Person, today: date, office: Office = Office.MEMBER
) -> None:
    """Give `person` an office in `body` from today, unless one is held already."""
    held = session.scalars(
        select(Membership).where(Membership.body_id == body.id, Membership.person_id == person.id)
    )
    if any(m.covers(today) and m.office is office for m in held):
        return
    session.add(
        Membership(
            organisation_id=body.organisation_id, body=body, person=person, office=office, from_date=today
        )
    )
    session.flush()


def same_name(one: str, other: str) -> bool:
    """Whether two written names are the same person's: case, dots and extra spaces don't count."""
    return folded(one) == folded(other)


def folded(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[.\s]+", " ", name).strip().casefold()


def body_for_minutes(session: Session, rights_of: Rights, chosen: str, new_name: str, today: date) -> Body:
    """The body whose minutes these are: one the secretary manages, or a new one with them as secretary.

    Raises InvalidAnswer when nothing is chosen, or the new name is taken.
    """
    if chosen.isdigit() and len(chosen) < 19:
        return in_charge(session, rights_of, int(chosen))
    name = " ".join(new_name.split())[:200]
    if not name:
        raise InvalidAnswer("Velg hvilket organ som møttes.", field="head-body")
    if any(same_name(name, body.name) for body in bodies(session, rights_of.organisation_id)):
        raise InvalidAnswer("Det finnes alt et organ med dette navnet.", field="head-body")
    body = Body(organisation_id=rights_of.organisation_id, name=name, aliases=[])
    session.add(body)
    session.flush()
    secretary = person_of(session, rights_of.organisation_id, rights_of.person_id)
    add_to_body(session, body, secretary, today, Office.SECRETARY)
    return body


def body_called(session: Session, organisation_name: str, body_name: str) -> Body:
    """The body of these names, made with its organisation where they are new (the first start)."""
    organisation = session.scalar(select(Organisation).where(Organisation.name == organisation_name))
    if organisation is None:
        organisation = new_organisation(session, organisation_name)
    body = session.scalar(select(Body).where(Body.organisation_id == organisation.id, Body.name == body_name))
    if body is None:
        body = Body(organisation_id=organisation.id, name=body_name, aliases=[])
        session.add(body)
        session.flush()
    return body


def new_organisation(session: Session, name: str) -> Organisation:
    """An organisation with a slug made from its name."""
    plain = name.lower().translate(str.maketrans("æøå", "aoa"))
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "rad"
    organisation = Organisation(slug=slug, name=name, short_name=name[:60])
    session.add(organisation)
    session.flush()
    return organisation


def learn_alias(body: Body, name: str | None) -> None:
    """Remember that minutes call `body` by `name`, so that the next ones are recognised."""
    if name and not any(same_name(name, known) for known in (body.name, *body.aliases)):
        body.aliases = [*body.aliases, name[:200]]
