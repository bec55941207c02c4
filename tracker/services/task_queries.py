"""The queries of the register of tasks, each made once for all that look for something of the same shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    ScalarSelect,
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

from tracker import db
from tracker.models import Assignment, Part, Person, Task, TaskStatus
from tracker.services import rows, visible, word_index
from tracker.services.visible import HOLDER
from tracker.services.word_index import Kind

PAGE = 50
MOST = 1000  # rows that can be paged through, and counted

_MOST, _PAGE = db.rows("most"), db.rows(PAGE)
_CHOSEN: Any = bindparam("chosen", type_=Integer, expanding=True)


class Shape(NamedTuple):
    """All that the text of a query depends on; what is asked by it are values (`task_register._values`).

    `elsewhere`: as in `Rights`; `untold`: whether the words of some tasks are not for the person to read.
    `arms`: how many bodies are each read by themselves; 0: all at once. `words`: "no", "some", or "none" in
    what was looked for, so that nothing can fit.
    """

    elsewhere: bool
    untold: bool
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
def made(make: Callable[[Shape], Select[Any]], shape: Shape) -> Select[Any]:
    """The query: made once, since that takes longer than to run it."""
    return make(shape)


def shown(shape: Shape) -> Select[Any]:
    """The tasks of a page by deadline, each with how many are `matching`, up to MOST and one more.

    What an index of its own leads to is counted as it is put in order (so `most` must be as many).
    """
    first, down = _until_most(shape), shape.sort == "-frist"
    matching = func.count().over() if shape.selective else _count(shape)
    page = _in_order(select(first.c.id, first.c.due_on, matching.label("matching")), first, shape)
    shown = page.limit(_PAGE).offset(db.rows("skipped")).subquery()
    return rows.listed(shown, shown.c.matching, down=down)


def first(shape: Shape) -> Select[Any]:
    """The first `most` that fit, by deadline: id, and as `key` what other orders go by."""
    first = _until_most(shape)
    if shape.sort.endswith(("oppgave", "ansvarlig")):
        query = select(first.c.id, _key(shape.sort).label("key")).join(Task, Task.id == first.c.id)
    else:
        query = select(first.c.id, literal("").label("key"))
    return _in_order(query, first, shape)


def _until_most(shape: Shape) -> Subquery:
    chosen = _of_few(shape) if shape.selective else _of_many(shape, down=shape.sort == "-frist")
    return _in_order(select(chosen), chosen, shape).limit(_MOST).subquery()


def _in_order(query: Select[Any], chosen: Subquery, shape: Shape) -> Select[Any]:
    day: Any = chosen.c.due_on.desc() if shape.sort == "-frist" else chosen.c.due_on
    return query.order_by(day.nulls_last(), chosen.c.id)


def _of_few(shape: Shape) -> Subquery:
    """What an index of its own leads to, then asked whose it is: `+ 0`, so that no index leads to that."""
    whose = (Task.organisation_id + 0).label("organisation_id"), (Task.body_id + 0).label("body_id")
    fitting = select(Task.id, Task.due_on, *whose).where(*_conditions(shape)).subquery("fitting")
    theirs = select(fitting.c.id, fitting.c.due_on)
    inside = and_(fitting.c.organisation_id == HOLDER.organisation_id, fitting.c.body_id.in_(_CHOSEN))
    if not shape.elsewhere:
        return theirs.where(inside).subquery()
    own = and_(fitting.c.id.in_(visible.own_parts(HOLDER)), fitting.c.body_id.not_in(HOLDER.bodies))
    if shape.body:
        own = and_(own, fitting.c.body_id == bindparam("body"))
    return theirs.where(or_(inside, own)).subquery()


def _of_many(shape: Shape, *, down: bool) -> Subquery:
    """The first of each part, in the order of an index; the parts have no row in common.

    The person's own tasks in other bodies are one; those of each body with and without a deadline are two,
    since the engines disagree on where in an order those without belong.
    """
    day: Any = Task.due_on.desc() if down else Task.due_on
    fitting = select(Task.id, Task.due_on).where(*_conditions(shape)).order_by(day, Task.id).limit(_MOST)
    parts = [fitting.where(own) for own in _own(shape)]
    for dated in (Task.due_on.is_not(None), Task.due_on.is_(None)):
        if shape.sqlite:
            each = [Task.body_id == bindparam(f"body_{n}") for n in range(shape.arms)]
            parts += [fitting.where(_inside(one), dated) for one in each or [Task.body_id.in_(_CHOSEN)]]
        else:  # the same in a statement that is as short for many bodies as for one
            body = func.unnest(bindparam("each", type_=ARRAY(Integer))).table_valued("id").render_derived()
            of_body = fitting.where(_inside(Task.body_id == body.c.id), dated).lateral()
            parts.append(select(of_body).select_from(body.join(of_body, true())))
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def _count(shape: Shape) -> ScalarSelect[int]:
    """Read without any order."""
    conditions, most = _conditions(shape), db.rows(MOST + 1)
    arms = [
        select(select(Task.id).where(scope, *conditions).limit(most).subquery())
        for scope in (*_own(shape), _inside(Task.body_id.in_(_CHOSEN)))
    ]
    return select(func.count()).select_from(union_all(*arms).limit(most).subquery()).scalar_subquery()


def _own(shape: Shape) -> list[ColumnElement[bool]]:
    """The person's own tasks in other bodies, where there are others."""
    if not shape.elsewhere:
        return []
    own = and_(visible.own_tasks(HOLDER), Task.body_id.not_in(HOLDER.bodies))
    return [and_(own, Task.body_id == bindparam("body")) if shape.body else own]


def _inside(group: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(Task.organisation_id == HOLDER.organisation_id, group)


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    found = _of_state(shape.state)
    if shape.words == "some":
        found.append(word_index.holds(Kind.TASK, sqlite=shape.sqlite))
        found += [visible.words_of_tasks(HOLDER)] if shape.untold else []
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
