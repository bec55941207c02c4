"""One row → its exact iCalendar text (RFC 5545), by `icalendar`, whose traps are wrapped here.

- Left alone it gives random UIDs and DTSTAMP "now"; here both come from the row, so that two renderings of
  an unchanged row are the same bytes.
- It lets NUL and BEL through, and reads a backslash before a capital N as a line break («C:\\Nord»); `Text`
  takes away what may not stand there, and escapes by §3.3.11 and no more.
- It knows that VALUE=DATE needs an exclusive DTEND (§3.6.1), but not that ours are stored inclusive.

There is no METHOD, ORGANIZER, ATTENDEE or VALARM: clients answer the first three by mail, and treat the last
in as many ways as there are clients. A row is written once: the text is kept by what it was written from.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Event, vText, vUri

from tracker.clock import OSLO, at
from tracker.language import Language, language
from tracker.models import Action, Meeting, MeetingStatus, Task

ONE_DAY = timedelta(days=1)
BOKMAAL = language("nb")
KEPT = 20_000  # events whose text is kept, some 15 MB
Day = date | datetime


class Text(vText):
    """A TEXT value, escaped by RFC 5545 §3.3.11 and no more."""

    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that an event's text is written from. `end` is exclusive; None: not known."""

    uid: str
    changed_at: datetime
    sequence: int
    start: Day
    end: Day | None
    summary: str
    url: str
    description: str = ""
    place: str = ""
    cancelled: bool = False
    busy: bool = True


def meeting_event(meeting: Meeting, host: str, url: str, tongue: Language = BOKMAAL) -> str:
    """The VEVENT of a meeting: folded lines, each ended by CRLF. Reads `meeting.body`.

    `host`: the part of the UID after @; `url`: where the program lives.
    """
    start, end = _meeting_times(meeting)
    cancelled = meeting.status is MeetingStatus.CANCELLED
    page = f"{url}/moter/{meeting.id}"
    about = [meeting.body.name]
    if meeting.registration:
        about.append(tongue.gettext("Påmelding: %(text)s") % {"text": _registration(meeting, tongue)})
    return _written(
        Facts(
            uid=f"meeting-{meeting.public_id}@{host}",
            changed_at=meeting.changed_at,
            sequence=meeting.sequence,
            start=start,
            end=end,
            summary=tongue.gettext("AVLYST: %(title)s") % {"title": meeting.title}
            if cancelled
            else meeting.title,
            url=page,
            description="\n".join([*about, page]),  # once more: Outlook shows no URL
            place=meeting.place or "",
            cancelled=cancelled,
            busy=not cancelled,
        )
    )


def deadline_event(task: Task, person_id: int, host: str, url: str, tongue: Language = BOKMAAL) -> str:
    """The all-day VEVENT of a person's deadline. Reads `task.history`, `task.body` and `task.agenda_item`.

    Of a restricted case only its number is told: calendars are seen by others. ValueError without a date.
    """
    if task.due_on is None:
        raise ValueError("a task without a deadline is no event")
    if task.restricted:
        about = [tongue.gettext("Logg inn for å se oppgaven.")]
    else:
        case = tongue.gettext("Sak %(number)s") % {"number": task.case_number} if task.case_number else ""
        about = [task.body.name, case]
    page = f"{url}/oppgaver/{task.id}"
    return _written(
        Facts(
            uid=f"task-{task.id}-{person_id}@{host}",
            changed_at=changed_at(task),
            sequence=sum(entry.action is Action.DUE_CHANGED for entry in task.history),
            start=task.due_on,
            end=task.due_on + ONE_DAY,
            summary=tongue.gettext("Frist: %(what)s") % {"what": deadline_title(task, tongue)},
            url=page,
            description="\n".join(line for line in (*about, page) if line),
            busy=False,
        )
    )


def deadline_title(task: Task, tongue: Language = BOKMAAL) -> str:
    """What a deadline is called in calendars: the task, or only the case number when that isn't public."""
    if not task.restricted:
        return task.what
    if not task.case_number:
        return tongue.gettext("sak unntatt offentlighet")
    return tongue.gettext("sak %(number)s (unntatt offentlighet)") % {"number": task.case_number}


def changed_at(task: Task) -> datetime:
    """When anything last happened to a task. Reads `task.history`."""
    return max((entry.at for entry in task.history), default=task.created_at)


def _meeting_times(meeting: Meeting) -> tuple[Day, Day | None]:
    """Start and exclusive end, in Norwegian time; whole days without a time (RFC 5545 §3.6.1).

    An end that isn't known, or isn't after the start, is left out: we don't invent one.
    """
    if meeting.starts_at is None:
        return meeting.starts_on, max(meeting.ends_on, meeting.starts_on) + ONE_DAY
    zone = ZoneInfo(meeting.zone)
    start = at(meeting.starts_on, meeting.starts_at, zone)
    if meeting.ends_at is not None:
        end = at(meeting.ends_on, meeting.ends_at, zone)
    elif meeting.ends_on > meeting.starts_on:
        end = at(meeting.ends_on + ONE_DAY, time(), zone)
    else:
        return start.astimezone(OSLO), None
    return start.astimezone(OSLO), end.astimezone(OSLO) if end > start else None


def _registration(meeting: Meeting, tongue: Language) -> str:
    """What is said of registration: mostly an ISO date, the last day."""
    said = meeting.registration or ""
    try:
        return tongue.gettext("innen %(day)s") % {"day": tongue.day(date.fromisoformat(said))}
    except ValueError:
        return said


@lru_cache(maxsize=KEPT)
def _written(facts: Facts) -> str:
    event = Event()
    event.add("UID", facts.uid)
    event.add("DTSTAMP", facts.changed_at.astimezone(UTC))
    event.add("LAST-MODIFIED", facts.changed_at.astimezone(UTC))
    event.add("SEQUENCE", facts.sequence)
    event.add("DTSTART", facts.start)
    if facts.end is not None:
        event.add("DTEND", facts.end)
    _add_text(event, "SUMMARY", one_line(facts.summary))
    _add_text(event, "LOCATION", one_line(facts.place))
    _add_text(event, "DESCRIPTION", facts.description)
    event.add("URL", vUri(facts.url))
    event.add("STATUS", "CANCELLED" if facts.cancelled else "CONFIRMED")
    event.add("TRANSP", "OPAQUE" if facts.busy else "TRANSPARENT")
    text: str = event.to_ical(sorted=False).decode()
    return text


def _add_text(event: Event, name: str, text: str) -> None:
    clean = cleaned(text)
    if clean:
        event.add(name, Text(clean))


def one_line(text: str) -> str:
    """`text` cleaned, for what has no room for line breaks."""
    return " ".join(cleaned(text).split())


def cleaned(text: str) -> str:
    """`text` without what may not stand in a calendar: control characters and halves of surrogate pairs.

    Line breaks of all kinds become one; parsers that split lines as Python does would break at the others.
    Runs of spaces become one; a folded line of nothing else ends the event for some parsers (vobject).
    """
    lines = re.sub("\r\n?|[\v\f\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    kept = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return re.sub(r"[^\S\n]{2,}", " ", kept).strip()
