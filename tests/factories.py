"""Rows for tests, with sensible values for what a test does not care about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from tests.cast import Cast
from tracker.models import AgendaItem, Assignment, Meeting, MeetingKind, Part, Person, Task
from tracker.rules.deadlines import DueKind, DueRule


def make_meeting(
    session: Session,
    cast: Cast,
    now: datetime,
    starts_on: date,
    *,
    title: str = "Møte i Elvedalsrådet",
    kind: MeetingKind = MeetingKind.MEETING,
    starts_at: time | None = time(10, 0),
    ends_on: date | None = None,
    ends_at: time | None = time(12, 0),
    place: str | None = "Elvedal rådhus",
) -> Meeting:
    meeting = Meeting(
        organisation_id=cast.organisation.id,
        body=cast.body,
        kind=kind,
        title=title,
        starts_on=starts_on,
        starts_at=starts_at,
        ends_on=ends_on or starts_on,
        ends_at=ends_at if starts_at else None,
        place=place,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    return meeting


def make_task(
    session: Session,
    cast: Cast,
    now: datetime,
    *,
    what: str = "Finne egnet sted til samlingen",
    owners: list[Person] | None = None,
    contributors: list[Person] | None = None,
    due_on: date | None = date(2026, 3, 20),
    meeting: Meeting | None = None,
    case: str = "4/26",
    restricted: str | None = None,
) -> Task:
    """An open task of `cast.body`, owned by `cast.owner` unless told otherwise, assigned `now`."""
    item = None
    if meeting is not None:
        item = AgendaItem(
            organisation_id=cast.organisation.id,
            meeting=meeting,
            position=1,
            number=case,
            title="Samarbeid om samlingen",
            restricted=restricted,
        )
    task = Task(
        organisation_id=cast.organisation.id,
        body=cast.body,
        meeting=meeting,
        agenda_item=item,
        what=what,
        created_at=now,
        evidence="Nils Arne finner egnet sted.",
    )
    task.set_due(DueRule(DueKind.DATE, on=due_on) if due_on else DueRule())
    parts = [(Part.OWNER, p) for p in (owners if owners is not None else [cast.owner])]
    parts += [(Part.CONTRIBUTOR, p) for p in contributors or []]
    for part, person in parts:
        task.assignments.append(
            Assignment(organisation_id=cast.organisation.id, person=person, part=part, assigned_at=now)
        )
    session.add(task)
    session.flush()
    return task


def numbers(rows: Iterable[Any]) -> list[int]:
    """Their ids: a list's rows are no objects of the ORM, but of the same tasks."""
    return [row.id for row in rows]
