"""What minutes say of tasks from earlier meetings: which task in the register it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.minutes.draft import StatusUpdate
from tracker.minutes.draft import Task as Proposal
from tracker.minutes.likeness import Words, likeness, paired, words
from tracker.models import Assignment, Body, Meeting, Task, TaskStatus
from tracker.services.people import folded

SAID = 0.6
"""So much of a task's words must a remark repeat to be about it, when it names no case."""
SAID_IN_CASE = 0.3
"""The same when it names the task's case, and the case has more tasks than one."""
MOST = 500
"""How many open tasks of a body are looked through."""
TWIN = 0.75
"""So alike must a proposal be to an open task to be asked about as the same."""


def open_tasks(session: Session, body: Body, before: date) -> Sequence[Task]:
    """The open tasks of a body from meetings before that day, or from none, the latest first."""
    return session.scalars(
        select(Task)
        .outerjoin(Task.meeting)
        .where(
            Task.organisation_id == body.organisation_id,
            Task.body_id == body.id,
            Task.status == TaskStatus.OPEN,
            or_(Meeting.id.is_(None), Meeting.starts_on < before),
        )
        .options(
            joinedload(Task.agenda_item),
            joinedload(Task.meeting),
            joinedload(Task.due_event),
            selectinload(Task.assignments).joinedload(Assignment.person),
        )
        .order_by(Task.id.desc())
        .limit(MOST)
    ).all()


def reported(updates: Sequence[StatusUpdate], tasks: Sequence[Task]) -> dict[str, Task]:
    """Which earlier task each status update is about: update id → task. Those that fit none are left out."""
    in_case = Counter(task.case_number for task in tasks)

    def worth(update: tuple[Words, str | None], task: tuple[Words, Words, str | None]) -> float:
        said, case = update
        share = max(_share(task[0], said), _share(task[1], said))
        if case and case == task[2]:
            return 1 + share if share >= SAID_IN_CASE or in_case[case] == 1 else 0.0
        return share if share >= SAID and not case else 0.0

    same = paired(
        [(words(u.evidence), u.case) for u in updates],
        [(words(t.what), words(t.evidence), t.case_number) for t in tasks],
        worth, least=SAID_IN_CASE,
    )  # fmt: skip
    return {updates[i].id: tasks[j] for i, j in same.items()}


def twins(proposed: Sequence[Proposal], tasks: Sequence[Task]) -> dict[str, Task]:
    """Proposals that say again what is open already, as lists of tasks carried from meeting to meeting do.

    Nearly the same words, and an owner in common where both have one: proposal id → task.
    """

    def worth(one: tuple[Words, set[str]], other: tuple[Words, Words, set[str]]) -> float:
        said, owners = one
        if owners and other[2] and not owners & other[2]:
            return 0.0
        return max(likeness(said, other[0]), likeness(said, other[1]))

    same = paired(
        [(words(p.what), {folded(name) for name in p.owners}) for p in proposed],
        [
            (words(t.what), words(t.evidence), {folded(part.person.name) for part in t.owners})
            for t in tasks
        ],
        worth, least=TWIN,
    )  # fmt: skip
    return {proposed[i].id: tasks[j] for i, j in same.items()}


def _share(wanted: Words, said: Words) -> float:
    """How much of what is wanted is said, counting words that tell something."""
    telling = {word for word in wanted if len(word) > 3}
    return len(telling & said) / len(telling) if telling else 0.0
