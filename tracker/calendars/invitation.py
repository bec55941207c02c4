"""An invitation for one person: the calendar object that mail carries (iTIP, RFC 5546; iMIP, RFC 6047).

One ATTENDEE a mail: each has an answer of their own, and nobody learns who else is invited. ORGANIZER is the
address that the mail comes from, and the same for the life of a meeting: clients refuse a change or a
cancellation that comes from somebody else than the invitation did. Nothing depends on the time of writing,
so that a mail that goes a second time is the same mail.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from icalendar import Parameters, vCalAddress

from tracker.calendars import zone
from tracker.calendars.event import PRODUCT, Style, content_line, meeting_facts, one_line, written
from tracker.models import Meeting, Method


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody as calendars name them. `partstat` (RFC 5545 §3.2.12): what an invited person has answered."""

    name: str
    address: str
    partstat: str = "NEEDS-ACTION"


def invitation(
    meeting: Meeting,
    organizer: Party,
    attendee: Party,
    style: Style,
    *,
    method: Method,
    sequence: int,
    stamp: datetime,
) -> str:
    """The calendar object: folded lines, each ended by CRLF. Reads `meeting.body`.

    `method`: REQUEST is an invitation or a change of one, CANCEL takes it back (RFC 5546 §3.2).
    `sequence` and `stamp` (when this was decided on) tell clients which of two messages is the newer.
    """
    facts = replace(
        meeting_facts(meeting, style),
        changed_at=stamp,
        sequence=sequence,
        summary=one_line(meeting.title) or meeting.body.name,  # clients say themselves that it is cancelled
        cancelled=method is Method.CANCEL,
        busy=method is Method.REQUEST,
    )
    event = written(facts, _organizer(organizer), _attendee(attendee, method))
    head = f"VERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\nMETHOD:{method.value.upper()}\r\n"
    return f"BEGIN:VCALENDAR\r\n{head}{zone.VTIMEZONE}{event}END:VCALENDAR\r\n"


def _organizer(party: Party) -> str:
    return content_line("ORGANIZER", vCalAddress(f"mailto:{party.address}"), _named(party))


def _attendee(party: Party, method: Method) -> str:
    asked = {
        **_named(party),
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": party.partstat,
        **({"RSVP": "TRUE"} if method is Method.REQUEST else {}),
    }
    return content_line("ATTENDEE", vCalAddress(f"mailto:{party.address}"), Parameters(asked))


def _named(party: Party) -> Parameters:
    """The name, without what many readers can't take back out of a parameter (RFC 6868 is young)."""
    name = one_line(party.name).replace('"', "'").replace("^", "")
    return Parameters({"CN": name}) if name else Parameters()
