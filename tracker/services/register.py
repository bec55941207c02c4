"""The register of decisions: searching, filtering and reading it, for those who may see the bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    extract,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tracker.errors import NotFound
from tracker.models import (
    AgendaItem,
    Assignment,
    Comment,
    Decision,
    DecisionChange,
    History,
    Meeting,
    Part,
    Task,
    TaskStatus,
)
from tracker.rules.access import Rights
from tracker.services import task_register, visible
from tracker.services.search import Kind, ids, words_of
from tracker.services.standing import Standing, standings
from tracker.services.visible import HOLDER, held

R = TypeVarTuple("R")
PAGE = 50
MOST = 1000  # decisions that are counted and paged through
MOST_EXPORTED = 10_000
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
        chosen = (self.words.strip(), self.body_id, self.year, self.state, self.follow_up, self.meeting_id)
        return any(chosen) or self.of_tasks

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
    seen = _seen(rights)
    asked = _conditions(session, rights, wanted, today)
    counts = [_counted([*seen, *more]).scalar_subquery() for more in ([[], asked] if asked else [[]])]
    numbers = session.execute(select(*counts)).one()
    total, counted = numbers[0], numbers[-1]
    matching = min(counted, MOST)
    page = min(max(page, 1), max(-(-matching // PAGE), 1))
    unsorted = counted > MOST and wanted.sort.endswith("frist")
    query = _rows(_LINES, [*seen, *asked], SORTS[0] if unsorted else wanted.sort)
    rows = session.execute(query.offset((page - 1) * PAGE).limit(PAGE))
    lines = [Line._make(row) for row in rows]
    tallied = standings(session, [line.id for line in lines], today)
    return Found(lines, tallied, matching, min(total, MOST), page, counted > MOST, unsorted)


def every(session: Session, rights: Rights, wanted: Filter, today: date) -> list[Decision] | None:
    """All decisions that fit, for a file; None when there are more than a file may hold."""
    chosen = [*_seen(rights), *_conditions(session, rights, wanted, today)]
    query = _rows(select(Decision), chosen, wanted.sort).limit(MOST_EXPORTED + 1).options(*_shown())
    found = list(session.scalars(query))
    return found if len(found) <= MOST_EXPORTED else None


def years(session: Session, rights: Rights) -> list[int]:
    """The years with meetings, latest first."""
    return sorted((int(number) for number in session.scalars(_YEARS, held(rights))), reverse=True)


_YEARS = select(extract("year", Meeting.starts_on)).where(visible.meetings(HOLDER)).distinct()


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


def _seen(rights: Rights) -> list[ColumnElement[bool]]:
    """What the person may see. Whose the decision is follows from its meeting; the index of all of an
    organisation's decisions would only lead astray.
    """
    return [
        Decision.withdrawn_at.is_(None),
        Meeting.organisation_id == rights.organisation_id,
        Meeting.body_id.in_(rights.bodies),
    ]


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


def _counted(conditions: list[ColumnElement[bool]]) -> Select[int]:
    """How many there are, up to one more than MOST: counting a whole register takes too long."""
    rows = select(Decision.id).join(Decision.agenda_item).join(AgendaItem.meeting).where(*conditions)
    return select(func.count()).select_from(rows.limit(MOST + 1).subquery())


def _shown() -> tuple[ORMOption, ...]:
    return (
        joinedload(Decision.agenda_item).joinedload(AgendaItem.meeting).joinedload(Meeting.body),
        selectinload(Decision.tasks).joinedload(Task.assignments).joinedload(Assignment.person),
        selectinload(Decision.tasks).joinedload(Task.agenda_item),
    )


def _conditions(session: Session, rights: Rights, wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    words = words_of(wanted.words)
    found = [_says(session, rights, word) for word in words]
    if wanted.words.strip() and not words:
        found.append(false())  # something was looked for, and no text holds it
    if wanted.body_id:
        found.append(Meeting.body_id == wanted.body_id)
    if wanted.year:
        found.append(Meeting.starts_on.between(date(wanted.year, 1, 1), date(wanted.year, 12, 31)))
    if wanted.follow_up in ("ja", "nei"):
        found.append(Decision.needs_follow_up.is_(wanted.follow_up == "ja"))
    if wanted.meeting_id:
        found.append(AgendaItem.meeting_id == wanted.meeting_id)
    those = _tasks(rights, wanted)
    if wanted.owner_id:  # few rows, found by the person rather than by asking each decision
        found.append(Decision.id.in_(select(Task.decision_id).where(*those, Task.decision_id.is_not(None))))
    elif wanted.of_tasks:
        found.append(exists().where(Task.decision_id == Decision.id, *those))
    states = _states(today, those)
    if wanted.state in states:
        found.append(states[wanted.state])
    return found


def _says(session: Session, rights: Rights, word: str) -> ColumnElement[bool]:
    """Whether the decision or its case holds the word; of restricted cases only the number is searched."""
    texts = or_(
        Decision.id.in_(ids(session, rights.organisation_id, Kind.DECISION, [word])),
        AgendaItem.id.in_(ids(session, rights.organisation_id, Kind.CASE, [word])),
    )
    number = AgendaItem.number.icontains(word, autoescape=True)
    return or_(number, and_(visible.cases(), texts))


def _tasks(rights: Rights, wanted: Filter) -> list[ColumnElement[bool]]:
    """What a task must be for its decision to fit."""
    found: list[ColumnElement[bool]] = [Task.organisation_id == rights.organisation_id]
    if wanted.due_from:
        found.append(Task.due_on >= wanted.due_from)
    if wanted.due_to:
        found.append(Task.due_on <= wanted.due_to)
    if wanted.owner_id:
        found.append(Task.id.in_(task_register.owned_by(rights, wanted.owner_id)))
    return found


def _states(today: date, those: list[ColumnElement[bool]]) -> dict[str, ColumnElement[bool]]:
    its = and_(Task.decision_id == Decision.id, *those)
    is_open = and_(its, Task.status == TaskStatus.OPEN)
    owner = exists().where(
        Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None)
    )
    return {
        "done": and_(
            exists().where(its, Task.status == TaskStatus.DONE),
            ~exists().where(Task.decision_id == Decision.id, Task.status == TaskStatus.OPEN),
        ),
        "open": exists().where(is_open),
        "overdue": exists().where(is_open, Task.due_on < today),
        "unowned": or_(
            exists().where(is_open, ~owner.correlate(Task)),
            and_(Decision.needs_follow_up, ~exists().where(Task.decision_id == Decision.id)),
        ),
    }
