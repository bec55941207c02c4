"""The register of decisions: searching, filtering and reading it, for those who may see the bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tracker import db
from tracker.errors import NotFound
from tracker.models import (
    AgendaItem,
    Assignment,
    Comment,
    Decision,
    DecisionChange,
    History,
    Meeting,
    Task,
    TaskStatus,
)
from tracker.rules.access import Rights
from tracker.services import visible
from tracker.services.standing import Standing, standings
from tracker.services.visible import HOLDER, held
from tracker.services.word_index import Kind, ids, is_sqlite, looked_for, words_of

R = TypeVarTuple("R")
PAGE = 50
MOST = 1000  # decisions that are counted and paged through
MOST_EXPORTED = 10_000
STATES = ("done", "open", "overdue", "unowned")
SORTS = ("-moete", "moete", "sak", "-sak", "frist", "-frist")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for. `state`: done, open, overdue, unowned; `follow_up`: yes or no.

    `owner_id`, `due_from` and `due_to` (both included) are of one and the same task of the decision.
    """

    words: str = ""
    body_id: int = 0
    year: int = 0
    state: str = ""
    follow_up: str = ""
    owner_id: int = 0
    meeting_id: int = 0
    due_from: date | None = None
    due_to: date | None = None
    sort: str = SORTS[0]

    @property
    def active(self) -> bool:
        return bool(self.words.strip() or self.body_id or self.state or self.further)

    @property
    def further(self) -> bool:
        """Whether it uses the filters that are seldom used."""
        return bool(self.year or self.follow_up or self.meeting_id) or self.of_tasks

    @property
    def of_tasks(self) -> bool:
        """Whether it asks something of the decision's tasks, so that one without any can't fit."""
        return bool(self.owner_id or self.due_from or self.due_to)


