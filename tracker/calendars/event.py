"""One row → its exact iCalendar text (RFC 5545), by `icalendar`, whose traps are wrapped here.

- Left alone it gives random UIDs and DTSTAMP "now"; here both come from the row, so that two renderings of
  an unchanged row are the same bytes.
- It lets NUL and BEL through, and reads a backslash before a capital N as a line break («C:\\Nord»); `Text`
  takes away what may not stand there, and escapes by §3.3.11 and no more.
- It knows that VALUE=DATE needs an exclusive DTEND (§3.6.1), but not that ours are stored inclusive.
- Its components guess the type of each value and fold by the character, which is most of the time they take;
  here each value is given its type, and lines are folded by `folded`.

In feeds there is no METHOD, ORGANIZER or ATTENDEE: clients answer them by mail (`invitation.py` adds them).
A VALARM comes only to those who ask for it (`Style.alarms`): Google and Outlook pass it over. What is written
is kept by `kept.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Parameters, vDate, vDatetime, vDuration, vInt, vText, vUri
from icalendar.parser import Contentline

from tracker.calendars import zone
from tracker.clock import OSLO, at
from tracker.language import Language, language
from tracker.models import Action, Meeting, MeetingStatus, Task
from tracker.rules.access import hidden

ONE_DAY = timedelta(days=1)
BOKMAAL = language("nb")
PLAIN = Parameters()
IN_OSLO = Parameters({"TZID": zone.NAME})
WHOLE_DAY = Parameters({"VALUE": "DATE"})
ON_THE_NET = Parameters(
    {"VALUE": "URI", "FEATURE": "VIDEO"}
)  # RFC 7986 §5.11; programs without it pass it over
TO_END = Parameters({"RELATED": "END"})
HOUR_BEFORE = vDuration(timedelta(hours=-1))
MORNING_BEFORE = vDuration(timedelta(hours=-15))  # of a whole day: at 09:00 the day before
UNWANTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")  # Cc, Cs, and the byte order mark
PRODUCT = "-//Oppfolging//Oppfolging 1//NO"
LINE = 74  # octets; one less than §3.1 allows, as icalendar does
Day = date | datetime


@dataclass(frozen=True, slots=True)
class Style:
    """For whom events are written. `url`: where the program lives; `host`: the part of the UID after @.

    `public`: for everybody, so nothing that only members may know, and links to the `public` page.
    """

    url: str
    host: str
    tongue: Language = BOKMAAL
    alarms: bool = False
    public: str = ""


class Text(vText):
    """A TEXT value, escaped by RFC 5545 §3.3.11 and no more."""

    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that an event's text is written from. `end` is exclusive; None: not known.

    `alarm`: what rings and is shown before it, if anything does.
    """

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
    alarm: bool = False
    remote_link: str = ""


def meeting_event(meeting: Meeting, style: Style) -> str:
    """The VEVENT of a meeting: folded lines, each ended by CRLF. Reads `meeting.body`."""
    return written(meeting_facts(meeting, style))


def meeting_facts(meeting: Meeting, style: Style) -> Facts:
    """What the event of a meeting is written from. Reads `meeting.body`."""
    tongue, cancelled = style.tongue, meeting.status is MeetingStatus.CANCELLED
    start, end = _meeting_times(meeting)
    page = style.public or f"{style.url}/moter/{meeting.id}"
    about = [meeting.body.name]
    for said in () if style.public else _registration(meeting, tongue):
        about.append(tongue.gettext("Påmelding: %(text)s") % {"text": said})
    if meeting.remote_link and not style.public:
        about.append(tongue.gettext("På nettet: %(link)s") % {"link": meeting.remote_link})
    return Facts(
        uid=f"meeting-{meeting.public_id}@{style.host}",
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
        alarm=style.alarms and not cancelled,
        remote_link="" if style.public else meeting.remote_link or "",
    )


def deadline_event(task: Task, person_id: int, style: Style) -> str:
    """The all-day VEVENT of a person's deadline, since Outlook, Google and iPhone show no VTODO."""
    return written(_deadline(task, person_id, style, "task"))


def deadline_todo(task: Task, person_id: int, style: Style) -> str:
    """The same as a VTODO (§3.6.2), for programs that have a list of things to do. Its UID is its own."""
    facts = _deadline(task, person_id, style, "todo")
    lines = [
        "BEGIN:VTODO\r\n",
        *_who_and_when_changed(facts),
        content_line("DUE", vDate(facts.start), WHOLE_DAY),
        *_words(facts),
        "STATUS:NEEDS-ACTION\r\n",
        *(_alarm(facts, MORNING_BEFORE, TO_END) if facts.alarm else ()),
        "END:VTODO\r\n",
    ]
    return "".join(lines)


