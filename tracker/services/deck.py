"""The cards of a review: every proposal of a draft, as the answers so far have left it. Reads only."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

from tracker.minutes.draft import Decision, Draft, Event, Question, Task
from tracker.models import Meeting, Person, Verdict
from tracker.models import Task as TaskRow
from tracker.rules.deadlines import DueKind, Suggestion, suggest
from tracker.services import people
from tracker.services.cards import (
    Change,
    DecisionCard,
    DuePlan,
    EventCard,
    GoneCard,
    PersonCard,
    ProposalCard,
    QuestionCard,
    State,
    StatusCard,
    TaskCard,
)
from tracker.services.changes import as_registered, due_words, event_changes, names, task_changes
from tracker.services.earlier import Earlier, Pair

ASKED_ON_THE_CARD = ("DUE_MISSING", "OWNER_MISSING", "DUE_FUZZY")
EVENT_FIELDS = ("title", "start", "end", "place")

Compared = TypeVar("Compared", TaskCard, EventCard)


@dataclass(frozen=True)
class Deck:
    """All cards of a draft, as of one moment. `earlier`: the published minutes that it corrects."""

    read: Draft  # as the reader left it
    draft: Draft  # with the edits that answers made
    today: date
    verdicts: dict[str, Verdict]
    register: tuple[Person, ...]
    next_meeting: Meeting | None
    earlier: Earlier | None
    reported: dict[str, TaskRow]  # status update → the task it is about
    twins: dict[str, TaskRow]  # proposed task → the open one that it says again

    @cached_property
    def questions(self) -> tuple[QuestionCard, ...]:
        """All questions that get a card of their own, those that must be resolved first."""
        return tuple(
            QuestionCard(
                **self._said(q.id, State.ACCEPTED if self._value(q.id).get("choice") else State.OPEN),
                question=q,
                choice=self._value(q.id).get("choice"),
            )
            for q in self.read.questions
            if q.severity != "info" and q.code not in ASKED_ON_THE_CARD
        )

    @property
    def must_resolve(self) -> tuple[QuestionCard, ...]:
        return tuple(q for q in self.questions if q.question.severity == "must-resolve")

    @property
    def open_questions(self) -> tuple[QuestionCard, ...]:
        return tuple(q for q in self.must_resolve if not q.settled)

    @property
    def should_check(self) -> tuple[QuestionCard, ...]:
        return tuple(q for q in self.questions if q.question.severity == "review")

    @property
    def noticed(self) -> tuple[Question, ...]:
        """What is only mentioned."""
        return tuple(q for q in self.read.questions if q.severity == "info")

    @cached_property
    def events(self) -> tuple[EventCard, ...]:
        return tuple(self._event_card(event) for event in self.draft.events)

    @cached_property
    def tasks(self) -> tuple[TaskCard, ...]:
        """Proposed tasks in the order of the minutes, then those the secretary added.

        What is said of a task in the register is no new task."""
        added = sorted(
            (int(card[1:]), card) for card in self.verdicts if card[0] == "t" and card[1:].isdigit()
        )
        told = [card.update.span for card in self.statuses if card.state is not State.SKIPPED]
        proposed = [
            self._task_card(task)
            for task in self.draft.tasks
            if not any(first <= task.span[0] and task.span[1] <= last for first, last in told)
        ]
        return (*proposed, *(self._task_card(Task(card, None, None, ""), added=True) for _, card in added))

    @cached_property
    def decisions(self) -> tuple[DecisionCard, ...]:
        return tuple(self._decision_card(decision) for decision in self.draft.decisions)

    @cached_property
    def proposals(self) -> tuple[ProposalCard, ...]:
        return tuple(
            ProposalCard(
                **self._said(p.id, State.SKIPPED if self._value(p.id).get("skipped") else State.ACCEPTED),
                proposal=p,
            )
            for p in self.draft.agenda_proposals
        )

    @cached_property
    def people(self) -> tuple[PersonCard, ...]:
        """Everybody the minutes list as taking part, and everybody that a task names."""
        found: dict[str, PersonCard] = {}
        for person in self.draft.people:
            if person.attendance != "mentioned" or person.name in self._named_by_tasks:
                found[person.name.casefold()] = self._person_card(
                    person.id, person.name, person.role, person.organisation, person.attendance
                )
        for name in self._named_by_tasks:
            if name.casefold() not in found:
                card = f"n{zlib.crc32(name.encode())}"
                found[name.casefold()] = self._person_card(card, name, None, None, "mentioned")
        return tuple(found.values())

    @cached_property
    def gone(self) -> tuple[GoneCard, ...]:
        """What the corrected minutes no longer have, tasks first."""
        rows = self.earlier.gone if self.earlier else ()
        cards = (GoneCard(id=f"{_GONE[type(row).__name__]}{row.id}", row=row) for row in rows)
        return tuple(replace(card, **self._said(card.id, self._state(card.id))) for card in cards)

    @cached_property
    def statuses(self) -> tuple[StatusCard, ...]:
        """What the minutes say of earlier tasks, where it changes something and the task was found."""
        return tuple(
            StatusCard(**self._said(u.id, self._state(u.id)), update=u, known=self.reported[u.id])
            for u in self.draft.status_updates
            if u.id in self.reported and (u.status in ("done", "dropped") or u.due)
        )

    # --- when ------------------------------------------------------------------------------------

    @property
    def meeting_date(self) -> date | None:
        return date.fromisoformat(self.draft.meeting.date) if self.draft.meeting.date else None

    @property
    def planned_events(self) -> tuple[EventCard, ...]:
        return tuple(e for e in self.events if e.state is State.ACCEPTED and e.event.start)

    def due_on(self, due: DuePlan | None) -> date | None:
        """The date of a chosen deadline, when it has one."""
        if due is None:
            return None
        if due.kept:
            return due.on
        if due.kind is DueKind.EVENT:
            start = next((e.starts_on for e in self.events if e.id == due.event), None)
            return start + timedelta(days=due.days) if start else due.on
        if due.kind is DueKind.NEXT_MEETING:
            return self.next_meeting_on
        return due.on

    @property
    def next_meeting_on(self) -> date | None:
        """When the body meets next: in the register, or as these minutes say."""
        after = max(self.meeting_date or self.today, self.today)
        told = [e.starts_on for e in self.planned_events if e.event.kind == "meeting" and e.starts_on]
        if self.next_meeting is not None:
            told.append(self.next_meeting.starts_on)
        return min((day for day in told if day >= after), default=None)

    # --- how a card comes about ------------------------------------------------------------------

    @cached_property
    def _named_by_tasks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(n for card in self.tasks for n in (*card.owners, *card.contributors)))

    @cached_property
    def _waits(self) -> dict[str, str]:
        """Card → the unanswered question it waits for."""
        return {blocked: q.id for q in reversed(self.open_questions) for blocked in q.question.blocks}

    def _value(self, card: str) -> dict[str, Any]:
        verdict = self.verdicts.get(card)
        return verdict.value if verdict else {}

    def _said(self, card: str, state: State) -> dict[str, Any]:
        verdict = self.verdicts.get(card)
        by = verdict.by.name if verdict and verdict.by else ""
        return {"id": card, "state": state, "revision": verdict.revision if verdict else 0, "by": by}

    def _state(self, card: str) -> State:
        value = self._value(card)
        if value.get("skipped"):
            return State.SKIPPED
        if value.get("accepted"):
            return State.ACCEPTED
        return State.WAITING if card in self._waits else State.OPEN

    def _event_card(self, event: Event) -> EventCard:
        value = self._value(event.id)
        pair = self.earlier.events.get(event.id) if self.earlier else None
        if pair is not None:
            event = as_registered(event, pair)
        changed = {name: value[name] for name in EVENT_FIELDS if name in value}
        card = EventCard(
            **self._said(event.id, self._state(event.id)),
            event=replace(event, **changed),
            waits_for=self._waits.get(event.id),
            known=pair.row if pair else None,
        )
        return self._compared(card, event_changes(card))

    def _decision_card(self, decision: Decision) -> DecisionCard:
        value = self._value(decision.id)
        pair = self.earlier.decisions.get(decision.id) if self.earlier else None
        known = pair.row if pair else None
        follow_up = known.needs_follow_up if known else decision.needs_follow_up
        changed = known is not None and known.text.split() != decision.text.split()
        return DecisionCard(
            **self._said(decision.id, State.SKIPPED if value.get("skipped") else State.ACCEPTED),
            decision=decision,
            needs_follow_up=bool(value.get("needs_follow_up", follow_up)),
            known=known,
            changes=(Change("text", known.text, decision.text),) if known and changed else (),
        )

    def _task_card(self, task: Task, *, added: bool = False) -> TaskCard:
        value, persons = self._value(task.id), self._persons(task.owners)
        event = next((e.event for e in self.events if e.id == task.event), None)
        pair = self.earlier.tasks.get(task.id) if self.earlier else None
        twin = self.twins.get(task.id) if pair is None else None
        what, owners, due = task.what, persons, self._due_in_text(task)
        contributors = self._persons(task.contributors)
        if twin is not None and value.get("same"):
            pair = Pair(twin, None)
            what, due = twin.what, due or self._registered_due(twin)
            owners, contributors = owners or names(twin.owners), contributors or names(twin.contributors)
        elif pair is not None and (before := pair.before) is not None:
            # What the document says as before stands as it is in the register, whoever changed it there.
            row = pair.row
            what = row.what if before.what == task.what else what
            owners = names(row.owners) if before.owners == task.owners else owners
            contributors = (
                names(row.contributors) if before.contributors == task.contributors else contributors
            )
            due = self._registered_due(row) if due_words(before.due) == due_words(task.due) else due
        card = TaskCard(
            **self._said(task.id, self._state(task.id)),
            task=task,
            what=value.get("what", what),
            owners=tuple(value.get("owners", owners)),
            contributors=tuple(value.get("contributors", contributors)),
            groups=tuple(name for name in task.owners if name not in persons),
            due=DuePlan.from_json(value["due"]) if "due" in value else due,
            offers=tuple(self._offers(event)),
            event=event,
            waits_for=self._waits.get(task.id),
            added=added,
            known=pair.row if pair else None,
            twin=twin,
        )
        return self._compared(card, task_changes(card, self.due_on(card.due)))

    def _compared(self, card: Compared, changes: tuple[Change, ...]) -> Compared:
        """The card with what it changes; one that changes nothing needs no answer."""
        settled = card.known is not None and not changes and card.id not in self.verdicts
        state = State.ACCEPTED if settled and card.state is State.OPEN else card.state
        return replace(card, changes=changes, state=state)

    def _registered_due(self, row: TaskRow) -> DuePlan:
        """The deadline as it stands in the register."""
        pairs = self.earlier.events.items() if self.earlier else ()
        event = next((card for card, pair in pairs if pair.row is row.due_event), None)
        return DuePlan(kind=row.due.kind, on=row.due_on, event=event, days=row.due.days, kept=True)

    @cached_property
    def _known_names(self) -> frozenset[str]:
        named = [person.name for person in self.draft.people] + [person.name for person in self.register]
        return frozenset(people.folded(name) for name in named)

    def _persons(self, names: tuple[str, ...]) -> list[str]:
        """Those that the minutes or the register know; the rest are groups, nobody to send mail to."""
        return [name for name in names if people.folded(name) in self._known_names]

    def _due_in_text(self, task: Task) -> DuePlan | None:
        """The deadline that the minutes themselves give, as a rule where it hangs on an event."""
        due = task.due
        if due.event and due.days is not None and any(e.id == due.event for e in self.draft.events):
            return DuePlan(kind=DueKind.EVENT, event=due.event, days=due.days)
        if due.kind == "next-meeting":
            return DuePlan(kind=DueKind.NEXT_MEETING, on=date.fromisoformat(due.date) if due.date else None)
        return DuePlan(kind=DueKind.DATE, on=date.fromisoformat(due.date)) if due.date else None

    def _offers(self, event: Event | None) -> Iterable[Suggestion]:
        start = date.fromisoformat(event.start[:10]) if event and event.start else None
        told = [e.starts_on for e in self.events if e.event.kind == "meeting" and e.starts_on]
        coming = self.next_meeting.starts_on if self.next_meeting else None
        following = min((day for day in (*told, coming) if day and day > self.today), default=None)
        return suggest(start, following, self.today)

    def _person_card(
        self, card: str, name: str, role: str | None, employer: str | None, attendance: str
    ) -> PersonCard:
        value = self._value(card)
        chosen = value.get("person")
        person = next(
            (p for p in self.register if (p.id == chosen if chosen else people.same_name(p.name, name))), None
        )
        return PersonCard(
            **self._said(card, State.ACCEPTED if value else State.OPEN),
            name=name,
            role=role,
            employer=employer,
            attendance=attendance,
            person=person,
            email=value.get("email"),
        )


_GONE = {"Task": "gt", "Decision": "gv", "Meeting": "gm"}
