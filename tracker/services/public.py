"""What everybody may see of a body that its secretary has opened: what it decided, and what came of it.

Nothing of restricted cases, not even that they are there. Owners aren't told, neither by name nor by role:
the decision stands in the words of the minutes, and whoever is named in them is named as they have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from tracker.models import AgendaItem, Body, Decision, Meeting, MeetingStatus, Task
from tracker.services import visible
from tracker.services.counts import State
from tracker.services.standing import decision_state

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A decision as the public sees it; `state` None: it needs no follow-up."""

    meeting: Meeting
    case: str
    text: str
    state: State | None


@dataclass(frozen=True, slots=True)
class Decisions:
    """One page of decisions, those of the latest meeting first."""

    lines: list[Line]
    page: int
    pages: int


def decisions(session: Session, body: Body, today: date, page: int) -> Decisions:
    """What the body decided. Empty while its secretary hasn't opened it."""
    if not (body.public and body.public_decisions):
        return Decisions([], 1, 1)
    chosen = (
        Decision.organisation_id == body.organisation_id,
        Decision.withdrawn_at.is_(None),
        Meeting.body_id == body.id,
        Meeting.status != MeetingStatus.CANCELLED,
        visible.cases(),
    )
    joined = select(Decision).join(Decision.agenda_item).join(AgendaItem.meeting).where(*chosen)
    total = session.scalar(select(func.count()).select_from(joined.subquery())) or 0
    pages = max(-(-total // A_PAGE), 1)
    page = min(max(page, 1), pages)
    rows = session.scalars(
        joined.options(
            contains_eager(Decision.agenda_item).contains_eager(AgendaItem.meeting),
            selectinload(Decision.tasks).selectinload(Task.assignments),
        )
        .order_by(Meeting.starts_on.desc(), Meeting.id.desc(), AgendaItem.position, Decision.position)
        .offset((page - 1) * A_PAGE)
        .limit(A_PAGE)
    )
    return Decisions([_line(row, today) for row in rows], page, pages)


def _line(decision: Decision, today: date) -> Line:
    item = decision.agenda_item
    case = " ".join(filter(None, (item.number, item.title)))
    return Line(item.meeting, case, decision.text, decision_state(decision, today))
