"""WHAT A FEED CONTAINS: which rows, and the calendar around them.

- A person's feed: the meetings of every body in which the person holds an office today, held in the last
  six months or still to come, and the person's own open deadlines if wanted, as days or as things to do.
- A body's feed, as one person sees it: the meetings of that body, nothing else.
- A body's public feed: the same for everybody, when its secretary has opened it.
- A cancelled meeting stays for 30 days after the change: every client is to see it cancelled before it goes.

Rights are looked up anew at each fetch. Who has left a body gets its meetings no more: the feed is answered
without them, so that they go from the calendar. It is not answered with 410: clients then keep what they
have, and a coming meeting would stay with somebody whom it no longer concerns.

A feed is read in two steps: which versions of which rows it holds (`listed.py`; that gives its ETag), and,
only if the client hasn't got just that, their texts (`kept.py`), joined.
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
from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.calendars import event, kept, listed, zone
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
from tracker.language import TRANSLATIONS, Language, language
from tracker.links import Links
from tracker.models import (
    AgendaItem,
    Answer,
    Assignment,
    Body,
    Feed,
    History,
    Meeting,
    Organisation,
    Person,
    Task,
    TaskStatus,
)

REFRESH = timedelta(hours=1)
COLOUR = "teal"  # a CSS3 colour name (RFC 7986 §5.9), the nearest to the accent colour


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


def read_feed(session: Session, feed: Feed, today: date, links: Links) -> FeedContent:
    """What `feed` holds now. Four queries at most, and as many again for what isn't written yet.

    `session` hasn't written: what may be undone must not be kept.
    """
    tongue = language(feed.language or feed.person.language)
    style = Style(links.url, host_of(links.url), tongue, alarms=feed.alarms)
    name = _name(session, feed, tongue)
    meetings = listed.meetings(session, feed.organisation_id, today, person=feed.person_id, body=feed.body_id)
    own = _deadlines(session, feed.person) if feed.deadlines and feed.body_id is None else []
    newest = [moment for moment in (meetings.newest, *(row[-1] for row in own)) if moment]

    def build() -> bytes:
        head = _head(name, links.feed(feed.id, feed.generation))
        return _calendar(
            head, listed.texts(session, meetings, style), _deadline_texts(session, feed, own, style)
        )

    said = (name, links.url, feed.id, feed.generation, tongue.code, feed.alarms, feed.as_tasks)
    return FeedContent(_etag(*said, meetings.said, own), max(newest, default=feed.created_at), build)


def read_public(session: Session, body: Body, slug: str, today: date, links: Links) -> FeedContent:
    """What everybody may subscribe to of a body that is public. Its language is the council's."""
    tongue = language(session.get_one(Organisation, body.organisation_id).language)
    page = links.public(slug, body.id)
    style = Style(links.url, host_of(links.url), tongue, public=page)
    meetings = listed.meetings(session, body.organisation_id, today, body=body.id)
    beginning = at(date(2000, 1, 1), time())

    def build() -> bytes:
        return _calendar(_head(body.name, f"{page}.ics"), listed.texts(session, meetings, style))

    return FeedContent(
        _etag(body.name, page, tongue.code, meetings.said), meetings.newest or beginning, build
    )


def one_meeting(meeting: Meeting, url: str, tongue: Language = BOKMAAL) -> bytes:
    """A calendar file with one meeting, to open or import; it is not fetched again."""
    return _calendar(_head(), meeting_event(meeting, Style(url, host_of(url), tongue)).encode())


def own_deadlines(session: Session, person: Person) -> list[Task]:
    """The open tasks with a deadline in which `person` has a part that isn't done, the first due first."""
    return list(
        session.scalars(
            _tasks().where(*_owed(person.organisation_id, person.id)).order_by(Task.due_on, Task.id)
        )
    )


def _owed(organisation_id: Any, person_id: Any) -> tuple[ColumnElement[bool], ...]:
    mine = select(Assignment.task_id).where(
        Assignment.organisation_id == organisation_id,
        Assignment.person_id == person_id,
        Assignment.ended_at.is_(None),
        Assignment.answer != Answer.DONE,
    )
    return (
        Task.organisation_id == organisation_id,
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


def _deadlines(session: Session, person: Person) -> list[tuple[Any, ...]]:
    """A person's deadlines. They are few, and their version is all that their text is written from.

    The last in each is when it was changed.
    """
    given = {"organisation": person.organisation_id, "person": person.id}
    return [tuple(row) for row in session.connection().execute(_deadline_versions(), given)]


@cache
def _deadline_versions() -> Select[Any]:
    """The query behind `_deadlines`, built once: calendars ask all day."""
    history = select(History.at).where(History.task_id == Task.id).correlate(Task)
    last = history.with_only_columns(func.max(History.id)).scalar_subquery()
    when = history.with_only_columns(func.max(History.at)).scalar_subquery()
    return (
        select(
            Task.id, Task.what, Task.due_on, AgendaItem.number, AgendaItem.restricted,
            Task.body_id, Body.version, last,
            func.coalesce(when, Task.created_at, type_=Task.created_at.type),
        )
        .join(Body, Body.id == Task.body_id)
        .outerjoin(AgendaItem, AgendaItem.id == Task.agenda_item_id)
        .where(*_owed(bindparam("organisation"), bindparam("person")))
        .order_by(Task.due_on, Task.id)
    )  # fmt: skip


def _deadline_texts(
    session: Session, feed: Feed, found: list[tuple[Any, ...]], style: Style
) -> Iterable[str]:
    written = deadline_todo if feed.as_tasks else deadline_event
    say = (style.url, style.tongue.code, style.alarms, feed.as_tasks, feed.person_id)

    def write(missing: list[Hashable]) -> dict[Hashable, str]:
        keys = {key[1][0]: key for key in missing if isinstance(key, tuple)}
        made: dict[Hashable, str] = {}
        ids = list(keys)
        for start in range(0, len(ids), listed.AT_ONCE):
            wanted = _tasks().where(Task.id.in_(ids[start : start + listed.AT_ONCE]))
            rows = session.scalars(wanted.execution_options(populate_existing=True))
            made.update({keys[row.id]: written(row, feed.person_id, style) for row in rows})
        return made

    return kept.memory(session).texts.several([(say, row) for row in found], write)


def _etag(*parts: object) -> str:
    """What the body is made from, and the program that makes it."""
    return hashlib.sha256("\n".join(map(str, (_edition(), *parts))).encode()).hexdigest()[:32]


@cache
def _edition() -> str:
    """Another one whenever the code that writes calendars is, or the words it says things in."""
    places = [Path(module.__file__ or "") for module in (event, zone)]
    places += [Path(__file__), *sorted(TRANSLATIONS.glob("*/messages.po"))]
    return hashlib.sha256(b"".join(place.read_bytes() for place in places)).hexdigest()


_COUNCIL = select(Organisation.short_name).where(Organisation.id == bindparam("organisation"))


def _name(session: Session, feed: Feed, tongue: Language) -> str:
    """What the calendar is called in a client's list."""
    if feed.body is not None:
        return feed.body.name
    council = session.connection().scalar(_COUNCIL, {"organisation": feed.organisation_id})
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


def _calendar(head: str, meetings: bytes, deadlines: Iterable[str] = ()) -> bytes:
    begun, rest = f"{head}{zone.VTIMEZONE}", "".join((*deadlines, "END:VCALENDAR\r\n"))
    return b"".join((begun.encode(), meetings, rest.encode()))
