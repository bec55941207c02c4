"""Decisions (vedtak), point by point, in the words of the minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned

if TYPE_CHECKING:
    from tracker.models.meeting import AgendaItem
    from tracker.models.task import Task


class Decision(Owned, Base):
    """One decision point. `text` is verbatim; `span_*` its place in the source's text."""

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

    agenda_item: Mapped[AgendaItem] = relationship(back_populates="decisions")
    tasks: Mapped[list[Task]] = relationship(back_populates="decision")
