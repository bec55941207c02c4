"""The log of who did what. Written in the transaction of the deed itself: both are kept, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from tracker.clock import at
from tracker.models import Audit, Body, Deed, History, Meeting, MeetingChange, Person, Task
from tracker.rules.access import Rights

A_PAGE = 50
A_MONTH = timedelta(days=30.5)
Row = Audit | History | MeetingChange


@dataclass(frozen=True, slots=True)
class Filter:
    """Whose deeds are wanted (None: everybody's), from one day to another, both included."""

    person_id: int | None
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of what was done, the latest first."""

    rows: list[Row]
    page: int
    more: bool


def note(
    session: Session,
    actor: Person,
    now: datetime,
    deed: Deed,
    *,
    body: Body | None = None,
    subject: Person | None = None,
    about: str = "",
    detail: str = "",
) -> None:
    """`actor` did this now. See `models/audit.py` for what may stand in `about` and `detail`."""
    session.add(
        Audit(
            organisation_id=actor.organisation_id,
            at=now,
            person=actor,
            deed=deed,
            body=body,
            subject=subject,
            about=about[:40],
            detail=" ".join(detail.split())[:300],
        )
    )


def listing(session: Session, rights: Rights, wanted: Filter, page: int) -> Listing:
    """What was done in the organisation and in the bodies that the person is secretary of.

    The deeds of the log, and what tasks and meetings tell of themselves, which stands there alone.
    """
    page = min(max(page, 1), 100)
    most = page * A_PAGE + 1
    deeds = (
        select(Audit)
        .where(
            *_within(Audit, rights, wanted),
            or_(Audit.body_id.is_(None), Audit.body_id.in_(rights.secretary_of)),
        )
        .options(joinedload(Audit.person), joinedload(Audit.subject), joinedload(Audit.body))
        .order_by(Audit.at.desc(), Audit.id.desc())
        .limit(most)
    )
    tasks = (
        select(History)
        .join(History.task)
        .where(*_within(History, rights, wanted), Task.body_id.in_(rights.secretary_of))
        .options(
            joinedload(History.person),
            joinedload(History.task).options(joinedload(Task.agenda_item), joinedload(Task.body)),
        )
        .order_by(History.at.desc(), History.id.desc())
        .limit(most)
    )
    meetings = (
        select(MeetingChange)
        .join(MeetingChange.meeting)
        .where(*_within(MeetingChange, rights, wanted), Meeting.body_id.in_(rights.secretary_of))
        .options(joinedload(MeetingChange.person), joinedload(MeetingChange.meeting).joinedload(Meeting.body))
        .order_by(MeetingChange.at.desc(), MeetingChange.id.desc())
        .limit(most)
    )
    found: list[Row] = [*session.scalars(deeds), *session.scalars(tasks), *session.scalars(meetings)]
    found.sort(key=attrgetter("at"), reverse=True)  # stable: of one moment, the later row first
    return Listing(found[(page - 1) * A_PAGE : page * A_PAGE], page, len(found) > page * A_PAGE)


def _within(
    model: type[Audit] | type[History] | type[MeetingChange], rights: Rights, wanted: Filter
) -> list[ColumnElement[bool]]:
    when: InstrumentedAttribute[datetime] = model.at
    after = wanted.last + timedelta(days=1)
    conditions = [
        model.organisation_id == rights.organisation_id,
        when >= at(wanted.first, time(0)),
        when < at(after, time(0)),
    ]
    if wanted.person_id is not None:
        conditions.append(model.person_id == wanted.person_id)
    return conditions


def sweep(session: Session, now: datetime, months: int) -> None:
    """Forget what is older than so many months."""
    session.execute(delete(Audit).where(Audit.at < now - A_MONTH * months))
