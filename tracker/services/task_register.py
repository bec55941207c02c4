"""The register of tasks: filtering, sorting and paging among a million of them.

Every body's tasks stand in the order of their deadlines in an index, so that the first thousand of each are
a short read however many there are; what is shown is chosen among those. Counts stop there too («1 000+»),
and other orders than by deadline are for selections that are smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from tracker.models import (
    Assignment,
    Part,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules.access import Rights
from tracker.services import search, visible
from tracker.services.search import Kind

PAGE = 50
MOST = 1000  # rows that can be paged through, and counted
MOST_EXPORTED = 10_000
MOST_ARMS = 100  # SQLite takes 500 parts in a union; a body has two
STATES = ("open", "overdue", "unowned", "done", "dropped", "all")
SORTS = ("frist", "-frist", "oppgave", "-oppgave", "ansvarlig", "-ansvarlig", "ny", "-ny")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for. `state` is one of STATES; `due_from` and `due_to` are both included."""

    words: str = ""
    body_id: int = 0
    owner_id: int = 0
    meeting_id: int = 0
    state: str = STATES[0]
    due_from: date | None = None
    due_to: date | None = None
    sort: str = SORTS[0]

    @property
    def active(self) -> bool:
        chosen = (
            self.words.strip(),
            self.body_id,
            self.owner_id,
            self.meeting_id,
            self.due_from,
            self.due_to,
        )
        return any(chosen) or self.state != STATES[0]

    @property
    def selective(self) -> bool:
        """Whether it names rows that an index of its own leads to."""
        return bool(search.words_of(self.words) or self.owner_id or self.meeting_id)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of tasks. `matching` counts up to MOST; `more`: there are others beyond.

    `unsorted`: there are too many for the order that was asked for, so they stand by deadline.
    """

    tasks: list[Task]
    matching: int
    more: bool
    page: int
    unsorted: bool = False

    @property
    def pages(self) -> int:
        return max(-(-self.matching // PAGE), 1)


def find(
    session: Session,
    rights: Rights,
    wanted: Filter,
    today: date,
    page: int = 1,
    by_name: Callable[[str], Any] = str.casefold,
) -> Found:
    """A page of the tasks that fit. Three queries. `by_name` orders names as the reader's language does."""
    if wanted.sort.lstrip("-") == "frist" and not wanted.selective:
        matching = _counted(session, rights, wanted, today)
        page = min(max(page, 1), max(-(-min(matching, MOST) // PAGE), 1))
        first = _ids(session, rights, wanted, today, page * PAGE)[(page - 1) * PAGE : page * PAGE]
        tasks = _loaded(session, rights, [row.id for row in first])
        return Found(tasks, min(matching, MOST), matching > MOST, page)
    ids = _ids(session, rights, wanted, today, MOST)
    more = len(ids) > MOST
    by_due = wanted.sort.lstrip("-") == "frist"
    chosen = ids[:MOST] if by_due or more else _sorted(ids, wanted.sort, by_name)
    page = min(max(page, 1), max(-(-len(chosen) // PAGE), 1))
    shown = [row.id for row in chosen[(page - 1) * PAGE : page * PAGE]]
    return Found(_loaded(session, rights, shown), len(chosen), more, page, more and not by_due)


def every(
    session: Session,
    rights: Rights,
    wanted: Filter,
    today: date,
    by_name: Callable[[str], Any] = str.casefold,
) -> list[Task] | None:
    """All tasks that fit, in the same order, for a file; None when there are more than a file may hold."""
    ids = _ids(session, rights, wanted, today, MOST_EXPORTED)
    if len(ids) > MOST_EXPORTED:
        return None
    in_order = ids if len(ids) > MOST else _sorted(ids, wanted.sort, by_name)
    found: list[Task] = []
    for start in range(0, len(in_order), MOST):
        found += _loaded(session, rights, [row.id for row in in_order[start : start + MOST]])
    return found


def _ids(session: Session, rights: Rights, wanted: Filter, today: date, most: int) -> Sequence[Any]:
    """The first `most` and one more of what fits, by deadline: id, and what other orders go by. One query."""
    down = wanted.sort == "-frist"
    conditions = _conditions(session, rights, wanted, today)
    arms = [
        select(_first(scope, conditions, down=down).limit(most + 1).subquery())
        for scope in _scopes(rights, wanted)
    ]
    if not arms:
        return []
    every_arm = union_all(*arms).subquery()
    day = every_arm.c.due_on.desc() if down else every_arm.c.due_on
    chosen = (
        select(every_arm)
        .order_by(every_arm.c.due_on.is_(None), day, every_arm.c.id)
        .limit(most + 1)
        .subquery()
    )
    query = select(chosen.c.id, _key(rights, wanted.sort).label("key")).join(Task, Task.id == chosen.c.id)
    day = chosen.c.due_on.desc() if down else chosen.c.due_on
    return session.execute(query.order_by(chosen.c.due_on.is_(None), day, chosen.c.id)).all()


def _counted(session: Session, rights: Rights, wanted: Filter, today: date) -> int:
    """How many fit, MOST and one more at most: read without any order. One query."""
    conditions = _conditions(session, rights, wanted, today)
    arms = [
        select(select(Task.id).where(scope, *conditions).limit(MOST + 1).subquery())
        for scope in _scopes(rights, wanted, in_order=False)
    ]
    if not arms:
        return 0
    return session.scalar(select(func.count()).select_from(union_all(*arms).limit(MOST + 1).subquery())) or 0


def _first(scope: ColumnElement[bool], conditions: list[ColumnElement[bool]], *, down: bool) -> Any:
    day = Task.due_on.desc() if down else Task.due_on
    return select(Task.id, Task.due_on).where(scope, *conditions).order_by(day, Task.id)


def _scopes(rights: Rights, wanted: Filter, *, in_order: bool = True) -> list[ColumnElement[bool]]:
    """The parts that are each read in the order of an index, and have no row in common.

    The person's own tasks in other bodies are one; those of each body with and without a deadline are two,
    since the engines disagree on where in an order those without belong. Not `in_order`, those are one part.
    """
    bodies = sorted(rights.bodies)
    if wanted.body_id:
        bodies = [wanted.body_id] if wanted.body_id in rights.bodies else []
    own = and_(visible.own_tasks(rights), Task.body_id.not_in(rights.bodies))
    others = [own] if not wanted.body_id else [and_(own, Task.body_id == wanted.body_id)]
    if not in_order:
        return [*others, and_(Task.organisation_id == rights.organisation_id, Task.body_id.in_(bodies))]
    together = wanted.selective or len(bodies) > MOST_ARMS
    groups = [bodies] if together and bodies else [[body] for body in bodies]
    for group in groups:
        inside = and_(Task.organisation_id == rights.organisation_id, Task.body_id.in_(group))
        if wanted.selective:  # `+ 0`: the few rows are found by what names them, not by reading the bodies'
            inside = and_(Task.organisation_id + 0 == rights.organisation_id, (Task.body_id + 0).in_(group))
        others += [and_(inside, Task.due_on.is_not(None)), and_(inside, Task.due_on.is_(None))]
    return others


def _conditions(session: Session, rights: Rights, wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found = _of_state(wanted.state, today)
    if wanted.due_from:
        found.append(Task.due_on >= wanted.due_from)
    if wanted.due_to:
        found.append(Task.due_on <= wanted.due_to)
    if wanted.meeting_id:
        found.append(Task.meeting_id == wanted.meeting_id)
    if wanted.owner_id:
        found.append(Task.id.in_(owned_by(rights, wanted.owner_id)))
    words = search.words_of(wanted.words)
    if words:
        found.append(Task.id.in_(search.ids(session, rights.organisation_id, Kind.TASK, words)))
        found.append(visible.words_of_tasks(rights))
    elif wanted.words.strip():
        found.append(false())  # something was looked for, and no text holds it
    return found


def owned_by(rights: Rights, person_id: int) -> Select[int]:
    """The numbers of the tasks that somebody owns now."""
    return select(Assignment.task_id).where(
        Assignment.organisation_id == rights.organisation_id,
        Assignment.person_id == person_id,
        Assignment.part == Part.OWNER,
        Assignment.ended_at.is_(None),
    )


def _of_state(state: str, today: date) -> list[ColumnElement[bool]]:
    owner = exists().where(
        Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None)
    )
    return {
        "open": [Task.status == TaskStatus.OPEN],
        "overdue": [Task.status == TaskStatus.OPEN, Task.due_on < today],
        "unowned": [Task.status == TaskStatus.OPEN, not_(owner.correlate(Task))],
        "done": [Task.status == TaskStatus.DONE],
        "dropped": [Task.status == TaskStatus.DROPPED],
    }.get(state, [])


def _key(rights: Rights, sort: str) -> ColumnElement[Any]:
    """What an order goes by: words that the person may read, or an owner's name."""
    if sort.endswith("oppgave"):
        return case((visible.words_of_tasks(rights), Task.what), else_="")
    if sort.endswith("ansvarlig"):
        return (
            select(func.min(Person.name))
            .join(Assignment, Assignment.person_id == Person.id)
            .where(
                Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None)
            )
            .correlate(Task)
            .scalar_subquery()
        )
    return literal("")


def _sorted(rows: Sequence[Any], sort: str, by_name: Callable[[str], Any]) -> Sequence[Any]:
    """The rows in the order asked for; those that stood before others by deadline still do where alike."""
    down = sort.startswith("-")
    if sort.endswith("ny"):
        return sorted(rows, key=lambda row: row.id, reverse=not down)
    if sort.endswith("frist"):
        return rows
    named = [row for row in rows if row.key]
    rest = [row for row in rows if not row.key]
    return [*sorted(named, key=lambda row: by_name(row.key), reverse=down), *rest]


def _loaded(session: Session, rights: Rights, ids: list[int]) -> list[Task]:
    """The tasks with what a row shows of them, in the order of `ids`. One query."""
    rows = session.scalars(
        select(Task)
        .where(Task.organisation_id == rights.organisation_id, Task.id.in_(ids))
        .options(
            joinedload(Task.body),
            joinedload(Task.agenda_item),
            joinedload(Task.meeting),
            joinedload(Task.decision),
            joinedload(Task.assignments).joinedload(Assignment.person),
        )
    ).unique()
    found = {task.id: task for task in rows}
    return [found[number] for number in ids]
