"""The one VTIMEZONE that calendars get: Norwegian time, written by hand, for ever.

`icalendar`'s `add_missing_timezones()` writes lists of RDATEs that end in 2038; ical.js then reads summer as
UTC+1, and Outlook refuses them. Two yearly rules (RFC 5545 §3.6.5) are what all clients understand.
"""

from __future__ import annotations

NAME = "Europe/Oslo"

VTIMEZONE = "".join(
    f"{line}\r\n"
    for line in (
        "BEGIN:VTIMEZONE",
        f"TZID:{NAME}",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    )
)
