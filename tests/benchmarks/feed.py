"""A calendar feed of 1,000 events, first and again: beside icalendar building the calendar for each request.

Server time: from what the server hands to the program until the answer is whole. What calendars see of it
over the net is in `feed_servers.py`. Calendar programs keep no cookies, so there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time, timedelta
from time import perf_counter as time_now
from time import process_time

from icalendar import Calendar, Event
from sqlalchemy import select
from werkzeug.test import create_environ

from tests.benchmarks.example_house import House, house
from tests.benchmarks.measuring import Figure, NotYet, milliseconds, per_second
from tracker.calendars import kept
from tracker.calendars.event import Style, meeting_event
from tracker.clock import OSLO, local_date
from tracker.models import Assignment, Body, Feed, Meeting, Person
from tracker.services import feeds

EVENTS = 1000
PEOPLE = 10_000
BESIDE = "icalendar, each time"


def measure() -> Iterator[Figure]:
    with house() as opened:
        path, rows = feed_of_many(opened)
        first = opened.client.get(path)
        if first.status_code != 200:
            raise NotYet(f"{path[:10]}… answers {first.status_code}")
        if first.data.count(b"BEGIN:VEVENT") < EVENTS:
            raise NotYet("the feed does not hold the events")
        tag = {"If-None-Match": first.headers["ETag"]}
        fetch, fetch_again = _asked(opened, path, {}), _asked(opened, path, tag)
        style = Style(opened.program.links.url, "localhost")
        other = milliseconds(lambda: _built(rows))
        written = milliseconds(lambda: [meeting_event(row, style) for row in rows])
        yield Figure("one event written the first time", written / EVENTS, other / EVENTS, "ms", "icalendar")
        yield Figure("feed of 1,000 events, cold", _cold(opened, path), other, "ms", BESIDE)
        warm = milliseconds(fetch)
        yield Figure("feed of 1,000 events, warm", warm, other, "ms", BESIDE)
        unchanged = milliseconds(fetch_again)
        yield Figure("feed of 1,000 events, unchanged (304)", unchanged, other, "ms", BESIDE)
        own = _own(opened)
        tag = {"If-None-Match": opened.client.get(own).headers["ETag"]}
        unchanged = milliseconds(_asked(opened, own, tag))
        yield Figure(
            "the same with a person's own deadlines, unchanged (304)", unchanged, other, "ms", BESIDE
        )
        yield Figure(
            "feeds of 1,000 events served by one process",
            per_second(fetch),
            1000 / other,
            "a second",
            BESIDE,
        )
        busy = _processor(fetch_again) * PEOPLE / 3600 * 100
        yield Figure("10,000 people fetching hourly, unchanged: share of one core", busy, None, "%")


def _own(opened: House) -> str:
    """The feed of all bodies of somebody who has deadlines."""
    with opened.program.sessions.begin() as session:
        owner = session.scalars(
            select(Person)
            .join(Assignment, Assignment.person_id == Person.id)
            .where(Assignment.ended_at.is_(None))
            .order_by(Person.id)
            .limit(1)
        ).one()
        feed = feeds.feed_of(session, owner, opened.program.clock())
        address = opened.program.links.feed(feed.id, feed.generation)
    return address.removeprefix(opened.program.links.url)


def _asked(opened: House, path: str, headers: dict[str, str]) -> Callable[[], object]:
    """A fetch as the server hands it to the program (PEP 3333), without the network and a client's work."""
    asked, program = create_environ(path, headers=headers), opened.app.wsgi_app

    def fetch() -> bytes:
        answer = program(asked.copy(), lambda *_: lambda _written: None)
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
        return body

    return fetch


def _cold(opened: House, path: str) -> float:
    """The first fetch by a process, in ms: nothing is written yet."""
    taken = []
    for _round in range(3):
        kept._of_databases.clear()
        begun = time_now()
        opened.app.test_client().get(path)
        taken.append((time_now() - begun) * 1000)
    return sorted(taken)[1]


def _processor(work: Callable[[], object], rounds: int = 100) -> float:
    """Seconds of processor time that `work` takes."""
    begun = process_time()
    for _round in range(rounds):
        work()
    return (process_time() - begun) / rounds


def feed_of_many(opened: House) -> tuple[str, list[Meeting]]:
    now = opened.program.clock()
    with opened.program.sessions() as session:
        body = session.scalars(select(Body).order_by(Body.id).limit(1)).one()
        person = session.scalars(select(Person).order_by(Person.id).limit(1)).one()
        rows = [
            Meeting(
                organisation_id=body.organisation_id,
                body=body,
                title=f"Møte nummer {number} i utvalget",
                starts_on=local_date(now) + timedelta(days=number),
                starts_at=time(10),
                ends_on=local_date(now) + timedelta(days=number),
                ends_at=time(12, 30),
                place="Kvernmo kommunehus, møterom Elva",
                changed_at=now,
            )
            for number in range(1, EVENTS + 1)
        ]
        feed = Feed(organisation_id=body.organisation_id, person=person, body=body, created_at=now)
        session.add_all([*rows, feed])
        session.commit()
        address = opened.program.links.feed(feed.id, feed.generation)
        return address.removeprefix(opened.program.links.url), rows


def built(events: Iterable[tuple[str, datetime, datetime, datetime, str, str]]) -> bytes:
    """What a program does that keeps nothing: every event anew, for each who asks."""
    calendar = Calendar()
    calendar.add("prodid", "-//beside//")
    calendar.add("version", "2.0")
    for uid, stamp, start, end, summary, location in events:
        event = Event()
        event.add("uid", uid)
        event.add("dtstamp", stamp)
        event.add("dtstart", start)
        event.add("dtend", end)
        event.add("summary", summary)
        event.add("location", location)
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _built(rows: list[Meeting]) -> bytes:
    return built(
        (
            f"{row.public_id}@localhost",
            row.changed_at,
            datetime.combine(row.starts_on, row.starts_at or time(0), OSLO),
            datetime.combine(row.ends_on, row.ends_at or time(0), OSLO),
            row.title,
            row.place or "",
        )
        for row in rows
    )
