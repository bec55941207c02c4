"""The letters: one function per mail, values in, words out. The wording is in `templates/mail/<name>/`.

Pure: nothing here knows the register. What a letter may say is decided by whoever fills the values; a
restricted case (`restricted`) is never named beyond its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from functools import lru_cache

from markupsafe import escape

from tracker.language import Language, language
from tracker.mail import filling
from tracker.mail.shapes import LAST, Shape, Words, unmarked
from tracker.rules.reminders import Step

LONGEST_QUOTE = 400


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is to. `pause_url`: where letters like it can be paused; empty when they can't."""

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
    """A task as letters tell of it. `step` is the step of the rhythm that brings it up.

    `meeting_on`: the meeting it comes from; `handed_over`: it was given to this person after that.
    `taken_up_on`: the meeting that takes up a task without deadline. `secretary`: who follows it up, when
    that is somebody else than the letter's sender. `due_before`: the deadline before it moved.
    """

    what: str
    due_on: date | None
    answer_url: str
    quote: str = ""
    case_number: str | None = None
    meeting_on: date | None = None
    restricted: str | None = None
    together_with: tuple[str, ...] = ()
    contributor: bool = False
    handed_over: bool = False
    step: Step | None = None
    next_reminder_on: date | None = None
    next_meeting: tuple[str, date] | None = None
    taken_up_on: date | None = None
    secretary: str = ""
    due_before: date | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where a meeting is, in civil time."""

    starts_on: date
    starts_at: time | None
    ends_on: date
    ends_at: time | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class MeetingNews:
    """What became of a meeting. `change`: «cancelled», «back» (held after all), «moved», «place», «details»
    (another title or link), or «withdrawn» (the reader is no longer invited). `invited`: `url` is the page
    where the reader answers the invitation, and the calendar comes along."""

    title: str
    change: str
    before: Occasion
    after: Occasion
    url: str
    invited: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """How the tasks of a body stand before a meeting: four numbers, and what the meeting must settle."""

    meeting: str
    meeting_on: date
    done: int
    on_track: int
    overdue: int
    unowned: int
    to_settle: Sequence[StatusLine]
    url: str


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A task that the meeting must settle, and why it is there."""

    line: TaskLine
    owners: tuple[str, ...]
    overdue: bool
    asks: tuple[tuple[str, date | None, str], ...] = ()  # who, the deadline wanted or None, their words


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What corrected minutes say otherwise of a task than before. `line` is the task as it is now.

    `due_changed`: the deadline was `line.due_before`. `gone`: «dropped» (no longer in the minutes),
    «released» (no longer this person's) or empty.
    """

    line: TaskLine
    what_before: str = ""
    due_changed: bool = False
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """What was said beside a task or a decision, oldest first: who, and their words."""

    line: TaskLine
    said: tuple[tuple[str, str], ...]

    @property
    def people(self) -> str:
        return ", ".join(dict.fromkeys(who for who, _ in self.said))


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter, with the headers that its kind asks for."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


def new_tasks(addressee: Addressee, lines: Sequence[TaskLine], sender: Sender, today: date) -> Letter:
    """Somebody has been given one task, or several."""
    meetings = {None if line.handed_over else line.meeting_on for line in lines}
    meeting_on = meetings.pop() if len(meetings) == 1 else None  # said of all of them, or not at all
    coming = min((line.next_reminder_on for line in lines if line.next_reminder_on), default=None)
    more = {"meeting_on": meeting_on, "coming": coming}
    return write("new_tasks", addressee, sender, today, lines, **more)


def reminder(addressee: Addressee, lines: Sequence[TaskLine], sender: Sender, today: date) -> Letter:
    """One task whose deadline nears or has passed, or a bundle of them, the most urgent first."""
    shown = sorted(lines, key=lambda line: line.due_on or date.max)
    if len(shown) > 1:
        name = "bundle"
    else:
        name = "overdue" if shown[0].step and shown[0].step.overdue else "reminder"
    return write(name, addressee, sender, today, shown)


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
    more = {"who": who, "wanted": wanted, "suggested": suggested, "why": why, "url": url}
    return write("request", addressee, sender, today, [line], **more)


def receipt(addressee: Addressee, line: TaskLine, sender: Sender, today: date, *, answer: str) -> Letter:
    """To somebody who has answered from a mail: what was noted («done», «more_time», «not_mine» or
    «accepted»), and a way to undo it. `line.due_on` is the deadline asked for or accepted."""
    return write("receipt", addressee, sender, today, [line], answer=answer)


def meeting_changed(
    addressee: Addressee, news: MeetingNews, lines: Sequence[TaskLine], sender: Sender, today: date
) -> Letter:
    """A meeting is moved or cancelled, and with it the deadlines in `lines`."""
    return write("meeting_changed", addressee, sender, today, lines, news=news)


def tasks_changed(addressee: Addressee, changes: Sequence[TaskChange], sender: Sender, today: date) -> Letter:
    """Corrected minutes change tasks that the reader has."""
    tongue = language(addressee.language)
    told = [
        replace(
            change,
            line=_public(change.line, tongue),
            what_before="" if change.line.restricted else unmarked(change.what_before),
        )
        for change in changes
    ]
    return write("tasks_changed", addressee, sender, today, [], changes=told)


def status(addressee: Addressee, status: Status, sender: Sender, today: date) -> Letter:
    """To leader and secretary, some days before a meeting."""
    tongue = language(addressee.language)
    found = [
        replace(entry, line=_public(entry.line, tongue), asks=() if entry.line.restricted else entry.asks)
        for entry in status.to_settle
    ]
    return write("status", addressee, sender, today, [], status=replace(status, to_settle=found))


def comments(addressee: Addressee, threads: Sequence[Thread], sender: Sender, today: date) -> Letter:
    """What others have said beside the reader's tasks and decisions. Of restricted cases: that they did."""
    tongue = language(addressee.language)
    shown = [
        Thread(
            _public(thread.line, tongue),
            tuple((who, "" if thread.line.restricted else _short(text)) for who, text in thread.said),
        )
        for thread in threads
    ]
    return write(
        "comments", addressee, sender, today, [], threads=shown, count=sum(len(t.said) for t in shown)
    )


def sign_in(addressee: Addressee, url: str, today: date) -> Letter:
    """A link that signs the reader in."""
    return write("sign_in", addressee, Sender("", "", ""), today, [], url=url)


def trial(addressee: Addressee, url: str, today: date) -> Letter:
    """That the mail server works, to whoever is setting it up."""
    return write("trial", addressee, Sender("", "", ""), today, [], url=url)


def _short(text: str) -> str:
    """A comment in a mail: on one line, and no longer than can be read there."""
    return unmarked(filling.cut(" ".join(text.split()), LONGEST_QUOTE))


def write(
    name: str, addressee: Addressee, sender: Sender, today: date, lines: Sequence[TaskLine], **more: object
) -> Letter:
    """The letter in the folder `name`, filled in; the templates get `more` as it is."""
    tongue = language(addressee.language)
    headers = _may_be_paused(addressee.pause_url) if addressee.pause_url else {}
    if len(lines) == 1 and name in SHAPED:
        words = Words()
        marked = _addressee(addressee, words), _sender(sender, words), _line(lines[0], tongue, words)
        if words.plain:
            shape = _shape(name, tongue.code, today, *marked, tuple(more.items()))
            return _filled(shape, words.kept, headers)
    subject, text, html = filling.templates(tongue.code, name)
    shown = tuple(_public(line, tongue) for line in lines)
    values = {"to": addressee, "sender": sender, "lines": shown, "today": today, **more}
    head = filling.one_line(subject.render(values))
    return Letter(head, filling.tidy(text.render(values)), html.render(values, subject=head), headers)


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
    subject, text, html = filling.templates(code, name)
    values = {"to": addressee, "sender": sender, "lines": (line,), "today": today, **dict(more)}
    page = html.render(values, subject=LAST)
    return Shape.of(subject.render(values)), Shape.of(filling.tidy(text.render(values))), Shape.of(page)


def _filled(shape: tuple[Shape, Shape, Shape], words: list[str], headers: Mapping[str, str]) -> Letter:
    subject, text, page = shape
    head = filling.one_line(
        subject.filled(words, lambda word, room: filling.cut(filling.one_line(word), room))
    )
    escaped = [str(escape(word)) for word in (*words, head)]
    return Letter(head, text.filled(words), page.filled(escaped), headers)


def _public(line: TaskLine, tongue: Language) -> TaskLine:
    """The line as mail may tell it."""
    what, quote, together_with = _said(line, tongue)
    return replace(line, what=what, quote=quote, together_with=together_with)


def _said(line: TaskLine, tongue: Language) -> tuple[str, str, tuple[str, ...]]:
    """The task, the words of the minutes, and with whom; of a restricted case its number (offentleglova)."""
    if not line.restricted:
        quote = filling.cut(" ".join(line.quote.split()), LONGEST_QUOTE)
        return unmarked(line.what), quote, line.together_with
    if line.case_number:
        what = tongue.gettext("Sak %(number)s (unntatt offentlighet)") % {"number": line.case_number}
    else:
        what = tongue.gettext("En sak som er unntatt offentlighet")
    return unmarked(what), "", ()
