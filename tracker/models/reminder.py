"""The ledger: one row per (task, person, step, local date), so that no reminder goes twice."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned, words
from tracker.rules.reminders import Step

if TYPE_CHECKING:
    from tracker.models.message import Message
    from tracker.models.task import Assignment, Task


class Reminder(Owned, Base):
    """That a step of a task's rhythm was taken for a person, and the mail it went in."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("organisation_id", "task_id", "person_id", "step", "local_date"),)

    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    step: Mapped[Step] = mapped_column(words(Step, "step"))
    local_date: Mapped[date]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    created_at: Mapped[datetime]

    task: Mapped[Task] = relationship()
    assignment: Mapped[Assignment] = relationship()
    message: Mapped[Message] = relationship(back_populates="reminders")
