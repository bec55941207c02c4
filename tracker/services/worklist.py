"""What waits: for an assignee, grouped by when; for a secretary, what only she can settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import Select, and_, case, cast, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from tracker.clock import at
from tracker.models import (
    Answer,
    Assignment,
    Meeting,
    MeetingKind,
    MeetingStatus,
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
from tracker.services import unplaced
from tracker.services.tasks import part_of, row_options

DONE_WITHOUT_MEETING = timedelta(days=30)
LOOK_BACK = timedelta(days=200)  # for the previous meeting; older ones say nothing of what is going on
MOST_ROWS = 300
ROOM = 50  # tasks of each kind that wait for a secretary: many of one kind hide none of another
MOST_STUCK = 20
REACT_WITHIN = 5  # working days


class Group(StrEnum):
    """When a task is due, as the page groups it."""

    OVERDUE = "overdue"
    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    LATER = "later"
    UNDATED = "undated"


def group_of(due_on: date | None, today: date) -> Group:
    """The group of a deadline; weeks begin on Monday."""
    if due_on is None:
        return Group.UNDATED
    if due_on < today:
        return Group.OVERDUE
    sunday = today + timedelta(days=6 - today.weekday())
    if due_on <= sunday:
        return Group.THIS_WEEK
    return Group.NEXT_WEEK if due_on <= sunday + timedelta(days=7) else Group.LATER


@dataclass(frozen=True, slots=True)
class Item:
    """A task on the list, with the reader's own part in it."""

    task: Task
    mine: Assignment

    @property
    def owned(self) -> bool:
        return self.mine.part is Part.OWNER


@dataclass(frozen=True, slots=True)
class Worklist:
    """Open tasks by group, and what was done since the previous meeting, latest first."""

    groups: dict[Group, list[Item]]
    done: list[Item]

    @property
    def remaining(self) -> int:
        return sum(1 for items in self.groups.values() for item in items if item.task.is_open)


@dataclass(frozen=True, slots=True)
class Dates:
    """The meetings around today: those held, latest last, and all that lies ahead, the next first."""

    past: list[Meeting]
    coming: list[Meeting]

    @property
    def next(self) -> Meeting | None:
        """The next meeting that is called; gatherings are no meetings."""
        called = (
            m for m in self.coming if m.kind is MeetingKind.MEETING and m.status is MeetingStatus.CALLED
        )
        return next(called, None)

    def since(self, today: date, body_id: int | None = None) -> datetime:
        """From when what is done counts as done «since the previous meeting» (of one body, or of any)."""
        held = [m.starts_on for m in self.past if body_id in (None, m.body_id)]
        return at(held[-1] if held else today - DONE_WITHOUT_MEETING, time(0))


def dates(session: Session, rights: Rights, today: date) -> Dates:
    """The meetings around today in the person's bodies. One query."""
    found = session.scalars(
        select(Meeting)
        .where(
            Meeting.organisation_id == rights.organisation_id,
            Meeting.body_id.in_(rights.bodies),
            Meeting.starts_on >= today - LOOK_BACK,
            Meeting.status != MeetingStatus.CANCELLED,
        )
        .options(joinedload(Meeting.body))
        .order_by(Meeting.starts_on, Meeting.starts_at, Meeting.id)
        .limit(MOST_ROWS)
    ).all()
    before = [m for m in found if m.starts_on < today and m.kind is MeetingKind.MEETING]
    coming = [m for m in found if m.ends_on >= today]
    return Dates(before, coming)


def my_tasks(
    session: Session, person: Person, today: date, since: datetime, *, just_done: int = 0
) -> Worklist:
    """The person's tasks, owned and contributed to. One query.

    `just_done`: the id of a task that stays in its group although it is done, so that it can be undone.
    """
    parts = select(Assignment.task_id).where(
        Assignment.organisation_id == person.organisation_id,
        Assignment.person_id == person.id,
        Assignment.ended_at.is_(None),
    )
    found = session.scalars(
        select(Task)
        .where(
            Task.organisation_id == person.organisation_id,
            Task.id.in_(parts),
            or_(
                Task.status == TaskStatus.OPEN,
                and_(Task.status == TaskStatus.DONE, Task.closed_at >= since),
                and_(Task.status == TaskStatus.DONE, Task.id == just_done),
            ),
        )
        .options(*row_options())
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        .limit(MOST_ROWS)
    )
    items = [Item(task, part) for task in found.unique() if (part := part_of(task, person.id))]
    return _grouped(items, today, just_done)


def _grouped(items: list[Item], today: date, just_done: int = 0) -> Worklist:
    groups: dict[Group, list[Item]] = {group: [] for group in Group}
    for item in items:
        if item.task.is_open or item.task.id == just_done:
            groups[group_of(item.task.due_on, today)].append(item)
    done = [item for item in items if not item.task.is_open and item.task.id != just_done]
    done.sort(key=lambda item: (item.task.closed_at is not None, item.task.closed_at), reverse=True)
    return Worklist(groups, done)


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

    requests: list[Assignment]  # wants another deadline
    refusals: list[Assignment]  # says it isn't theirs
    unowned: list[Task]
    unreachable: list[tuple[Person, list[Task]]]  # owners without a mail address
    escalated: list[Task]  # every overdue notice has had its day
    undelivered: list[Stuck]
    drafts: list[Stuck]
    lost_due: list[Task]  # the meeting that gave the deadline is cancelled, or not yet called
    replies: int  # by mail, to invitations, that can't be placed by themselves
    unconfirmed: list[Assignment]  # no reaction to the assignment for five working days; no hurry
    tasks: list[Task]  # all these; held, so that nothing is read when an assignment is asked for its task
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
    silent: dict[Person, list[Task]] = {}
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


