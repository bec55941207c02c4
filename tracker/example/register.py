"""The organisation of the example: its bodies, its people and their offices."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.models import Base, Body, Membership, Organisation, Person
from tracker.rules.access import Office

TOLD: dict[str, Any] = tomllib.loads((Path(__file__).parent / "elvedal.toml").read_text("utf-8"))
ASCII = str.maketrans({"ø": "o", "å": "a", "æ": "ae", " ": "."})


@dataclass(frozen=True, slots=True)
class Register:
    """What was written: bodies by key, people by name."""

    organisation: Organisation
    bodies: dict[str, Body]
    people: dict[str, Person]

    @property
    def secretary(self) -> Person:
        """The first of the people."""
        return next(iter(self.people.values()))


def write(session: Session, slug: str, today: date) -> Register:
    """Organisation, bodies, people and offices, all held since the New Year before last."""
    ours = Organisation(slug=slug, name=TOLD["name"], short_name=TOLD["short_name"])
    session.add(ours)
    session.flush()
    bodies = {key: Body(organisation_id=ours.id, **told) for key, told in TOLD["bodies"].items()}
    session.add_all(bodies.values())
    session.flush()
    people: dict[str, Person] = {}
    for told in TOLD["people"]:
        person = Person(
            organisation_id=ours.id,
            name=told["name"],
            email=told["name"].lower().translate(ASCII) + "@elvedal.example",
            title=told["title"],
            employer=told["employer"],
            language=told.get("language", "nb"),
        )
        people[person.name] = person
        session.add(person)
        session.flush()  # one by one: the order of the ids is the order people are offered to try as
        for body, office in told["offices"].items():
            person.memberships.append(
                Membership(
                    organisation_id=ours.id,
                    body=bodies[body],
                    office=Office(office),
                    from_date=date(today.year - 1, 1, 1),
                )
            )
    session.flush()
    return Register(ours, bodies, people)


def clear(session: Session, slug: str) -> None:
    """Take an organisation out of the register, with everything that belongs to it."""
    found = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None:
        return
    for table in reversed(Base.metadata.sorted_tables):
        if "organisation_id" in table.c:
            session.execute(delete(table).where(table.c.organisation_id == found.id))
    session.delete(found)
    session.flush()


def members(body: str) -> list[dict[str, Any]]:
    """What the example tells of each who holds an office in `body`."""
    return [told for told in TOLD["people"] if body in told["offices"]]
