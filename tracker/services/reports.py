"""The status before a meeting: what is done, on track, overdue or unowned, and what must be settled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    Subquery,
    bindparam,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from tracker import db
from tracker.clock import at, local_date
from tracker.language import sort_key
from tracker.models import (
    Action,
    Answer,
    Body,
    History,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Task,
    TaskStatus,
)
from tracker.models.task import CLOSED
from tracker.rules.access import Rights
from tracker.services import rows
from tracker.services.counts import EVER, Counts, State, of_bodies, state_of
from tracker.services.rows import AnyPart, AnyTask, TaskRow

MOST_TASKS = 2000
NEXT_DEADLINES = 6
ONE_DAY = timedelta(days=1)  # what is noted on the day of a meeting belongs to it
LONGEST_CHART = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Point:
    """How many tasks remain from a day on."""

    on: date
    remaining: int


@dataclass(frozen=True, slots=True)
class OverTime:
    """What remained day by day, and what should have by the deadlines. Both are steps, oldest first."""

    actual: list[Point]
    planned: list[Point]


@dataclass(frozen=True, slots=True)
class Report:
    """The status of some bodies' tasks; `meeting`: the one it is for, if it is for one.

    `since`: when each body last met; `numbers`: of each body; `known`: what is open, and what was closed
    since the earliest of those meetings. `more`: there is more, and `known` is what is due first.
    `events`: what happened to each since then, oldest first; only before a meeting.
    """

    bodies: list[Body]
    meeting: Meeting | None
    since: dict[int, datetime]
    today: date
    numbers: dict[int, Counts]
    known: list[TaskRow]
    more: bool = False
    events: dict[int, list[History]] = field(default_factory=dict)

    @property
    def changed(self) -> list[tuple[TaskRow, list[History]]]:
        """What the meeting hasn't heard: the tasks that something happened to since the body last met."""
        return [(task, self.events[task.id]) for task in self.known if task.id in self.events]

    @property
    def tasks(self) -> list[TaskRow]:
        """What is open, and what was closed since the body's own previous meeting."""
        return [task for task in self.known if task.is_open or self._recent(task)]

    @property
    def counts(self) -> Counts:
        return sum(self.numbers.values(), Counts())

    @property
    def per_body(self) -> list[tuple[Body, Counts]]:
        """Only bodies with tasks."""
        found = [(body, self.numbers[body.id]) for body in self.bodies]
        return [(body, counts) for body, counts in found if counts.total]

    @property
    def to_settle(self) -> list[TaskRow]:
        """What the meeting must decide on: overdue, without owner, or with a request that waits."""
        return [t for t in self.tasks if t.is_open and (self._stuck(t) or requests(t))]

    @property
    def ahead(self) -> list[TaskRow]:
        """The next deadlines."""
        coming = [t for t in self.tasks if t.is_open and t.due_on and t.due_on >= self.today]
        return sorted(coming, key=lambda t: (t.due_on, t.id))[:NEXT_DEADLINES]

    @property
    def over_time(self) -> OverTime:
        """Of all tasks; empty when there are more than `known` holds."""
        if self.more:
            return OverTime([], [])
        return _over_time(self.known, self.today, min(self.since.values(), default=None))

    def _recent(self, task: TaskRow) -> bool:
        since = self.since.get(task.body_id)
        return task.closed_at is not None and (since is None or task.closed_at >= since)

    def _stuck(self, task: TaskRow) -> bool:
        return state_of(task, self.today) in (State.OVERDUE, State.UNOWNED)


def requests(task: AnyTask) -> list[AnyPart]:
    """What the owners ask for and nobody has answered."""
    return [a for a in task.owners if a.answer in (Answer.MORE_TIME, Answer.NOT_MINE)]


def report(
    session: Session,
    rights: Rights,
    today: date,
    meeting: Meeting | None = None,
    most: int = MOST_TASKS,
    of_many: int = 0,
) -> Report:
    """The status of the meeting's body, or of all bodies that the person may see.

    It knows `most` tasks at most; where there are more, the first `of_many`, or as many.
    """
    chosen = [meeting.body_id] if meeting else sorted(rights.bodies)
    before = min(meeting.starts_on, today) if meeting else today
    whose = {"organisation": rights.organisation_id, "bodies": chosen}
    bodies, since = last_met(session, rights, chosen, before)
    numbers = of_bodies(session, rights.organisation_id, [body.id for body in bodies], since, today)
    remaining = sum(counts.total for counts in numbers.values())
    room = of_many if of_many and remaining > most else most
    earliest = min(since.values()) if bodies and len(since) == len(bodies) else EVER
    read = rows.read(session, _TASKS, whose | {"since": earliest, "most": room + 1})
    tasks = sorted(read[:room], key=by_case)
    events = _events(session, tasks, since) if meeting else {}
    return Report(bodies, meeting, since, today, numbers, tasks, len(read) > room, events)