def _left_to_secretary(task: Task, today: date) -> bool:
    """Overdue, all notices sent, and not waiting for anything that has a line of its own."""
    if task.due_on is None or not task.owners:
        return False
    asked = any(owner.answer in (Answer.MORE_TIME, Answer.NOT_MINE) for owner in task.owners)
    return not asked and escalated(task.due_on, task.body.rhythm, today)


def _needing(session: Session, rights: Rights, today: date) -> list[Task]:
    """The open tasks that something is to be done about.

    Each kind is found by an index of its own, and has its own room for those that have waited longest.
    """
    opened = (
        select(Task.id)
        .where(Task.organisation_id == rights.organisation_id, Task.body_id.in_(rights.secretary_of))
        .where(Task.status == TaskStatus.OPEN)
    )
    owned = exists().where(
        Assignment.task_id == Task.id, Assignment.part == Part.OWNER, Assignment.ended_at.is_(None)
    )
    given = opened.join(Assignment, Assignment.task_id == Task.id).where(Assignment.part == Part.OWNER)
    owners = given.where(Assignment.organisation_id == rights.organisation_id)
    silent = select(Person.id).where(Person.organisation_id == rights.organisation_id, Person.email.is_(None))
    by_age = Task.id + 0  # else they are sought among all tasks ever, which an index has in this order
    kinds = (
        opened.where(Task.due_on < today).order_by(Task.due_on, Task.id),
        opened.where(
            Task.due_on.is_(None),
            Task.__table__.c.due_kind.in_((DueKind.EVENT, DueKind.NEXT_MEETING)),
        ).order_by(by_age),
        opened.where(~owned).order_by(by_age),
        owners.where(ASKING).order_by(Assignment.answered_at, Assignment.id),
        # sought by person: the organisation would lead to all assignments
        given.where(Assignment.person_id.in_(silent), Assignment.ended_at.is_(None)).order_by(Assignment.id),
        owners.where(UNCONFIRMED, Assignment.assigned_at < _reaction_due(today)).order_by(
            Assignment.assigned_at, Assignment.task_id
        ),
    )
    needing = union_all(*(select(kind.limit(ROOM).subquery().c.id) for kind in kinds))
    found = session.scalars(
        select(Task)
        .where(Task.id.in_(needing))
        .options(*row_options())
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
    )
    return list(found.unique())


def _mail_and_minutes(session: Session, rights: Rights) -> tuple[list[Stuck], list[Stuck], int]:
    """Undelivered mails and waiting minutes, the latest first, and how many replies wait. One query."""
    replies = unplaced.counted(rights).scalar_subquery()
    count = select(literal("reply"), replies, literal(""), literal(""), cast(null(), UTCDateTime))
    parts = (_undelivered(rights).subquery(), _drafts(rights).subquery())
    found: dict[str, list[Stuck]] = {"mail": [], "minutes": []}
    waiting = 0
    for kind, number, name, about, moment in session.execute(union_all(*map(select, parts), count)):
        if kind == "reply":
            waiting = number
        else:
            found[kind].append(Stuck(number, name, about, moment))
    for rows in found.values():
        rows.sort(key=lambda row: (row.at, row.id), reverse=True)
    return found["mail"], found["minutes"], waiting


def _undelivered(rights: Rights) -> Select[str, int, str, str, datetime]:
    """Mails that were refused, to people or about tasks of these bodies; not once the address is mended."""
    members = select(Membership.person_id).where(Membership.body_id.in_(rights.secretary_of))
    told = (
        select(Reminder.message_id)
        .join(Task, Task.id == Reminder.task_id)
        .where(Task.body_id.in_(rights.secretary_of))
    )
    about = case((Message.subject != "", Message.subject), else_=Message.address)
    return (
        select(literal("mail"), Message.id, Person.name, about, Message.created_at)
        .join(Message.person)
        .where(
            Message.organisation_id == rights.organisation_id,
            Message.state == MessageState.FAILED,
            func.lower(Message.address) == func.lower(Person.email),
            or_(Message.person_id.in_(members), Message.id.in_(told)),
        )
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(MOST_STUCK)
    )


def _drafts(rights: Rights) -> Select[str, int, str, str, datetime]:
    """Minutes that wait for review; the draft itself, which may be large, stays in the database."""
    return (
        select(literal("minutes"), Source.id, Source.name, literal(""), Source.taken_in_at)
        .where(
            Source.organisation_id == rights.organisation_id,
            Source.state == SourceState.REVIEW,
            or_(Source.body_id.is_(None), Source.body_id.in_(rights.secretary_of)),
        )
        .order_by(Source.taken_in_at.desc(), Source.id.desc())
        .limit(MOST_STUCK)
    )
