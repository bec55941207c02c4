"""Pausing the reminders of a person; deadlines and tasks are as they were."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from tracker.errors import InvalidAnswer, NotFound
from tracker.links import Links
from tracker.models import Person
from tracker.rules.reminders import paused

ONE_CLICK = timedelta(days=14)  # what a mail client's own «unsubscribe» button gives (RFC 8058)
LONGEST = timedelta(days=366)


def by_link(session: Session, links: Links, token: str) -> Person:
    """Whose reminders the link in a mail pauses. Raises NotFound."""
    (person_id,) = links.read("pause", token, (int,))
    person = session.get(Person, person_id)
    if person is None or person.removed_at is not None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    return person


def pause(session: Session, person: Person, until: date, today: date) -> None:
    """No reminders from today to `until`, both included. Raises InvalidAnswer for a day that can't be."""
    if until < today:
        raise InvalidAnswer("Velg en dato fra i dag av.", field="until")
    if until > today + LONGEST:
        raise InvalidAnswer("Velg en dato innen ett år.", field="until")
    if not paused(person.pause_from, person.pause_until, today):
        person.pause_from = today
    person.pause_until = until
    session.flush()


def one_click(session: Session, person: Person, today: date) -> None:
    """Two weeks without reminders; a longer pause stays as long as it is."""
    if paused(person.pause_from, person.pause_until, today + ONE_CLICK):
        return
    pause(session, person, today + ONE_CLICK, today)


def resume(session: Session, person: Person) -> None:
    """Reminders go again."""
    person.pause_from = person.pause_until = None
    session.flush()
