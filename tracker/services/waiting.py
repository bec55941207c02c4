"""What waits for a secretary: what only she can settle, each kind with its own answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import at
from tracker.models import (
    Answer,
    Assignment,
    Membership,
    Message,
    MessageState,
    Part,
    Person,
    Reminder,
    Source,
    SourceState,
    Task,
    TaskStatus,
)
from tracker.models.base import UTCDateTime
from tracker.models.task import ASKING, UNCONFIRMED
from tracker.rules import workdays
from tracker.rules.access import Rights
from tracker.rules.deadlines import DueKind
from tracker.rules.reminders import escalated
from tracker.services import rows, unplaced
from tracker.services.rows import PartRow, PersonRow, TaskRow
from tracker.services.visible import HOLDER, held

ROOM = 50  # tasks of each kind: many of one kind hide none of another
MOST_STUCK = 20
REACT_WITHIN = 5  # working days


@dataclass(frozen=True, slots=True)
class Stuck:
    """A mail that did not get through (`name`: whose), or minutes that wait for review (`name`: theirs)."""

    id: int
    name: str
    about: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the secretary: each list has its own answer."""

    requests: list[PartRow]  # wants another deadline
    refusals: list[PartRow]  # says it isn't theirs
    unowned: list[TaskRow]
    unreachable: list[tuple[PersonRow, list[TaskRow]]]  # owners without a mail address
    escalated: list[TaskRow]  # every overdue notice has had its day
    undelivered: list[Stuck]
    drafts: list[Stuck]
    lost_due: list[TaskRow]  # the meeting that gave the deadline is cancelled, or not yet called
    replies: int  # by mail, to invitations, that can't be placed by themselves
    unconfirmed: list[PartRow]  # no reaction to the assignment for five working days; no hurry
    tasks: list[TaskRow]  # all these
    late: int  # how many of them are overdue

    @property
    def full(self) -> bool:
        """Whether some kind fills its room, so that there may be more of it."""
        kinds = (
            self.late,
            len(self.requests) + len(self.refusals),
            len(self.unowned),
            len(self.lost_due),
            sum(len(tasks) for _person, tasks in self.unreachable),
            len(self.unconfirmed),
        )
        return max(kinds) >= ROOM

    def __len__(self) -> int:
        asked = len(self.requests) + len(self.refusals) + len(self.unowned) + len(self.lost_due)
        stuck = len(self.unreachable) + len(self.escalated) + len(self.undelivered)
        return asked + stuck + len(self.drafts) + bool(self.replies)


def waiting_for(session: Session, rights: Rights, today: date) -> Waiting:
    """What waits for the person as secretary, in the bodies they are secretary of. Two queries."""
    tasks = _needing(session, rights, today)
    undelivered, drafts, replies = _mail_and_minutes(session, rights)
    owners = [(task, owner) for task in tasks for owner in task.owners]
    left = {task.id for task in tasks if _left_to_secretary(task, today)}
    silent: dict[PersonRow, list[TaskRow]] = {}
    for task, owner in owners:
        if not owner.person.email:
            silent.setdefault(owner.person, []).append(task)
    return Waiting(
        requests=[owner for _task, owner in owners if owner.answer is Answer.MORE_TIME],
        refusals=[owner for _task, owner in owners if owner.answer is Answer.NOT_MINE],
        unowned=[task for task in tasks if not task.owners],
        unreachable=list(silent.items()),
        escalated=[task for task in tasks if task.id in left],
        undelivered=undelivered,
        drafts=drafts,
        replies=replies,
        lost_due=[task for task in tasks if task.lost_due and task.owners],
        unconfirmed=[
            owner
            for task, owner in owners
            if owner.confirmed_at is None
            and owner.answer is Answer.NONE
            and owner.person.email
            and task.id not in left
            and owner.assigned_at < _reaction_due(today)
        ],
        tasks=tasks,
        late=sum(task.due_on is not None and task.due_on < today for task in tasks),
    )


def _reaction_due(today: date) -> datetime:
    """Whoever was given something before this moment has had five working days to react."""
    return at(workdays.add(today, -REACT_WITHIN), time(0))


def _left_to_secretary(task: TaskRow, today: date) -> bool:
    """Overdue, all notices sent, and not waiting for anything that has a line of its own."""
    if task.due_on is None or not task.owners:
        return False
    asked = any(owner.answer in (Answer.MORE_TIME, Answer.NOT_MINE) for owner in task.owners)
    return not asked and _escalated(task.due_on, task.body.rhythm, today)


_escalated = lru_cache(1000)(escalated)  # many have the same deadline


