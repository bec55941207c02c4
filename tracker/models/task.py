"""Tasks, who answers for them, what they answered, and everything that ever happened to them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, TextClause, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from tracker.models.base import Base, Key, Owned, words
from tracker.rules.deadlines import DueKind, DueRule, due_date

if TYPE_CHECKING:
    from tracker.models.attachment import Attachment
    from tracker.models.body import Body
    from tracker.models.comment import Comment
    from tracker.models.decision import Decision
    from tracker.models.meeting import AgendaItem, Meeting
    from tracker.models.person import Person


class TaskStatus(StrEnum):
    """Where a task is. Overdue is not stored: it is an open task whose deadline has passed."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Part(StrEnum):
    """What a person is to a task."""

    OWNER = "owner"
    CONTRIBUTOR = "contributor"


class Answer(StrEnum):
    """What an assignee last said of the task."""

    NONE = "none"
    DONE = "done"
    MORE_TIME = "more_time"
    NOT_MINE = "not_mine"


class Action(StrEnum):
    """What happened to a task."""

    CREATED = "created"
    CHANGED = "changed"
    DONE = "done"
    PART_DONE = "part_done"
    MORE_TIME = "more_time"
    NOT_MINE = "not_mine"
    UNDONE = "undone"
    DUE_CHANGED = "due_changed"
    DUE_REFUSED = "due_refused"
    OWNER_CHANGED = "owner_changed"
    RESULT = "result"
    STARTED = "started"
    DROPPED = "dropped"
    REOPENED = "reopened"


OPEN = text("status = 'open'")
CLOSED = text("closed_at IS NOT NULL")
ASKING = text("answer IN ('more_time', 'not_mine') AND ended_at IS NULL")
UNCONFIRMED = text("confirmed_at IS NULL AND answer = 'none' AND ended_at IS NULL")


def _some(name: str, *columns: str, where: TextClause) -> Index:
    """An index of the rows that are `where`, for queries that say so in the same words."""
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)


class TaskFacts:
    """What follows from how a task stands: a `Task`, or the rows that lists read (services/rows.py)."""

    __slots__ = ()
    if TYPE_CHECKING:
        status: Any
        due_on: Any
        agenda_item: Any

    @property
    def is_open(self) -> bool:
        return self.status is TaskStatus.OPEN

    @property
    def case_number(self) -> str | None:
        number: str | None = self.agenda_item.number if self.agenda_item else None
        return number

    @property
    def restricted(self) -> str | None:
        """The legal basis when the case it comes from is not public."""
        basis: str | None = self.agenda_item.restricted if self.agenda_item else None
        return basis

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and bool(self.due_on < today)


