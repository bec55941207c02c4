"""Bodies and the offices in them: called what, held by whom, from when to when. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker.errors import InvalidAnswer, NotFound
from tracker.language import Language
from tracker.models import Body, Membership, Person
from tracker.rules.access import Office, Rights
from tracker.services import people

ORDER = (
    Office.CHAIR, Office.DEPUTY_CHAIR, Office.MEMBER, Office.SUBSTITUTE, Office.SECRETARY, Office.GUEST,
)  # fmt: skip
FURTHEST = timedelta(days=3660)


def body_of(session: Session, organisation_id: int, body_id: int) -> Body:
    """A body of this organisation, with its members. Raises NotFound, also for somebody else's."""
    found = session.scalar(
        select(Body)
        .where(Body.id == body_id, Body.organisation_id == organisation_id)
        .options(selectinload(Body.memberships).joinedload(Membership.person))
    )
    if found is None:
        raise NotFound("Vi fant ikke organet.")
    return found


def present(body: Body, today: date, tongue: Language) -> list[Membership]:
    """Who holds an office now or will, in the order of a protocol: leader, deputy, members, substitutes."""
    held = [m for m in body.memberships if m.to_date is None or m.to_date >= today]
    return sorted(
        held,
        key=lambda m: (ORDER.index(m.office), m.substitute_order or 99, tongue.sort_key(m.person.name)),
    )


def former(body: Body, today: date) -> list[Membership]:
    """Who held an office before, the last to leave first."""
    ended = [m for m in body.memberships if m.to_date is not None and m.to_date < today]
    return sorted(ended, key=lambda m: (m.to_date or today, m.id), reverse=True)


def membership_of(body: Body, membership_id: int) -> Membership:
    """An office in the body. Raises NotFound."""
    found = next((m for m in body.memberships if m.id == membership_id), None)
    if found is None:
        raise NotFound("Vi fant ikke vervet.")
    return found


def take(
    session: Session,
    body: Body,
    person: Person,
    office: Office,
    first: date | None,
    today: date,
    substitute_order: int | None = None,
) -> Membership:
    """Give `person` an office from the day `first`. One that ends on or after that day goes on instead.

    Raises InvalidAnswer when it is held already, or the day can't be.
    """
    if first is None:
        raise InvalidAnswer("Velg den første dagen.", field="from")
    if abs(first - today) > FURTHEST * 4:
        raise InvalidAnswer("Datoen ligger for langt unna.", field="from")
    same = [m for m in body.memberships if m.person_id == person.id and m.office is office]
    order = substitute_order if office is Office.SUBSTITUTE else None
    for held in same:
        if held.to_date is not None and held.from_date <= first <= held.to_date + timedelta(days=1):
            held.to_date, held.substitute_order = None, order
            session.flush()
            return held
        if held.to_date is None or held.to_date >= first:
            raise InvalidAnswer("%(name)s har dette vervet allerede.", field="person", name=person.name)
    fresh = Membership(
        organisation_id=body.organisation_id, body=body, person=person, office=office, from_date=first
    )
    fresh.substitute_order = order
    session.add(fresh)
    session.flush()
    return fresh


def end(session: Session, membership: Membership, last: date | None, today: date) -> None:
    """The office ends with the day `last`. Raises InvalidAnswer for a day that can't be.

    A body must keep a secretary: without one nobody could change anything in it.
    """
    if last is None:
        raise InvalidAnswer("Velg den siste dagen.", field="until")
    if last < membership.from_date:
        raise InvalidAnswer("Vervet slutter før det begynner.", field="until")
    if last > today + FURTHEST:
        raise InvalidAnswer("Datoen ligger for langt unna.", field="until")
    if membership.office is Office.SECRETARY and not _others_stay(membership, last, today):
        raise InvalidAnswer(
            "%(body)s må ha en sekretær. Legg til den nye sekretæren først.",
            field="until",
            body=membership.body.name,
        )
    membership.to_date = last
    session.flush()


def move_up(session: Session, membership: Membership, today: date) -> None:
    """Let a substitute be called before the one in front; all are numbered anew, from 1. The first stays."""
    line = sorted(
        (
            m
            for m in membership.body.memberships
            if m.office is Office.SUBSTITUTE and (m.to_date is None or m.to_date >= today)
        ),
        key=lambda m: (m.substitute_order or 99, m.person.name, m.id),
    )
    if membership not in line:
        raise NotFound("Vi fant ikke vervet.")
    place = line.index(membership)
    line.insert(max(place - 1, 0), line.pop(place))
    for number, each in enumerate(line, 1):
        each.substitute_order = number
    session.flush()


def _others_stay(leaving: Membership, last: date, today: date) -> bool:
    """Whether another secretary is there the day after, and stays at least as long as the plan reaches."""
    day = max(last, today) + timedelta(days=1)
    return any(
        m.id != leaving.id and m.office is Office.SECRETARY and m.from_date <= day and m.to_date is None
        for m in leaving.body.memberships
    )


def name_body(
    session: Session, rights: Rights, body: Body | None, name: str, short_name: str, aliases: Iterable[str]
) -> Body:
    """A body's name, short name and the other names it goes by; None makes a new one.

    Raises InvalidAnswer when a name is missing or another body goes by it.
    """
    name, short_name = " ".join(name.split())[:200], " ".join(short_name.split())[:60]
    if not name:
        raise InvalidAnswer("Skriv navnet på organet.", field="name")
    called = list(dict.fromkeys(alias for raw in aliases if (alias := " ".join(raw.split())[:200])))[:20]
    others = [b for b in people.bodies(session, rights.organisation_id) if body is None or b.id != body.id]
    for field, words in (("name", [name]), ("short_name", [short_name]), ("aliases", called)):
        for word in words:
            _check_free(word, others, field)
    if body is None:
        body = Body(organisation_id=rights.organisation_id, name=name)
        session.add(body)
    body.name, body.short_name, body.aliases = name, short_name or None, called
    session.flush()
    return body


def _check_free(word: str, others: Iterable[Body], field: str) -> None:
    for other in others:
        names = [other.name, other.short_name or "", *other.aliases]
        if word and any(people.same_name(word, known) for known in names if known):
            raise InvalidAnswer(
                "«%(name)s» brukes allerede om %(body)s.", field=field, name=word, body=other.name
            )
