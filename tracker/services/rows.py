"""Tasks as lists show them, read as plain rows.

An object of the ORM for each task, body, case, part and person takes as long to make as the rest of a page.
These say the same by the same names, of what lists tell; who changes a task reads a `Task`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import accumulate, chain
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, null, select
from sqlalchemy.orm import Session, aliased

from tracker.models import (
    AgendaItem,
    Answer,
    Assignment,
    Body,
    Decision,
    Meeting,
    Part,
    Person,
    Task,
    TaskStatus,
)
from tracker.models.task import TaskFacts
from tracker.rules.deadlines import DueKind
from tracker.rules.reminders import Rhythm


class BodyRow(NamedTuple):
    """The body whose task it is."""

    id: int
    name: str
    short_name: str | None
    rhythm: Rhythm


class MeetingRow(NamedTuple):
    """The meeting that a task comes from."""

    id: int
    starts_on: date


class CaseRow(NamedTuple):
    """The case that a task comes from. `restricted`: the legal basis when it is not public."""

    id: int
    number: str | None
    title: str
    restricted: str | None
    position: int


class DecisionRow(NamedTuple):
    """The decision that a task comes from."""

    id: int
    position: int
    text: str


class PersonRow(NamedTuple):
    """Somebody with a part in a task."""

    id: int
    name: str
    email: str | None


@dataclass(slots=True, eq=False)
class PartRow:
    """A person's present part in a task."""

    task: TaskRow
    person: PersonRow
    suggested_person: PersonRow | None
    id: int
    part: Part
    assigned_at: datetime
    answer: Answer
    answered_at: datetime | None
    wanted_due_on: date | None
    comment: str
    confirmed_at: datetime | None

    @property
    def task_id(self) -> int:
        return self.task.id

    @property
    def person_id(self) -> int:
        return self.person.id

    @property
    def suggested_person_id(self) -> int | None:
        return self.suggested_person.id if self.suggested_person else None


@dataclass(slots=True, eq=False)
class TaskRow(TaskFacts):
    """A task with its present owners and contributors, in the order in which they were given it.

    `meeting` and `decision` are there when its `origin` was asked for.
    """

    id: int
    what: str
    status: TaskStatus
    due_kind: DueKind
    due_on: date | None
    created_at: datetime
    closed_at: datetime | None
    result: str
    version: int
    body: BodyRow
    meeting: MeetingRow | None
    agenda_item: CaseRow | None
    decision: DecisionRow | None
    owners: list[PartRow] = field(default_factory=list)
    contributors: list[PartRow] = field(default_factory=list)

    @property
    def body_id(self) -> int:
        return self.body.id

    @property
    def lost_due(self) -> bool:
        """As in `Task`."""
        return self.due_on is None and self.due_kind in (DueKind.EVENT, DueKind.NEXT_MEETING)


AnyTask: TypeAlias = Task | TaskRow
AnyPart: TypeAlias = Assignment | PartRow


def read(session: Session, statement: Select[Any], values: Mapping[str, Any]) -> list[TaskRow]:
    """The tasks that a statement made by `listed` finds, in its order. One query."""
    return tasks_of(session.execute(statement, values).all())


def tasks_of(rows: Iterable[Row[Any]]) -> list[TaskRow]:
    """The tasks in the rows of a statement made by `listed`."""
    bodies: dict[int, BodyRow] = {}
    found: dict[int, TaskRow] = {}
    for each in rows:
        row: Any = tuple(each)  # of which slices are made faster
        number, body, part = row[0], row[_BODY_AT], row[_PART_AT]
        task = found.get(number)
        if task is None:
            if body[0] not in bodies:
                bodies[body[0]] = BodyRow._make([*body, Rhythm(*row[_RHYTHM_AT])])
            around = bodies[body[0]], *(_unless_none(kind, row[at]) for kind, at in _AROUND)
            task = found[number] = TaskRow(*row[_TASK_AT], *around)
        if part[0] is not None:
            suggested = _unless_none(PersonRow, row[_SUGGESTED_AT])
            made = PartRow(task, PersonRow._make(row[_PERSON_AT]), suggested, *part)
            (task.owners if made.part is Part.OWNER else task.contributors).append(made)
    return list(found.values())


Made = TypeVar("Made")


def _unless_none(kind: Callable[..., Made], values: Sequence[Any]) -> Made | None:
    """What an outer join found, told by its id."""
    return None if values[0] is None else kind(*values)


def listed(
    chosen: FromClause, *also: ColumnElement[Any], down: bool = False, origin: bool = False
) -> Select[Any]:
    """What lists show of the tasks in `chosen` (id, due_on), by deadline, those without one last.

    `also`: columns of the caller's own. `down`: the latest deadline first. `origin`: with the meeting and the
    decision that they come from.
    """
    day: Any = chosen.c.due_on.desc() if down else chosen.c.due_on
    columns = list(_COLUMNS)
    if not origin:
        columns[-2:] = [tuple(null() for _column in group) for group in columns[-2:]]
    query = (
        select(*chain(*columns), *also)
        .select_from(chosen)
        .join(Task, Task.id == chosen.c.id)
        .join(Body, Body.id == Task.body_id)
        .outerjoin(AgendaItem, AgendaItem.id == Task.agenda_item_id)
        .outerjoin(Assignment, and_(Assignment.task_id == Task.id, Assignment.ended_at.is_(None)))
        .outerjoin(Person, Person.id == Assignment.person_id)
        .outerjoin(_SUGGESTED, _SUGGESTED.id == Assignment.suggested_person_id)
    )
    if origin:
        query = query.outerjoin(Meeting, Meeting.id == Task.meeting_id)
        query = query.outerjoin(Decision, Decision.id == Task.decision_id)
    return query.order_by(chosen.c.due_on.is_(None), day, chosen.c.id, Assignment.id)


_SUGGESTED = aliased(Person)
_TASK, _BODY = Task.__table__.c, Body.__table__.c
_COLUMNS: tuple[tuple[Any, ...], ...] = (
    (
        Task.id, Task.what, Task.status, _TASK.due_kind, Task.due_on, Task.created_at, Task.closed_at,
        Task.result, Task.version,
    ),
    (Body.id, Body.name, Body.short_name),
    (
        _BODY.remind_on_assignment, _BODY.remind_days_before, _BODY.remind_working_days_before,
        _BODY.overdue_after, _BODY.overdue_every, _BODY.overdue_most, _BODY.remind_hour,
    ),
    (AgendaItem.id, AgendaItem.number, AgendaItem.title, AgendaItem.restricted, AgendaItem.position),
    (
        Assignment.id, Assignment.part, Assignment.assigned_at, Assignment.answer, Assignment.answered_at,
        Assignment.wanted_due_on, Assignment.comment, Assignment.confirmed_at,
    ),
    (Person.id, Person.name, Person.email),
    (_SUGGESTED.id, _SUGGESTED.name, _SUGGESTED.email),
    (Meeting.id, Meeting.starts_on),
    (Decision.id, Decision.position, Decision.text),
)  # fmt: skip
_ENDS = list(accumulate(map(len, _COLUMNS)))
(
    _TASK_AT, _BODY_AT, _RHYTHM_AT, _CASE_AT, _PART_AT, _PERSON_AT, _SUGGESTED_AT, _MEETING_AT, _DECISION_AT,
) = map(slice, [0, *_ENDS], _ENDS)  # fmt: skip
_AROUND: tuple[tuple[Callable[..., Any], slice], ...] = (
    (MeetingRow, _MEETING_AT), (CaseRow, _CASE_AT), (DecisionRow, _DECISION_AT),
)  # fmt: skip
