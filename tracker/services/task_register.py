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

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tracker.models import Task
from tracker.rules.access import Rights
from tracker.services import rows, task_queries, word_index
from tracker.services.rows import TaskRow
from tracker.services.task_queries import MOST, PAGE, Shape, made
from tracker.services.visible import HOLDER, held
from tracker.services.word_index import Kind

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
        return bool(self.words.strip() or self.body_id or self.further or self.state != STATES[0])

    @property
    def further(self) -> bool:
        """Whether it uses the filters that are seldom used."""
        return any((self.owner_id, self.meeting_id, self.due_from, self.due_to))

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
    """A page of the tasks that fit. One query by deadline, else two.

    `by_name` orders names as the reader's language does.
    """
    if wanted.sort.lstrip("-") == "frist":
        return _by_due(session, rights, wanted, today, page)
    ids = _ids(session, rights, wanted, today, MOST)
    more = len(ids) > MOST
    chosen = ids[:MOST] if more else _sorted(ids, wanted.sort, by_name)
    page = _within(page, len(chosen))
    shown = [row.id for row in chosen[(page - 1) * PAGE : page * PAGE]]
    found = {task.id: task for task in rows.read(session, _LOADED, _those(rights, shown))}
    return Found([found[number] for number in shown], len(chosen), more, page, unsorted=more)


def _by_due(session: Session, rights: Rights, wanted: Filter, today: date, page: int) -> Found:
    """A page by deadline, counted as it is read."""
    page = _within(page, MOST)
    most = MOST if wanted.selective else page * PAGE
    asked = _values(session, rights, wanted, today, most) | {"skipped": (page - 1) * PAGE}
    statement = made(task_queries.shown, _shape(session, rights, wanted))
    found = session.execute(statement, asked).all()
    if not found and page > 1:  # beyond the last one: how many there are, the first one tells
        first = _by_due(session, rights, wanted, today, 1)
        return first if first.pages == 1 else _by_due(session, rights, wanted, today, first.pages)
    matching = found[0].matching if found else 0
    return Found(rows.tasks_of(found), min(matching, MOST), matching > MOST, page)


def _within(page: int, matching: int) -> int:
    """The page, or the last there is."""
    return min(max(page, 1), max(-(-min(matching, MOST) // PAGE), 1))


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
    statement = made(task_queries.first, _shape(session, rights, wanted))
    return session.execute(statement, _values(session, rights, wanted, today, most)).all()


def _shape(session: Session, rights: Rights, wanted: Filter) -> Shape:
    arms = len(_bodies(rights, wanted))
    words = "some" if word_index.words_of(wanted.words) else "none" if wanted.words.strip() else "no"
    return Shape(
        elsewhere=rights.elsewhere,
        untold=rights.elsewhere or rights.bodies != rights.trusted_in,
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
