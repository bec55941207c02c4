"""A review: the draft with the secretary's verdicts on it, and what follows from them.

What is proposed, what is asked, what is left, and out of that the plan: exactly what will be written and
who will be told. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.minutes.draft import Case, Draft, Task
from tracker.models import Body, Person, Source, SourceState, Verdict
from tracker.models import Task as TaskRow
from tracker.services import earlier, people, reported, schedule
from tracker.services.cards import EventCard, PersonCard, State, StatusCard, TaskCard
from tracker.services.deck import Deck


@dataclass(frozen=True)
class Review(Deck):
    """A source under review, as of one moment: its cards, what is left of them, and the plan."""

    source: Source
    body: Body | None
    secretary: Person | None  # in whose name the mails go

    # --- what is left ----------------------------------------------------------------------------

    @property
    def open_tasks(self) -> tuple[TaskCard, ...]:
        return tuple(t for t in self.tasks if not t.settled)

    @property
    def open_statuses(self) -> tuple[StatusCard, ...]:
        """Left open, somebody would be reminded of what the minutes say is done."""
        return tuple(card for card in self.statuses if not card.settled)

    @property
    def open_events(self) -> tuple[EventCard, ...]:
        return tuple(e for e in self.events if not e.settled and e.event.start)

    @property
    def missing(self) -> tuple[str, ...]:
        """The cards that must be settled before anything can be sent, in order.

        Events without a date can do no harm, since they reach no calendar."""
        head = () if self.body and self.meeting_date else ("head",)
        rest = (*self.open_questions, *self.open_statuses, *self.open_tasks, *self.open_events)
        rest = (*rest, *(card for card in self.gone if not card.settled))
        return (*head, *(card.id for card in rest))

    @property
    def current(self) -> str | None:
        """The first card to answer now."""
        waiting = {c.id for c in (*self.tasks, *self.events) if c.state is State.WAITING}
        return next((card for card in self.missing if card not in waiting), None)

    @property
    def fingerprint(self) -> str:
        """Changes with every verdict, so that what is sent is what was shown."""
        revisions = sum(v.revision for v in self.verdicts.values())
        rows = [
            *(c.known for c in self.tasks),
            *(c.known for c in self.statuses),
            *(c.row for c in self.gone),
        ]
        versions = sum(row.version for row in rows if isinstance(row, TaskRow))
        return f"{revisions}.{len(self.verdicts)}.{self.source.body_id or 0}.{versions}"

    @property
    def saved_at(self) -> datetime | None:
        """When the last answer was kept."""
        return max((verdict.at for verdict in self.verdicts.values()), default=None)

    def blank(self, card: str) -> TaskCard:
        """An empty card for a task that the secretary adds."""
        return self._task_card(Task(card, None, None, ""), added=True)

    @property
    def over(self) -> bool:
        return self.source.state is not SourceState.REVIEW

    # --- the plan --------------------------------------------------------------------------------

    @property
    def planned_tasks(self) -> tuple[TaskCard, ...]:
        return tuple(t for t in self.tasks if t.state is State.ACCEPTED)

    def case(self, case_id: str | None) -> Case | None:
        return next((c for c in self.draft.cases if c.id == case_id), None)

    def person_named(self, name: str) -> PersonCard | None:
        return next((p for p in self.people if people.same_name(p.name, name)), None)

    def told(self) -> list[tuple[PersonCard, list[TaskCard]]]:
        """Who is given a part in what, in the order of the tasks."""
        parts: dict[str, list[TaskCard]] = {}
        for card in self.planned_tasks:
            for name in card.new_to:
                parts.setdefault(name, []).append(card)
        return [(person, cards) for name, cards in parts.items() if (person := self.person_named(name))]


def review(session: Session, source: Source, now: datetime) -> Review:
    """The review of `source` as it stands."""
    session.expire(source, ["verdicts"])
    verdicts = {v.card: v for v in source.verdicts}
    read, today, body = Draft.from_json(source.draft), local_date(now), source.body
    draft, before = earlier.answered(read, verdicts), None
    if source.state is SourceState.REVIEW and body is not None and not _is_another(verdicts):
        before = earlier.meeting_before(session, source, body, draft)
    if before is not None and before.minutes is not None:
        verdicts = earlier.still_said(before.minutes, read) | verdicts
        draft = earlier.answered(read, verdicts)
    day = date.fromisoformat(draft.meeting.date) if draft.meeting.date else today
    reviewing = source.state is SourceState.REVIEW
    tasks = reported.open_tasks(session, body, day) if reviewing and body else ()
    register = tuple(people.everyone(session, source.organisation_id, with_offices=True))
    return Review(
        source=source,
        read=read,
        draft=draft,
        today=today,
        body=body,
        verdicts=verdicts,
        register=register,
        next_meeting=schedule.next_meeting(session, body, today) if body else None,
        secretary=people.secretary_among(register, body, today) if body else None,
        earlier=earlier.compare(session, before, draft) if before else None,
        reported=reported.reported(draft.status_updates, tasks),
        twins=reported.twins(draft.tasks, tasks),
    )


def _is_another(verdicts: dict[str, Verdict]) -> bool:
    """Whether the secretary said that the minutes are no correction of others, but of another meeting."""
    return "head" in verdicts and bool(verdicts["head"].value.get("another"))
