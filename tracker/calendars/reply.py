"""Answers that calendars send (RFC 5546 §3.2.3 and §3.2.7): what is said of which meeting, and by whom.

Programs differ, so what is asked of an answer is little. Exchange leaves out ORGANIZER, some leave out
ATTENDEE and say it in the summary alone, METHOD may stand in the mail's headers or in the calendar, names in
any case. A line that can't be read is passed over, and nothing raises. The lines are taken apart by
`icalendar`; its components are not used, since one bad line may cost the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Parameters, vText
from icalendar.parser import Contentline

from tracker.clock import OSLO

LONGEST = 200_000  # characters; the longest real ones carry time zones and a description of some thousands
LONGEST_LINE = 4_000
MOST_EVENTS = 20
MOST_ATTENDEES = 50
LONGEST_COMMENT = 400
WANTED = frozenset(
    ("uid", "dtstamp", "sequence", "organizer", "attendee", "summary", "comment", "dtstart", "dtend")
)
NAME = re.compile(r"([A-Za-z-]{1,40})[;:]")
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
HIGHEST = 2**31 - 1
SAID = (
    ("ACCEPTED", r"accepted|godtatt|godteke|akseptert|takket ja|zugesagt|accepterat|accepteret"),
    (
        "TENTATIVE",
        r"tentative(?:ly accepted)?|foreløpig(?: godtatt)?|førebels(?: godteke)?|kanskje|mit vorbehalt",
    ),
    ("DECLINED", r"declined|avslått|avslege|avvist|takket nei|abgelehnt|avböjt|afvist"),
)


class Ask(StrEnum):
    """What a calendar that came by mail wants."""

    REPLY = "REPLY"
    COUNTER = "COUNTER"  # another time is proposed


@dataclass(frozen=True, slots=True)
class Answer:
    """One ATTENDEE: the address in lower case, and PARTSTAT in upper case, empty when it isn't said."""

    address: str
    partstat: str
    delegated_to: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer about one event. `stamp` is its DTSTAMP; `organizer`: an address in lower case, or empty.

    `said`: the PARTSTAT that the summary begins with («Accepted: Meeting»), for those that say it nowhere
    else. `proposal`: the time that a COUNTER proposes, start and end in Norwegian time.
    """

    ask: Ask
    uid: str
    sequence: int
    stamp: datetime | None
    organizer: str
    answers: tuple[Answer, ...]
    said: str
    comment: str
    proposal: tuple[date | datetime | None, date | datetime | None] = (None, None)


@dataclass(slots=True)
class _Event:
    """The lines of a VEVENT that matter: value and parameters by name, the first of each but ATTENDEE."""

    lines: dict[str, tuple[str, Parameters]] = field(default_factory=dict)
    attendees: list[tuple[str, Parameters]] = field(default_factory=list)


def replies(text: str, method: str = "") -> list[Reply]:
    """The answers in a calendar, one an event, the newest where several are about the same.

    `method`: as the mail's header says it, for a calendar that doesn't. Without REPLY or COUNTER in either
    there are none.
    """
    said, events = _read(text[:LONGEST].replace("\x00", ""))
    try:
        ask = Ask((said or method).strip().upper())
    except ValueError:
        return []
    newest: dict[str, Reply] = {}
    for event in events:
        reply = _reply(event, ask)
        known = newest.get(reply.uid)
        if known is None or _order(reply) > _order(known):
            newest[reply.uid] = reply
    return list(newest.values())


def said_in(subject: str) -> str:
    """The PARTSTAT that a subject or summary begins with, as programs write it; empty without one."""
    begins = subject.strip().casefold()
    return next((partstat for partstat, words in SAID if re.match(rf"(?:{words})\s*:", begins)), "")


def _order(reply: Reply) -> tuple[int, datetime]:
    return reply.sequence, reply.stamp or datetime.min.replace(tzinfo=UTC)


def _read(text: str) -> tuple[str, list[_Event]]:
    """METHOD, and the events. What stands in other components (alarms, time zones) is nobody's answer."""
    method, inside = "", [""]
    events: list[_Event] = []
    for line in _unfolded(text):
        begins = NAME.match(line)
        name = begins[1].lower() if begins else ""
        if name == "begin":
            inside.append(line.partition(":")[2].strip().lower())
            if inside[-1] == "vevent" and len(events) < MOST_EVENTS:
                events.append(_Event())
        elif name == "end":
            inside = inside[:-1] or [""]
        elif name == "method" and inside[-1] in ("", "vcalendar"):
            method = method or line.partition(":")[2].strip()
        elif name in WANTED and inside[-1] == "vevent":
            _keep(events[-1], line)
    return method, events


