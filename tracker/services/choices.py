"""What the filters of a register offer: bodies, people, meetings, and the selections a person has saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Select, bindparam, exists, select
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
    """What the filters offer, as (id, name); meetings with their day, saved filters as they are.

    `people` and `meetings` are for filters that are seldom used, and there only when they are shown.
    """

    bodies: list[tuple[int, str]] = field(default_factory=list)
    people: list[tuple[int, str]] = field(default_factory=list)
    meetings: list[tuple[int, str, date]] = field(default_factory=list)
    saved: list[tuple[int, str, str]] = field(default_factory=list)

    def dated(self, written: Callable[[date], str]) -> list[tuple[int, str]]:
        """The meetings by day and title."""
        return [(number, f"{written(day)} {title}") for number, title, day in self.meetings]


def offered(
    session: Session, rights: Rights, wanted: Chosen, page: str = "tasks", *, further: bool = True
) -> Choices:
    """What the filters of a register offer, and what the person saved of `page`. One query.

    `further`: also the filters that are seldom used.
    """
    asked = held(rights, owner=wanted.owner_id, meeting=wanted.meeting_id, page=page)
    found = session.execute(_FURTHER if further else _OFFERED, asked).one()
    bodies, saved, owner, people, meeting, meetings = (
        list(map(tuple, rows or ())) for rows in (*found, *([] if further else [()] * 4))
    )
    return Choices(
        bodies=bodies,
        people=_once(owner + people),
        meetings=[
            (number, title, date.fromisoformat(day)) for number, title, day in _once(meeting + meetings)
        ],
        saved=saved,
    )


def _once(found: list[Any]) -> list[Any]:
    """What is chosen comes first, and perhaps once more."""
    return list(dict.fromkeys(found))


def _always() -> list[Select[*tuple[Any, ...]]]:
    return [
        select(Body.id, Body.name).where(
            Body.organisation_id == HOLDER.organisation_id, Body.id.in_(HOLDER.bodies)
        ),
        select(SavedFilter.id, SavedFilter.name, SavedFilter.query).where(
            SavedFilter.organisation_id == HOLDER.organisation_id,
            SavedFilter.person_id == HOLDER.person_id,
            SavedFilter.page == bindparam("page"),
        ),
    ]


def _seldom() -> list[Select[*tuple[Any, ...]]]:
    """They are many, and read in the order of an index, up to as many as are offered."""
    theirs = exists().where(Membership.person_id == Person.id, Membership.body_id.in_(HOLDER.bodies))
    people = select(Person.id, Person.name).where(Person.organisation_id == HOLDER.organisation_id)
    meetings = select(Meeting.id, Meeting.title, Meeting.starts_on).where(visible.meetings(HOLDER))
    return [
        people.where(Person.id == bindparam("owner")),
        people.where(theirs).order_by(Person.name, Person.id).limit(db.rows(CHOICES)),
        meetings.where(Meeting.id == bindparam("meeting")),
        meetings.order_by(Meeting.starts_on.desc(), Meeting.id.desc()).limit(db.rows(MEETINGS)),
    ]


_OFFERED = select(*map(db.gathered, _always()))
_FURTHER = select(*map(db.gathered, [*_always(), *_seldom()]))
