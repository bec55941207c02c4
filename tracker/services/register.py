"""The register of decisions: searching, filtering and reading it, for those who may see the bodies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select
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
from tracker.services import visible

PAGE = 50
MOST_WORDS = 8
SORTS = ("-moete", "moete", "sak", "-sak")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for. `state`: done, open, overdue, unowned; `follow_up`: yes or no."""

    words: str = ""
    body_id: int = 0
    year: int = 0
    state: str = ""
    follow_up: str = ""
    sort: str = SORTS[0]

    @property
    def active(self) -> bool:
        return bool(self.words.strip() or self.body_id or self.year or self.state or self.follow_up)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. `total`: all decisions that the person may see."""

    decisions: list[Decision]
    matching: int
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(-(-self.matching // PAGE), 1)


def search(session: Session, rights: Rights, wanted: Filter, today: date, page: int = 1) -> Found:
    """The decisions that fit, a page at a time."""
    seen = _seen(rights)
    chosen = [*seen, *_conditions(wanted, today)]
    total = session.scalar(_counted(seen)) or 0
    matching = session.scalar(_counted(chosen)) or 0
    page = min(max(page, 1), max(-(-matching // PAGE), 1))
    rows = session.scalars(
        _rows(chosen, wanted.sort).offset((page - 1) * PAGE).limit(PAGE).options(*_shown())
    )
    return Found(list(rows), matching, total, page)


def every(session: Session, rights: Rights, wanted: Filter, today: date) -> list[Decision]:
    """All decisions that fit, for a spreadsheet."""
    chosen = [*_seen(rights), *_conditions(wanted, today)]
    return list(session.scalars(_rows(chosen, wanted.sort).options(*_shown())))


def years(session: Session, rights: Rights) -> list[int]:
    """The years with meetings, latest first."""
    year = extract("year", Meeting.starts_on)
    found = session.scalars(
        select(year)
        .where(Meeting.organisation_id == rights.organisation_id, Meeting.body_id.in_(rights.bodies))
        .distinct()
    )
    return sorted((int(number) for number in found), reverse=True)


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
    return [
        Decision.organisation_id == rights.organisation_id,
        Decision.withdrawn_at.is_(None),
        Meeting.body_id.in_(rights.bodies),
    ]


def _rows(conditions: list[ColumnElement[bool]], sort: str) -> Select[Decision]:
    orders = {
        "-moete": (Meeting.starts_on.desc(), AgendaItem.position, Decision.position),
        "moete": (Meeting.starts_on, AgendaItem.position, Decision.position),
        "sak": (AgendaItem.number, Meeting.starts_on, Decision.position),
        "-sak": (AgendaItem.number.desc(), Meeting.starts_on, Decision.position),
    }
    query = select(Decision).join(Decision.agenda_item).join(AgendaItem.meeting).where(*conditions)
    return query.order_by(*orders.get(sort, orders["-moete"]), Decision.id)


def _counted(conditions: list[ColumnElement[bool]]) -> Select[int]:
    return (
        select(func.count(Decision.id)).join(Decision.agenda_item).join(AgendaItem.meeting).where(*conditions)
    )


def _shown() -> tuple[ORMOption, ...]:
    return (
        joinedload(Decision.agenda_item).joinedload(AgendaItem.meeting).joinedload(Meeting.body),
        selectinload(Decision.tasks).selectinload(Task.assignments).joinedload(Assignment.person),
        selectinload(Decision.tasks).joinedload(Task.agenda_item),
    )


def _conditions(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found = [_says(word) for word in wanted.words.split()[:MOST_WORDS]]
    if wanted.body_id:
        found.append(Meeting.body_id == wanted.body_id)
    if wanted.year:
        found.append(Meeting.starts_on.between(date(wanted.year, 1, 1), date(wanted.year, 12, 31)))
    if wanted.follow_up in ("ja", "nei"):
        found.append(Decision.needs_follow_up.is_(wanted.follow_up == "ja"))
    states = _states(today)
    if wanted.state in states:
        found.append(states[wanted.state])
    return found


def _says(word: str) -> ColumnElement[bool]:
    """Whether the decision or its case holds the word; of restricted cases only the number is searched.

    SQLite folds case for a–z only, so æ, ø and å are looked for in the usual ways of writing them.
    """
    ways = {word, word.lower(), word.upper(), word.capitalize()}
    texts = (Decision.text, AgendaItem.title)
    open_text = or_(*(text.icontains(way, autoescape=True) for text in texts for way in ways))
    number = AgendaItem.number.icontains(word, autoescape=True)
    return or_(number, and_(visible.cases(), open_text))


def _states(today: date) -> dict[str, ColumnElement[bool]]:
    its = Task.decision_id == Decision.id
    is_open = and_(its, Task.status == TaskStatus.OPEN)
    owner = exists().where(
        Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None)
    )
    return {
        "done": and_(
            exists().where(its, Task.status == TaskStatus.DONE), ~exists().where(is_open).correlate(Decision)
        ),
        "open": exists().where(is_open),
        "overdue": exists().where(is_open, Task.due_on < today),
        "unowned": or_(
            exists().where(is_open, ~owner.correlate(Task)),
            and_(Decision.needs_follow_up, ~exists().where(its)),
        ),
    }
