"""What people say to each other about a task or a decision."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned

if TYPE_CHECKING:
    from tracker.models.decision import Decision
    from tracker.models.person import Person
    from tracker.models.task import Task


class Comment(Owned, Base):
    """Somebody's words beside a task, or beside a decision. Only ever added to."""

    __tablename__ = "comment"
    __table_args__ = (CheckConstraint("(task_id IS NULL) <> (decision_id IS NULL)", name="about_one"),)

    id: Mapped[Key]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), index=True)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    text: Mapped[str]

    task: Mapped[Task | None] = relationship(back_populates="comments")
    decision: Mapped[Decision | None] = relationship(back_populates="comments")
    person: Mapped[Person] = relationship()
