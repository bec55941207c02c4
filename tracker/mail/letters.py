"""The letters: one function per mail, values in, words out. The wording is in `templates/mail/<name>/`.

Pure: nothing here knows the register. What a letter may say is decided by whoever fills the values; a
restricted case (`restricted`) is never named beyond its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tracker.language import language
from tracker.mail.filling import LONGEST_QUOTE, cut, public, write
from tracker.mail.shapes import unmarked
from tracker.mail.values import (
    Addressee,
    Letter,
    MeetingNews,
    Occasion,
    Sender,
    Status,
    StatusLine,
    TaskChange,
    TaskLine,
    Thread,
)

__all__ = [
    "Addressee",
    "Letter",
    "MeetingNews",
    "Occasion",
    "Sender",
    "Status",
    "StatusLine",
    "TaskChange",
    "TaskLine",
    "Thread",
]


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
            line=public(change.line, tongue),
            what_before="" if change.line.restricted else unmarked(change.what_before),
        )
        for change in changes
    ]
    return write("tasks_changed", addressee, sender, today, [], changes=told)


def status(addressee: Addressee, status: Status, sender: Sender, today: date) -> Letter:
    """To leader and secretary, some days before a meeting."""
    tongue = language(addressee.language)
    found = [
        replace(entry, line=public(entry.line, tongue), asks=() if entry.line.restricted else entry.asks)
        for entry in status.to_settle
    ]
    return write("status", addressee, sender, today, [], status=replace(status, to_settle=found))


def comments(addressee: Addressee, threads: Sequence[Thread], sender: Sender, today: date) -> Letter:
    """What others have said beside the reader's tasks and decisions. Of restricted cases: that they did."""
    tongue = language(addressee.language)
    shown = [
        Thread(
            public(thread.line, tongue),
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
    return unmarked(cut(" ".join(text.split()), LONGEST_QUOTE))