def _unfolded(text: str) -> Iterator[str]:
    """The content lines (RFC 5545 §3.1), however they are ended and wherever they were folded."""
    parts: list[str] = []
    for line in re.split(r"\r\n?|\n", text):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
        else:
            if parts:
                yield "".join(parts)[:LONGEST_LINE]
            parts = [line.rstrip()] if line.strip() else []
    if parts:
        yield "".join(parts)[:LONGEST_LINE]


def _keep(event: _Event, line: str) -> None:
    with suppress(ValueError, IndexError, KeyError, AttributeError, TypeError):
        name, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
        if name.lower() != "attendee":
            event.lines.setdefault(name.lower(), (value, parameters))
        elif len(event.attendees) < MOST_ATTENDEES:
            event.attendees.append((value, parameters))


def _reply(event: _Event, ask: Ask) -> Reply:
    return Reply(
        ask=ask,
        uid=_value(event, "uid").strip()[:255],
        sequence=_number(_value(event, "sequence")),
        stamp=_stamp(_value(event, "dtstamp")),
        organizer=_address(_value(event, "organizer")),
        answers=tuple(_answer(value, parameters) for value, parameters in event.attendees),
        said=said_in(_text(event, "summary")),
        comment=_text(event, "comment")[:LONGEST_COMMENT],
        proposal=(_day(event, "dtstart"), _day(event, "dtend")) if ask is Ask.COUNTER else (None, None),
    )


def _answer(value: str, parameters: Parameters) -> Answer:
    given = {name.upper(): said for name, said in parameters.items()}
    partstat, to = given.get("PARTSTAT", ""), given.get("DELEGATED-TO", "")
    address = _address(value) or _address(str(given.get("EMAIL", "")))
    if not isinstance(to, str):
        to = next(iter(to), "")
    return Answer(address, str(partstat).strip().upper()[:20], _address(to))


def _address(value: str) -> str:
    """A mail address out of "mailto:Kari@X.example" and what else stands for it; empty without one."""
    bare = re.sub(r"^(?:mailto:)+", "", value.strip().strip('"<>'), flags=re.IGNORECASE).strip("<> ").lower()
    return bare if re.fullmatch(r"[^@\s<>]{1,100}@[^@\s<>]{1,150}", bare) else ""


def _value(event: _Event, name: str) -> str:
    return event.lines[name][0] if name in event.lines else ""


def _text(event: _Event, name: str) -> str:
    """A TEXT value, unescaped, in one line a paragraph."""
    found = ""
    with suppress(ValueError):
        found = str(vText.from_ical(_value(event, name)))
    return "\n".join(line for line in (" ".join(raw.split()) for raw in found.splitlines()) if line)


def _number(value: str) -> int:
    """SEQUENCE; 0 when it isn't said (RFC 5545 §3.8.7.4)."""
    found = re.fullmatch(r"\s*(\d{1,10})\s*", value, re.ASCII)
    return min(int(found[1]), HIGHEST) if found else 0


def _stamp(value: str) -> datetime | None:
    """DTSTAMP, which is in UTC whether it says so or not (RFC 5545 §3.8.7.2)."""
    moment = _moment(value)
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


def _day(event: _Event, name: str) -> date | datetime | None:
    """When a proposed event begins or ends, as the clocks in Norway show it."""
    value, parameters = event.lines.get(name, ("", Parameters()))
    moment = _moment(value)
    if not isinstance(moment, datetime):
        return moment
    if value.strip().upper().endswith("Z"):
        return moment.replace(tzinfo=UTC).astimezone(OSLO)
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return moment.replace(tzinfo=ZoneInfo(str(parameters.get("TZID", "")))).astimezone(OSLO)
    return moment.replace(tzinfo=OSLO)  # the names of time zones of Microsoft are mostly ours here


def _moment(value: str) -> date | datetime | None:
    """A date or a time of this century, without its zone."""
    found = MOMENT.fullmatch(value.strip().upper())
    if found is None or not 2000 <= int(found[1]) < 2100:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    with suppress(ValueError):
        if found[4] is None:
            return date(year, month, day)
        return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - its zone comes after
    return None
