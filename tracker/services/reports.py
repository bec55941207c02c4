"""The status before a meeting: what is done, on track, overdue or unowned, and what must be settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import and_, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from tracker.clock import at, local_date
from tracker.language import sort_key
from tracker.models import (
    Action,
    Answer,
    Assignment,
    Body,
    History,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Part,
    Task,
    TaskStatus,
)
from tracker.models.task import CLOSED
from tracker.rules.access import Rights
from tracker.services.tasks import row_options

MOST_TASKS = 2000
NEXT_DEADLINES = 6
ONE_DAY = timedelta(days=1)  # what is noted on the day of a meeting belongs to it
LONGEST_CHART = timedelta(days=400)


class State(StrEnum):
    """How a task stands, in the words of the report."""

    DONE = "done"
    ON_TRACK = "on-track"
    OVERDUE = "overdue"
    UNOWNED = "unowned"
    DROPPED = "dropped"


def state_of(task: Task, today: date) -> State:
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

    @property
    def total(self) -> int:
        return self.done + self.on_track + self.overdue + self.unowned

    @property
    def remaining(self) -> int:
        return self.total - self.done


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

    `since`: when each body last met; `known`: what is open, and what was closed since the earliest of those.
    `events`: what happened to each since then, oldest first; only before a meeting. `numbers`: of each body,
    when there are more tasks than `known` holds, which then are those whose deadlines are first.
    """

    bodies: list[Body]
    meeting: Meeting | None
    since: dict[int, datetime]
    today: date
    known: list[Task]
    events: dict[int, list[History]] = field(default_factory=dict)
    numbers: dict[int, Counts] | None = None

    @property
    def changed(self) -> list[tuple[Task, list[History]]]:
        """What the meeting hasn't heard: the tasks that something happened to since the body last met."""
        return [(task, self.events[task.id]) for task in self.known if task.id in self.events]

    @property
    def tasks(self) -> list[Task]:
        """What is open, and what was closed since the body's own previous meeting."""
        return [task for task in self.known if task.is_open or self._recent(task)]

    @property
    def counts(self) -> Counts:
        if self.numbers is None:
            return counted(self.tasks, self.today)
        parts = [(n.done, n.on_track, n.overdue, n.unowned) for n in self.numbers.values()]
        return Counts(*(sum(column) for column in zip(*parts, strict=True)))

    @property
    def per_body(self) -> list[tuple[Body, Counts]]:
        """Only bodies with tasks."""
        numbers = self.numbers or {
            body.id: counted([t for t in self.tasks if t.body_id == body.id], self.today)
            for body in self.bodies
        }
        found = [(body, numbers[body.id]) for body in self.bodies]
        return [(body, counts) for body, counts in found if counts.total]

    @property
    def to_settle(self) -> list[Task]:
        """What the meeting must decide on: overdue, without owner, or with a request that waits."""
        return [t for t in self.tasks if t.is_open and (self._stuck(t) or requests(t))]

    @property
    def ahead(self) -> list[Task]:
        """The next deadlines."""
        coming = [t for t in self.tasks if t.is_open and t.due_on and t.due_on >= self.today]
        return sorted(coming, key=lambda t: (t.due_on, t.id))[:NEXT_DEADLINES]

    @property
    def over_time(self) -> OverTime:
        """Of all tasks; empty when there are more than `known` holds."""
        if self.numbers is not None:
            return OverTime([], [])
        return _over_time(self.known, self.today, min(self.since.values(), default=None))

    def _recent(self, task: Task) -> bool:
        since = self.since.get(task.body_id)
        return task.closed_at is not None and (since is None or task.closed_at >= since)

    def _stuck(self, task: Task) -> bool:
        return state_of(task, self.today) in (State.OVERDUE, State.UNOWNED)


def count(session: Session, body: Body, since: datetime, today: date) -> Counts:
    """The four numbers of a body, what is done counted from `since`. One query, no rows."""
    return _counted(session, [body], {body.id: since}, today)[body.id]


def _counted(
    session: Session, bodies: list[Body], since: dict[int, datetime], today: date
) -> dict[int, Counts]:
    """The four numbers of each body; what is done counts from its own `since`, or from ever. One query."""
    owned = exists().where(
        Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None)
    )
    arms = []
    for body in bodies:
        theirs = (Task.organisation_id == body.organisation_id, Task.body_id == body.id)
        done = select(func.count()).where(*theirs, Task.status == TaskStatus.DONE, CLOSED)
        if body.id in since:
            done = done.where(Task.closed_at >= since[body.id])
        arms.append(
            select(
                literal(body.id),
                done.scalar_subquery(),
                func.count(),
                func.count().filter(and_(owned, Task.due_on < today)),
                func.count().filter(~owned),
            ).where(*theirs, Task.status == TaskStatus.OPEN)
        )
    return {
        body_id: Counts(done, remaining - overdue - unowned, overdue, unowned)
        for body_id, done, remaining, overdue, unowned in session.execute(union_all(*arms))
    }


