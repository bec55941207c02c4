"""How the templates of letters are filled: their language, their filters, and how words are cut to fit."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from tracker.language import language
from tracker.mail.shapes import marked, shortened

TEMPLATES = Path(__file__).parents[1] / "templates" / "mail"
LONGEST_SUBJECT = 70  # what a phone shows; the task is shortened, the deadline never
LEAST_OF_A_TASK = 24


def one_line(subject: str) -> str:
    """A subject that can't break out of its header, nor hold what nobody can see."""
    line = " ".join(subject.split())
    return line if line.isprintable() else "".join(letter for letter in line if letter.isprintable())


def tidy(text: str) -> str:
    """No more than one empty line in a row, none at the ends, no white space before a line break."""
    kept: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"


@cache
def templates(code: str, name: str) -> tuple[Template, Template, Template]:
    """Subject, text and HTML of a letter. Looking them up costs more than filling them in."""
    made = _environment(code)
    subject, text, html = (f"{name}/{part}" for part in ("subject.txt", "body.txt", "body.html"))
    return made.get_template(subject), made.get_template(text), made.get_template(html)


@cache
def _environment(code: str) -> Environment:
    """Templates in one language; HTML is escaped, text is not."""
    tongue = language(code)
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default=False),
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        tongue.gettext, tongue.ngettext, newstyle=True
    )
    made.filters.update(
        date=tongue.day,
        date_long=lambda day: tongue.day(day, year=False),
        day_month=lambda day: format_date(day, "d MMMM" if code == "en" else "d. MMMM", locale=code),
        within=_within,
        occasion=lambda o: tongue.occasion(o.starts_on, o.starts_at, o.ends_on, o.ends_at),
    )
    made.globals.update(distance=tongue.distance, week_of=_week_of)
    return made


def _within(text: str, around: str = "") -> str:
    """`text` cut so that it and what stands around it fit in a subject."""
    room = max(LONGEST_SUBJECT - len(around), LEAST_OF_A_TASK)
    return shortened(text, room) if marked(text) else cut(one_line(text), room)


def cut(text: str, room: int) -> str:
    """`text`, or as many whole words of it as there is room for."""
    return text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + "…"


def _week_of(due_on: date | None, today: date) -> str:
    """Which group of a bundle a deadline belongs to; weeks begin on Monday."""
    if due_on is None:
        return "later"
    if due_on < today:
        return "overdue"
    days_left = 7 - today.isoweekday()  # of this week
    days = (due_on - today).days
    return "this_week" if days <= days_left else "next_week" if days <= days_left + 7 else "later"
