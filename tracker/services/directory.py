"""The people of an organisation as its pages show them: found, looked at, corrected, paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.errors import InvalidAnswer
from tracker.language import LANGUAGES, Language
from tracker.models import Assignment, Key, Membership, Part, Person, Task, TaskStatus
from tracker.rules import workdays
from tracker.rules.access import Rights
from tracker.rules.reminders import steps
from tracker.services import people

A_PAGE = 50
LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of people. `answered`: when each last answered for a task."""

    people: list[Person]
    answered: dict[int, datetime]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Details:
    """What can be said of a person, as a form gives it."""

    name: str
    email: str
    title: str
    employer: str
    language: str


def listing(session: Session, organisation_id: int, wanted: str, page: int, tongue: Language) -> Listing:
    """People whose name, title or employer holds the words `wanted`, by name as the language sorts."""
    rows = session.execute(
        select(Person.id, Person.name, Person.title, Person.employer).where(
            Person.organisation_id == organisation_id, Person.removed_at.is_(None)
        )
    )
    words = wanted.casefold().split()
    hits = [
        (tongue.sort_key(name), number)
        for number, name, title, employer in rows
        if all(word in f"{name} {title or ''} {employer or ''}".casefold() for word in words)
    ]
    pages = max(1, -(-len(hits) // A_PAGE))
    page = min(max(page, 1), pages)
    numbers = [number for _key, number in sorted(hits)[(page - 1) * A_PAGE : page * A_PAGE]]
    found = {
        person.id: person
        for person in session.scalars(
            select(Person)
            .where(Person.id.in_(numbers))
            .options(selectinload(Person.memberships).joinedload(Membership.body))
        )
    }
    return Listing([found[n] for n in numbers], _answered(session, numbers), len(hits), page, pages)


def _answered(session: Session, numbers: list[int]) -> dict[int, datetime]:
    rows = session.execute(
        select(Assignment.person_id, func.max(Assignment.answered_at))
        .where(Assignment.person_id.in_(numbers), Assignment.answered_at.is_not(None))
        .group_by(Assignment.person_id)
    )
    return {person_id: at for person_id, at in rows if at is not None}


def last_answered(session: Session, person: Person) -> datetime | None:
    """When the person last answered for a task."""
    return _answered(session, [person.id]).get(person.id)


def asked_to_go(session: Session, rights: Rights, today: date) -> list[Person]:
    """Those who asked to be taken out, and whom the secretary may take out."""
    found = session.scalars(
        select(Person)
        .where(Person.organisation_id == rights.organisation_id, Person.removal_asked_at.is_not(None))
        .options(selectinload(Person.memberships).joinedload(Membership.body))
        .order_by(Person.removal_asked_at)
    )
    return [person for person in found if may_edit(rights, person, today)]


def open_parts(session: Session, person: Person, body_id: int | None = None) -> list[Assignment]:
    """The person's parts in open tasks (of one body), the nearest deadline first."""
    found = (
        select(Assignment)
        .join(Assignment.task)
        .where(
            Assignment.person_id == person.id,
            Assignment.ended_at.is_(None),
            Task.status == TaskStatus.OPEN,
        )
        .options(
            joinedload(Assignment.task).joinedload(Task.body),
            joinedload(Assignment.task).joinedload(Task.agenda_item),
        )
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
    )
    if body_id is not None:
        found = found.where(Task.body_id == body_id)
    return list(session.scalars(found))


def may_edit(rights: Rights, person: Person, today: date) -> bool:
    """Whether what is stored about `person` is theirs to correct.

    One's own; and, for a secretary, those of the own bodies and those who are in no body at all.
    """
    if person.organisation_id != rights.organisation_id or person.removed_at is not None:
        return False
    bodies = {m.body_id for m in person.memberships if m.covers(today)}
    return person.id == rights.person_id or (
        rights.is_secretary and (not bodies or bool(bodies & rights.secretary_of))
    )


def correct(
    session: Session, person: Person, details: Details, rights: Rights, today: date, keep_session: str = ""
) -> None:
    """Store what is right about a person. Raises InvalidAnswer.

    Whoever holds the address can sign in, so that of a person who is in somebody else's body as well is
    changed only by the person; and with a new address old sign-in links and sessions end, but the one
    with the hash `keep_session`.
    """
    name = " ".join(details.name.split())
    if not name:
        raise InvalidAnswer("Skriv navnet.", field="name")
    if details.language not in LANGUAGES:
        raise InvalidAnswer("Velg et språk.", field="language")
    email = people.checked_address(session, person.organisation_id, details.email, person.id)
    if (email or "").lower() != (person.email or "").lower():
        _check_may_change_address(person, rights, today)
        session.execute(delete(Key).where(Key.person_id == person.id, Key.sha256 != keep_session))
    person.name, person.email, person.language = name[:200], email, details.language
    person.title = details.title.strip()[:200] or None
    person.employer = details.employer.strip()[:200] or None
    session.flush()


def elsewhere(person: Person, rights: Rights, today: date) -> list[str]:
    """The bodies in which the person is today, and of which the secretary is not the secretary."""
    return [
        m.body.name for m in person.memberships if m.covers(today) and m.body_id not in rights.secretary_of
    ]


def _check_may_change_address(person: Person, rights: Rights, today: date) -> None:
    if person.id == rights.person_id or not person.email:
        return
    others = elsewhere(person, rights, today)
    if others:
        raise InvalidAnswer(
            "%(name)s er også med i %(body)s, der du ikke er sekretær, og må endre adressen selv.",
            field="email",
            name=person.name,
            body=others[0],
        )


def set_pause(session: Session, person: Person, first: date | None, last: date | None, today: date) -> None:
    """No reminders from `first` to `last`, both included. Raises InvalidAnswer."""
    if first is None:
        raise InvalidAnswer("Velg den første dagen.", field="from")
    if last is None:
        raise InvalidAnswer("Velg den siste dagen.", field="until")
    if last < first:
        raise InvalidAnswer("Pausen slutter før den begynner.", field="until")
    if last < today:
        raise InvalidAnswer("Velg en dato fra i dag av.", field="until")
    if last > today + LONGEST_PAUSE:
        raise InvalidAnswer("Velg en dato innen ett år.", field="until")
    person.pause_from, person.pause_until = first, last
    session.flush()


def reminders_within(session: Session, person: Person, first: date, last: date) -> int:
    """How many reminder mails the pause keeps back: working mornings with something due."""
    mornings = {
        due.on
        for part in open_parts(session, person)
        if part.task.due_on is not None
        for due in steps(part.task.due_on, part.task.body.rhythm, contributor=part.part is Part.CONTRIBUTOR)
        if first <= due.on <= last
    }
    return len(mornings)


def resumes_on(last: date) -> date:
    """The first working morning after a pause."""
    return workdays.on_or_after(last + timedelta(days=1))
