"""How a question is put together, and small words for its texts (bokmål)."""

from __future__ import annotations

from datetime import date

from tracker.minutes.draft import Choice, Question, Severity, Span
from tracker.minutes.findings import Findings

_WEEKDAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_MONTHS = (
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
)


def ask(
    found: Findings, code: str, severity: Severity, text: str, span: Span, *, why: str = "",
    quotes: tuple[Span, ...] = (), choices: tuple[Choice, ...] = (), suggested: str | None = None,
    blocks: tuple[str, ...] = (),
) -> Question:  # fmt: skip
    """A question about the words at `span`; its number comes when all questions are known."""
    blocking = blocks if severity == "must-resolve" else ()
    return Question(
        "", code, severity, text, why, found.evidence(span), span, quotes, choices, suggested, blocking
    )


def day_in_words(day: str | date, weekday: bool = True) -> str:
    """ "mandag 17. januar 2022"."""
    when = date.fromisoformat(day[:10]) if isinstance(day, str) else day
    said = f"{when.day}. {_MONTHS[when.month - 1]} {when.year}"
    return f"{_WEEKDAYS[when.weekday()]} {said}" if weekday else said


def short_days(start: str, end: str | None) -> str:
    """ "22.–23. februar"."""
    first, last = date.fromisoformat(start[:10]), date.fromisoformat((end or start)[:10])
    month = _MONTHS[last.month - 1]
    if first == last:
        return f"{first.day}. {month}"
    if first.month == last.month:
        return f"{first.day}.–{last.day}. {month}"
    return f"{first.day}. {_MONTHS[first.month - 1]}–{last.day}. {month}"


def count_in_words(count: int) -> str:
    """Small numbers in words."""
    return (
        ("null", "én", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti")[count]
        if count <= 10
        else str(count)
    )


def listed(words: list[str]) -> str:
    """ "a, b og c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} og {words[-1]}"


def short(text: str, length: int = 70) -> str:
    """`text` on one line, cut at a word."""
    text = " ".join(text.replace("*", "").split())
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"
