"""«Oppfølging av tidligere vedtak»: what was decided in a period and what came of it, one row a decision.

The page, the PDF, the Word file and the spreadsheet are all made from the rows found here. They are made to
be handed on, so what a restricted case says never stands in them, only its number and the legal basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from tracker.clock import at
from tracker.language import Language
from tracker.models import AgendaItem, Assignment, Body, Decision, Meeting, Task, TaskStatus
from tracker.rules.access import Rights
from tracker.services import reports, spreadsheet, visible
from tracker.services.counts import State, state_of
from tracker.services.standing import decision_state
from tracker.services.tasks import row_options

MOST_ROWS = 5000
SINCE, OPEN, TERM = "siden", "aapne", "valgperioden"


@dataclass(frozen=True, slots=True)
class Period:
    """Which decisions are wanted, and from when to when they were taken (`first` up to `end`, if at all).

    SINCE: what is open, and what was closed since the body last met. OPEN: what is open. TERM: taken in this
    term of the municipal councils. A year: taken in that year.
    """

    key: str
    first: date | None = None
    end: date | None = None

    def name(self, tongue: Language) -> str:
        """As a heading and a choice say it."""
        if self.key == SINCE:
            return tongue.gettext("Åpne, og avsluttet siden forrige møte")
        if self.key == OPEN:
            return tongue.gettext("Alle åpne")
        if self.key == TERM and self.first:
            return tongue.gettext("Valgperioden fra oktober %(year)s") % {"year": self.first.year}
        return self.key


@dataclass(frozen=True, slots=True)
class Row:
    """One decision, or one task that hangs on none. `cells`: its texts, in the order of the columns."""

    cells: Sequence[str]
    state: State | None
    decision_id: int | None
    task_id: int | None


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """The rows of some bodies in a period. `cut`: there were more than MOST_ROWS of a kind. `all_bodies`:
    those that the person may see."""

    bodies: list[Body]
    period: Period
    today: date
    rows: list[Row]
    cut: bool
    all_bodies: list[Body] = field(default_factory=list)

    def count(self, *states: State) -> int:
        return sum(row.state in states for row in self.rows)


def period(key: str, today: date) -> Period:
    """The period that an address asks for; the usual one when it can't be read."""
    if key == OPEN:
        return Period(OPEN)
    if key == TERM:
        return Period(TERM, term_began(today))
    if key.isascii() and key.isdigit() and 1900 <= int(key[:5]) <= 2200:
        return Period(key, date(int(key), 1, 1), date(int(key) + 1, 1, 1))
    return Period(SINCE)


def term_began(today: date) -> date:
    """When the present term began: councils are elected in September of 2023, 2027 …, for four years from
    their first meeting in October (kommuneloven § 7-1)."""
    began = date(today.year - (today.year + 1) % 4, 10, 1)
    return began if began <= today else began.replace(year=began.year - 4)


def report(
    session: Session, rights: Rights, body_id: int, wanted: Period, today: date, tongue: Language
) -> DecisionReport:
    """The report of one body, or (0) of all that the person may see. Four queries."""
    all_bodies, since = reports.last_met(session, rights, rights.bodies, today)
    chosen = [body for body in all_bodies if body_id in (0, body.id)]
    bodies = sorted(chosen, key=lambda body: tongue.sort_key(body.name))
    decisions = _decisions(session, rights, bodies, wanted, since)
    tasks = _loose_tasks(session, rights, bodies, wanted, since)
    places = {body.id: place for place, body in enumerate(bodies)}
    rows = [
        (_order(places, d.agenda_item, d.position, d.id), _of_decision(d, today, tongue)) for d in decisions
    ]
    rows += [(_task_order(places, task), _of_task(task, today, tongue)) for task in tasks]
    cut = max(len(decisions), len(tasks)) >= MOST_ROWS
    rows.sort(key=lambda pair: pair[0])
    return DecisionReport(bodies, wanted, today, [row for _order, row in rows], cut, all_bodies)


