"""The outbox: every mail from the moment it is decided on. It is written with what caused it."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Json, Key, Owned, words

if TYPE_CHECKING:
    from tracker.models.person import Person
    from tracker.models.reminder import Reminder


class MessageKind(StrEnum):
    """Which letter it is; `mail/letters.py` has one function for each."""

    NEW_TASKS = "new_tasks"
    REMINDER = "reminder"
    REQUEST = "request"
    RECEIPT = "receipt"
    MEETING_CHANGED = "meeting_changed"
    STATUS = "status"
    SIGN_IN = "sign_in"


class MessageState(StrEnum):
    """Where in its life a mail is.

    SENDING stands right before the server is given the words: after a crash such a row may have gone.
    STOPPED: there was nothing left to say when its turn came, or somebody stopped it.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CAPTURED = "captured"
    FAILED = "failed"
    STOPPED = "stopped"


class Message(Owned, Base):
    """A mail. Its words are written when its turn comes, from what is true then; `about` says of what.

    `message_id` (RFC 5322) is set before the first try and kept for every one. `leased_until` and
    `leased_by` belong to the worker that has it now. `maybe_twice`: a crash left it unknown whether an
    earlier try arrived. The stored words hold no secrets once they are sent.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "ix_message_waiting_send_at",
            "send_at",
            postgresql_where=text("state in ('waiting', 'sending')"),
            sqlite_where=text("state in ('waiting', 'sending')"),
        ),
        Index("ix_message_person_id_created_at", "person_id", "created_at"),
        Index("ix_message_organisation_id_created_at", "organisation_id", "created_at"),
    )

    id: Mapped[Key]
    kind: Mapped[MessageKind] = mapped_column(words(MessageKind, "kind"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    about: Mapped[Json] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(default="")
    body_text: Mapped[str] = mapped_column(default="")
    body_html: Mapped[str] = mapped_column(default="")
    message_id: Mapped[str] = mapped_column(String(200), default=lambda: secrets.token_hex(12))
    state: Mapped[MessageState] = mapped_column(words(MessageState, "state"), default=MessageState.WAITING)
    created_at: Mapped[datetime]
    send_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    leased_until: Mapped[datetime | None]
    maybe_twice: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship()
    reminders: Mapped[list[Reminder]] = relationship(back_populates="message", order_by="Reminder.id")
