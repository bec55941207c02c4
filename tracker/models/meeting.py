"""Meetings, gatherings and conferences, who came, and what was on the agenda."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import JSON, FetchedValue, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Json, Key, Owned, words

if TYPE_CHECKING:
    from tracker.models.body import Body
    from tracker.models.decision import Decision
    from tracker.models.invitation import Invitation
    from tracker.models.person import Person
    from tracker.models.source import Source


class MeetingKind(StrEnum):
    """What sort of coming together it is."""

    MEETING = "meeting"
    GATHERING = "gathering"
    CONFERENCE = "conference"


class MeetingStatus(StrEnum):
    """Where in its life a meeting is."""

    CALLED = "called"
    HELD = "held"
    CANCELLED = "cancelled"


class Presence(StrEnum):
    """Whether somebody came. Never why not (DOMAIN.md, rule 7)."""

    PRESENT = "present"
    ABSENT = "absent"
    SUBSTITUTE = "substitute"


class Meeting(Owned, Base):
    """A coming together of a body: civil dates and times in `zone`; without times it lasts whole days.

    `sequence` is raised when time, place or status changes (RFC 5545 §3.8.7.4); `changed_at` is the last
    change of anything a calendar shows. `version` is raised by the database itself at every update, however
    it comes (a trigger, migration 0006): what was written from a row is kept by it.
    `minutes` is the document that tells what happened, `source_id` the one that announced it.
    `registration`: "required" when minutes say no more than that one must sign up, or their words.
    `register_by`: the last day to sign up, or None.
    `invites`: people are asked by mail (`invitations`). `seats`: None is any number.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("organisation_id", "public_id"),
        Index("ix_meeting_organisation_id_body_id_starts_on", "organisation_id", "body_id", "starts_on"),
        Index("ix_meeting_starts_on", "organisation_id", "starts_on", "id"),
        Index(
            "ix_meeting_called_starts_on",
            "starts_on",
            postgresql_where=text("status = 'called'"),
            sqlite_where=text("status = 'called'"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(8))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    kind: Mapped[MeetingKind] = mapped_column(words(MeetingKind, "kind"), default=MeetingKind.MEETING)
    status: Mapped[MeetingStatus] = mapped_column(
        words(MeetingStatus, "status"), default=MeetingStatus.CALLED
    )
    title: Mapped[str] = mapped_column(String(300))
    starts_on: Mapped[date]
    starts_at: Mapped[time | None]
    ends_on: Mapped[date]
    ends_at: Mapped[time | None]
    zone: Mapped[str] = mapped_column(String(60), default="Europe/Oslo")
    place: Mapped[str | None] = mapped_column(String(300))
    remote_link: Mapped[str | None] = mapped_column(String(500))
    registration: Mapped[str | None] = mapped_column(String(300))
    register_by: Mapped[date | None]
    seats: Mapped[int | None]
    asks_diet: Mapped[bool] = mapped_column(default=False)
    invites: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    evidence: Mapped[str] = mapped_column(default="")
    minutes_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"), index=True)
    version: Mapped[int] = mapped_column(server_default="1", server_onupdate=FetchedValue())

    minutes: Mapped[Source | None] = relationship(back_populates="meeting", foreign_keys=[minutes_id])
    body: Mapped[Body] = relationship()
    attendances: Mapped[list[Attendance]] = relationship(back_populates="meeting")
    changes: Mapped[list[MeetingChange]] = relationship(back_populates="meeting", order_by="MeetingChange.id")
    invitations: Mapped[list[Invitation]] = relationship(back_populates="meeting", order_by="Invitation.id")
    agenda: Mapped[list[AgendaItem]] = relationship(
        back_populates="meeting", order_by="AgendaItem.position", foreign_keys="AgendaItem.meeting_id"
    )

    @property
    def is_cancelled(self) -> bool:
        return self.status is MeetingStatus.CANCELLED


class MeetingChange(Owned, Base):
    """One move or cancellation of a meeting: who, when, from → to. Only ever added to, and marked undone.

    `before` and `after` hold what calendars show (`services/moving.Plan` as JSON). `shifted` is what it did
    to tasks: [task, deadline before, deadline after], dates as ISO or null.
    """

    __tablename__ = "meeting_change"

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    before: Mapped[Json] = mapped_column(JSON)
    after: Mapped[Json] = mapped_column(JSON)
    shifted: Mapped[list[list[int | str | None]]] = mapped_column(JSON, default=list)
    undone_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="changes")
    person: Mapped[Person | None] = relationship()


class MeetingNotice(Owned, Base):
    """The ledger of mails before meetings: once a person for each day that a meeting has been set to."""

    __tablename__ = "meeting_notice"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id", "meeting_id", "person_id", "meeting_day", name="uq_meeting_notice_once"
        ),
    )

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    meeting_day: Mapped[date]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    created_at: Mapped[datetime]


class Attendance(Owned, Base):
    """That a person came to a meeting, or didn't."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("organisation_id", "meeting_id", "person_id"),)

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    presence: Mapped[Presence] = mapped_column(words(Presence, "presence"))

    meeting: Mapped[Meeting] = relationship(back_populates="attendances")
    person: Mapped[Person] = relationship()


class AgendaItem(Owned, Base):
    """A case (sak) on the agenda of a meeting. `proposed_by_id`: the earlier meeting that put it forward.

    `restricted` is the legal basis when the case is not public (offentleglova § 13 and others).
    """

    __tablename__ = "agenda_item"

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    position: Mapped[int]
    number: Mapped[str | None] = mapped_column(String(40))
    title: Mapped[str]
    type: Mapped[str] = mapped_column(String(40), default="other")
    restricted: Mapped[str | None] = mapped_column(String(300))
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"), index=True)

    meeting: Mapped[Meeting] = relationship(back_populates="agenda", foreign_keys=[meeting_id])
    proposed_by: Mapped[Meeting | None] = relationship(foreign_keys=[proposed_by_id])
    decisions: Mapped[list[Decision]] = relationship(
        back_populates="agenda_item",
        order_by="Decision.position",
        primaryjoin="and_(AgendaItem.id == Decision.agenda_item_id, Decision.withdrawn_at.is_(None))",
    )
