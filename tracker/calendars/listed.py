"""WHICH MEETINGS A FEED HOLDS, in which version, and their texts joined.

The database counts the changes of each body's meetings (`counted_meetings`, migration 0013). While those
counts, the bodies themselves and the day stand still, what was found holds: a feed that has not changed is
two small queries. The count is read first: what is read after it can be newer than it says, never older,
and who comes after that change finds another count.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, column, func, or_, select, table
from sqlalchemy.orm import Session, joinedload

from tracker.calendars import kept
from tracker.calendars.event import Style, meeting_event
from tracker.clock import at
from tracker.models import Body, Meeting, MeetingStatus, Membership

HELD_FOR = timedelta(days=183)
CANCELLED_FOR = timedelta(days=30)
AT_ONCE = 500  # rows written in one go; engines limit how many values a query may carry


@dataclass(frozen=True, slots=True)
class Listed:
    """The meetings in a feed: their versions, in order, as one text, and the newest change for Last-Modified.

    `key`: what they are kept under; the same key is never used for anything else.
    """

    organisation_id: int
    key: Hashable
    said: str = ""
    newest: datetime | None = None


def meetings(session: Session, organisation_id: int, today: date, **whose: int | None) -> Listed:
    """The meetings of a `person`'s bodies, of one `body`, or of that as the person sees it."""
    given = {name: number for name, number in whose.items() if number is not None}
    connection = session.connection()
    counted = connection.execute(
        _counts(frozenset(given)), {"organisation": organisation_id, "today": today, **given}
    )
    bodies = tuple(tuple(row) for row in counted)
    if not bodies:
        return Listed(organisation_id, None)

    def read() -> tuple[str, datetime | None]:
        text, newest = connection.execute(
            _versions(),
            {
                "organisation": organisation_id,
                "bodies": [body for body, *_counts in bodies],
                "since": today - HELD_FOR,
                "cancelled_since": at(today - CANCELLED_FOR, time()),
            },
        ).one()
        return text or "", newest

    key = (organisation_id, today, bodies)
    return Listed(organisation_id, key, *kept.memory(session).versions.one(key, read))


def texts(session: Session, found: Listed, style: Style) -> bytes:
    """The events of the meetings, as they are sent."""
    say = (style.url, style.tongue.code, style.alarms, style.public)

    def write(missing: list[Hashable]) -> dict[Hashable, str]:
        keys = {str(key[1]).partition(".")[0]: key for key in missing if isinstance(key, tuple)}
        made: dict[Hashable, str] = {}
        ids = list(keys)
        for start in range(0, len(ids), AT_ONCE):
            rows = session.scalars(
                select(Meeting)
                .where(
                    Meeting.organisation_id == found.organisation_id,
                    Meeting.public_id.in_(ids[start : start + AT_ONCE]),
                )
                .options(joinedload(Meeting.body))
                .execution_options(populate_existing=True)
            )
            made.update({keys[row.public_id]: meeting_event(row, style) for row in rows})
        return made

    def join() -> bytes:
        keys = [(say, key) for key in found.said.split(",")] if found.said else []
        return "".join(memory.texts.several(keys, write)).encode()

    memory = kept.memory(session)
    return memory.lists.one((say, found.key), join)


@cache
def _counts(whose: frozenset[str]) -> Select[Any]:
    """The query for the bodies: of each its own version, and how far the changes of its meetings are counted.

    Rights are those of today.
    """
    body, office = Body.__table__.c, Membership.__table__.c
    count = table("counted_meetings", column("body_id"), column("steps")).c
    steps = select(func.sum(count.steps)).where(count.body_id == body.id).scalar_subquery()
    asked = [body.id == bindparam("body")] if "body" in whose else []
    if "person" in whose:
        held = select(office.body_id).where(
            office.organisation_id == bindparam("organisation"),
            office.person_id == bindparam("person"),
            office.from_date <= bindparam("today"),
            or_(office.to_date.is_(None), office.to_date >= bindparam("today")),
        )
        asked.append(body.id.in_(held))
    return (
        select(body.id, body.version, steps)
        .where(body.organisation_id == bindparam("organisation"), *asked)
        .order_by(body.id)
    )


@cache
def _versions() -> Select[str, Any]:
    """The query for which meetings, in which versions: one text, since 1,000 rows would take longer."""
    meeting, body = Meeting.__table__.c, Body.__table__.c
    version = meeting.public_id + "." + cast(meeting.version, String) + "." + cast(body.version, String)
    rows = (
        select(version.label("version"), meeting.changed_at)
        .join_from(Meeting.__table__, Body.__table__, body.id == meeting.body_id)
        .where(
            meeting.organisation_id == bindparam("organisation"),
            meeting.body_id.in_(bindparam("bodies", expanding=True)),
            meeting.ends_on >= bindparam("since"),
            or_(
                meeting.status != MeetingStatus.CANCELLED,
                meeting.changed_at >= bindparam("cancelled_since"),
            ),
        )
        .order_by(meeting.starts_on, meeting.starts_at.nulls_first(), meeting.id)
        .subquery()
    )
    return select(func.aggregate_strings(rows.c.version, ","), func.max(rows.c.changed_at))