def _needing(session: Session, rights: Rights, today: date) -> list[TaskRow]:
    """The open tasks that something is to be done about."""
    asked = held(rights, today=today, reaction_due=_reaction_due(today), room=ROOM)
    return rows.read(session, _NEEDING, asked)


def _kinds() -> list[Select[Any]]:
    """Each is found by an index of its own, and has its own room for those that have waited longest."""
    opened = (
        select(Task.id)
        .where(Task.organisation_id == HOLDER.organisation_id, Task.body_id.in_(HOLDER.secretary_of))
        .where(Task.status == TaskStatus.OPEN)
    )
    given = opened.join(Assignment, Assignment.task_id == Task.id).where(Assignment.part == Part.OWNER)
    owners = given.where(Assignment.organisation_id == HOLDER.organisation_id)
    silent = select(Person.id).where(Person.organisation_id == HOLDER.organisation_id, Person.email.is_(None))
    by_age = Task.id + 0  # else they are sought among all tasks ever, which an index has in this order
    return [
        opened.where(Task.due_on < bindparam("today")).order_by(Task.due_on, Task.id),
        opened.where(
            Task.due_on.is_(None),
            Task.__table__.c.due_kind.in_((DueKind.EVENT, DueKind.NEXT_MEETING)),
        ).order_by(by_age),
        opened.where(~Task.owned).order_by(by_age),
        owners.where(ASKING).order_by(Assignment.answered_at, Assignment.id),
        # sought by person: the organisation would lead to all assignments
        given.where(Assignment.person_id.in_(silent), Assignment.ended_at.is_(None)).order_by(Assignment.id),
        owners.where(
            UNCONFIRMED, Assignment.assigned_at < bindparam("reaction_due", type_=UTCDateTime)
        ).order_by(Assignment.assigned_at, Assignment.task_id),
    ]


_ROOM = db.rows("room")
_NEEDING = rows.listed(
    select(Task.id, Task.due_on)
    .where(Task.id.in_(union_all(*(select(kind.limit(_ROOM).subquery().c.id) for kind in _kinds()))))
    .subquery()
)


def _mail_and_minutes(session: Session, rights: Rights) -> tuple[list[Stuck], list[Stuck], int]:
    """Undelivered mails and waiting minutes, the latest first, and how many replies wait. One query."""
    found: dict[str, list[Stuck]] = {"mail": [], "minutes": []}
    waiting = 0
    for kind, number, name, about, moment in session.execute(_MAIL_AND_MINUTES, held(rights)):
        if kind == "reply":
            waiting = number
        else:
            found[kind].append(Stuck(number, name, about, moment))
    for stuck in found.values():
        stuck.sort(key=lambda row: (row.at, row.id), reverse=True)
    return found["mail"], found["minutes"], waiting


def _undelivered() -> Select[str, int, str, str, datetime]:
    """Mails that were refused, to people or about tasks of these bodies; not once the address is mended."""
    members = select(Membership.person_id).where(Membership.body_id.in_(HOLDER.secretary_of))
    told = (
        select(Reminder.message_id)
        .join(Task, Task.id == Reminder.task_id)
        .where(Task.body_id.in_(HOLDER.secretary_of))
    )
    about = case((Message.subject != "", Message.subject), else_=Message.address)
    return (
        select(literal("mail"), Message.id, Person.name, about, Message.created_at)
        .join(Message.person)
        .where(
            Message.organisation_id == HOLDER.organisation_id,
            Message.state == MessageState.FAILED,
            func.lower(Message.address) == func.lower(Person.email),
            or_(Message.person_id.in_(members), Message.id.in_(told)),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(db.rows(MOST_STUCK))
    )


def _drafts() -> Select[str, int, str, str, datetime]:
    """Minutes that wait for review; the draft itself, which may be large, stays in the database."""
    return (
        select(literal("minutes"), Source.id, Source.name, literal(""), Source.taken_in_at)
        .where(
            Source.organisation_id == HOLDER.organisation_id,
            Source.state == SourceState.REVIEW,
            or_(Source.body_id.is_(None), Source.body_id.in_(HOLDER.secretary_of)),
        )
        .order_by(Source.taken_in_at.desc(), Source.id.desc())
        .limit(db.rows(MOST_STUCK))
    )


def _replies() -> Select[Any]:
    count = unplaced.counted(HOLDER).scalar_subquery()
    return select(literal("reply"), count, literal(""), literal(""), cast(null(), UTCDateTime))


_MAIL_AND_MINUTES = union_all(*(select(part.subquery()) for part in (_undelivered(), _drafts())), _replies())
