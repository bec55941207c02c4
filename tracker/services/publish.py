"""From a finished review to the register: everything in one transaction, and only once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
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
    Meeting,
    MeetingKind,
    MeetingStatus,
    Message,
    Part,
    Person,
    Presence,
    Source,
    SourceState,
    Task,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import corrected, people, remind
from tracker.services.amend import Amending, note
from tracker.services.cards import DuePlan, EventCard, PersonCard, State, TaskCard, time_of
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
    longer the one with `fingerprint`.
    """
    held = session.scalars(
        select(Source)
        .where(Source.id == source.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if held.body_id is not None:  # two documents of one meeting, published at once, would both be the first
        session.execute(select(Body.id).where(Body.id == held.body_id).with_for_update())
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
        self.amend = Amending(session, state.source, actor, now)

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
        self._earlier()
        source = self.state.source
        source.state, source.published_by, source.published_at = SourceState.PUBLISHED, self.actor, self.now
        self.session.flush()
        given = remind.announce(self.session, assignments, self.now)
        return Published(meeting, (*given, *corrected.tell(self.session, source, self.now)))

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
        """The meeting these minutes tell of: the one they correct, the one of that day, or a new one."""
        head, day, source = self.state.draft.meeting, self.state.meeting_date, self.state.source
        assert day is not None
        earlier = self.state.earlier
        meeting = earlier.meeting if earlier else self._on(day, MeetingKind.MEETING, minuted=False)
        if meeting is None:
            meeting = Meeting(
                organisation_id=self.organisation_id,
                body=self.body,
                title=head.title or f"Møte i {self.body.short_name or self.body.name}",
                starts_on=day,
                ends_on=day,
                starts_at=time_of(head.start),
                ends_at=time_of(head.end) if head.start else None,
                place=(head.place or "")[:300] or None,
                changed_at=self.now,
            )
            self.session.add(meeting)
        if earlier is not None:
            source.replaces = earlier.source
            self.amend.head(meeting, head, earlier.draft.meeting, day)
        meeting.status = MeetingStatus.HELD
        meeting.minutes = source
        self.session.flush()
        return meeting

    def _attendance(self, meeting: Meeting) -> None:
        """Who came, as these minutes say it."""
        known = {a.person_id: a for a in meeting.attendances}
        said: set[int] = set()
        for card in self.state.people:
            person = self.people[card.name.casefold()]
            if card.attendance not in PRESENCE or person.id in said:
                continue
            said.add(person.id)
            if person.id in known:
                known[person.id].presence = PRESENCE[card.attendance]
            else:
                meeting.attendances.append(
                    Attendance(
                        organisation_id=self.organisation_id,
                        person=person,
                        presence=PRESENCE[card.attendance],
                    )
                )
        for person_id in known.keys() - said if self.state.earlier else ():
            self.session.delete(known[person_id])

    def _on(self, day: date, kind: MeetingKind, *, minuted: bool | None = None) -> Meeting | None:
        """What the body has on that day. `minuted`: only what has minutes, or (False) has none."""
        conditions = [] if minuted is None else [Meeting.minutes_id.is_not(None) == minuted]
        return self.session.scalar(
            select(Meeting)
            .where(
                Meeting.organisation_id == self.organisation_id,
                Meeting.body_id == self.body.id,
                Meeting.starts_on == day,
                Meeting.kind == kind,
                Meeting.status != MeetingStatus.CANCELLED,
                *conditions,
            )
            .order_by(Meeting.id)
            .limit(1)
        )

    def _event(self, card: EventCard) -> None:
        """A dated event: the one in the register, put right; the one on that day; or a new one."""
        event, first, source = card.event, card.starts_on, self.state.source
        assert first is not None
        if card.known is not None:
            self.amend.event(card)
            self.events[card.id] = card.known
            return
        kind = MeetingKind(event.kind) if event.kind in set(MeetingKind) else MeetingKind.MEETING
        meeting = self._on(first, kind)
        if meeting is None:
            meeting = Meeting(
                organisation_id=self.organisation_id,
                body=self.body,
                kind=kind,
                title=event.title[:300],
                starts_on=first,
                ends_on=card.ends_on or first,
                starts_at=card.starts_at,
                ends_at=card.ends_at,
                place=(event.place or "")[:300] or None,
                **card.signing_up,
                changed_at=self.now,
                source_id=source.id,
                evidence=event.evidence,
            )
            self.session.add(meeting)
            self.session.flush()
        self.events[card.id] = meeting

    def _agenda(self, meeting: Meeting) -> None:
        """The cases with their decisions; those that are there already are put right, not added."""
        left = list(meeting.agenda)
        for position, case in enumerate(self.state.draft.cases, 1):
            item = next((i for i in left if case.number and i.number == case.number), None)
            item = item or next((i for i in left if _plain(i.title) == _plain(case.title)), None)
            if item is None:
                item = AgendaItem(organisation_id=self.organisation_id)
                meeting.agenda.append(item)
            else:
                left.remove(item)
            item.position, item.title, item.type = position, case.title, case.type[:40]
            item.number = (case.number or "")[:40] or None
            item.restricted = (case.restricted or "")[:300] or item.restricted  # only a person lifts it
            self.items[case.id] = item
        for card in self.state.decisions:
            if card.state is State.SKIPPED:
                continue
            found = card.decision
            item = self.items.get(found.case_id) or self._item_without_case(meeting)
            decision = card.known
            if decision is None:
                decision = Decision(
                    organisation_id=self.organisation_id, text=found.text, position=len(item.decisions) + 1
                )
                self.session.add(decision)
            elif card.changes:
                self.amend.reword(decision, found.text)
            decision.agenda_item = item
            decision.kind, decision.vote = found.kind[:40], (found.vote or "")[:300] or None
            decision.needs_follow_up = card.needs_follow_up
            decision.source_id = self.state.source.id
            decision.span_start, decision.span_end = found.span
            self.decisions[found.id] = decision
        self.session.flush()

    def _item_without_case(self, meeting: Meeting) -> AgendaItem:
        """Where decisions outside any case go."""
        if None not in self.items:
            item = next((i for i in meeting.agenda if not i.number and i.title == "Vedtak"), None)
            if item is None:
                item = AgendaItem(
                    organisation_id=self.organisation_id, position=len(self.items) + 1, title="Vedtak"
                )
                meeting.agenda.append(item)
            self.items[None] = item
        return self.items[None]

    def _proposals(self, meeting: Meeting) -> None:
        """Cases put forward for a later meeting go on its agenda, when that meeting is known."""
        for card in self.state.proposals:
            day = card.proposal.for_date
            later = self._on(date.fromisoformat(day), MeetingKind.MEETING) if day else None
            if card.state is State.SKIPPED or later is None:
                continue
            if any(i.proposed_by_id == meeting.id and i.title == card.proposal.title for i in later.agenda):
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
        """The task as the card has it, new or put right; gives the parts that are news to somebody."""
        found, task = card.task, card.known
        if task is None:
            task = Task(
                organisation_id=self.organisation_id,
                body=self.body,
                meeting=meeting,
                what=card.what,
                created_at=self.now,
            )
            self.session.add(task)
            self._set_due(task, card.due)
            note(task, Action.CREATED, self.actor, self.now, after=task.what)
        else:
            self.amend.task(card, task)
            if card.due is not None and not card.due.kept:
                before = task.due_on
                self._set_due(task, card.due)
                self.amend.due(task, before)
        if task.meeting is meeting:  # a task from an earlier meeting stays in the words of its own minutes
            task.agenda_item = self.items.get(found.case_id) if found.case_id else task.agenda_item
            task.decision = self.decisions.get(found.decision or "", task.decision)
            task.source_id, task.evidence = self.state.source.id, found.evidence
            task.span_start, task.span_end = found.span
        fresh = self._parts(task, card)
        self.session.flush()
        return fresh

    def _parts(self, task: Task, card: TaskCard) -> list[Assignment]:
        """Give each person the part that the card says; gives the new ones."""
        wanted: dict[int, tuple[Person, Part]] = {}
        for name in dict.fromkeys((*card.owners, *card.contributors)):
            person = self._named(name)
            wanted.setdefault(person.id, (person, Part.OWNER if name in card.owners else Part.CONTRIBUTOR))
        present = {part.person_id: part for part in (*task.contributors, *task.owners)}
        for person_id, part in present.items():
            if person_id not in wanted:
                part.ended_at = self.now
            else:
                part.part = wanted.pop(person_id)[1]
        fresh = [
            Assignment(organisation_id=self.organisation_id, person=person, part=part, assigned_at=self.now)
            for person, part in wanted.values()
        ]
        task.assignments.extend(fresh)
        return fresh

    def _earlier(self) -> None:
        """What the secretary said of what is gone from the minutes, and of tasks from earlier meetings."""
        for gone in self.state.gone:
            if gone.state is State.ACCEPTED:
                self.amend.withdraw(gone.row)
        for status in self.state.statuses:
            if status.state is State.ACCEPTED:
                self.amend.report(status)

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


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
