"""How the templates of letters are filled: their language, their filters, and how words are cut to fit.

What goes by the thousand in a morning is filled into shapes (`shapes.py`): made once, with marks for words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import escape

from tracker.language import Language, language
from tracker.mail.shapes import LAST, Shape, Words, marked, shortened, unmarked
from tracker.mail.values import Addressee, Letter, Sender, TaskLine

TEMPLATES = Path(__file__).parents[1] / "templates" / "mail"
LONGEST_SUBJECT = 70  # what a phone shows; the task is shortened, the deadline never
LEAST_OF_A_TASK = 24
LONGEST_QUOTE = 400


def write(
    name: str, addressee: Addressee, sender: Sender, today: date, lines: Sequence[TaskLine], **more: object
) -> Letter:
    """The letter in the folder `name`, filled in; the templates get `more` as it is."""
    tongue = language(addressee.language)
    headers = _may_be_paused(addressee.pause_url) if addressee.pause_url else {}
    if len(lines) == 1 and name in SHAPED:
        words = Words()
        shaped = _addressee(addressee, words), _sender(sender, words), _line(lines[0], tongue, words)
        if words.plain:
            shape = _shape(name, tongue.code, today, *shaped, tuple(more.items()))
            return _filled(shape, words.kept, headers)
    subject, text, html = templates(tongue.code, name)
    shown = tuple(public(line, tongue) for line in lines)
    values = {"to": addressee, "sender": sender, "lines": shown, "today": today, **more}
    head = one_line(subject.render(values))
    return Letter(head, tidy(text.render(values)), html.render(values, subject=head), headers)


def _may_be_paused(url: str) -> dict[str, str]:
    """One click in the mail program pauses reminders (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


SHAPED = ("new_tasks", "reminder", "overdue")  # what goes by the thousand in a morning


# With marks for people's words; what decides how the letter is built stays.


def _addressee(to: Addressee, words: Words) -> Addressee:
    return Addressee(words.mark(to.name), words.mark(to.first_name), to.language, words.mark(to.pause_url))


def _sender(sender: Sender, words: Words) -> Sender:
    return Sender(words.mark(sender.organisation), words.mark(sender.secretary), words.mark(sender.reply_to))


def _line(line: TaskLine, tongue: Language, words: Words) -> TaskLine:
    what, quote, together_with = _said(line, tongue)
    coming = line.next_meeting
    return replace(
        line,
        what=words.mark(what),
        answer_url=words.mark(line.answer_url),
        quote=words.mark(quote),
        secretary=words.mark(line.secretary),
        case_number=words.mark(line.case_number) if line.case_number else None,
        restricted="restricted" if line.restricted else None,
        together_with=(words.mark(", ".join(together_with)),) if together_with else (),
        next_meeting=(words.mark(coming[0]), coming[1]) if coming else None,
    )


@lru_cache(maxsize=1000)
def _shape(
    name: str,
    code: str,
    today: date,
    addressee: Addressee,
    sender: Sender,
    line: TaskLine,
    more: tuple[tuple[str, object], ...],
) -> tuple[Shape, Shape, Shape]:
    """Subject, text and HTML with marks. In the HTML the last word is the subject."""
    subject, text, html = templates(code, name)
    values = {"to": addressee, "sender": sender, "lines": (line,), "today": today, **dict(more)}
    page = html.render(values, subject=LAST)
    return Shape.of(subject.render(values)), Shape.of(tidy(text.render(values))), Shape.of(page)


def _filled(shape: tuple[Shape, Shape, Shape], words: list[str], headers: Mapping[str, str]) -> Letter:
    subject, text, page = shape
    head = one_line(subject.filled(words, lambda word, room: cut(one_line(word), room)))
    escaped = [str(escape(word)) for word in (*words, head)]
    return Letter(head, text.filled(words), page.filled(escaped), headers)


def public(line: TaskLine, tongue: Language) -> TaskLine:
    """The line as mail may tell it."""
    what, quote, together_with = _said(line, tongue)
    return replace(line, what=what, quote=quote, together_with=together_with)


def _said(line: TaskLine, tongue: Language) -> tuple[str, str, tuple[str, ...]]:
    """The task, the words of the minutes, and with whom; of a restricted case its number (offentleglova)."""
    if not line.restricted:
        quote = cut(" ".join(line.quote.split()), LONGEST_QUOTE)
        return unmarked(line.what), quote, line.together_with
    if line.case_number:
        what = tongue.gettext("Sak %(number)s (unntatt offentlighet)") % {"number": line.case_number}
    else:
        what = tongue.gettext("En sak som er unntatt offentlighet")
    return unmarked(what), "", ()


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
