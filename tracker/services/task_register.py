"""The register of tasks: filtering, sorting and paging among a million of them.

Every body's tasks stand in the order of their deadlines in an index, so that the first thousand of each are
a short read however many there are; what is shown is chosen among those. Counts stop there too («1 000+»),
and other orders than by deadline are for selections that are smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from tracker import db
from tracker.models import Assignment, Part, Person, Task, TaskStatus
from tracker.rules.access import Rights
from tracker.services import rows, visible, word_index
from tracker.services.rows import TaskRow
from tracker.services.visible import HOLDER, held
from tracker.services.word_index import Kind

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
        chosen = (self.words.strip(), self.body_id, self.owner_id, self.meeting_id, self.due_from)
        return any(chosen) or bool(self.due_to) or self.state != STATES[0]

    @property
    def selective(self) -> bool:
        """Whether it names rows that an index of its own leads to."""
        return bool(word_index.words_of(self.words) or self.owner_id or self.meeting_id)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of tasks. `matching` counts up to MOST; `more`: there are others beyond.

    `unsorted`: there are too many for the order that was asked for, so they stand by deadline.
    """

    tasks: list[TaskRow]
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
    """A page of the tasks that fit. Two queries. `by_name` orders names as the reader's language does."""
    if wanted.sort.lstrip("-") == "frist" and not wanted.selective:
        matching = _counted(session, rights, wanted, today)
        page = min(max(page, 1), max(-(-min(matching, MOST) // PAGE), 1))
        asked = _values(session, rights, wanted, today, page * PAGE) | {"skipped": (page - 1) * PAGE}
        tasks = rows.read(session, _made(_shown, _shape(session, rights, wanted)), asked)
        return Found(tasks, min(matching, MOST), matching > MOST, page)
    ids = _ids(session, rights, wanted, today, MOST)
    more = len(ids) > MOST
    by_due = wanted.sort.lstrip("-") == "frist"
    chosen = ids[:MOST] if by_due or more else _sorted(ids, wanted.sort, by_name)
    page = min(max(page, 1), max(-(-len(chosen) // PAGE), 1))
    shown = [row.id for row in chosen[(page - 1) * PAGE : page * PAGE]]
    found = {task.id: task for task in rows.read(session, _LOADED, _those(rights, shown))}
    tasks = [found[number] for number in shown]
    return Found(tasks, len(chosen), more, page, more and not by_due)


def every(
    session: Session,
    rights: Rights,
    wanted: Filter,
    today: date,
    by_name: Callable[[str], Any] = str.casefold,
) -> list[TaskRow] | None:
    """All tasks that fit, in the same order, for a file; None when there are more than a file may hold."""
    ids = _ids(session, rights, wanted, today, MOST_EXPORTED)
    if len(ids) > MOST_EXPORTED:
        return None
    in_order = ids if len(ids) > MOST else _sorted(ids, wanted.sort, by_name)
    found: dict[int, TaskRow] = {}
    for start in range(0, len(in_order), MOST):
        some = _those(rights, [row.id for row in in_order[start : start + MOST]])
        found |= {task.id: task for task in rows.read(session, _WHOLE, some)}
    return [found[row.id] for row in in_order]


def _ids(session: Session, rights: Rights, wanted: Filter, today: date, most: int) -> Sequence[Any]:
    """The first `most` and one more of what fits, by deadline: id, and what other orders go by. One query."""
    statement = _made(_first, _shape(session, rights, wanted))
    return session.execute(statement, _values(session, rights, wanted, today, most)).all()


def _counted(session: Session, rights: Rights, wanted: Filter, today: date) -> int:
    """How many fit, MOST and one more at most: read without any order. One query."""
    statement = _made(_count, _shape(session, rights, wanted))
    return session.scalar(statement, _values(session, rights, wanted, today, MOST)) or 0


class _Shape(NamedTuple):
    """All that the text of a query depends on; what is asked by it are values (`_values`).

    `arms`: how many bodies are each read by themselves; 0: all at once. `words`: "no", "some", or "none" in
    what was looked for, so that nothing can fit.
    """

    arms: int
    selective: bool
    body: bool
    owner: bool
    meeting: bool
    state: str
    due_from: bool
    due_to: bool
    words: str
    sqlite: bool
    sort: str


@lru_cache(maxsize=100)
def _made(make: Callable[[_Shape], Select[Any]], shape: _Shape) -> Select[Any]:
    """The query: made once, since that takes longer than to run it."""
    return make(shape)


def _shape(session: Session, rights: Rights, wanted: Filter) -> _Shape:
    arms = len(_bodies(rights, wanted))
    words = "some" if word_index.words_of(wanted.words) else "none" if wanted.words.strip() else "no"
    return _Shape(
        arms=0 if wanted.selective or arms > MOST_ARMS else arms,
        selective=wanted.selective,
        body=bool(wanted.body_id),
        owner=bool(wanted.owner_id),
        meeting=bool(wanted.meeting_id),
        state=wanted.state if wanted.state in STATES else "",
        due_from=wanted.due_from is not None,
        due_to=wanted.due_to is not None,
        words=words,
        sqlite=word_index.is_sqlite(session),
        sort=wanted.sort if wanted.sort in SORTS else SORTS[0],
    )


def _values(session: Session, rights: Rights, wanted: Filter, today: date, most: int) -> dict[str, Any]:
    bodies = _bodies(rights, wanted)
    return held(
        rights,
        today=today,
        most=most + 1,
        chosen=bodies,
        each=bodies,
        body=wanted.body_id,
        owner=wanted.owner_id,
        meeting=wanted.meeting_id,
        due_from=wanted.due_from,
        due_to=wanted.due_to,
        **word_index.asked_for(session, word_index.words_of(wanted.words), Kind.TASK),
        **{f"body_{place}": body for place, body in enumerate(bodies)},
    )


def _bodies(rights: Rights, wanted: Filter) -> list[int]:
    """The bodies whose tasks are looked through."""
    if wanted.body_id:
        return [wanted.body_id] if wanted.body_id in rights.bodies else []
    return sorted(rights.bodies)


_MOST, _PAGE = db.rows("most"), db.rows(PAGE)
_CHOSEN: Any = bindparam("chosen", type_=Integer, expanding=True)


def _shown(shape: _Shape) -> Select[Any]:
    """The tasks of a page by deadline."""
    down = shape.sort == "-frist"
    chosen = _of_many(shape, down=down)
    day: Any = chosen.c.due_on.desc() if down else chosen.c.due_on
    by_due = select(chosen).order_by(day.nulls_last(), chosen.c.id)
    return rows.listed(by_due.limit(_PAGE).offset(db.rows("skipped")).subquery(), down=down)


def _first(shape: _Shape) -> Select[Any]:
    down = shape.sort == "-frist"
    chosen = _of_few(shape) if shape.selective else _of_many(shape, down=down)
    day: Any = chosen.c.due_on.desc() if down else chosen.c.due_on
    by_due = (day.nulls_last(), chosen.c.id)
    if not shape.sort.endswith(("oppgave", "ansvarlig")):
        return select(chosen.c.id, literal("").label("key")).order_by(*by_due).limit(_MOST)
    first = select(chosen).order_by(*by_due).limit(_MOST).subquery()
    query = select(first.c.id, _key(shape.sort).label("key")).join(Task, Task.id == first.c.id)
    return query.order_by(first.c.due_on.nulls_last(), first.c.id)


def _of_few(shape: _Shape) -> Subquery:
    """What an index of its own leads to, then asked whose it is: `+ 0`, so that no index leads to that."""
    whose = (Task.organisation_id + 0).label("organisation_id"), (Task.body_id + 0).label("body_id")
    fitting = select(Task.id, Task.due_on, *whose).where(*_conditions(shape)).subquery("fitting")
    theirs = select(fitting.c.id, fitting.c.due_on)
    inside = and_(fitting.c.organisation_id == HOLDER.organisation_id, fitting.c.body_id.in_(_CHOSEN))
    own = and_(fitting.c.id.in_(visible.own_parts(HOLDER)), fitting.c.body_id.not_in(HOLDER.bodies))
    if shape.body:
        own = and_(own, fitting.c.body_id == bindparam("body"))
    return theirs.where(or_(inside, own)).subquery()


def _of_many(shape: _Shape, *, down: bool) -> Subquery:
    """The first of each part, in the order of an index; the parts have no row in common.

    The person's own tasks in other bodies are one; those of each body with and without a deadline are two,
    since the engines disagree on where in an order those without belong.
    """
    day: Any = Task.due_on.desc() if down else Task.due_on
    fitting = select(Task.id, Task.due_on).where(*_conditions(shape)).order_by(day, Task.id).limit(_MOST)
    parts = [fitting.where(_own(shape))]
    for dated in (Task.due_on.is_not(None), Task.due_on.is_(None)):
        if shape.sqlite:
            each = [Task.body_id == bindparam(f"body_{n}") for n in range(shape.arms)]
            parts += [fitting.where(_inside(one), dated) for one in each or [Task.body_id.in_(_CHOSEN)]]
        else:  # the same in a statement that is as short for many bodies as for one
            body = func.unnest(bindparam("each", type_=ARRAY(Integer))).table_valued("id").render_derived()
            of_body = fitting.where(_inside(Task.body_id == body.c.id), dated).lateral()
            parts.append(select(of_body).select_from(body.join(of_body, true())))
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def _count(shape: _Shape) -> Select[Any]:
    conditions = _conditions(shape)
    arms = [
        select(select(Task.id).where(scope, *conditions).limit(_MOST).subquery())
        for scope in (_own(shape), _inside(Task.body_id.in_(_CHOSEN)))
    ]
    return select(func.count()).select_from(union_all(*arms).limit(_MOST).subquery())


def _own(shape: _Shape) -> ColumnElement[bool]:
    own = and_(visible.own_tasks(HOLDER), Task.body_id.not_in(HOLDER.bodies))
    return and_(own, Task.body_id == bindparam("body")) if shape.body else own


def _inside(group: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(Task.organisation_id == HOLDER.organisation_id, group)


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    found = _of_state(shape.state)
    if shape.words == "some":
        found += [word_index.holds(Kind.TASK, sqlite=shape.sqlite), visible.words_of_tasks(HOLDER)]
    elif shape.words == "none":
        found.append(false())
    if shape.due_from:
        found.append(Task.due_on >= bindparam("due_from"))
    if shape.due_to:
        found.append(Task.due_on <= bindparam("due_to"))
    if shape.meeting:
        found.append(Task.meeting_id == bindparam("meeting"))
    if shape.owner:
        found.append(Task.id.in_(visible.owned_by(HOLDER, bindparam("owner"))))
    return found


def _of_state(state: str) -> list[ColumnElement[bool]]:
    return {
        "open": [Task.status == TaskStatus.OPEN],
        "overdue": [Task.status == TaskStatus.OPEN, Task.due_on < bindparam("today")],
        "unowned": [Task.status == TaskStatus.OPEN, ~Task.owned],
        "done": [Task.status == TaskStatus.DONE],
        "dropped": [Task.status == TaskStatus.DROPPED],
    }.get(state, [])


def _key(sort: str) -> ColumnElement[Any]:
    """What an order goes by: words that the person may read, or an owner's name."""
    if sort.endswith("oppgave"):
        return case((visible.words_of_tasks(HOLDER), Task.what), else_="")
    return (
        select(func.min(Person.name))
        .join(Assignment, Assignment.person_id == Person.id)
        .where(Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None))
        .correlate(Task)
        .scalar_subquery()
    )


def _sorted(found: Sequence[Any], sort: str, by_name: Callable[[str], Any]) -> Sequence[Any]:
    """The rows in the order asked for; those that stood before others by deadline still do where alike."""
    down = sort.startswith("-")
    if sort.endswith("ny"):
        return sorted(found, key=lambda row: row.id, reverse=not down)
    if sort.endswith("frist"):
        return found
    named = [row for row in found if row.key]
    rest = [row for row in found if not row.key]
    return [*sorted(named, key=lambda row: by_name(row.key), reverse=down), *rest]


def _those(rights: Rights, ids: list[int]) -> dict[str, Any]:
    return {"organisation_id": rights.organisation_id, "ids": ids}


_THOSE = (  # by their ids: the organisation would lead to all its tasks
    Task.organisation_id + 0 == HOLDER.organisation_id,
    Task.id.in_(bindparam("ids", expanding=True)),
)
_GIVEN = select(Task.id, Task.due_on).where(*_THOSE).subquery()
_LOADED, _WHOLE = rows.listed(_GIVEN), rows.listed(_GIVEN, origin=True)
