"""How decisions stand by their tasks: what is done, what remains, and what is next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from tracker import db
from tracker.models import Decision, Task, TaskStatus
from tracker.services.counts import Counts, State, counted


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of a decision's tasks stand how. `next_due`: the first deadline of what is to be done."""

    counts: Counts = field(default_factory=Counts)
    dropped: int = 0
    next_due: date | None = None

    def state(self, *, needs_follow_up: bool) -> State | None:
        """The worst of its tasks' states; None when it has no tasks and needs no follow-up."""
        if not self.counts.total:
            return State.DROPPED if self.dropped else State.UNOWNED if needs_follow_up else None
        if self.counts.unowned:
            return State.UNOWNED
        if self.counts.overdue:
            return State.OVERDUE
        return State.ON_TRACK if self.counts.on_track else State.DONE


def decision_state(decision: Decision, today: date) -> State | None:
    """How a decision stands by its tasks; None when it needs no follow-up."""
    dropped = sum(1 for task in decision.tasks if task.status is TaskStatus.DROPPED)
    return Standing(counted(decision.tasks, today), dropped).state(needs_follow_up=decision.needs_follow_up)


def standings(session: Session, decision_ids: Collection[int], today: date) -> dict[int, Standing]:
    """How decisions that the reader may see stand; those without tasks are left out. One query, no tasks."""
    theirs = db.among(session, Task.decision_id, decision_ids)
    rows = session.execute(_STANDINGS.where(theirs), {"today": today})
    return {
        number: Standing(Counts(done, opened - overdue - unowned, overdue, unowned), dropped, next_due)
        for number, done, opened, overdue, unowned, dropped, next_due in rows
        if number is not None
    }


_OPEN = Task.status == TaskStatus.OPEN
_STANDINGS = select(
    Task.decision_id,
    func.count().filter(Task.status == TaskStatus.DONE),
    func.count().filter(_OPEN),
    func.count().filter(and_(_OPEN, Task.due_on < bindparam("today"), Task.owned)),
    func.count().filter(and_(_OPEN, ~Task.owned)),
    func.count().filter(Task.status == TaskStatus.DROPPED),
    func.min(Task.due_on).filter(_OPEN),
).group_by(Task.decision_id)
