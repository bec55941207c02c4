"""Which kind of program fetches a calendar, by what it calls itself (RFC 9110 §10.1.5). The kind is kept."""

from __future__ import annotations

import re

# The first that fits. Google's fetcher also says Mozilla, Thunderbird says Gecko; Microsoft's service says
# Exchange and the program on the desk says Outlook.
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        ("google", r"Google-Calendar|Googlebot|GoogleCalendar"),
        ("outlook", r"Microsoft Outlook|Microsoft Office|MSOffice|Outlook-iOS|Outlook-Android"),
        ("outlook_web", r"Exchange|Office ?365|OutlookService|Microsoft\.OData|microsoft"),
        ("thunderbird", r"Thunderbird|Betterbird|Lightning/"),
        ("iphone", r"\biOS/|iPhone|iPad"),
        ("mac", r"mac ?OS|Mac\+OS\+X|CalendarAgent|dataaccessd|Darwin/"),
        ("android", r"ICSx5|ICSdroid|DAVx5|Android"),
        ("browser", r"Mozilla/"),
    )
)
NAMES = {  # none of them is a word to translate
    "google": "Google",
    "outlook": "Outlook",
    "outlook_web": "Outlook.com / Microsoft 365",
    "thunderbird": "Thunderbird",
    "iphone": "iPhone",
    "mac": "Mac",
    "android": "Android",
}
OTHER = "other"


def kind_of(user_agent: str) -> str:
    """The kind of program, one of `KINDS` or "other"."""
    said = user_agent[:500]
    return next((kind for kind, words in KINDS if words.search(said)), OTHER)
