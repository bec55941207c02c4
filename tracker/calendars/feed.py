"""WHAT A FEED CONTAINS: which rows, and the calendar around them.

- A person's feed: the meetings of every body in which the person holds an office today, held in the last
  six months or still to come, and the person's own open deadlines if wanted, as days or as things to do.
- A body's feed, as one person sees it: the meetings of that body, nothing else.
- A body's public feed: the same for everybody, when its secretary has opened it.
- A cancelled meeting stays for 30 days after the change: every client is to see it cancelled before it goes.

Rights are looked up anew at each fetch. Who has left a body gets its meetings no more: the feed is answered
without them, so that they go from the calendar. It is not answered with 410: clients then keep what they
have, and a coming meeting would stay with somebody whom it no longer concerns.

A feed is read in two steps: which versions of which rows it holds (that gives its ETag), and, only if the
client hasn't got just that, their texts (`kept.py`), joined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar
from sqlalchemy import ColumnElement, Select, String, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.calendars import event, kept, zone
from tracker.calendars.event import (
    BOKMAAL,
    PRODUCT,
    Style,
    Text,
    cleaned,
    deadline_event,
    deadline_todo,
    meeting_event,
)
from tracker.clock import at
from tracker.language import Language, language
from tracker.links import Links
from tracker.models import (
    AgendaItem,
    Answer,
    Assignment,
    Body,
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
COLOUR = "teal"  # a CSS3 colour name (RFC 7986 §5.9), the nearest to the accent colour


AT_ONCE = 500  # rows written in one go; engines limit how many values a query may carry


@dataclass(frozen=True)
class FeedContent:
    """A feed as it is sent. `etag` (strong, unquoted) says what is in it; `last_modified`: its newest row.

    `body` is put together when it is asked for, by the session that the feed was read with.
    """

    etag: str
    last_modified: datetime
    _build: Callable[[], bytes]

    @cached_property
    def body(self) -> bytes:
        return self._build()


@dataclass(frozen=True, slots=True)
class Versions:
    """Which rows, in which order and version: `said` as one text, `newest` for Last-Modified.

    `cut` gives what texts are kept by; those of meetings are cut from what is said only when they are wanted.
    """

    said: str
    newest: datetime | None
    cut: Callable[[], list[Hashable]]


def read_feed(session: Session, feed: Feed, today: date, links: Links) -> FeedContent:
    """What `feed` holds now. Four queries at most, and as many again for what isn't written yet."""
    tongue = language(feed.language or feed.person.language)
    style = Style(links.url, host_of(links.url), tongue, alarms=feed.alarms)
    named = (_name(session, feed, tongue), links.feed(feed.id, feed.generation))
    meetings = _meetings(session, feed.organisation_id, today, person=feed.person_id, body=feed.body_id)
    own = feed.deadlines and feed.body_id is None
    tasks = _deadlines(session, feed.person) if own else Versions("", None, list)
    newest = [moment for moment in (meetings.newest, tasks.newest) if moment]

    def build() -> bytes:
        texts = _meeting_texts(session, feed.organisation_id, meetings, style)
        texts += _deadline_texts(session, feed, tasks, style)
        return _calendar(_head(*named), texts)

    said = (*named, tongue.code, feed.alarms, feed.as_tasks)
    return FeedContent(_etag(said, meetings.said, tasks.said), max(newest, default=feed.created_at), build)


def read_public(session: Session, body: Body, slug: str, today: date, links: Links) -> FeedContent:
    """What everybody may subscribe to of a body that is public. Its language is the council's."""
    tongue = language(session.get_one(Organisation, body.organisation_id).language)
    page = links.public(slug, body.id)
    style = Style(links.url, host_of(links.url), tongue, public=page)
    named = (body.name, f"{page}.ics")
    meetings = _meetings(session, body.organisation_id, today, body=body.id)
    beginning = at(date(2000, 1, 1), time())

    def build() -> bytes:
        texts = _meeting_texts(session, body.organisation_id, meetings, style)
        return _calendar(_head(*named), texts)

    return FeedContent(_etag(named, tongue.code, meetings.said), meetings.newest or beginning, build)


def one_meeting(meeting: Meeting, url: str, tongue: Language = BOKMAAL) -> bytes:
    """A calendar file with one meeting, to open or import; it is not fetched again."""
    return _calendar(_head(), [meeting_event(meeting, Style(url, host_of(url), tongue))])


def own_deadlines(session: Session, person: Person) -> list[Task]:
    """The open tasks with a deadline in which `person` has a part that isn't done, the first due first."""
    return list(session.scalars(_tasks().where(*_owed(person)).order_by(Task.due_on, Task.id)))


def _owed(person: Person) -> tuple[ColumnElement[bool], ...]:
    mine = select(Assignment.task_id).where(
        Assignment.organisation_id == person.organisation_id,
        Assignment.person_id == person.id,
        Assignment.ended_at.is_(None),
        Assignment.answer != Answer.DONE,
    )
    return (
        Task.organisation_id == person.organisation_id,
        Task.id.in_(mine),
        Task.status == TaskStatus.OPEN,
        Task.due_on.is_not(None),
    )


def _tasks() -> Any:
    """Tasks with all that their text is written from."""
    return select(Task).options(
        joinedload(Task.body),
        joinedload(Task.agenda_item),
        selectinload(Task.history).load_only(History.task_id, History.at, History.action),
    )