def requests(task: Task) -> list[Assignment]:
    """What the owners ask for and nobody has answered."""
    return [a for a in task.owners if a.answer in (Answer.MORE_TIME, Answer.NOT_MINE)]


def report(
    session: Session, rights: Rights, today: date, meeting: Meeting | None = None, most: int = MOST_TASKS
) -> Report:
    """The status of the meeting's body, or of all bodies that the person may see; of `most` tasks at most."""
    found = session.scalars(
        select(Body).where(
            Body.organisation_id == rights.organisation_id,
            Body.id.in_([meeting.body_id] if meeting else rights.bodies),
        )
    )
    bodies = sorted(found, key=lambda body: sort_key(body.name))
    before = min(meeting.starts_on, today) if meeting else today
    since = previous_meetings(session, bodies, before)
    tasks = _tasks(session, bodies, since, most + 1)
    more = len(tasks) > most
    numbers = _counted(session, bodies, since, today) if more else None
    tasks = sorted(tasks[:most], key=by_case)
    events = _events(session, tasks, since) if meeting else {}
    return Report(bodies, meeting, since, today, tasks, events, numbers)


def _events(session: Session, tasks: list[Task], since: dict[int, datetime]) -> dict[int, list[History]]:
    """What happened to the tasks since their body last met; that they were given isn't news to it."""
    found: dict[int, list[History]] = {}
    if not since:
        return found
    rows = session.scalars(
        select(History)
        .where(
            History.task_id.in_([task.id for task in tasks]),
            History.at >= min(since.values()) + ONE_DAY,
            History.action != Action.CREATED,
        )
        .options(joinedload(History.person))
        .order_by(History.id)
    )
    for row in rows:
        found.setdefault(row.task_id, []).append(row)
    return found


def previous_meetings(session: Session, bodies: list[Body], before: date) -> dict[int, datetime]:
    """When each body last met before a day; those that never did are left out."""
    rows = session.execute(
        select(Meeting.body_id, func.max(Meeting.starts_on))
        .where(
            Meeting.body_id.in_([body.id for body in bodies]),
            Meeting.kind == MeetingKind.MEETING,
            Meeting.status != MeetingStatus.CANCELLED,
            Meeting.starts_on < before,
        )
        .group_by(Meeting.body_id)
    )
    return {body_id: at(day, time(0)) for body_id, day in rows}


def _tasks(session: Session, bodies: list[Body], since: dict[int, datetime], most: int) -> list[Task]:
    """The first `most` by deadline of what is open, or closed since the earliest of the previous meetings."""
    if not bodies:
        return []
    theirs = select(Task.id, Task.due_on).where(
        Task.organisation_id == bodies[0].organisation_id, Task.body_id.in_([body.id for body in bodies])
    )
    opened = theirs.where(Task.status == TaskStatus.OPEN)
    closed = theirs.where(CLOSED)
    if len(since) == len(bodies):
        closed = closed.where(Task.closed_at >= min(since.values()))
    arms = (  # each read in the order of an index, or short; the engines place those undated differently
        opened.where(Task.due_on.is_not(None)).order_by(Task.due_on, Task.id),
        opened.where(Task.due_on.is_(None)).order_by(Task.id + 0),  # not by the index of all there ever were
        closed.order_by(Task.due_on.is_(None), Task.due_on, Task.id),
    )
    each = union_all(*(select(arm.limit(most).subquery()) for arm in arms)).subquery()
    first = select(each.c.id).order_by(each.c.due_on.is_(None), each.c.due_on, each.c.id).limit(most)
    chosen = first.subquery()
    found = session.scalars(
        select(Task)
        .join(chosen, chosen.c.id == Task.id)
        .options(*row_options(), joinedload(Task.meeting), joinedload(Task.decision))
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        .limit(most)  # so that all the rest is read for these alone
    ).unique()
    return list(found)


def by_case(task: Task) -> tuple[date, int, int, int]:
    """Newest meeting last, then as the agenda has it."""
    meeting, item, decision = task.meeting, task.agenda_item, task.decision
    return (
        meeting.starts_on if meeting else local_date(task.created_at),
        item.position if item else 0,
        decision.position if decision else 0,
        task.id,
    )


def counted(tasks: Iterable[Task], today: date) -> Counts:
    """How many of the tasks stand how."""
    states = [state_of(task, today) for task in tasks]
    return Counts(
        done=states.count(State.DONE),
        on_track=states.count(State.ON_TRACK),
        overdue=states.count(State.OVERDUE),
        unowned=states.count(State.UNOWNED),
    )


def _over_time(tasks: list[Task], today: date, since: datetime | None) -> OverTime:
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
