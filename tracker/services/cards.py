"""The cards of a review: what the reader proposed, as the secretary has left it so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from tracker.minutes.draft import AgendaProposal, Case, Decision, Event, Question, Task
from tracker.models import Person
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
    """A deadline as chosen on a card. `event` is the id of an event card, `days` its offset from it."""

    kind: DueKind
    on: date | None = None
    event: str | None = None
    days: int = 0

    def to_json(self) -> dict[str, Any]:
        """As it is kept in a verdict."""
        on = self.on.isoformat() if self.on else None
        return {"kind": self.kind.value, "on": on, "event": self.event, "days": self.days}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> DuePlan:
        """The inverse of `to_json`."""
        on = value.get("on")
        return cls(
            kind=DueKind(value["kind"]),
            on=date.fromisoformat(on) if on else None,
            event=value.get("event"),
            days=int(value.get("days") or 0),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCard(Card):
    """A meeting or gathering, as proposed or edited."""

    event: Event
    waits_for: str | None = None

    @property
    def starts_on(self) -> date | None:
        return date.fromisoformat(self.event.start[:10]) if self.event.start else None

    @property
    def ends_on(self) -> date | None:
        return date.fromisoformat(self.event.end[:10]) if self.event.end else self.starts_on


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCard(Card):
    """A decision point; taken in unless skipped."""

    decision: Decision
    needs_follow_up: bool = True


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


def by_case(tasks: Iterable[TaskCard], cases: Iterable[Case]) -> list[tuple[tuple[str, str], list[TaskCard]]]:
    """The tasks under the case they stand in: ((«4/22», «Samarbeid»), cards). Both empty: in none."""
    titles = {case.id: (case.number or "", case.title or "") for case in cases}
    found: dict[tuple[str, str], list[TaskCard]] = {}
    for card in tasks:
        found.setdefault(titles.get(card.task.case_id or "", ("", "")), []).append(card)
    return list(found.items())
