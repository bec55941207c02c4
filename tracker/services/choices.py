"""What the filters of a register offer: bodies, people, meetings, and the selections a person has saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Date, Select, cast, exists, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from tracker.models import Body, Meeting, Membership, Person, SavedFilter
from tracker.rules.access import Rights
from tracker.services import visible

CHOICES = 300
MEETINGS = 60


class Chosen(Protocol):
    """A filter of either register: what it names is offered, however much there is."""

    @property
    def owner_id(self) -> int: ...

    @property
    def meeting_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer, as (id, name); meetings with their day, saved filters as they are."""

    bodies: list[tuple[int, str]] = field(default_factory=list)
    people: list[tuple[int, str]] = field(default_factory=list)
    meetings: list[tuple[int, str, date]] = field(default_factory=list)
    saved: list[tuple[int, str, str]] = field(default_factory=list)


def offered(session: Session, rights: Rights, wanted: Chosen, page: str = "tasks") -> Choices:
    """What the filters of a register offer, and what the person saved of `page`. One query."""
    held = exists().where(Membership.person_id == Person.id, Membership.body_id.in_(rights.bodies))
    parts: list[Select[Any]] = [
        _choice("body", Body.id, Body.name).where(
            Body.organisation_id == rights.organisation_id, Body.id.in_(rights.bodies)
        ),
        _choice("person", Person.id, Person.name)
        .where(Person.organisation_id == rights.organisation_id, or_(held, Person.id == wanted.owner_id))
        .order_by(Person.id != wanted.owner_id, Person.name)
        .limit(CHOICES),
        _choice("meeting", Meeting.id, Meeting.title, Meeting.starts_on)
        .where(visible.meetings(rights))
        .order_by(Meeting.id != wanted.meeting_id, Meeting.starts_on.desc())
        .limit(MEETINGS),
        _choice("saved", SavedFilter.id, SavedFilter.name, query=SavedFilter.query).where(
            SavedFilter.organisation_id == rights.organisation_id,
            SavedFilter.person_id == rights.person_id,
            SavedFilter.page == page,
        ),
    ]
    found = Choices()
    for row in session.execute(union_all(*(select(part.subquery()) for part in parts))):
        if row.kind == "body":
            found.bodies.append((row.id, row.name))
        elif row.kind == "person":
            found.people.append((row.id, row.name))
        elif row.kind == "meeting":
            found.meetings.append((row.id, row.name, row.day))
        else:
            found.saved.append((row.id, row.name, row.query))
    return found


def _choice(kind: str, row_id: Any, name: Any, day: Any = None, *, query: Any = None) -> Select[Any]:
    return select(
        literal(kind).label("kind"),
        row_id.label("id"),
        name.label("name"),
        (cast(null(), Date) if day is None else day).label("day"),
        (literal("") if query is None else query).label("query"),
    )
