"""What somebody is signed in on, in words that its owner knows it by. Only a name, never the whole header."""

from __future__ import annotations

# As browsers name themselves, those that also name another first (MDN, «Browser detection using the user
# agent»). On iPhones every browser is Safari underneath, and says so.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """«Firefox/Windows», or as much of it as can be told; "" for what is unknown."""
    found = (next((name for mark, name in names if mark in user_agent), "") for names in (BROWSERS, SYSTEMS))
    return "/".join(filter(None, found))
