"""Keys (sign-in links and sessions, hashed) and calendar feeds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Owned, words
from tracker.models.base import Key as Id

if TYPE_CHECKING:
    from tracker.models.body import Body
    from tracker.models.person import Person


class KeyPurpose(StrEnum):
    """What a key opens."""

    SIGN_IN = "sign_in"
    SESSION = "session"


class Key(Owned, Base):
    """A secret that somebody holds; only its SHA-256 is here.

    `used_at`: when a sign-in link was used up, or a session last was used (to the hour). `device`: what a
    session was begun on, as "browser system" («Firefox Windows»), to know it by.
    """

    __tablename__ = "key"

    id: Mapped[Id]
    purpose: Mapped[KeyPurpose] = mapped_column(words(KeyPurpose, "purpose"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device: Mapped[str | None] = mapped_column(String(40))

    person: Mapped[Person] = relationship()


class Attempt(Base):
    """That a sign-in link was asked for, so that asking can be slowed down; swept after a day.

    Both are hashed with the program's own secret: for which address, and from which network (not which
    machine). It belongs to no organisation, since whoever asks may be of none.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_address_at", "address", "at"),
        Index("ix_attempt_network_at", "network", "at"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))
    network: Mapped[str] = mapped_column(String(64))


class Feed(Owned, Base):
    """A calendar address: of a person (all bodies), or of a body as a person sees it.

    The address is signed from `id` and `generation`; raising the generation makes the old address dead.
    `deadlines`: own deadlines are in it too, as days or (`as_tasks`) as VTODO. `language` None: the person's.
    `fetched_by`: the kind of program that fetched it last (`calendars/client.py`).
    """

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("organisation_id", "person_id", "body_id"),
        Index(
            "uq_feed_person_all_bodies",
            "organisation_id",
            "person_id",
            unique=True,
            postgresql_where=text("body_id is null"),
            sqlite_where=text("body_id is null"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"), index=True)
    generation: Mapped[int] = mapped_column(default=1)
    deadlines: Mapped[bool] = mapped_column(default=True)
    as_tasks: Mapped[bool] = mapped_column(default=False)
    alarms: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    fetched_by: Mapped[str | None] = mapped_column(String(20))

    person: Mapped[Person] = relationship()
    body: Mapped[Body | None] = relationship()