class Task(TaskFacts, Owned, Base):
    """Something that somebody is to do. `due_on` is computed from `due` by `set_due` and nowhere else.

    `owned`, for queries: whether anybody answers for it. The database keeps it (migration 0020).
    """

    __tablename__ = "task"
    __table_args__ = (
        Index(
            "ix_task_open_due_on",
            "due_on",
            "body_id",
            "organisation_id",
            "status",
            postgresql_include=["id"],  # as SQLite's indexes do: then the table itself need not be read
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
        _some("ix_task_open", "organisation_id", "body_id", "owned", "due_on", "id", where=OPEN),
        Index("ix_task_register", "organisation_id", "body_id", "status", "due_on", "id"),
        Index("ix_task_register_all", "organisation_id", "body_id", "due_on", "id"),
        _some("ix_task_closed_at", "organisation_id", "body_id", "closed_at", "id", "status", where=CLOSED),
    )

    id: Mapped[Key]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    what: Mapped[str]
    status: Mapped[TaskStatus] = mapped_column(words(TaskStatus, "status"), default=TaskStatus.OPEN)
    due: Mapped[DueRule] = composite(
        mapped_column("due_kind", words(DueKind, "due_kind"), default=DueKind.NONE),
        mapped_column("due_date"),
        mapped_column("due_days", default=0),
        mapped_column("due_working", default=False),
    )
    due_event_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True)
    due_on: Mapped[date | None]
    owned: Mapped[bool] = mapped_column(server_default=false(), deferred=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(default="")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    evidence: Mapped[str] = mapped_column(default="")
    span_start: Mapped[int] = mapped_column(default=0)
    span_end: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it from the class

    body: Mapped[Body] = relationship()
    meeting: Mapped[Meeting | None] = relationship(foreign_keys=[meeting_id])
    agenda_item: Mapped[AgendaItem | None] = relationship()
    decision: Mapped[Decision | None] = relationship(back_populates="tasks")
    due_event: Mapped[Meeting | None] = relationship(foreign_keys=[due_event_id])
    assignments: Mapped[list[Assignment]] = relationship(back_populates="task", order_by="Assignment.id")
    history: Mapped[list[History]] = relationship(back_populates="task", order_by="History.id")
    attachments: Mapped[list[Attachment]] = relationship(back_populates="task", order_by="Attachment.id")
    comments: Mapped[list[Comment]] = relationship(back_populates="task", order_by="Comment.id")

    @property
    def owners(self) -> list[Assignment]:
        """The assignments of those who answer for it (normally one)."""
        return [a for a in self.assignments if a.part is Part.OWNER and a.ended_at is None]

    @property
    def contributors(self) -> list[Assignment]:
        return [a for a in self.assignments if a.part is Part.CONTRIBUTOR and a.ended_at is None]

    def set_due(self, rule: DueRule, event: Meeting | None = None) -> None:
        """The only writer of `due_on`. `event`: the meeting it hangs on; a cancelled one gives no day."""
        self.due = rule
        self.due_event = event
        self.due_on = due_date(rule, event.starts_on if event and not event.is_cancelled else None)

    @property
    def lost_due(self) -> bool:
        """Whether the deadline hangs on a meeting that is cancelled, or on a next one that isn't known."""
        return self.due_on is None and self.due.kind in (DueKind.EVENT, DueKind.NEXT_MEETING)


class Assignment(Owned, Base):
    """A person's part in a task, with the person's own answer. Ended, not deleted, when handed over.

    `wanted_due_on` and `suggested_person_id` are what the person asked for; they wait for the secretary
    while `answer` is MORE_TIME or NOT_MINE. `confirmed_at`: when the person first reacted to being given it.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_person_id_ended_at", "person_id", "ended_at"),
        Index("ix_assignment_task_id", "task_id", "part", "ended_at", "person_id"),
        Index(
            "ix_assignment_unanswered",
            "task_id",
            "part",
            "person_id",
            "assigned_at",
            "answer",
            "ended_at",
            postgresql_include=["id"],
            postgresql_where=text("ended_at IS NULL AND answer = 'none'"),
            sqlite_where=text("ended_at IS NULL AND answer = 'none'"),
        ),
        _some("ix_assignment_asking", "organisation_id", "part", "task_id", where=ASKING),
        _some(
            "ix_assignment_unconfirmed",
            "organisation_id",
            "part",
            "assigned_at",
            "task_id",
            where=UNCONFIRMED,
        ),
        UniqueConstraint("organisation_id", "task_id", "person_id", "assigned_at"),
    )

    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[Part] = mapped_column(words(Part, "part"))
    assigned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    answer: Mapped[Answer] = mapped_column(words(Answer, "answer"), default=Answer.NONE)
    answered_at: Mapped[datetime | None]
    wanted_due_on: Mapped[date | None]
    suggested_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    comment: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship(back_populates="assignments")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    suggested_person: Mapped[Person | None] = relationship(foreign_keys=[suggested_person_id])


class History(Owned, Base):
    """One thing that happened to a task: who, when, how, from → to. Only ever added to.

    `person_id` None is the program itself; `via` is "page", "mail", "minutes" or "program".
    `before` and `after` are texts for people (a date as ISO, a name, a title).
    """

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_organisation_id_at", "organisation_id", "at"),)

    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    via: Mapped[str] = mapped_column(String(20))
    action: Mapped[Action] = mapped_column(words(Action, "action"))
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    comment: Mapped[str] = mapped_column(default="")

    task: Mapped[Task] = relationship(back_populates="history")
    person: Mapped[Person | None] = relationship()
