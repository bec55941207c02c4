"""The outbox: every mail from the moment it is decided on. It is written with what caused it."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, ForeignKey, Index, String, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Json, Key, Owned, words

if TYPE_CHECKING:
    from tracker.models.person import Person
    from tracker.models.reminder import Reminder


class MessageKind(StrEnum):
    """Which letter it is; `mail/letters.py` has one function for each."""

    NEW_TASKS = "new_tasks"
    TASKS_CHANGED = "tasks_changed"
    REMINDER = "reminder"
    REQUEST = "request"
    RECEIPT = "receipt"
    MEETING_CHANGED = "meeting_changed"
    STATUS = "status"
    INVITATION = "invitation"
    SIGN_UP_REMINDER = "sign_up_reminder"
    MOVED_UP = "moved_up"
    ABSENCE = "absence"
    SIGN_IN = "sign_in"
    COMMENTS = "comments"


class MessageState(StrEnum):
    """Where in its life a mail is.

    SENDING: a worker has it in its batch (`batch.py`), which says whether it may have gone after a crash.
    STOPPED: there was nothing left to say when its turn came, or somebody stopped it.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CAPTURED = "captured"
    FAILED = "failed"
    STOPPED = "stopped"


# As in the partial indexes: queries say it in these very words, so that both engines see that they fit.
WAITING = text("state = 'waiting'")
WAITING_SIGN_IN = text("state = 'waiting' and kind = 'sign_in'")
FAILED = text("state = 'failed'")
GONE = text("sent_at IS NOT NULL")


def _some(name: str, *columns: str, where: TextClause) -> Index:
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)


class Message(Owned, Base):
    """A mail. Its words are written when its turn comes, from what is true then; `about` says of what.

    `message_id` (RFC 5322) is set before the first try and kept for every one. `maybe_twice`: a crash, or a
    connection that broke, left it unknown whether an earlier try arrived. The stored words hold no secrets
    once they are sent.
    """

    __tablename__ = "message"
    __table_args__ = (
        # With the id: the first of 100,000 due at the same moment are found without sorting them.
        _some("ix_message_waiting_send_at", "send_at", "id", where=WAITING),
        _some("ix_message_sign_in_send_at", "send_at", where=WAITING_SIGN_IN),
        _some("ix_message_failed_created_at", "created_at", where=FAILED),
        _some("ix_message_sent_at", "sent_at", where=GONE),
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
    maybe_twice: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship()
    reminders: Mapped[list[Reminder]] = relationship(back_populates="message", order_by="Reminder.id")
