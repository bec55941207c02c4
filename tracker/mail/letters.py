"""The letters: one function per mail, values in, words out. The wording is in `templates/mail/<name>/`.

Pure: nothing here knows the register. What a letter may say is decided by whoever fills the values; a
restricted case (`restricted`) is never named beyond its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from tracker.language import Language, language
from tracker.rules.reminders import Step

TEMPLATES = Path(__file__).parents[1] / "templates" / "mail"
LONGEST_SUBJECT = 78  # RFC 5322 §2.1.1 and what a phone shows


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is to. `pause_url`: where reminders can be paused, empty before there is one."""

    name: str
    first_name: str
    language: str = "nb"
    pause_url: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose behalf: the body, and its secretary, whom answers go to."""

    organisation: str
    secretary: str
    reply_to: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as letters tell of it. `step` is the step of the rhythm that brings it up."""

    what: str
    due_on: date | None
    answer_url: str
    quote: str = ""
    case_number: str | None = None
    meeting_on: date | None = None
    restricted: str | None = None
    together_with: tuple[str, ...] = ()
    contributor: bool = False
    step: Step | None = None
    next_reminder_on: date | None = None
    next_meeting: tuple[str, date] | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter. `reminder`: it may be paused (RFC 8058)."""

    subject: str
    text: str
    html: str
    reminder: bool = False


def new_tasks(addressee: Addressee, lines: Sequence[TaskLine], sender: Sender, today: date) -> Letter:
    """Somebody has been given one task, or several from the same meeting."""
    return _letter("new_tasks", addressee, sender, today, _open(lines, language(addressee.language)))


def reminder(addressee: Addressee, lines: Sequence[TaskLine], sender: Sender, today: date) -> Letter:
    """One task whose deadline nears or has passed, or a bundle of them, the most urgent first."""
    tongue = language(addressee.language)
    shown = sorted(_open(lines, tongue), key=lambda line: line.due_on or date.max)
    name = (
        "bundle" if len(shown) > 1 else "overdue" if shown[0].step and shown[0].step.overdue else "reminder"
    )
    return replace(_letter(name, addressee, sender, today, shown), reminder=True)


def request(
    addressee: Addressee,
    line: TaskLine,
    sender: Sender,
    today: date,
    *,
    who: str,
    wanted: date | None,
    suggested: str,
    why: str,
    url: str,
) -> Letter:
    """To the secretary: somebody wants a later deadline (`wanted`), or says that the task isn't theirs."""
    shown = _open([line], language(addressee.language))
    more = {"who": who, "wanted": wanted, "suggested": suggested, "why": why, "url": url}
    return _letter("request", addressee, sender, today, shown, **more)


def sign_in(addressee: Addressee, url: str, today: date) -> Letter:
    """A link that signs the reader in."""
    return _letter("sign_in", addressee, Sender("", "", ""), today, [], url=url)


def _letter(
    name: str, addressee: Addressee, sender: Sender, today: date, lines: Sequence[TaskLine], **more: object
) -> Letter:
    tongue = language(addressee.language)
    values = {"to": addressee, "sender": sender, "lines": lines, "today": today, **more}
    parts = {
        part: _environment(tongue.code).get_template(f"{name}/{part}").render(values)
        for part in ("subject.txt", "body.txt", "body.html")
    }
    subject = " ".join(parts["subject.txt"].split())
    return Letter(subject=subject, text=_tidy(parts["body.txt"]), html=parts["body.html"])


def _open(lines: Sequence[TaskLine], tongue: Language) -> list[TaskLine]:
    """The lines as they may be told: a restricted case by its number alone."""
    return [
        replace(
            line,
            what=tongue.gettext("Sak %(number)s (unntatt offentlighet)")
            % {"number": line.case_number or "–"},
            quote="",
            together_with=(),
        )
        if line.restricted
        else line
        for line in lines
    ]


def _tidy(text: str) -> str:
    """No more than one empty line in a row, none at the ends, no white space before a line break."""
    kept: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"


@cache
def _environment(code: str) -> Environment:
    """Templates in one language; HTML is escaped, text is not."""
    tongue = language(code)
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
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
        within=_within,
        capital=lambda text: text[:1].upper() + text[1:],
    )
    made.globals.update(distance=tongue.distance, week_of=_week_of)
    return made


def _within(text: str, around: Any = "") -> str:
    """`text` cut at a word so that it and what stands around it fit in a subject."""
    room = max(LONGEST_SUBJECT - len(str(around)), 24)
    return text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0] + "…"


def _week_of(due_on: date | None, today: date) -> str:
    """Which group of a bundle a deadline belongs to."""
    if due_on is None:
        return "later"
    if due_on < today:
        return "overdue"
    weeks = due_on.isocalendar()[:2]
    if weeks == today.isocalendar()[:2]:
        return "this_week"
    return "next_week" if (due_on - today).days <= 14 - today.isoweekday() else "later"
