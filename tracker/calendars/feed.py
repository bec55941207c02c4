"""WHAT A FEED CONTAINS: which rows, and the calendar around them.

- A person's feed: the meetings of every body in which the person holds an office today, held in the last
  six months or still to come, and the person's own open deadlines if wanted.
- A body's feed, as one person sees it: the meetings of that body, nothing else.
- A cancelled meeting stays for 30 days after the change: every client is to see it cancelled before it goes.

Rights are looked up anew at each fetch. Who has left a body gets its meetings no more: the feed is answered
without them, so that they go from the calendar. It is not answered with 410: clients then keep what they
have, and a coming meeting would stay with somebody whom it no longer concerns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.calendars import zone
from tracker.calendars.event import BOKMAAL, Text, changed_at, cleaned, deadline_event, meeting_event
from tracker.clock import at
from tracker.language import Language, language
from tracker.links import Links
from tracker.models import (
    Answer,
    Assignment,
    Feed,
    History,
    Meeting,
    MeetingStatus,
    Membership,
    Organisation,
    Person,
    Task,
    TaskStatus,
)

HELD_FOR = timedelta(days=183)
CANCELLED_FOR = timedelta(days=30)
REFRESH = timedelta(hours=1)
PRODUCT = "-//Oppfolging//Oppfolging 1//NO"
COLOUR = "teal"  # a CSS3 colour name (RFC 7986 §5.9), the nearest to the accent colour


@dataclass(frozen=True, slots=True)
class FeedContent:
    """A feed as it is sent. `etag` (strong, unquoted) is made from `body`; `last_modified` from its rows."""

    body: bytes
    etag: str
    last_modified: datetime


def read_feed(session: Session, feed: Feed, today: date, links: Links) -> FeedContent:
    """The content of `feed` now. Six queries at most, however many rows."""
    tongue, host = language(feed.person.language), host_of(links.url)
    meetings = _meetings(session, feed, today)
    own = feed.deadlines and feed.body_id is None
    tasks = own_deadlines(session, feed.person) if own else []
    events = [meeting_event(meeting, host, links.url, tongue) for meeting in meetings]
    events += [deadline_event(task, feed.person_id, host, links.url, tongue) for task in tasks]
    head = _head(_name(session, feed, tongue), links.feed(feed.id, feed.generation))
    body = _calendar(head, events)
    changes = [*(meeting.changed_at for meeting in meetings), *(changed_at(task) for task in tasks)]
    return FeedContent(
        body=body,
        etag=hashlib.sha256(body).hexdigest()[:32],
        last_modified=max(changes, default=feed.created_at),
    )


def one_meeting(meeting: Meeting, url: str, tongue: Language = BOKMAAL) -> bytes:
    """A calendar file with one meeting, to open or import; it is not fetched again."""
    return _calendar(_head(), [meeting_event(meeting, host_of(url), url, tongue)])


def own_deadlines(session: Session, person: Person) -> list[Task]:
    """The open tasks with a deadline in which `person` has a part that isn't done, the first due first."""
    mine = select(Assignment.task_id).where(
        Assignment.organisation_id == person.organisation_id,
        Assignment.person_id == person.id,
        Assignment.ended_at.is_(None),
        Assignment.answer != Answer.DONE,
    )
    found = session.scalars(
        select(Task)
        .where(
            Task.organisation_id == person.organisation_id,
            Task.id.in_(mine),
            Task.status == TaskStatus.OPEN,
            Task.due_on.is_not(None),
        )
        .options(
            joinedload(Task.body),
            joinedload(Task.agenda_item),
            selectinload(Task.history).load_only(History.task_id, History.at, History.action),
        )
        .order_by(Task.due_on, Task.id)
    )
    return list(found)


def host_of(url: str) -> str:
    """What stands after @ in every UID: the name that the program is reached by."""
    return urlsplit(url).hostname or "localhost"


def _meetings(session: Session, feed: Feed, today: date) -> list[Meeting]:
    bodies = select(Membership.body_id).where(
        Membership.organisation_id == feed.organisation_id,
        Membership.person_id == feed.person_id,
        Membership.from_date <= today,
        or_(Membership.to_date.is_(None), Membership.to_date >= today),
    )
    if feed.body_id is not None:
        bodies = bodies.where(Membership.body_id == feed.body_id)
    found = session.scalars(
        select(Meeting)
        .where(
            Meeting.organisation_id == feed.organisation_id,
            Meeting.body_id.in_(bodies),
            Meeting.ends_on >= today - HELD_FOR,
            or_(
                Meeting.status != MeetingStatus.CANCELLED,
                Meeting.changed_at >= at(today - CANCELLED_FOR, time()),
            ),
        )
        .options(joinedload(Meeting.body))
    )
    return sorted(found, key=lambda meeting: (meeting.starts_on, meeting.starts_at or time.min, meeting.id))


def _name(session: Session, feed: Feed, tongue: Language) -> str:
    """What the calendar is called in a client's list."""
    if feed.body is not None:
        return feed.body.name
    council = session.get_one(Organisation, feed.organisation_id).short_name
    if feed.deadlines:
        return tongue.gettext("%(name)s: møter og frister") % {"name": council}
    return tongue.gettext("%(name)s: møter") % {"name": council}


def _head(name: str = "", source: str = "") -> str:
    """BEGIN:VCALENDAR and its properties. `source` (the feed's own address) makes it one to fetch again.

    RFC 7986 demands the VALUE of REFRESH-INTERVAL (§5.7) and SOURCE (§5.8); icalendar leaves both out.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if source:
        title = Text(cleaned(name))
        calendar.add("name", title)
        calendar.add("x-wr-calname", title)
        calendar.add("x-wr-timezone", zone.NAME)
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        calendar.add("source", source, parameters={"VALUE": "URI"})
        calendar.add("color", COLOUR)
    text: bytes = calendar.to_ical()
    return text.decode().removesuffix("END:VCALENDAR\r\n")


def _calendar(head: str, events: Iterable[str]) -> bytes:
    return "".join((head, zone.VTIMEZONE, *events, "END:VCALENDAR\r\n")).encode()
