"""Putting right what is in the register by corrected minutes: each change leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.minutes import draft
from tracker.models import (
    Action,
    Decision,
    DecisionChange,
    History,
    Meeting,
    MeetingStatus,
    Person,
    Source,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services.cards import EventCard, StatusCard, TaskCard, time_of

HEAD = ("date", "start", "end", "place")
VIA = "minutes"


def note(
    task: Task, action: Action, actor: Person, now: datetime, *, before: str = "", after: str = "",
    comment: str = "",
) -> None:  # fmt: skip
    """Write down what minutes did to a task."""
    task.history.append(
        History(
            organisation_id=task.organisation_id, at=now, person=actor, via=VIA, action=action,
            before=before, after=after, comment=comment,
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amending:
    """The changes that one document makes, in one actor's name, at one moment."""

    session: Session
    source: Source
    actor: Person
    now: datetime

    def task(self, card: TaskCard, task: Task) -> None:
        """The words of a task, and who has a part in it; the parts themselves are the caller's."""
        actions = {
            "what": Action.CHANGED, "owners": Action.OWNER_CHANGED, "contributors": Action.OWNER_CHANGED,
        }  # fmt: skip
        for change in card.changes:
            if change.field in actions:
                self._note(task, actions[change.field], str(change.before or ""), str(change.after or ""))
        task.what = card.what

    def due(self, task: Task, before: date | None) -> None:
        """Write down that the deadline was another one before."""
        if before != task.due_on:
            self._note(task, Action.DUE_CHANGED, _iso(before), _iso(task.due_on))

    def head(self, meeting: Meeting, said: draft.Meeting, before: draft.Meeting, day: date) -> None:
        """Day, times and place of the minuted meeting, where the minutes say otherwise than before."""
        if all(getattr(said, name) == getattr(before, name) for name in HEAD):
            return
        present = (meeting.starts_on, meeting.starts_at, meeting.ends_at, meeting.place)
        if said.date != before.date:
            meeting.ends_on += day - meeting.starts_on
            meeting.starts_on = day
        if (said.start, said.end) != (before.start, before.end):
            meeting.starts_at = time_of(said.start)
            meeting.ends_at = time_of(said.end) if said.start else None
        if said.place != before.place:
            meeting.place = (said.place or "")[:300] or None
        self._moved(meeting, changed=present != (
            meeting.starts_on, meeting.starts_at, meeting.ends_at, meeting.place
        ))  # fmt: skip

    def event(self, card: EventCard) -> None:
        """A meeting or gathering that the minutes announce: what hangs on it follows."""
        meeting, event = card.known, card.event
        assert meeting is not None
        assert card.starts_on is not None
        meeting.evidence = event.evidence or meeting.evidence
        if meeting.source_id is not None:
            meeting.source_id = self.source.id
        if not card.changes:
            return
        meeting.title = event.title[:300]
        meeting.starts_on, meeting.ends_on = card.starts_on, card.ends_on or card.starts_on
        meeting.starts_at, meeting.ends_at = card.starts_at, card.ends_at
        meeting.place = (event.place or "")[:300] or None
        self._moved(meeting, changed=True)

    def reword(self, decision: Decision, text: str) -> None:
        """The words of a decision."""
        self._change(decision, text)
        decision.text = text

    def withdraw(self, row: Task | Decision | Meeting) -> None:
        """Take out of use what the minutes no longer have: kept, with who did it and when."""
        if isinstance(row, Task):
            row.status, row.closed_at = TaskStatus.DROPPED, self.now
            row.result = "Står ikke i det rettede referatet."
            self._note(row, Action.DROPPED, "", "", row.result)
        elif isinstance(row, Decision):
            self._change(row, "")
            row.withdrawn_at = self.now
        else:
            row.status = MeetingStatus.CANCELLED
            row.sequence += 1
            row.changed_at = self.now

    def report(self, card: StatusCard) -> None:
        """What the minutes say of a task from an earlier meeting: done, not to be done, or later."""
        task, said = card.known, card.update.evidence
        if not task.is_open:
            return
        if card.update.status == "done":
            task.status, task.closed_at, task.result = TaskStatus.DONE, self.now, task.result or said
            self._note(task, Action.DONE, "", "", said)
        elif card.update.status == "dropped":
            task.status, task.closed_at, task.result = TaskStatus.DROPPED, self.now, said
            self._note(task, Action.DROPPED, "", "", said)
        elif card.due_on is not None:
            before = task.due_on
            task.set_due(DueRule(DueKind.DATE, on=card.due_on))
            if before != task.due_on:
                self._note(task, Action.DUE_CHANGED, _iso(before), _iso(task.due_on), said)

    def _moved(self, meeting: Meeting, *, changed: bool) -> None:
        """Count the change for calendars (RFC 5545 §3.8.7.4), and let the deadlines follow."""
        if not changed:
            return
        meeting.sequence += 1
        meeting.changed_at = self.now
        hanging = self.session.scalars(
            select(Task).where(Task.due_event_id == meeting.id, Task.status == TaskStatus.OPEN)
        )
        for task in hanging:
            before = task.due_on
            task.set_due(task.due, meeting)
            self.due(task, before)

    def _change(self, decision: Decision, after: str) -> None:
        decision.changes.append(
            DecisionChange(
                organisation_id=decision.organisation_id, at=self.now, person=self.actor,
                source=self.source, before=decision.text, after=after,
            )
        )  # fmt: skip

    def _note(self, task: Task, action: Action, before: str, after: str, comment: str = "") -> None:
        note(task, action, self.actor, self.now, before=before, after=after, comment=comment)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
