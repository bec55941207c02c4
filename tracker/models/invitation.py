"""Invitations: who is asked to a meeting, what they answered, and their place in the line for a seat."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned, words

if TYPE_CHECKING:
    from tracker.models.meeting import Meeting
    from tracker.models.person import Person


class Role(StrEnum):
    """As what somebody is asked. Guests hold no office in the body."""

    MEMBER = "member"
    SUBSTITUTE = "substitute"
    GUEST = "guest"


class Coming(StrEnum):
    """Whether somebody comes. Never why not (DOMAIN.md, rule 7)."""

    NONE = "none"
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Via(StrEnum):
    """How an answer reached us."""

    PAGE = "page"
    MAIL = "mail"
    SECRETARY = "secretary"


class Method(StrEnum):
    """What the last invitation by mail asked calendars to do (RFC 5546)."""

    REQUEST = "request"
    CANCEL = "cancel"


class Invitation(Owned, Base):
    """That a person is asked to a meeting. `withdrawn_at`: no longer; the row stays for what was mailed.

    `turn` numbers those who said yes or partly in the order they were written down (the meeting is held
    meanwhile, `services/sign_up.py`): the first `meeting.seats` of them have a seat, the others wait. So the
    waiting list is computed, and nobody who has a seat loses it to somebody whose clock was behind.
    `partly_text`: which days or parts. `diet` is emptied some days after the meeting. `substitute`: whom the
    person named, or the secretary called in their place. `reminded_for`: the deadline they were reminded of,
    once.

    What was last mailed: `sent_method` with the meeting's `sent_sequence`. Of replies by mail the one with
    the highest (`reply_sequence`, `reply_stamp`) counts: their SEQUENCE, then DTSTAMP (RFC 5546 §2.1.5).
    `taken_back`: how often it was withdrawn, or sent anew after that, by mail. It is added to the meeting's
    SEQUENCE in what this person is sent, so that each is newer than the one before.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "meeting_id", "person_id"),
        UniqueConstraint("organisation_id", "meeting_id", "turn"),
    )

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(words(Role, "role"))
    invited_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    answer: Mapped[Coming] = mapped_column(words(Coming, "answer"), default=Coming.NONE)
    answered_at: Mapped[datetime | None]
    answered_via: Mapped[Via | None] = mapped_column(words(Via, "answered_via"))
    turn: Mapped[int | None]
    comment: Mapped[str] = mapped_column(String(500), default="")
    partly_text: Mapped[str] = mapped_column(String(300), default="")
    diet: Mapped[str | None] = mapped_column(String(300))
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reminded_for: Mapped[date | None]
    sent_method: Mapped[Method | None] = mapped_column(words(Method, "sent_method"))
    sent_sequence: Mapped[int | None]
    sent_at: Mapped[datetime | None]
    taken_back: Mapped[int] = mapped_column(default=0, server_default="0")
    reply_sequence: Mapped[int | None]
    reply_stamp: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="invitations")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    substitute: Mapped[Person | None] = relationship(foreign_keys=[substitute_id])

    @property
    def stands(self) -> bool:
        """Whether the person still is asked."""
        return self.withdrawn_at is None

    @property
    def comes(self) -> bool:
        """Whether the person wants a seat, all of the time or some of it."""
        return self.answer in (Coming.YES, Coming.PARTLY)
