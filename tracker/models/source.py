"""Documents, what the reader made of them, and what the secretary answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from tracker.models.base import Base, Json, Key, Owned, words

if TYPE_CHECKING:
    from tracker.models.body import Body
    from tracker.models.meeting import Meeting
    from tracker.models.person import Person


class SourceState(StrEnum):
    """Where a document is on its way into the register."""

    REVIEW = "review"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Source(Owned, Base):
    """A document as it came: its bytes, its text, and the draft that was read from it (JSON).

    `replaces` is the document that this one corrects: minutes of the same meeting, published before.
    """

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("organisation_id", "sha256"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    draft: Mapped[Json] = mapped_column(JSON)
    state: Mapped[SourceState] = mapped_column(words(SourceState, "state"), default=SourceState.REVIEW)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    taken_in_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_in_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)

    body: Mapped[Body | None] = relationship()
    meeting: Mapped[Meeting | None] = relationship(
        back_populates="minutes", foreign_keys="Meeting.minutes_id", uselist=False
    )
    taken_in_by: Mapped[Person | None] = relationship(foreign_keys=[taken_in_by_id])
    published_by: Mapped[Person | None] = relationship(foreign_keys=[published_by_id])
    replaces: Mapped[Source | None] = relationship(
        back_populates="replaced_by", foreign_keys=[replaces_id], remote_side="Source.id"
    )
    replaced_by: Mapped[Source | None] = relationship(
        back_populates="replaces", foreign_keys=[replaces_id], uselist=False
    )
    verdicts: Mapped[list[Verdict]] = relationship(back_populates="source", order_by="Verdict.id")


class Verdict(Owned, Base):
    """What the secretary said to one card of a review ("q1", "o8", "v4", …).

    `revision` guards against two at once. `value` depends on the card; `services/review.py` reads it.
    """

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("organisation_id", "source_id", "card"),)

    id: Mapped[Key]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    card: Mapped[str] = mapped_column(String(20))
    value: Mapped[Json] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    source: Mapped[Source] = relationship(back_populates="verdicts")
    by: Mapped[Person | None] = relationship()
