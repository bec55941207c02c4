"""What letters are told, and what comes of it: values without behaviour, in the reader's words or in none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from tracker.rules.reminders import Step


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
