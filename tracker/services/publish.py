"""From a finished review to the register: everything in one transaction, and only once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.errors import ChangedMeanwhile, NotReady
from tracker.models import (
    Action,
    AgendaItem,
    Assignment,
    Attendance,
    Body,
    Decision,
    History,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Message,
    MessageKind,
    Part,
    Person,
    Presence,
    Reminder,
    Source,
    SourceState,
    Task,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import people, remind
from tracker.services.cards import DuePlan, EventCard, PersonCard, State, TaskCard
from tracker.services.review import Review, review

PRESENCE = {"present": Presence.PRESENT, "absent": Presence.ABSENT, "substitute": Presence.SUBSTITUTE}


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the meeting, and the mails it put in the outbox. None the second time."""

    meeting: Meeting | None
    messages: tuple[Message, ...]


def publish(
    session: Session, source: Source, actor: Person, now: datetime, *, fingerprint: str | None = None
) -> Published:
    """Write the review of `source` to the register and tell those concerned. A second time changes nothing.

    Raises NotReady with the cards that must be settled first; ChangedMeanwhile when the review is no
    longer the one with `fingerprint`, or when other minutes of the same meeting are published already.
    """
    held = session.scalars(
        select(Source)
        .where(Source.id == source.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if held.state is SourceState.PUBLISHED:
        return Published(held.meeting, ())
    state = review(session, held, now)
    if state.missing:
        raise NotReady("Noe må avklares før du kan sende.", cards=state.missing)
    if fingerprint is not None and fingerprint != state.fingerprint:
        raise ChangedMeanwhile("Noen endret referatet mens du hadde siden åpen. Se over før du sender.")
    return _Writing(session, state, actor, now).run()


class _Writing:
    """One publishing: what has been written so far, by the ids of the draft."""

    def __init__(self, session: Session, state: Review, actor: Person, now: datetime) -> None:
        assert state.body is not None
        self.session, self.state, self.actor, self.now = session, state, actor, now
        self.body: Body = state.body
        self.organisation_id = state.source.organisation_id
        self.people: dict[str, Person] = {}
        self.items: dict[str | None, AgendaItem] = {}
        self.decisions: dict[str, Decision] = {}
        self.events: dict[str, Meeting] = {}

    def run(self) -> Published:
        for card in self.state.people:
            self._person(card)
        meeting = self._minuted_meeting()
        self._attendance(meeting)
        for event in self.state.planned_events:
            self._event(event)
        self._agenda(meeting)
        self._proposals(meeting)
        assignments = [part for card in self.state.planned_tasks for part in self._task(card, meeting)]
        source = self.state.source
        source.state, source.published_by, source.published_at = SourceState.PUBLISHED, self.actor, self.now
        self.session.flush()
        return Published(meeting, tuple(remind.announce(self.session, assignments, self.now)))

    def _person(self, card: PersonCard) -> None:
        person = card.person
        if person is None:
            person = people.add_person(
                self.session, self.organisation_id, card.name,
                email=card.email or "", title=card.role or "", employer=card.employer or "",
            )  # fmt: skip
        elif card.email and not person.email:
            person.email = people.checked_address(self.session, self.organisation_id, card.email, person.id)
        self.people[card.name.casefold()] = person
        member = any(m.body_id == self.body.id for m in person.memberships)
        if card.attendance in ("present", "absent") and not member:
            people.add_to_body(self.session, self.body, person, local_date(self.now))

    def _named(self, name: str) -> Person:
        card = self.state.person_named(name)
        assert card is not None
        return self.people[card.name.casefold()]

    def _minuted_meeting(self) -> Meeting:
        """The meeting these minutes tell of: the one in the register on that day, or a new one."""
        head, day = self.state.draft.meeting, self.state.meeting_date
        assert day is not None
        meeting = self._on(day, MeetingKind.MEETING)
        if meeting is not None and meeting.minutes_id not in (None, self.state.source.id):
            raise ChangedMeanwhile(
                "Referatet fra dette møtet er alt lagt inn (%(name)s). "
                "Rett oppgavene der, eller velg et annet organ.",
                name=meeting.minutes.name if meeting.minutes else "",
            )
        if meeting is None:
            meeting = Meeting(
                organisation_id=self.organisation_id,
                body=self.body,
                title=head.title or f"Møte i {self.body.short_name or self.body.name}",
                starts_on=day,
                ends_on=day,
                starts_at=_time(head.start),
                ends_at=_time(head.end) if head.start else None,
                place=(head.place or "")[:300] or None,
                changed_at=self.now,
            )
            self.session.add(meeting)
        meeting.status = MeetingStatus.HELD
        meeting.minutes = self.state.source
        self.session.flush()
        return meeting

    def _attendance(self, meeting: Meeting) -> None:
        known = {a.person_id for a in meeting.attendances}
        for card in self.state.people:
            person = self.people[card.name.casefold()]
            if card.attendance in PRESENCE and person.id not in known:
                known.add(person.id)
                meeting.attendances.append(
                    Attendance(
                        organisation_id=self.organisation_id,
                        person=person,
                        presence=PRESENCE[card.attendance],
                    )
                )

    def _on(self, day: date, kind: MeetingKind) -> Meeting | None:
        return self.session.scalar(
            select(Meeting).where(
                Meeting.organisation_id == self.organisation_id,
                Meeting.body_id == self.body.id,
                Meeting.starts_on == day,
                Meeting.kind == kind,
                Meeting.status != MeetingStatus.CANCELLED,
            )
        )

    def _event(self, card: EventCard) -> None:
        """A dated event: the one in the register on that day, or a new one."""
        event, first = card.event, card.starts_on
        assert first is not None
        assert event.start is not None
        kind = MeetingKind(event.kind) if event.kind in set(MeetingKind) else MeetingKind.MEETING
        meeting = self._on(first, kind)
        if meeting is None:
            starts_at = _time(event.start[11:])
            meeting = Meeting(
                organisation_id=self.organisation_id,
                body=self.body,
                kind=kind,
                title=event.title[:300],
                starts_on=first,
                ends_on=card.ends_on or first,
                starts_at=starts_at,
                ends_at=_time((event.end or "")[11:]) if starts_at else None,
                place=(event.place or "")[:300] or None,
                registration=(event.registration or "")[:300] or None,
                changed_at=self.now,
                source_id=self.state.source.id,
                evidence=event.evidence,
            )
            self.session.add(meeting)
            self.session.flush()
        self.events[card.id] = meeting

    def _agenda(self, meeting: Meeting) -> None:
        for position, case in enumerate(self.state.draft.cases, 1):
            item = AgendaItem(
                organisation_id=self.organisation_id,
                meeting=meeting,
                position=position,
                number=(case.number or "")[:40] or None,
                title=case.title,
                type=case.type[:40],
                restricted=(case.restricted or "")[:300] or None,
            )
            self.items[case.id] = item
            self.session.add(item)
        for card in self.state.decisions:
            if card.state is State.SKIPPED:
                continue
            found = card.decision
            item = self.items.get(found.case_id) or self._item_without_case(meeting)
            decision = Decision(
                organisation_id=self.organisation_id,
                agenda_item=item,
                position=len(item.decisions) + 1,
                text=found.text,
                kind=found.kind[:40],
                vote=(found.vote or "")[:300] or None,
                needs_follow_up=card.needs_follow_up,
                source_id=self.state.source.id,
                span_start=found.span[0],
                span_end=found.span[1],
            )
            self.decisions[found.id] = decision
            self.session.add(decision)
        self.session.flush()

    def _item_without_case(self, meeting: Meeting) -> AgendaItem:
        """Where decisions outside any case go."""
        if None not in self.items:
            item = AgendaItem(
                organisation_id=self.organisation_id,
                meeting=meeting,
                position=len(self.items) + 1,
                title="Vedtak",
            )
            self.session.add(item)
            self.items[None] = item
        return self.items[None]

    def _proposals(self, meeting: Meeting) -> None:
        """Cases put forward for a later meeting go on its agenda, when that meeting is known."""
        for card in self.state.proposals:
            day = card.proposal.for_date
            later = self._on(date.fromisoformat(day), MeetingKind.MEETING) if day else None
            if card.state is State.SKIPPED or later is None:
                continue
            later.agenda.append(
                AgendaItem(
                    organisation_id=self.organisation_id,
                    position=len(later.agenda) + 1,
                    title=card.proposal.title,
                    proposed_by_id=meeting.id,
                )
            )

    def _task(self, card: TaskCard, meeting: Meeting) -> list[Assignment]:
        found = card.task
        task = Task(
            organisation_id=self.organisation_id,
            body=self.body,
            meeting=meeting,
            agenda_item=self.items.get(found.case_id) if found.case_id else None,
            decision=self.decisions.get(found.decision or ""),
            what=card.what,
            created_at=self.now,
            source_id=self.state.source.id,
            evidence=found.evidence,
            span_start=found.span[0],
            span_end=found.span[1],
        )
        self.session.add(task)
        self._set_due(task, card.due)
        for name in dict.fromkeys((*card.owners, *card.contributors)):
            part = Part.OWNER if name in card.owners else Part.CONTRIBUTOR
            person = self._named(name)
            if all(a.person is not person for a in task.assignments):
                task.assignments.append(
                    Assignment(
                        organisation_id=self.organisation_id, person=person, part=part, assigned_at=self.now
                    )
                )
        task.history.append(
            History(
                organisation_id=self.organisation_id,
                at=self.now,
                person=self.actor,
                via="minutes",
                action=Action.CREATED,
                after=task.what,
            )
        )
        self.session.flush()
        return list(task.assignments)

    def _set_due(self, task: Task, due: DuePlan | None) -> None:
        if due is None or due.kind is DueKind.NONE:
            task.set_due(DueRule())
        elif due.kind is DueKind.EVENT and due.event in self.events:
            task.set_due(DueRule(DueKind.EVENT, days=due.days), self.events[due.event])
        elif due.kind is DueKind.NEXT_MEETING and (coming := self._next_meeting()) is not None:
            task.set_due(DueRule(DueKind.NEXT_MEETING), coming)
        else:
            on = self.state.due_on(due)
            task.set_due(DueRule(DueKind.DATE, on=on) if on else DueRule())

    def _next_meeting(self) -> Meeting | None:
        day = self.state.next_meeting_on
        return self._on(day, MeetingKind.MEETING) if day else None


def _time(written: str | None) -> time | None:
    """ "14:00" as a time; None when there is none."""
    try:
        return time.fromisoformat(written[:5]) if written else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a published source led to, for the receipt."""

    messages: list[Message]
    events: list[Meeting]
    tasks: list[Task]
    decisions: int


def outcome(session: Session, source: Source) -> Outcome:
    """What came of publishing `source`."""
    tasks = session.scalars(select(Task).where(Task.source_id == source.id).order_by(Task.id)).all()
    numbers = [task.id for task in tasks]
    messages = session.scalars(
        select(Message)
        .where(Message.id.in_(select(Reminder.message_id).where(Reminder.task_id.in_(numbers))))
        .where(Message.kind == MessageKind.NEW_TASKS)
        .order_by(Message.id)
    ).all()
    events = session.scalars(
        select(Meeting).where(Meeting.source_id == source.id).order_by(Meeting.starts_on)
    ).all()
    decisions = session.scalar(
        select(func.count()).select_from(Decision).where(Decision.source_id == source.id)
    )
    return Outcome(list(messages), list(events), list(tasks), decisions or 0)