def _events(session: Session, tasks: list[TaskRow], since: dict[int, datetime]) -> dict[int, list[History]]:
    """What happened to the tasks since their body last met; that they were given isn't news to it."""
    found: dict[int, list[History]] = {}
    if not since:
        return found
    happened = session.scalars(
        select(History)
        .where(
            History.task_id.in_([task.id for task in tasks]),
            History.at >= min(since.values()) + ONE_DAY,
            History.action != Action.CREATED,
        )
        .options(joinedload(History.person))
        .order_by(History.id)
    )
    for row in happened:
        found.setdefault(row.task_id, []).append(row)
    return found


def last_met(
    session: Session, rights: Rights, chosen: Collection[int], before: date
) -> tuple[list[Body], dict[int, datetime]]:
    """Bodies by name, and when each last met before a day; those that never did are left out. One query."""
    whose = {"organisation": rights.organisation_id, "bodies": sorted(chosen), "before": before}
    found = sorted(session.execute(_BODIES, whose), key=lambda row: sort_key(row.Body.name))
    since = {row.Body.id: at(row.met_on, time(0)) for row in found if row.met_on}
    return [row.Body for row in found], since


def _first() -> Subquery:
    """The first `most` by deadline of what is open, or closed since the earliest of the previous meetings."""
    theirs = select(Task.id, Task.due_on).where(_OURS, Task.body_id.in_(_CHOSEN))
    opened = theirs.where(Task.status == TaskStatus.OPEN)
    closed = theirs.where(CLOSED, Task.closed_at >= bindparam("since"))
    arms = (  # each read in the order of an index, or short; the engines place those undated differently
        opened.where(Task.due_on.is_not(None)).order_by(Task.due_on, Task.id),
        opened.where(Task.due_on.is_(None)).order_by(Task.id + 0),  # not by the index of all there ever were
        closed.order_by(Task.due_on.is_(None), Task.due_on, Task.id),
    )
    each = union_all(*(select(arm.limit(_MOST).subquery()) for arm in arms)).subquery()
    first = select(each.c.id, each.c.due_on).order_by(each.c.due_on.is_(None), each.c.due_on, each.c.id)
    return first.limit(_MOST).subquery()


_OURS = Task.organisation_id == bindparam("organisation")
_CHOSEN: Any = bindparam("bodies", type_=Integer, expanding=True)
_MOST = db.rows("most")
_TASKS = rows.listed(_first(), origin=True)
_BODIES = select(
    Body,
    select(func.max(Meeting.starts_on))
    .where(
        Meeting.organisation_id == Body.organisation_id,
        Meeting.body_id == Body.id,
        Meeting.kind == MeetingKind.MEETING,
        Meeting.status != MeetingStatus.CANCELLED,
        Meeting.starts_on < bindparam("before"),
    )
    .correlate(Body)
    .scalar_subquery()
    .label("met_on"),
).where(Body.organisation_id == bindparam("organisation"), Body.id.in_(_CHOSEN))


def by_case(task: AnyTask) -> tuple[date, int, int, int]:
    """Newest meeting last, then as the agenda has it."""
    meeting, item, decision = task.meeting, task.agenda_item, task.decision
    return (
        meeting.starts_on if meeting else local_date(task.created_at),
        item.position if item else 0,
        decision.position if decision else 0,
        task.id,
    )


def _over_time(tasks: list[TaskRow], today: date, since: datetime | None) -> OverTime:
    """From the previous meeting, or the first task (at most 400 days back), to the last deadline."""
    begun = [(task, local_date(task.created_at)) for task in tasks]
    if not begun:
        return OverTime([], [])
    first = max(min(day for _task, day in begun), today - LONGEST_CHART)
    first = max(first, local_date(since)) if since else first
    ended = [(day, local_date(task.closed_at) if task.closed_at else None) for task, day in begun]
    due = [(day, task.due_on) for task, day in begun if task.status is not TaskStatus.DROPPED]
    return OverTime(_steps(ended, first, today), _steps(due, first, None))


def _steps(spans: list[tuple[date, date | None]], first: date, last: date | None) -> list[Point]:
    """How many of the (begin, end) spans hold on each day where that changes."""
    days = {first} | {day for span in spans for day in span if day and day > first}
    shown = sorted(day for day in days if last is None or day <= last)
    return [
        Point(day, sum(1 for begin, end in spans if begin <= day and (end is None or end > day)))
        for day in shown
    ]
