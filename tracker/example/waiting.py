"""The minutes that wait for review, as a document with the slips that such documents have.

A wrong year, a wrong weekday, two people called Ingrid, a task without owner, others without deadline: the
review page has all its kinds of cards to show.
"""

from __future__ import annotations

from pathlib import Path

from babel.dates import format_date

from tracker.example.days import Day
from tracker.example.earlier import Minutes, case_numbers, first_number
from tracker.rules import workdays

DOCUMENT = Path(__file__).parent / "4_til_gjennomgang.txt"


def document(days: dict[str, Day], before: Minutes) -> tuple[bytes, str]:
    """The document's bytes and file name. `before`: the minutes of the same body's last meeting."""
    held_on = days["m3"]
    slips = {
        "typo": f"{days['m2']:kort} {days['m2'].year + 1}",
        "wrong_weekday": format_date(days["seminar"] + workdays.ONE_DAY, "EEEE", locale="nb"),
    }
    numbers = case_numbers(first_number(before, held_on), held_on)
    text = DOCUMENT.read_text("utf-8").format_map({**days, **numbers, **slips})
    return text.encode(), f"Referat ordførerutvalget {held_on}.txt"
