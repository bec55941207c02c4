"""2,000 generated events, and the days around each switch of the clocks: every reader finds what was meant.

icalendar, ical, vobject, ics, ical.js, node-ical and libical. Of these vobject and ical.js know no time zone
but the one in the calendar, the others go by its name.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.calendars.reading import (
    PACKAGES,
    Read,
    by_ical,
    by_icalendar,
    by_ics,
    by_javascript,
    by_libical,
    by_vobject,
    check_bytes,
)
from tracker.calendars import feed
from tracker.calendars.event import Style, cleaned, meeting_event, one_line
from tracker.clock import OSLO
from tracker.models import Body, Meeting, MeetingStatus

EVENTS = 2_000
NODE_ICAL_GUESSES = 2035  # its Temporal knows the clocks of some ten years
ICS_GUESSES = 2037  # dateutil reads the older half of a time zone file
STYLE = Style("https://oppfolging.example", "oppfolging.example")
PIECES = [
    "Møte", "Samling på Ærøskøbing", "ÆØÅ æøå", "🎉", "\N{FAMILY}", "👩\u200d👧", "e\u0301", ",", ";", ":",
    "\\", "\\,", "\\n", "C:\\Nord", '"', "«sitat»", "\n", "\r\n", "\t", "  ", "\x00", "\x07", "\x1b",
    "\x7f", "\x85", "\u2028", "\u00a0", "\ufeff", "^n", "%20", "=", "BEGIN:VEVENT", "END:VCALENDAR",
    "ATTENDEE:mailto:a@b.example", "x" * 80, "č đ ŋ š ŧ ž", "日本語", "שלום",
]  # fmt: skip


def words(chance: random.Random, most: int) -> str:
    return " ".join(chance.choice(PIECES) for _ in range(chance.randint(1, most)))


def generated() -> list[Meeting]:
    chance, rows = random.Random(20270101), []
    for number in range(EVENTS):
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(15 * 365))
        last = day + timedelta(days=chance.choice([0, 0, 0, 1, 2]))
        hour = chance.choice([None, time(0), time(1, 30), time(9), time(10, 15), time(12), time(23, 59)])
        end = None if hour is None else chance.choice([time(13), time(23, 59)])
        if hour and end and last == day and end <= hour:
            last = day + timedelta(days=1)
        long = "".join(chance.choices("abc æøå,;\\🎉", k=10_000)) if number % 100 == 0 else words(chance, 20)
        rows.append(
            Meeting(
                id=number,
                public_id=f"{number:016x}",
                body=Body(name=f"Organ {words(chance, 2)}"),
                title=f"Møte {words(chance, 6)}",
                status=chance.choice([MeetingStatus.CALLED, MeetingStatus.HELD, MeetingStatus.CANCELLED]),
                starts_on=day,
                starts_at=hour,
                ends_on=last,
                ends_at=end,
                zone="Europe/Oslo",
                place=words(chance, 4) if number % 3 else None,
                registration=long,
                remote_link=f"https://mote.example/{number}?a=1;b,c" if number % 2 else None,
                sequence=chance.randrange(5),
                changed_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**8)),
            )
        )
    return rows


def switches() -> list[Meeting]:
    """The day before, of and after each switch, at hours that exist once."""
    rows = []
    for year in range(2026, 2041):
        for month in (3, 10):
            switch = max(d for n in range(25, 32) if (d := date(year, month, n)).weekday() == 6)
            for offset in (-1, 0, 1):
                for hour in (time(0, 30), time(1, 59), time(3), time(12)):
                    day = switch + timedelta(days=offset)
                    rows.append(
                        Meeting(
                            id=1,
                            public_id=f"{len(rows):x}",
                            body=Body(name="Rådet"),
                            title="Møte",
                            status=MeetingStatus.CALLED,
                            starts_on=day,
                            starts_at=hour,
                            ends_on=day,
                            ends_at=time(13),
                            zone="Europe/Oslo",
                            sequence=0,
                            changed_at=datetime(2026, 1, 1, tzinfo=UTC),
                        )
                    )
    return rows


def meant(row: Meeting) -> Read:
    """The event as whoever entered it means it."""
    start: date | datetime = row.starts_on
    end: date | datetime = row.ends_on + timedelta(days=1)
    if row.starts_at is not None and row.ends_at is not None:
        start = datetime.combine(row.starts_on, row.starts_at, OSLO).astimezone(UTC)
        end = datetime.combine(row.ends_on, row.ends_at, OSLO).astimezone(UTC)
    cancelled = row.status is MeetingStatus.CANCELLED
    about = [row.body.name, *([f"Påmelding: {row.registration}"] if row.registration else [])]
    about += [f"På nettet: {row.remote_link}"] if row.remote_link else []
    return Read(
        uid=f"meeting-{row.public_id}@oppfolging.example",
        start=start,
        end=end,
        summary=one_line(f"AVLYST: {row.title}" if cancelled else row.title),
        description=cleaned("\n".join([*about, f"https://oppfolging.example/moter/{row.id}"])),
        location=one_line(row.place or ""),
        status="CANCELLED" if cancelled else "CONFIRMED",
        sequence=row.sequence,
    )


def rendered(rows: list[Meeting]) -> bytes:
    return feed._calendar(feed._head(), "".join(meeting_event(row, STYLE) for row in rows).encode())


CASES: dict[str, Callable[[], list[Meeting]]] = {"2,000 generated": generated, "every switch": switches}


@pytest.mark.parametrize("rows", CASES.values(), ids=CASES)
def test_python_readers_find_what_was_meant(rows: Callable[[], list[Meeting]]) -> None:
    made = rows()
    body, wanted = rendered(made), [meant(row) for row in made]
    check_bytes(body)
    assert body == rendered(rows()), "the same bytes again"
    assert by_icalendar(body) == wanted
    assert by_vobject(body) == wanted


@pytest.mark.skipif(
    not shutil.which("node") or not (PACKAGES.parent / "node_modules" / "ical.js").is_dir(),
    reason="Node and the packages of tracker/static are not here (make setup brings them)",
)
@pytest.mark.parametrize("rows", CASES.values(), ids=CASES)
def test_javascript_readers_find_what_was_meant(rows: Callable[[], list[Meeting]]) -> None:
    made = rows()
    wanted = [meant(row) for row in made]
    found = by_javascript(rendered(made))
    assert set(found) == {"ical.js", "node-ical"}
    assert found["ical.js"] == wanted
    for event, right in zip(found["node-ical"], wanted, strict=True):
        assert event == _as_it_can(right, event, NODE_ICAL_GUESSES)


def _as_it_can(right: Read, found: Read, guesses: int) -> Read:
    """Faults of node-ical, ics, and ical up to 11: a backslash before n is a line break, and clocks end."""
    if right.end.year >= guesses:
        right = replace(right, start=found.start, end=found.end)
    texts = ("summary", "description", "location")
    odd = {t: getattr(found, t) for t in texts if re.search(r"\\n", getattr(right, t), re.IGNORECASE)}
    return replace(right, **odd)


@pytest.mark.parametrize("rows", CASES.values(), ids=CASES)
def test_the_strict_reader_of_home_assistant_finds_what_was_meant(rows: Callable[[], list[Meeting]]) -> None:
    made = rows()
    for right, found in zip(map(meant, made), by_ical(rendered(made)), strict=True):
        assert found == _as_it_can(right, found, date.max.year)


@pytest.mark.filterwarnings("ignore")  # of what it uses itself
@pytest.mark.parametrize("rows", CASES.values(), ids=CASES)
def test_ics_finds_what_was_meant(rows: Callable[[], list[Meeting]]) -> None:
    made = rows()
    events = {event.uid: event for event in by_ics(rendered(made))}
    assert len(events) == len(made)
    for right in map(meant, made):
        assert events[right.uid] == _as_it_can(right, events[right.uid], ICS_GUESSES)


@pytest.mark.libical
@pytest.mark.parametrize("rows", CASES.values(), ids=CASES)
def test_libical_finds_what_was_meant_and_nothing_against_the_standard(
    rows: Callable[[], list[Meeting]],
) -> None:
    made = rows()
    events, errors = by_libical(rendered(made))
    assert errors == []
    assert events == [meant(row) for row in made]
