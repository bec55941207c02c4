"""What an assignee owes, grouped by when; and the meetings around today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, and_, bindparam, func, null, or_, select, union_all
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import at
from tracker.models import (
    Meeting,
    MeetingKind,
    MeetingStatus,
    Part,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules.access import Rights
from tracker.services import rows, visible
from tracker.services.rows import PartRow, TaskRow
from tracker.services.schedule import LONGEST
from tracker.services.tasks import part_of
from tracker.services.visible import HOLDER, held

DONE_WITHOUT_MEETING = timedelta(days=30)
LOOK_BACK = timedelta(days=200)  # for the previous meeting; older ones say nothing of what is going on
MOST_AHEAD = 50  # meetings and gatherings
MOST_ROWS = 300


class Group(StrEnum):
    """When a task is due, as the page groups it."""

    OVERDUE = "overdue"
    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    LATER = "later"
    UNDATED = "undated"


def group_of(due_on: date | None, today: date) -> Group:
    """The group of a deadline; weeks begin on Monday."""
    if due_on is None:
        return Group.UNDATED
    if due_on < today:
        return Group.OVERDUE
    sunday = today + timedelta(days=6 - today.weekday())
    if due_on <= sunday:
        return Group.THIS_WEEK
    return Group.NEXT_WEEK if due_on <= sunday + timedelta(days=7) else Group.LATER


@dataclass(frozen=True, slots=True)
class Item:
    """A task on the list, with the reader's own part in it."""

    task: TaskRow
    mine: PartRow

    @property
    def owned(self) -> bool:
        return self.mine.part is Part.OWNER


@dataclass(frozen=True, slots=True)
class Worklist:
    """Open tasks by group, and what was done since the previous meeting, latest first."""

    groups: dict[Group, list[Item]]
    done: list[Item]

    @property
    def remaining(self) -> int:
        return sum(1 for items in self.groups.values() for item in items if item.task.is_open)


class Date(NamedTuple):
    """A meeting or gathering, as far as a list of dates shows it."""

    id: int
    body_id: int
    kind: MeetingKind
    status: MeetingStatus
    title: str
    place: str | None
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Dates:
    """The meetings around today: when each body last met, and what lies ahead, the next first."""

    held: dict[int, date]
    coming: list[Date]

    @property
    def next(self) -> Date | None:
        """The next meeting that is called; gatherings are no meetings."""
        called = (
            m for m in self.coming if m.kind is MeetingKind.MEETING and m.status is MeetingStatus.CALLED
        )
        return next(called, None)

    def since(self, today: date, body_id: int | None = None) -> datetime:
        """From when what is done counts as done «since the previous meeting» (of one body, or of any)."""
        held = max(self.held.values(), default=None) if body_id is None else self.held.get(body_id)
        return at(held or today - DONE_WITHOUT_MEETING, time(0))


def dates(session: Session, rights: Rights, today: date) -> Dates:
    """The meetings around today in the person's bodies. One query."""
    asked = held(rights, today=today, lately=today - LOOK_BACK, begun=today - LONGEST)
    found = [Date._make(row) for row in session.execute(_DATES, asked)]
    return Dates(
        {m.body_id: m.starts_on for m in found if m.id is None},
        [m for m in found if m.id is not None],
    )


def _dates() -> CompoundSelect[Any]:
    theirs = select(
        Meeting.id,
        Meeting.body_id,
        Meeting.kind,
        Meeting.status,
        Meeting.title,
        Meeting.place,
        Meeting.starts_on,
        Meeting.ends_on,
    ).where(visible.meetings(HOLDER), Meeting.status != MeetingStatus.CANCELLED)
    ahead = (
        theirs.where(Meeting.starts_on >= bindparam("begun"), Meeting.ends_on >= bindparam("today"))
        .order_by(Meeting.starts_on, Meeting.starts_at, Meeting.id)
        .limit(db.rows(MOST_AHEAD))
    )
    last = func.max(Meeting.starts_on)
    before = (
        theirs.with_only_columns(
            null(), Meeting.body_id, null(), null(), null(), null(), last, last, maintain_column_froms=True
        )
        .where(Meeting.kind == MeetingKind.MEETING)
        .where(Meeting.starts_on >= bindparam("lately"), Meeting.starts_on < bindparam("today"))
        .group_by(Meeting.body_id)
    )
    return union_all(select(ahead.subquery()), before)


_DATES = _dates()


def my_tasks(
    session: Session, person: Person, today: date, since: datetime, *, just_done: int = 0
) -> Worklist:
    """The person's tasks, owned and contributed to. One query.

    `just_done`: the id of a task that stays in its group although it is done, so that it can be undone.
    """
    whose = {"organisation_id": person.organisation_id, "person_id": person.id}
    tasks = rows.read(session, _MINE, whose | {"since": since, "just_done": just_done})
    items = [Item(task, part) for task in tasks if (part := part_of(task, person.id))]
    return _grouped(items, today, just_done)


_MINE = rows.listed(
    select(Task.id, Task.due_on)
    .where(
        Task.organisation_id == HOLDER.organisation_id,
        visible.own_tasks(HOLDER),
        or_(
            Task.status == TaskStatus.OPEN,
            and_(Task.status == TaskStatus.DONE, Task.closed_at >= bindparam("since")),
            and_(Task.status == TaskStatus.DONE, Task.id == bindparam("just_done")),
        ),
    )
    .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
    .limit(db.rows(MOST_ROWS))
    .subquery()
)


def _grouped(items: list[Item], today: date, just_done: int = 0) -> Worklist:
    groups: dict[Group, list[Item]] = {group: [] for group in Group}
    for item in items:
        if item.task.is_open or item.task.id == just_done:
            groups[group_of(item.task.due_on, today)].append(item)
    done = [item for item in items if not item.task.is_open and item.task.id != just_done]
    done.sort(key=lambda item: (item.task.closed_at is not None, item.task.closed_at), reverse=True)
    return Worklist(groups, done)
