"""The cards of a review: what the reader proposed, as the secretary has left it so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from tracker.minutes.draft import AgendaProposal, Case, Decision, Event, Question, StatusUpdate, Task
from tracker.models import Decision as DecisionRow
from tracker.models import Meeting, Person
from tracker.models import Task as TaskRow
from tracker.models.person import first_name
from tracker.rules.deadlines import DueKind, Suggestion


class State(StrEnum):
    """Where a card is."""

    OPEN = "open"
    WAITING = "waiting"  # for the answer to a question
    ACCEPTED = "accepted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePlan:
    """A deadline as chosen on a card. `event` is the id of an event card, `days` its offset from it.

    `kept`: it stands as it is in the register.
    """

    kind: DueKind
    on: date | None = None
    event: str | None = None
    days: int = 0
    kept: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is kept in a verdict."""
        on = self.on.isoformat() if self.on else None
        kept = {"kept": True} if self.kept else {}
        return {"kind": self.kind.value, "on": on, "event": self.event, "days": self.days, **kept}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> DuePlan:
        """The inverse of `to_json`."""
        on = value.get("on")
        return cls(
            kind=DueKind(value["kind"]),
            on=date.fromisoformat(on) if on else None,
            event=value.get("event"),
            days=int(value.get("days") or 0),
            kept=bool(value.get("kept")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What every card has: its id, state and revision, and who last answered it."""

    id: str
    state: State = State.OPEN
    revision: int = 0
    by: str = ""

    @property
    def settled(self) -> bool:
        return self.state in (State.ACCEPTED, State.SKIPPED)


@dataclass(frozen=True, slots=True)
class Change:
    """What accepting a card changes in the register: `field` ("what", "owners", "due", …), from → to."""

    field: str
    before: str | date | None
    after: str | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCard(Card):
    """A question; `choice` is the value chosen."""

    question: Question
    choice: str | None = None

    @property
    def answer(self) -> str:
        """The label of what was chosen."""
        return next((c.label for c in self.question.choices if c.value == self.choice), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCard(Card):
    """A task as proposed or as edited. `offers` are deadlines to choose when the minutes give none.

    `groups` are owners that are nobody in particular («Alle», «kommunene»): who answers must be asked.
    `known` is the task in the register that it is, and `changes` what the minutes now say otherwise.
    `twin` is an open task from an earlier meeting that says nearly the same: whether it is, is asked.
    """

    task: Task
    what: str
    owners: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    due: DuePlan | None = None
    offers: tuple[Suggestion, ...] = ()
    event: Event | None = None
    waits_for: str | None = None
    added: bool = False
    groups: tuple[str, ...] = ()
    known: TaskRow | None = None
    changes: tuple[Change, ...] = ()
    twin: TaskRow | None = None

    @property
    def unchanged(self) -> bool:
        return self.known is not None and not self.changes

    @property
    def new_to(self) -> tuple[str, ...]:
        """Those it is news for: who has a part in it now and had none before."""
        present = (
            {a.person.name for a in (*self.known.owners, *self.known.contributors)} if self.known else set()
        )
        return tuple(n for n in dict.fromkeys((*self.owners, *self.contributors)) if n not in present)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCard(Card):
    """A meeting or gathering, as proposed or edited; `known` and `changes` as on a task."""

    event: Event
    waits_for: str | None = None
    known: Meeting | None = None
    changes: tuple[Change, ...] = ()

    @property
    def unchanged(self) -> bool:
        return self.known is not None and not self.changes

    @property
    def starts_on(self) -> date | None:
        return date.fromisoformat(self.event.start[:10]) if self.event.start else None

    @property
    def ends_on(self) -> date | None:
        return date.fromisoformat(self.event.end[:10]) if self.event.end else self.starts_on

    @property
    def starts_at(self) -> time | None:
        return time_of(self.event.start)

    @property
    def ends_at(self) -> time | None:
        return time_of(self.event.end) if self.starts_at else None

    @property
    def register_by(self) -> date | None:
        """The last day to sign up, when the document says it."""
        try:
            return date.fromisoformat(self.event.registration or "")
        except ValueError:
            return None

    @property
    def signing_up(self) -> dict[str, Any]:
        """What the register keeps of signing up: the last day, or that one has to ("required")."""
        said = None if self.register_by else self.event.registration
        return {"register_by": self.register_by, "registration": (said or "")[:300] or None}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCard(Card):
    """A decision point; taken in unless skipped. `known` and `changes` as on a task."""

    decision: Decision
    needs_follow_up: bool = True
    known: DecisionRow | None = None
    changes: tuple[Change, ...] = ()

    @property
    def unchanged(self) -> bool:
        return self.known is not None and not self.changes


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneCard(Card):
    """What is in the register from the minutes before, and no longer in the corrected ones.

    Accepted, it is taken out of use, with a trace; skipped, it stays as it is.
    """

    row: TaskRow | DecisionRow | Meeting

    @property
    def kind(self) -> str:
        """ "task", "decision" or "event"."""
        if isinstance(self.row, TaskRow):
            return "task"
        return "decision" if isinstance(self.row, DecisionRow) else "event"

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.row, TaskRow):
            return self.row.what
        return self.row.text if isinstance(self.row, DecisionRow) else self.row.title


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCard(Card):
    """What the minutes say of a task from an earlier meeting, `known`. Nothing happens unless accepted."""

    update: StatusUpdate
    known: TaskRow

    @property
    def due_on(self) -> date | None:
        """The new deadline that the minutes give."""
        return date.fromisoformat(self.update.due) if self.update.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalCard(Card):
    """A case for a later meeting; taken in unless skipped."""

    proposal: AgendaProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard(Card):
    """Somebody the minutes name. `person` is the one in the register, `email` what the secretary gave."""

    name: str
    role: str | None = None
    employer: str | None = None
    attendance: str = "mentioned"
    person: Person | None = None
    email: str | None = None

    @property
    def initials(self) -> str:
        """For the avatar."""
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper() if parts else "?"

    @property
    def first_name(self) -> str:
        """What to say after «Hei»."""
        return first_name(self.name)

    @property
    def address(self) -> str | None:
        return (self.person.email if self.person else None) or self.email


def time_of(written: str | None) -> time | None:
    """The time of day in "2026-04-20T12:00", or of "12:00"; None when there is none."""
    clock = (written or "").rpartition("T")[2]
    try:
        return time.fromisoformat(clock[:5]) if ":" in clock else None
    except ValueError:
        return None


def by_case(tasks: Iterable[TaskCard], cases: Iterable[Case]) -> list[tuple[tuple[str, str], list[TaskCard]]]:
    """The tasks under the case they stand in: ((«4/22», «Samarbeid»), cards). Both empty: in none."""
    titles = {case.id: (case.number or "", case.title or "") for case in cases}
    found: dict[tuple[str, str], list[TaskCard]] = {}
    for card in tasks:
        found.setdefault(titles.get(card.task.case_id or "", ("", "")), []).append(card)
    return list(found.items())