def _decisions(
    session: Session, rights: Rights, bodies: list[Body], wanted: Period, since: dict[int, datetime]
) -> list[Decision]:
    """Those to be followed up: they say so, or have tasks."""
    its = Task.decision_id == Decision.id
    unbegun = and_(Decision.needs_follow_up, ~exists().where(its))
    closed = [
        and_(Meeting.body_id == body.id, exists().where(its, Task.closed_at >= since[body.id]))
        if body.id in since
        else Meeting.body_id == body.id
        for body in bodies
    ]
    standing = or_(unbegun, exists().where(its, Task.status == TaskStatus.OPEN))
    query = (
        select(Decision)
        .join(Decision.agenda_item)
        .join(AgendaItem.meeting)
        .where(
            Decision.organisation_id == rights.organisation_id,
            Decision.withdrawn_at.is_(None),
            or_(Decision.needs_follow_up, exists().where(its)),
            Meeting.body_id.in_([body.id for body in bodies]),
            visible.cases(rights),
            _within(wanted, standing, closed),
        )
        .options(
            contains_eager(Decision.agenda_item).contains_eager(AgendaItem.meeting).joinedload(Meeting.body),
            selectinload(Decision.tasks).joinedload(Task.assignments).joinedload(Assignment.person),
        )
        .order_by(Meeting.starts_on.desc(), Decision.id)
        .limit(MOST_ROWS)
    )
    return list(session.scalars(query))


def _loose_tasks(
    session: Session, rights: Rights, bodies: list[Body], wanted: Period, since: dict[int, datetime]
) -> list[Task]:
    """Tasks that no decision stands for: entered by hand, agreed without one, or it was taken out later."""
    closed = [
        and_(Task.body_id == body.id, Task.closed_at >= since[body.id])
        if body.id in since
        else Task.body_id == body.id
        for body in bodies
    ]
    by_hand: list[ColumnElement[bool]] = [Task.meeting_id.is_(None)]
    if wanted.first:
        by_hand.append(Task.created_at >= at(wanted.first, time(0)))
    if wanted.end:
        by_hand.append(Task.created_at < at(wanted.end, time(0)))
    in_period = _within(wanted, Task.status == TaskStatus.OPEN, closed)
    query = (
        select(Task)
        .outerjoin(Task.decision)
        .outerjoin(Task.agenda_item)
        .outerjoin(Meeting, Task.meeting_id == Meeting.id)
        .where(
            Task.organisation_id == rights.organisation_id,
            Task.body_id.in_([body.id for body in bodies]),
            or_(Task.decision_id.is_(None), Decision.withdrawn_at.is_not(None)),
            visible.cases(rights),
            or_(in_period, and_(*by_hand)) if wanted.first else in_period,
        )
        .options(*row_options(), joinedload(Task.meeting))
        .order_by(Task.created_at.desc(), Task.id)
        .limit(MOST_ROWS)
    )
    return list(session.scalars(query).unique())


def _within(
    wanted: Period, standing: ColumnElement[bool], closed: list[ColumnElement[bool]]
) -> ColumnElement[bool]:
    if wanted.key == OPEN:
        return standing
    if wanted.key == SINCE:
        return or_(standing, *closed)
    ended = Meeting.starts_on < wanted.end if wanted.end else true()
    return and_(Meeting.starts_on >= wanted.first, ended)


def _of_decision(decision: Decision, today: date, tongue: Language) -> Row:
    cells = spreadsheet.decision_row(decision, today, tongue)
    return Row(cells, decision_state(decision, today), decision.id, None)


def _of_task(task: Task, today: date, tongue: Language) -> Row:
    return Row(spreadsheet.task_row(task, today, tongue), state_of(task, today), None, task.id)


Order = tuple[int, date, int, int, int]


def _order(places: dict[int, int], item: AgendaItem, position: int, number: int) -> Order:
    """Body by body, oldest meeting first, as the agenda has it."""
    meeting = item.meeting
    return places[meeting.body_id], meeting.starts_on, item.position, position, number


def _task_order(places: dict[int, int], task: Task) -> Order:
    body, (day, item, decision, number) = places[task.body_id], reports.by_case(task)
    return body, day, item, decision, number
