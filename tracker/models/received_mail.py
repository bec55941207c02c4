"""Mail that came in: what became of each, and what waits for the secretary to place it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, LargeBinary, String, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship
from sqlalchemy.schema import Index

from tracker.models.base import Base, Key, words

if TYPE_CHECKING:
    from tracker.models.invitation import Invitation


class Outcome(StrEnum):
    """What became of a mail. The first row is settled; the second waits for the secretary."""

    NOTED, SAME, STALE = "noted", "same", "stale"
    BOUNCE, LIST, AUTO_REPLY, OURS = "bounce", "list", "auto_reply", "ours"

    NO_ANSWER, UNCLEAR, DELEGATED, REFUSED = "no_answer", "unclear", "delegated", "refused"
    UNKNOWN_MEETING, UNKNOWN_SENDER, DOUBTFUL = "unknown_meeting", "unknown_sender", "doubtful"
    BY_MACHINE, TOO_LARGE = "by_machine", "too_large"

    @property
    def waits(self) -> bool:
        """Whether a person has to look at it."""
        return self not in _SETTLED


_SETTLED = (
    *(Outcome.NOTED, Outcome.SAME, Outcome.STALE),
    *(Outcome.BOUNCE, Outcome.LIST, Outcome.AUTO_REPLY, Outcome.OURS),
)
WAITS = text("settled_at is null")


class ReceivedMail(Base):
    """A mail that came in. `digest` (SHA-256) knows one that comes again, whichever way it takes.

    `organisation_id` is None when nothing in it says whose it is. `invitation_id` is the one it answers, or
    may answer. `partstat`: what it says, as calendars put it, or empty. `said` (the sender's own words) and
    `content` (its bytes, cut at a megabyte) are kept only while somebody is to look at it.
    """

    __tablename__ = "received_mail"
    __table_args__ = (
        Index("ix_received_mail_waits", "organisation_id", postgresql_where=WAITS, sqlite_where=WAITS),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[datetime]
    from_name: Mapped[str] = mapped_column(String(200))
    from_address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    said: Mapped[str] = mapped_column(String(1000), default="")
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome, "outcome"))
    partstat: Mapped[str] = mapped_column(String(20), default="")
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    invitation: Mapped[Invitation | None] = relationship()
