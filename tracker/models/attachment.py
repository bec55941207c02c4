"""Files that people lay beside a task: what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from tracker.models.base import Base, Key, Owned

if TYPE_CHECKING:
    from tracker.models.person import Person
    from tracker.models.task import Task


class Attachment(Owned, Base):
    """A file with a task. It is kept as it came and only ever handed out as a file, never run or shown.

    `size` is in bytes; the same bytes stand once with a task, however often they are sent.
    """

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("organisation_id", "task_id", "sha256"),)

    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))

    task: Mapped[Task] = relationship(back_populates="attachments")
    person: Mapped[Person] = relationship()
