"""A review: the draft with the secretary's verdicts on it, and what follows from them.

What is proposed, what is asked, what is left, and out of that the plan: exactly what will be written and
who will be told. Reads only.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.minutes.draft import Case, Draft, Event, Question, Task
from tracker.models import Body, Meeting, Person, Source, SourceState, Verdict
from tracker.rules.deadlines import DueKind, Suggestion, suggest
from tracker.services import people, schedule
from tracker.services.cards import (
    DecisionCard,
    DuePlan,
    EventCard,
    PersonCard,
    ProposalCard,
    QuestionCard,
    State,
    TaskCard,
)

ASKED_ON_THE_CARD = ("DUE_MISSING", "OWNER_MISSING", "DUE_FUZZY")


@dataclass(frozen=True)
class Review:
    """A source under review, as of one moment."""

    source: Source
    read: Draft  # as the reader left it
    draft: Draft  # with the edits that answers made
    today: date
    body: Body | None
    verdicts: dict[str, Verdict]
    register: tuple[Person, ...]
    next_meeting: Meeting | None
    secretary: Person | None  # in whose name the mails go

    # --- the cards -------------------------------------------------------------------------------

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
        """Proposed tasks in the order of the minutes, then those the secretary added."""
        added = sorted(
            (int(card[1:]), card) for card in self.verdicts if card[0] == "t" and card[1:].isdigit()
        )
        proposed = [self._task_card(task) for task in self.draft.tasks]
        return (*proposed, *(self._task_card(Task(card, None, None, ""), added=True) for _, card in added))

    @cached_property
    def decisions(self) -> tuple[DecisionCard, ...]:
        return tuple(
            DecisionCard(
                **self._said(d.id, State.SKIPPED if self._value(d.id).get("skipped") else State.ACCEPTED),
                decision=d,
                needs_follow_up=bool(self._value(d.id).get("needs_follow_up", d.needs_follow_up)),
            )
            for d in self.draft.decisions
        )

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

    # --- what is left ----------------------------------------------------------------------------

    @property
    def open_questions(self) -> tuple[QuestionCard, ...]:
        return tuple(q for q in self.must_resolve if not q.settled)

    @property
    def open_tasks(self) -> tuple[TaskCard, ...]:
        return tuple(t for t in self.tasks if not t.settled)

    @property
    def open_events(self) -> tuple[EventCard, ...]:
        return tuple(e for e in self.events if not e.settled and e.event.start)

    @property
    def missing(self) -> tuple[str, ...]:
        """The cards that must be settled before anything can be sent, in order.

        Events without a date can do no harm, since they reach no calendar."""
        head = () if self.body and self.meeting_date else ("head",)
        rest = (*self.open_questions, *self.open_tasks, *self.open_events)
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
        return f"{revisions}.{len(self.verdicts)}.{self.source.body_id or 0}"

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
    def meeting_date(self) -> date | None:
        return date.fromisoformat(self.draft.meeting.date) if self.draft.meeting.date else None

    @property
    def planned_tasks(self) -> tuple[TaskCard, ...]:
        return tuple(t for t in self.tasks if t.state is State.ACCEPTED)

    @property
    def planned_events(self) -> tuple[EventCard, ...]:
        return tuple(e for e in self.events if e.state is State.ACCEPTED and e.event.start)

    def due_on(self, due: DuePlan | None) -> date | None:
        """The date of a chosen deadline, when it has one."""
        if due is None:
            return None
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

    def case(self, case_id: str | None) -> Case | None:
        return next((c for c in self.draft.cases if c.id == case_id), None)

    def person_named(self, name: str) -> PersonCard | None:
        return next((p for p in self.people if people.same_name(p.name, name)), None)

    def told(self) -> list[tuple[PersonCard, list[TaskCard]]]:
        """Who has a part in what, in the order of the tasks."""
        parts: dict[str, list[TaskCard]] = {}
        for card in self.planned_tasks:
            for name in dict.fromkeys((*card.owners, *card.contributors)):
                parts.setdefault(name, []).append(card)
        return [(person, cards) for name, cards in parts.items() if (person := self.person_named(name))]

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
        changed = {name: value[name] for name in ("title", "start", "end", "place") if name in value}
        return EventCard(
            **self._said(event.id, self._state(event.id)),
            event=replace(event, **changed),
            waits_for=self._waits.get(event.id),
        )

    def _task_card(self, task: Task, *, added: bool = False) -> TaskCard:
        value, persons = self._value(task.id), self._persons(task.owners)
        event = next((e.event for e in self.events if e.id == task.event), None)
        return TaskCard(
            **self._said(task.id, self._state(task.id)),
            task=task,
            what=value.get("what", task.what),
            owners=tuple(value.get("owners", persons)),
            contributors=tuple(value.get("contributors", self._persons(task.contributors))),
            groups=tuple(name for name in task.owners if name not in persons),
            due=DuePlan.from_json(value["due"]) if "due" in value else self._due_in_text(task),
            offers=tuple(self._offers(event)),
            event=event,
            waits_for=self._waits.get(task.id),
            added=added,
        )

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


def review(session: Session, source: Source, now: datetime) -> Review:
    """The review of `source` as it stands."""
    session.expire(source, ["verdicts"])
    verdicts = {v.card: v for v in source.verdicts}
    read = Draft.from_json(source.draft)
    edits = tuple(
        edit
        for question in read.questions
        if question.id in verdicts
        for choice in question.choices
        if choice.value == verdicts[question.id].value.get("choice")
        for edit in choice.edits
    )
    draft = read.edited(edits)
    head = verdicts["head"].value if "head" in verdicts else {}
    if head:
        changed = {k: head[k] for k in ("date", "start", "end", "place") if k in head}
        draft = replace(draft, meeting=replace(draft.meeting, **changed))
    today = local_date(now)
    body = source.body
    return Review(
        source=source,
        read=read,
        draft=draft,
        today=today,
        body=body,
        verdicts=verdicts,
        register=tuple(people.everyone(session, source.organisation_id)),
        next_meeting=schedule.next_meeting(session, body, today) if body else None,
        secretary=next(iter(people.secretaries(session, body, today)), None) if body else None,
    )