class Line(NamedTuple):
    """A decision as the register shows it: with its case and its meeting."""

    id: int
    text: str
    needs_follow_up: bool
    number: str | None
    restricted: str | None
    body_id: int
    met_on: date


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. `total`: all decisions that the person may see; both count to MOST.

    `standings`: how the decisions that have tasks stand by them.

    `more`: there are others that fit, beyond those that are counted. `unsorted`: there are too many for the
    order that was asked for, so they stand by meeting.
    """

    decisions: list[Line]
    standings: dict[int, Standing]
    matching: int
    total: int
    page: int
    more: bool = False
    unsorted: bool = False

    @property
    def pages(self) -> int:
        return max(-(-self.matching // PAGE), 1)


def search(session: Session, rights: Rights, wanted: Filter, today: date, page: int = 1) -> Found:
    """The decisions that fit, a page at a time. Three queries."""
    shape, asked = _shape(session, wanted), _values(session, rights, wanted, today)
    numbers = session.execute(_counts(shape), asked).one()
    total, counted = numbers[0], numbers[-1]
    matching = min(counted, MOST)
    page = min(max(page, 1), max(-(-matching // PAGE), 1))
    unsorted = counted > MOST and wanted.sort.endswith("frist")
    sort = wanted.sort if wanted.sort in SORTS and not unsorted else SORTS[0]
    rows = session.execute(_lines(shape, sort), asked | {"first": (page - 1) * PAGE})
    lines = [Line._make(row) for row in rows]
    tallied = standings(session, [line.id for line in lines], today)
    return Found(lines, tallied, matching, min(total, MOST), page, counted > MOST, unsorted)


def every(session: Session, rights: Rights, wanted: Filter, today: date) -> list[Decision] | None:
    """All decisions that fit, for a file; None when there are more than a file may hold."""
    chosen = _chosen(_shape(session, wanted))
    query = _rows(select(Decision), chosen, wanted.sort).limit(MOST_EXPORTED + 1).options(*_shown())
    found = list(session.scalars(query, _values(session, rights, wanted, today)))
    return found if len(found) <= MOST_EXPORTED else None


def years(session: Session, rights: Rights) -> list[int]:
    """The years from the first meeting to the last, latest first."""
    first, last = session.execute(_YEARS, held(rights)).one()
    return list(range(last.year, first.year - 1, -1)) if first else []


_YEARS = select(func.min(Meeting.starts_on), func.max(Meeting.starts_on)).where(visible.meetings(HOLDER))


def decision_of(session: Session, rights: Rights, decision_id: int) -> Decision:
    """A decision with its case, tasks and their history. Raises NotFound."""
    found = session.scalar(
        select(Decision)
        .where(Decision.id == decision_id, Decision.organisation_id == rights.organisation_id)
        .options(
            *_shown(),
            joinedload(Decision.agenda_item).selectinload(AgendaItem.decisions),
            selectinload(Decision.comments).joinedload(Comment.person),
            selectinload(Decision.changes).joinedload(DecisionChange.person),
            selectinload(Decision.tasks).selectinload(Task.history).joinedload(History.person),
            selectinload(Decision.tasks).joinedload(Task.body),
        )
    )
    if found is None or found.agenda_item.meeting.body_id not in rights.bodies:
        raise NotFound("Vi fant ikke vedtaket.")
    return found


_LINES = select(
    Decision.id,
    Decision.text,
    Decision.needs_follow_up,
    AgendaItem.number,
    AgendaItem.restricted,
    Meeting.body_id,
    Meeting.starts_on,
)


def _rows(rows: Select[*R], conditions: list[ColumnElement[bool]], sort: str) -> Select[*R]:
    due = _next_due()
    orders: dict[str, tuple[SQLColumnExpression[Any], ...]] = {
        "frist": (due.is_(None), due.asc(), Meeting.starts_on.desc()),
        "-frist": (due.is_(None), due.desc(), Meeting.starts_on.desc()),
        "-moete": (Meeting.starts_on.desc(), Meeting.id.desc(), AgendaItem.position, Decision.position),
        "moete": (Meeting.starts_on, Meeting.id, AgendaItem.position, Decision.position),
        "sak": (AgendaItem.number, Meeting.starts_on, Decision.position),
        "-sak": (AgendaItem.number.desc(), Meeting.starts_on, Decision.position),
    }
    query = (
        rows.select_from(Decision)
        .join(AgendaItem, AgendaItem.id == Decision.agenda_item_id)
        .join(Meeting, Meeting.id + 0 == AgendaItem.meeting_id)  # `+ 0`: read by meeting, in their order
        .where(*conditions)
    )
    return query.order_by(*orders.get(sort, orders["-moete"]), Decision.id)


def _next_due() -> ColumnElement[date | None]:
    """The first deadline among what is still to be done for the decision."""
    return (
        select(func.min(Task.due_on))
        .where(Task.decision_id == Decision.id, Task.status == TaskStatus.OPEN)
        .correlate(Decision)
        .scalar_subquery()
    )


class _Shape(NamedTuple):
    """All that the text of a query depends on; what is asked by it are values (`_values`).

    `words`: how many are looked for; -1: something is that no text holds.
    """

    words: int
    body: bool
    year: bool
    follow_up: str
    meeting: bool
    owner: bool
    due_from: bool
    due_to: bool
    state: str
    sqlite: bool


def _shape(session: Session, wanted: Filter) -> _Shape:
    return _Shape(
        words=len(words_of(wanted.words)) or -bool(wanted.words.strip()),
        body=bool(wanted.body_id),
        year=bool(wanted.year),
        follow_up=wanted.follow_up if wanted.follow_up in ("ja", "nei") else "",
        meeting=bool(wanted.meeting_id),
        owner=bool(wanted.owner_id),
        due_from=wanted.due_from is not None,
        due_to=wanted.due_to is not None,
        state=wanted.state if wanted.state in STATES else "",
        sqlite=is_sqlite(session),
    )


def _values(session: Session, rights: Rights, wanted: Filter, today: date) -> dict[str, Any]:
    words = words_of(wanted.words)
    return held(
        rights,
        today=today,
        body=wanted.body_id,
        new_year=date(wanted.year or 1, 1, 1),
        new_years_eve=date(wanted.year or 1, 12, 31),
        meeting=wanted.meeting_id,
        owner=wanted.owner_id,
        due_from=wanted.due_from,
        due_to=wanted.due_to,
        **{f"word_{n}": word for n, word in enumerate(words)},
        **{f"words_{n}": looked_for(session, [word]) for n, word in enumerate(words)},
    )


@lru_cache(maxsize=100)
def _counts(shape: _Shape) -> Select[Any]:
    """How many the person may see and, if that is asked, how many of them fit."""
    seen, chosen = _seen(), _chosen(shape)
    each = [seen, chosen] if len(chosen) > len(seen) else [seen]
    return select(*(_counted(conditions).scalar_subquery() for conditions in each))


def _counted(conditions: list[ColumnElement[bool]]) -> Select[int]:
    """How many there are, up to one more than MOST: counting a whole register takes too long."""
    rows = select(Decision.id).join(Decision.agenda_item).join(AgendaItem.meeting).where(*conditions)
    return select(func.count()).select_from(rows.limit(db.rows(MOST + 1)).subquery())


@lru_cache(maxsize=100)
def _lines(shape: _Shape, sort: str) -> Select[*tuple[Any, ...]]:
    query = _rows(_LINES, _chosen(shape), sort)
    return query.offset(db.rows("first")).limit(db.rows(PAGE))


def _shown() -> tuple[ORMOption, ...]:
    return (
        joinedload(Decision.agenda_item).joinedload(AgendaItem.meeting).joinedload(Meeting.body),
        selectinload(Decision.tasks).joinedload(Task.assignments).joinedload(Assignment.person),
        selectinload(Decision.tasks).joinedload(Task.agenda_item),
    )


def _seen() -> list[ColumnElement[bool]]:
    """What the person may see. Whose the decision is follows from its meeting; the index of all of an
    organisation's decisions would only lead astray.
    """
    return [Decision.withdrawn_at.is_(None), visible.meetings(HOLDER)]


def _chosen(shape: _Shape) -> list[ColumnElement[bool]]:
    """What the person may see, and the filter lets through."""
    found = _seen() + [_says(n, sqlite=shape.sqlite) for n in range(shape.words)]
    if shape.words < 0:
        found.append(false())
    if shape.body:
        found.append(Meeting.body_id == bindparam("body"))
    if shape.year:
        found.append(Meeting.starts_on.between(bindparam("new_year"), bindparam("new_years_eve")))
    if shape.follow_up:
        found.append(Decision.needs_follow_up.is_(shape.follow_up == "ja"))
    if shape.meeting:
        found.append(AgendaItem.meeting_id == bindparam("meeting"))
    those = _tasks(shape)
    if shape.owner:  # few rows, found by the person rather than by asking each decision
        found.append(Decision.id.in_(select(Task.decision_id).where(*those, Task.decision_id.is_not(None))))
    elif shape.due_from or shape.due_to:
        found.append(exists().where(Task.decision_id == Decision.id, *those))
    if shape.state:
        found.append(_states(those)[shape.state])
    return found


def _says(n: int, *, sqlite: bool) -> ColumnElement[bool]:
    """Whether the decision or its case holds the word; of restricted cases only the number is searched."""
    texts = or_(
        Decision.id.in_(ids(Kind.DECISION, f"words_{n}", sqlite=sqlite)),
        AgendaItem.id.in_(ids(Kind.CASE, f"words_{n}", sqlite=sqlite)),
    )
    number = AgendaItem.number.icontains(bindparam(f"word_{n}"))
    return or_(number, and_(visible.cases(), texts))


def _tasks(shape: _Shape) -> list[ColumnElement[bool]]:
    """What a task must be for its decision to fit."""
    found: list[ColumnElement[bool]] = [Task.organisation_id == HOLDER.organisation_id]
    if shape.due_from:
        found.append(Task.due_on >= bindparam("due_from"))
    if shape.due_to:
        found.append(Task.due_on <= bindparam("due_to"))
    if shape.owner:
        found.append(Task.id.in_(visible.owned_by(HOLDER, bindparam("owner"))))
    return found


def _states(those: list[ColumnElement[bool]]) -> dict[str, ColumnElement[bool]]:
    its = and_(Task.decision_id == Decision.id, *those)
    is_open = and_(its, Task.status == TaskStatus.OPEN)
    return {
        "done": and_(
            exists().where(its, Task.status == TaskStatus.DONE),
            ~exists().where(Task.decision_id == Decision.id, Task.status == TaskStatus.OPEN),
        ),
        "open": exists().where(is_open),
        "overdue": exists().where(is_open, Task.due_on < bindparam("today")),
        "unowned": or_(
            exists().where(is_open, ~Task.owned),
            and_(Decision.needs_follow_up, ~exists().where(Task.decision_id == Decision.id)),
        ),
    }
