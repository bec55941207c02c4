"""The council's year: how much was decided, done and late, month by month, per body and beside other years.

Only counted, never listed, so restricted cases are counted with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from tracker.clock import at
from tracker.language import Language
from tracker.models import AgendaItem, Body, Decision, Meeting, MeetingStatus, Task, TaskStatus
from tracker.rules.access import Rights

YEARS_BESIDE = 5  # the year itself and those before it


@dataclass(frozen=True, slots=True)
class Numbers:
    """`decided`: decisions of the meetings in a time; `done`: tasks done in it.

    `late`: tasks whose deadline had passed at its end, or have passed today; None when it hasn't begun.
    """

    decided: int
    done: int
    late: int | None


@dataclass(frozen=True, slots=True)
class Year:
    """One year of some bodies. `months`: the first day of each; `years`: this one last."""

    year: int
    total: Numbers
    months: list[tuple[date, Numbers]]
    bodies: list[tuple[Body, Numbers]]
    years: list[tuple[int, Numbers]]

    @property
    def empty(self) -> bool:
        return not any(n.decided or n.done or n.late for _year, n in self.years)


@dataclass(frozen=True, slots=True)
class _Span:
    """The days from `first` up to `end`."""

    first: date
    end: date


Counted = Mapping[int, Sequence[int]]  # body → a number for each span


def year(session: Session, rights: Rights, number: int, today: date, tongue: Language) -> Year:
    """The year of all bodies that the person may see. Three queries, however many rows there are."""
    starts = [date(number, month, 1) for month in range(1, 13)]
    numbers = range(number - YEARS_BESIDE + 1, number + 1)
    spans = [
        _Span(first, end) for first, end in zip(starts, [*starts[1:], date(number + 1, 1, 1)], strict=True)
    ]
    spans += [_Span(date(each, 1, 1), date(each + 1, 1, 1)) for each in numbers]
    decided = _decided(session, rights, spans)
    done = _done(session, rights, spans)
    late = _late(session, rights, spans, today)

    def sums(place: int, bodies: Sequence[int]) -> Numbers:
        begun = spans[place].first <= today
        one, two, three = (
            sum(found[body][place] for body in bodies if body in found) for found in (decided, done, late)
        )
        return Numbers(one, two, three if begun else None)

    everything = list(rights.bodies)
    whole = len(spans) - 1
    bodies = session.scalars(
        select(Body).where(Body.organisation_id == rights.organisation_id, Body.id.in_(everything))
    )
    return Year(
        number,
        sums(whole, everything),
        [(first, sums(place, everything)) for place, first in enumerate(starts)],
        [(b, sums(whole, [b.id])) for b in sorted(bodies, key=lambda body: tongue.sort_key(body.name))],
        [(each, sums(len(starts) + place, everything)) for place, each in enumerate(numbers)],
    )


def _decided(session: Session, rights: Rights, spans: list[_Span]) -> Counted:
    within = [and_(Meeting.starts_on >= span.first, Meeting.starts_on < span.end) for span in spans]
    query = (
        select(Meeting.body_id, *_counts(within))
        .select_from(Decision)
        .join(Decision.agenda_item)
        .join(AgendaItem.meeting)
        .where(
            Decision.organisation_id == rights.organisation_id,
            Decision.withdrawn_at.is_(None),
            Meeting.body_id.in_(rights.bodies),
            Meeting.status != MeetingStatus.CANCELLED,
            Meeting.starts_on >= spans[12].first,
        )
        .group_by(Meeting.body_id)
    )
    return _by_body(session, query)


def _done(session: Session, rights: Rights, spans: list[_Span]) -> Counted:
    within = [and_(Task.closed_at >= _from(span.first), Task.closed_at < _from(span.end)) for span in spans]
    return _by_body(session, _tasks(rights, within).where(Task.status == TaskStatus.DONE))


def _late(session: Session, rights: Rights, spans: list[_Span], today: date) -> Counted:
    """How many stood with a deadline passed when each span ended; in one that still runs, how many do."""
    stood = [
        and_(Task.due_on < span.end, Task.closed_at.is_(None) | (Task.closed_at >= _from(span.end)))
        if span.end <= today
        else and_(Task.due_on < today, Task.status == TaskStatus.OPEN)
        for span in spans
    ]
    return _by_body(session, _tasks(rights, stood).where(Task.due_on.is_not(None)))


def _tasks(rights: Rights, wanted: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    mine = Task.organisation_id == rights.organisation_id, Task.body_id.in_(rights.bodies)
    return select(Task.body_id, *_counts(wanted)).where(*mine).group_by(Task.body_id)


def _counts(wanted: list[ColumnElement[bool]]) -> list[ColumnElement[int]]:
    return [func.count().filter(condition) for condition in wanted]


def _by_body(session: Session, query: Select[*tuple[Any, ...]]) -> Counted:
    return {body: tuple(numbers) for body, *numbers in session.execute(query)}


def _from(day: date) -> datetime:
    return at(day, time(0))
