"""What libical says of the calendars on standard input, as JSON. Run by Debian's Python, which can use it.

`errors`: what is wrong by RFC 5546 and RFC 5545 (libical's restriction check). `events`: as `reading.Read`.
"""

import json
import sys

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # type: ignore[attr-defined]  # noqa: E402

VEVENT = ICalGLib.ComponentKind.VEVENT_COMPONENT


def moment(time):
    """A whole day as it is, else the moment in UTC."""
    if time.is_date():
        year, month, day = time.get_date()
        return f"{year:04}-{month:02}-{day:02}"
    return time.convert_to_zone(ICalGLib.Timezone.get_utc_timezone()).as_ical_string()


def event_of(component):
    """One event, in the order of the fields of `Read`."""
    return [
        component.get_uid(),
        moment(component.get_dtstart()),
        moment(component.get_dtend()),
        component.get_summary() or "",
        component.get_description() or "",
        component.get_location() or "",
        component.get_status().value_nick.upper(),
        component.get_sequence(),
    ]


errors, events = [], []
END = "\r\nEND:VCALENDAR\r\n"
for text in sys.stdin.buffer.read().decode().split(END)[:-1]:
    calendar = ICalGLib.Component.new_from_string(text + END)
    ICalGLib.restriction_check(calendar)
    errors += [line for line in calendar.as_ical_string().splitlines() if line.startswith("X-LIC-ERROR")]
    found = calendar.get_first_component(VEVENT)
    while found is not None:
        events.append(event_of(found))
        found = calendar.get_next_component(VEVENT)
json.dump({"errors": errors, "events": events}, sys.stdout)