def _deadline(task: Task, person_id: int, style: Style, kind: str) -> Facts:
    """Reads `task.history`, `task.body` and `task.agenda_item`. Raises ValueError without a date.

    Of a restricted case only its number is told: calendars are seen by others.
    """
    if task.due_on is None:
        raise ValueError("a task without a deadline is no event")
    tongue = style.tongue
    if hidden(task.restricted, task.body_id):
        about = [tongue.gettext("Logg inn for å se oppgaven.")]
    else:
        case = tongue.gettext("Sak %(number)s") % {"number": task.case_number} if task.case_number else ""
        about = [task.body.name, case]
    page = f"{style.url}/oppgaver/{task.id}"
    return Facts(
        uid=f"{kind}-{task.id}-{person_id}@{style.host}",
        changed_at=changed_at(task),
        sequence=sum(entry.action is Action.DUE_CHANGED for entry in task.history),
        start=task.due_on,
        end=task.due_on + ONE_DAY,
        summary=tongue.gettext("Frist: %(what)s") % {"what": deadline_title(task, tongue)},
        url=page,
        description="\n".join(line for line in (*about, page) if line),
        busy=False,
        alarm=style.alarms,
    )


def deadline_title(task: Task, tongue: Language = BOKMAAL) -> str:
    """What a deadline is called in calendars: the task, or only the case number when that isn't public."""
    if not hidden(task.restricted, task.body_id):
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


def _registration(meeting: Meeting, tongue: Language) -> list[str]:
    """What is said of signing up: the last day, or what else the minutes say of it."""
    if meeting.register_by is not None:
        return [tongue.gettext("innen %(day)s") % {"day": tongue.day(meeting.register_by)}]
    if not meeting.registration:
        return []
    return [tongue.gettext("nødvendig") if meeting.registration == "required" else meeting.registration]


def written(facts: Facts, *parties: str) -> str:
    """The VEVENT: folded lines, each ended by CRLF. `parties`: such lines of who invites and is invited."""
    whole_day = not isinstance(facts.start, datetime)
    lines = [
        "BEGIN:VEVENT\r\n",
        *_who_and_when_changed(facts),
        _when("DTSTART", facts.start),
        _when("DTEND", facts.end) if facts.end is not None else "",
        *_words(facts),
        content_line("CONFERENCE", vUri(facts.remote_link), ON_THE_NET) if facts.remote_link else "",
        *parties,
        f"STATUS:{'CANCELLED' if facts.cancelled else 'CONFIRMED'}\r\n",
        f"TRANSP:{'OPAQUE' if facts.busy else 'TRANSPARENT'}\r\n",
        *(_alarm(facts, MORNING_BEFORE if whole_day else HOUR_BEFORE, PLAIN) if facts.alarm else ()),
        "END:VEVENT\r\n",
    ]
    return "".join(lines)


def _who_and_when_changed(facts: Facts) -> list[str]:
    changed = vDatetime(facts.changed_at.astimezone(UTC))
    return [
        content_line("UID", Text(facts.uid)),
        content_line("DTSTAMP", changed),
        content_line("LAST-MODIFIED", changed),
        content_line("SEQUENCE", vInt(facts.sequence)),
    ]


def _words(facts: Facts) -> list[str]:
    return [
        _text("SUMMARY", one_line(facts.summary)),
        _text("LOCATION", one_line(facts.place)),
        _text("DESCRIPTION", cleaned(facts.description)),
        content_line("URL", vUri(facts.url)),
    ]


def _alarm(facts: Facts, before: vDuration, related: Parameters) -> list[str]:
    """§3.6.6. Without its DESCRIPTION some clients drop the whole calendar."""
    return [
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\n",
        content_line("TRIGGER", before, related),
        content_line("DESCRIPTION", Text(one_line(facts.summary) or "·")),
        "END:VALARM\r\n",
    ]


def _when(name: str, day: Day) -> str:
    if isinstance(day, datetime):
        return content_line(name, vDatetime(day), IN_OSLO)
    return content_line(name, vDate(day), WHOLE_DAY)


def _text(name: str, clean: str) -> str:
    return content_line(name, Text(clean)) if clean else ""


def content_line(name: str, value: Any, parameters: Parameters = PLAIN) -> str:
    return folded(Contentline.from_parts(name, parameters, value))


def folded(line: str) -> str:
    """A content line as it is sent (§3.1): at most 75 octets on each, no character split, ended by CRLF."""
    octets = line.encode()
    if len(octets) <= LINE:
        return f"{line}\r\n"
    pieces, start, room = [], 0, LINE
    while start < len(octets):
        end = start + room
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        pieces.append(octets[start:end].decode())
        start, room = end, LINE - 1
    return "\r\n ".join(pieces) + "\r\n"


def one_line(text: str) -> str:
    """`text` cleaned, for what has no room for line breaks."""
    return " ".join(cleaned(text).split())


def cleaned(text: str) -> str:
    """`text` without what may not stand in a calendar: control characters and halves of surrogate pairs.

    Nor byte order marks, which readers in JavaScript take for spaces.

    Line breaks of all kinds become one; parsers that split lines as Python does would break at the others.
    Runs of spaces become one; a folded line of nothing else ends the event for some parsers (vobject).
    """
    lines = re.sub("\r\n?|[\v\f\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    return re.sub(r"[^\S\n]{2,}", " ", UNWANTED.sub("", lines)).strip()
