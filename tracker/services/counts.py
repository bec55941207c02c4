"""How tasks stand, and how many of them: what is done, on track, overdue or unowned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, ScalarSelect, Select, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from tracker.models import Task, TaskStatus
from tracker.models.base import UTCDateTime
from tracker.models.task import CLOSED
from tracker.rules.access import Rights
from tracker.services.rows import AnyTask

AT_ONCE = 100  # bodies: SQLite takes 500 parts in a union
EVER = datetime(1, 1, 1, tzinfo=UTC)


class State(StrEnum):
    """How a task stands, in the words of the report."""

    DONE = "done"
    ON_TRACK = "on-track"
    OVERDUE = "overdue"
    UNOWNED = "unowned"
    DROPPED = "dropped"


def state_of(task: AnyTask, today: date) -> State:
    """No owner weighs more than a passed deadline: it is what must be mended first."""
    if task.status is TaskStatus.DONE:
        return State.DONE
    if task.status is TaskStatus.DROPPED:
        return State.DROPPED
    if not task.owners:
        return State.UNOWNED
    return State.OVERDUE if task.is_overdue(today) else State.ON_TRACK


@dataclass(frozen=True, slots=True)
class Counts:
    """The four numbers; dropped tasks are not among them."""

    done: int = 0
    on_track: int = 0
    overdue: int = 0
    unowned: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.done + other.done,
            self.on_track + other.on_track,
            self.overdue + other.overdue,
            self.unowned + other.unowned,
        )

    @property
    def total(self) -> int:
        return self.done + self.on_track + self.overdue + self.unowned

    @property
    def remaining(self) -> int:
        return self.total - self.done


def counted(tasks: Iterable[AnyTask], today: date) -> Counts:
    """How many of the tasks stand how."""
    states = [state_of(task, today) for task in tasks]
    return Counts(
        done=states.count(State.DONE),
        on_track=states.count(State.ON_TRACK),
        overdue=states.count(State.OVERDUE),
        unowned=states.count(State.UNOWNED),
    )


def count(session: Session, rights: Rights, body_id: int, since: datetime, today: date) -> Counts:
    """The four numbers of one of the person's bodies, what is done counted from `since`. One query."""
    return of_bodies(session, rights.organisation_id, [body_id], {body_id: since}, today)[body_id]


def of_bodies(
    session: Session, organisation_id: int, bodies: list[int], since: Mapping[int, datetime], today: date
) -> dict[int, Counts]:
    """The four numbers of each body; what is done counts from its own `since`, or from ever.

    One query for each hundred bodies.
    """
    found = {}
    for some in (bodies[start : start + AT_ONCE] for start in range(0, len(bodies), AT_ONCE)):
        asked: dict[str, Any] = {"organisation": organisation_id, "today": today}
        for n, body in enumerate(some):
            asked |= {f"body_{n}": body, f"since_{n}": since.get(body, EVER)}
        for body_id, done, remaining, overdue, unowned in session.execute(_counts(len(some)), asked):
            found[body_id] = Counts(done, remaining - overdue - unowned, overdue, unowned)
    return found


@lru_cache(maxsize=50)
def _counts(bodies: int) -> Select[*tuple[int, ...]]:
    """Each number from an index that holds all that it asks; those closed count from another moment each."""
    asked = (
        select(
            bindparam(f"body_{n}", type_=Integer).label("id"),
            bindparam(f"since_{n}", type_=UTCDateTime).label("since"),
        )
        for n in range(bodies)
    )
    each = union_all(*asked).subquery()  # of `values`, SQLAlchemy doesn't keep what it has made

    def number(*which: Any) -> ScalarSelect[int]:
        ours = Task.organisation_id == bindparam("organisation"), Task.body_id == each.c.id
        return select(func.count()).select_from(Task).where(*ours, *which).scalar_subquery()

    opened = Task.status == TaskStatus.OPEN
    return select(
        each.c.id,
        number(Task.status == TaskStatus.DONE, CLOSED, Task.closed_at >= each.c.since),
        number(opened),
        number(opened, Task.owned, Task.due_on < bindparam("today")),
        number(opened, ~Task.owned),
    )
