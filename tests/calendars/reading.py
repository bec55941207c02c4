"""Independent readers of calendars, and what each makes of an event in the same words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import icalendar
import ics
import vobject
from ical.calendar_stream import IcsCalendarStream


@dataclass(frozen=True)
class Read:
    """An event as a reader understood it: moments in UTC, whole days as dates."""

    uid: str
    start: datetime | date
    end: datetime | date
    summary: str
    description: str
    location: str
    status: str
    sequence: int


def by_icalendar(body: bytes) -> list[Read]:
    calendar = icalendar.Calendar.from_ical(body)
    return [
        Read(
            uid=str(event["uid"]),
            start=_utc(event["dtstart"].dt),
            end=_utc(event["dtend"].dt),
            summary=str(event["summary"]),
            description=str(event.get("description", "")),
            location=str(event.get("location", "")),
            status=str(event["status"]),
            sequence=int(event["sequence"]),
        )
        for event in calendar.walk("VEVENT")
    ]


def by_vobject(body: bytes) -> list[Read]:
    """Its times come from the VTIMEZONE in the calendar, not from a table of its own."""
    calendar = vobject.readOne(body.decode())
    said = lambda event, name: getattr(event, name).value if hasattr(event, name) else ""  # noqa: E731
    return [
        Read(
            uid=event.uid.value,
            start=_utc(event.dtstart.value),
            end=_utc(event.dtend.value),
            summary=event.summary.value,
            description=said(event, "description"),
            location=said(event, "location"),
            status=event.status.value,
            sequence=int(event.sequence.value),
        )
        for event in calendar.contents.get("vevent", [])
    ]


def read(body: bytes) -> dict[str, Read]:
    """The events by UID, after both readers have agreed on everything."""
    ours, theirs = by_icalendar(body), by_vobject(body)
    assert ours == theirs
    assert len({event.uid for event in ours}) == len(ours)
    return {event.uid: event for event in ours}


def check_bytes(body: bytes) -> None:
    """What RFC 5545 §3.1 asks of the bytes themselves."""
    assert body.endswith(b"\r\n")
    lines = body.split(b"\r\n")
    for line in lines:
        assert len(line) <= 75, line
        assert not set(line) & {*range(32), 127} - {9}, line
        line.decode()  # no character is split
    assert all(lines[:-1]), "no empty line"


def _utc(value: datetime | date) -> datetime | date:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def by_ics(body: bytes) -> list[Read]:
    """It keeps the events in a set, so that they come in any order; and leaves SEQUENCE unread."""
    found = []
    for event in ics.Calendar(body.decode()).events:
        span = (event.begin, event.end)
        start, end = ((m.date() if event.all_day else m.datetime.astimezone(UTC)) for m in span)
        sequence = next(int(line.value) for line in event.extra if line.name == "SEQUENCE")
        said = (event.name or "", event.description or "", event.location or "", event.status or "")
        found.append(Read(event.uid, start, end, *said, sequence))
    return found


def by_ical(body: bytes) -> list[Read]:
    """Home Assistant's, which refuses a whole calendar for one fault."""
    return [
        Read(
            uid=event.uid,
            start=_utc(event.dtstart),
            end=_utc(event.end),
            summary=event.summary or "",
            description=event.description or "",
            location=event.location or "",
            status=str(event.status.value) if event.status else "",
            sequence=event.sequence or 0,
        )
        for event in IcsCalendarStream.calendar_from_ics(body.decode()).events
    ]


def by_libical(body: bytes) -> tuple[list[Read], list[str]]:
    """What libical makes of it, and what it finds against RFC 5545 and RFC 5546."""
    script = Path(__file__).with_name("libical_reader.py")
    done = subprocess.run([DEBIANS_PYTHON, str(script)], input=body, capture_output=True, check=True)
    found = json.loads(done.stdout)
    return [_from_json(*event) for event in found["events"]], found["errors"]


DEBIANS_PYTHON = "/usr/bin/python3"
PACKAGES = Path(__file__).parents[2] / "tracker" / "static" / "package.json"


def by_javascript(body: bytes) -> dict[str, list[Read]]:
    """What ical.js and node-ical make of it, on a machine on the other side of the world."""
    done = subprocess.run(
        [shutil.which("node") or "node", str(Path(__file__).with_name("readers.mjs")), str(PACKAGES)],
        input=body,
        capture_output=True,
        check=True,
        env={**os.environ, "TZ": "Pacific/Auckland"},
    )
    found = json.loads(done.stdout)
    return {reader: [_from_json(*event) for event in events] for reader, events in found.items()}


def _from_json(uid: str, start: str, end: str, *said: Any) -> Read:
    return Read(uid, _day(start), _day(end), *said)


def _day(written: str) -> datetime | date:
    if len(written) == 10:
        return date.fromisoformat(written)
    return datetime.fromisoformat(written).replace(tzinfo=UTC)
