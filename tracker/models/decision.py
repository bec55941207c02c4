"""Decisions (vedtak), point by point, in the words of the minutes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned

if TYPE_CHECKING:
    from tracker.models.comment import Comment
    from tracker.models.meeting import AgendaItem
    from tracker.models.person import Person
    from tracker.models.source import Source
    from tracker.models.task import Task


class Decision(Owned, Base):
    """One decision point. `text` is verbatim; `span_*` its place in the source's text.

    `withdrawn_at`: corrected minutes no longer have it; it is kept, and shown nowhere but in its history.
    """

    __tablename__ = "decision"

    id: Mapped[Key]
    agenda_item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    kind: Mapped[str] = mapped_column(String(40), default="substantive")
    vote: Mapped[str | None] = mapped_column(String(300))
    needs_follow_up: Mapped[bool]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    span_start: Mapped[int] = mapped_column(default=0)
    span_end: Mapped[int] = mapped_column(default=0)
    withdrawn_at: Mapped[datetime | None]

    agenda_item: Mapped[AgendaItem] = relationship(back_populates="decisions")
    tasks: Mapped[list[Task]] = relationship(back_populates="decision")
    comments: Mapped[list[Comment]] = relationship(back_populates="decision", order_by="Comment.id")
    changes: Mapped[list[DecisionChange]] = relationship(
        back_populates="decision", order_by="DecisionChange.id"
    )


class DecisionChange(Owned, Base):
    """That corrected minutes changed the words of a decision, or (`after` empty) took it out."""

    __tablename__ = "decision_change"

    id: Mapped[Key]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    before: Mapped[str]
    after: Mapped[str] = mapped_column(default="")

    decision: Mapped[Decision] = relationship(back_populates="changes")
    person: Mapped[Person | None] = relationship()
    source: Mapped[Source] = relationship()
