"""Putting right what is in the register by corrected minutes: each change leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.minutes import draft
from tracker.models import (
    Action,
    Decision,
    DecisionChange,
    History,
    Meeting,
    Person,
    Source,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import moving
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
        plan = moving.plan_of(meeting)
        if said.date != before.date:
            plan = replace(plan, starts_on=day, ends_on=plan.ends_on + (day - plan.starts_on))
        if (said.start, said.end) != (before.start, before.end):
            starts_at = time_of(said.start)
            plan = replace(plan, starts_at=starts_at, ends_at=time_of(said.end) if starts_at else None)
        if said.place != before.place:
            plan = replace(plan, place=(said.place or "")[:300] or None)
        moving.correct(self.session, meeting, plan, self.actor, self.now)

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
        meeting.title, meeting.changed_at = event.title[:300], self.now
        plan = moving.Plan(
            card.starts_on,
            card.ends_on or card.starts_on,
            card.starts_at,
            card.ends_at,
            (event.place or "")[:300] or None,
            meeting.is_cancelled,
        )
        moving.correct(self.session, meeting, plan, self.actor, self.now)

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
            moving.cancel(self.session, row, self.actor, self.now)

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
