"""Calling meetings and gatherings by hand: one, or the plan of a year. Moving and cancelling: `moving.py`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import extract, select
from sqlalchemy.orm import Session, joinedload

from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.models import Body, Meeting, MeetingKind, MeetingStatus, Person
from tracker.services import follow_up, inviting, moving
from tracker.services.moving import Plan

LUNCH = time(12, 0)  # «lunsj til lunsj»: from lunch on the first day until lunch on the second is over
AFTER_LUNCH = time(13, 0)
USUAL_START, USUAL_END = time(10, 0), time(12, 0)


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be held, when and where. `register_by`: the last day to sign up, for gatherings."""

    kind: MeetingKind
    title: str
    plan: Plan
    register_by: date | None = None
    remote_link: str = ""


def usual(session: Session, body: Body, kind: MeetingKind, day: date) -> Plan:
    """When and where the body last held something of this kind, on `day`; lunch to lunch for a gathering."""
    last = session.scalar(
        select(Meeting)
        .where(
            Meeting.organisation_id == body.organisation_id,
            Meeting.body_id == body.id,
            Meeting.kind == kind,
            Meeting.status != MeetingStatus.CANCELLED,
        )
        .order_by(Meeting.starts_on.desc(), Meeting.id.desc())
        .limit(1)
    )
    if last is not None:
        ends_on = day + (last.ends_on - last.starts_on)
        return Plan(day, ends_on, last.starts_at, last.ends_at, last.place)
    if kind is MeetingKind.MEETING:
        return Plan(day, day, USUAL_START, USUAL_END)
    return Plan(day, day + timedelta(days=1), LUNCH, AFTER_LUNCH)


def call(session: Session, body: Body, wanted: Call, actor: Person, now: datetime) -> Meeting:
    """Put one meeting into the register; the same one, when it is there already. Raises InvalidAnswer.

    Deadlines at the body's next meeting follow when this becomes the next one. Nobody is mailed:
    calendars that subscribe show it.
    """
    title = " ".join(wanted.title.split())[:300]
    if not title:
        raise InvalidAnswer("Skriv hva møtet heter.", field="title")
    if wanted.register_by is not None and wanted.register_by > wanted.plan.starts_on:
        raise InvalidAnswer("Påmeldingsfristen er etter at møtet begynner.", field="register_by")
    made = Meeting(
        organisation_id=body.organisation_id,
        body=body,
        kind=wanted.kind,
        status=MeetingStatus.CALLED,
        title=title,
        register_by=wanted.register_by,
        remote_link=inviting.checked_link(wanted.remote_link),
        changed_at=now,
    )
    plan = moving.checked(made, wanted.plan, local_date(now))
    known = _known(session, body, wanted.kind, plan)
    if known is not None:
        return known
    made.starts_on, made.ends_on, made.place = plan.starts_on, plan.ends_on, plan.place
    made.starts_at, made.ends_at = plan.starts_at, plan.ends_at
    session.add(made)
    session.flush()
    for shift in moving.shifts(session, made, plan, local_date(now), to_change=True):
        follow_up.shift_due(session, shift.task, shift.event, actor, now)
    return made


def call_series(
    session: Session, body: Body, wanted: Call, days: Iterable[date], actor: Person, now: datetime
) -> list[Meeting]:
    """One meeting on each of the days, alike but for the date. Raises InvalidAnswer; then none is kept."""
    chosen = sorted(set(days))
    if not chosen:
        raise InvalidAnswer("Velg minst én dato.", field="day-1")
    length = wanted.plan.ends_on - wanted.plan.starts_on
    return [
        call(
            session,
            body,
            replace(wanted, plan=replace(wanted.plan, starts_on=day, ends_on=day + length)),
            actor,
            now,
        )
        for day in chosen
    ]


def year_plan(session: Session, bodies: Iterable[int], year: int) -> list[Meeting]:
    """Everything that begins in a year in these bodies, cancelled ones too, as it comes."""
    found = session.scalars(
        select(Meeting)
        .where(Meeting.body_id.in_(list(bodies)), extract("year", Meeting.starts_on) == year)
        .options(joinedload(Meeting.body))
        .order_by(Meeting.starts_on, Meeting.starts_at, Meeting.id)
    )
    return list(found)


def _known(session: Session, body: Body, kind: MeetingKind, plan: Plan) -> Meeting | None:
    """What the body holds already then: two presses make one meeting."""
    return session.scalar(
        select(Meeting).where(
            Meeting.organisation_id == body.organisation_id,
            Meeting.body_id == body.id,
            Meeting.kind == kind,
            Meeting.status != MeetingStatus.CANCELLED,
            Meeting.starts_on == plan.starts_on,
            Meeting.starts_at.is_(None) if plan.starts_at is None else Meeting.starts_at == plan.starts_at,
        )
    )