def host_of(url: str) -> str:
    """What stands after @ in every UID: the name that the program is reached by."""
    return urlsplit(url).hostname or "localhost"


def _meetings(session: Session, organisation_id: int, today: date, **whose: int | None) -> Versions:
    """The meetings in a feed: of a `person`'s bodies, of one `body`, or of that as the person sees it.

    Their versions come as one text: 1,000 rows would take longer than all else. It is what is hashed, and cut
    up it is what texts are kept by.
    """
    given = {name: number for name, number in whose.items() if number is not None}
    text, newest = session.connection().execute(
        _versions(frozenset(given)),
        {
            "organisation": organisation_id,
            "today": today,
            "since": today - HELD_FOR,
            "cancelled_since": at(today - CANCELLED_FOR, time()),
            **given,
        },
    ).one()  # fmt: skip
    return Versions(text or "", newest, lambda: text.split(",") if text else [])


@cache
def _versions(whose: frozenset[str]) -> Select[str, Any]:
    """The query behind `_meetings`, built once. Rights are those of today."""
    meeting, body, office = (model.__table__.c for model in (Meeting, Body, Membership))
    asked = [meeting.body_id == bindparam("body")] if "body" in whose else []
    if "person" in whose:
        held = select(office.body_id).where(
            office.organisation_id == bindparam("organisation"),
            office.person_id == bindparam("person"),
            office.from_date <= bindparam("today"),
            or_(office.to_date.is_(None), office.to_date >= bindparam("today")),
        )
        asked.append(meeting.body_id.in_(held))
    version = meeting.public_id + "." + cast(meeting.version, String) + "." + cast(body.version, String)
    rows = (
        select(version.label("version"), meeting.changed_at)
        .join_from(Meeting.__table__, Body.__table__, body.id == meeting.body_id)
        .where(
            meeting.organisation_id == bindparam("organisation"),
            *asked,
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


def _meeting_texts(session: Session, organisation_id: int, found: Versions, style: Style) -> list[str]:
    say = (style.tongue.code, style.alarms, style.public)

    def write(missing: list[Hashable]) -> dict[Hashable, str]:
        keys = {str(key[1]).partition(".")[0]: key for key in missing if isinstance(key, tuple)}
        made: dict[Hashable, str] = {}
        for ids in _portions(list(keys)):
            rows = session.scalars(
                select(Meeting)
                .where(Meeting.organisation_id == organisation_id, Meeting.public_id.in_(ids))
                .options(joinedload(Meeting.body))
                .execution_options(populate_existing=True)
            )
            made.update({keys[row.public_id]: meeting_event(row, style) for row in rows})
        return made

    return kept.texts(session).joined([((style.url, *say), key) for key in found.cut()], write)


def _deadlines(session: Session, person: Person) -> Versions:
    """A person's deadlines. They are few, and their version is all that their text is written from."""
    history = select(History.at).where(History.task_id == Task.id).correlate(Task)
    last = history.with_only_columns(func.max(History.id)).scalar_subquery()
    when = history.with_only_columns(func.max(History.at)).scalar_subquery()
    rows = session.execute(
        select(
            Task.id, Task.what, Task.due_on, AgendaItem.number, AgendaItem.restricted, Body.version, last,
            func.coalesce(when, Task.created_at, type_=Task.created_at.type),
        )
        .join(Task.body)
        .outerjoin(Task.agenda_item)
        .where(*_owed(person))
        .order_by(Task.due_on, Task.id)
    ).all()  # fmt: skip
    keys: list[Hashable] = [tuple(row) for row in rows]
    return Versions(str(keys), max((row[-1] for row in rows), default=None), lambda: keys)


def _deadline_texts(session: Session, feed: Feed, found: Versions, style: Style) -> list[str]:
    written = deadline_todo if feed.as_tasks else deadline_event
    say = (style.tongue.code, style.alarms, feed.as_tasks, feed.person_id)

    def write(missing: list[Hashable]) -> dict[Hashable, str]:
        keys = {key[1][0]: key for key in missing if isinstance(key, tuple)}
        made: dict[Hashable, str] = {}
        for ids in _portions(list(keys)):
            rows = session.scalars(_tasks().where(Task.id.in_(ids)).execution_options(populate_existing=True))
            made.update({keys[row.id]: written(row, feed.person_id, style) for row in rows})
        return made

    return kept.texts(session).joined([((style.url, *say), key) for key in found.cut()], write)


def _portions(ids: list[Any]) -> Iterable[list[Any]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _etag(*parts: object) -> str:
    """What the body is made from, and the program that makes it."""
    return hashlib.sha256("\n".join(map(str, (_edition(), *parts))).encode()).hexdigest()[:32]


@cache
def _edition() -> str:
    """Another one whenever the code that writes calendars is."""
    written = (Path(module.__file__ or "").read_bytes() for module in (event, zone))
    return hashlib.sha256(b"".join((*written, Path(__file__).read_bytes()))).hexdigest()


def _name(session: Session, feed: Feed, tongue: Language) -> str:
    """What the calendar is called in a client's list."""
    if feed.body is not None:
        return feed.body.name
    council = session.scalar(select(Organisation.short_name).where(Organisation.id == feed.organisation_id))
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
