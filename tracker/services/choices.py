"""What the filters of a register offer: bodies, people, meetings, and the selections a person has saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    bindparam,
    cast,
    exists,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from tracker import db
from tracker.models import Body, Meeting, Membership, Person, SavedFilter
from tracker.rules.access import Rights
from tracker.services import visible
from tracker.services.visible import HOLDER, held

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

    def dated(self, written: Callable[[date], str]) -> list[tuple[int, str]]:
        """The meetings by day and title."""
        return [(number, f"{written(day)} {title}") for number, title, day in self.meetings]


def offered(session: Session, rights: Rights, wanted: Chosen, page: str = "tasks") -> Choices:
    """What the filters of a register offer, and what the person saved of `page`. One query."""
    asked = held(rights, owner=wanted.owner_id, meeting=wanted.meeting_id, page=page)
    rows: dict[str, dict[int, Any]] = {"body": {}, "person": {}, "meeting": {}, "saved": {}}
    for row in session.execute(_OFFERED, asked).all():
        rows[row.kind].setdefault(row.id, row)  # what is chosen comes first, and perhaps once more
    return Choices(
        bodies=[(row.id, row.name) for row in rows["body"].values()],
        people=[(row.id, row.name) for row in rows["person"].values()],
        meetings=[(row.id, row.name, row.day) for row in rows["meeting"].values()],
        saved=[(row.id, row.name, row.query) for row in rows["saved"].values()],
    )


def _choice(kind: str, row_id: Any, name: Any, day: Any = None, *, query: Any = None) -> Select[Any]:
    return select(
        literal(kind).label("kind"),
        row_id.label("id"),
        name.label("name"),
        (cast(null(), Date) if day is None else day).label("day"),
        (literal("") if query is None else query).label("query"),
    )


def _all_offered() -> CompoundSelect[Any]:
    """Those that are many are read in the order of an index, up to as many as are offered."""
    theirs = exists().where(Membership.person_id == Person.id, Membership.body_id.in_(HOLDER.bodies))
    people = _choice("person", Person.id, Person.name).where(Person.organisation_id == HOLDER.organisation_id)
    meetings = _choice("meeting", Meeting.id, Meeting.title, Meeting.starts_on).where(
        visible.meetings(HOLDER)
    )
    parts = (
        _choice("body", Body.id, Body.name).where(
            Body.organisation_id == HOLDER.organisation_id, Body.id.in_(HOLDER.bodies)
        ),
        people.where(Person.id == bindparam("owner")),
        people.where(theirs).order_by(Person.name, Person.id).limit(db.rows(CHOICES)),
        meetings.where(Meeting.id == bindparam("meeting")),
        meetings.order_by(Meeting.starts_on.desc(), Meeting.id.desc()).limit(db.rows(MEETINGS)),
        _choice("saved", SavedFilter.id, SavedFilter.name, query=SavedFilter.query).where(
            SavedFilter.organisation_id == HOLDER.organisation_id,
            SavedFilter.person_id == HOLDER.person_id,
            SavedFilter.page == bindparam("page"),
        ),
    )
    return union_all(*(select(part.subquery()) for part in parts))


_OFFERED = _all_offered()
