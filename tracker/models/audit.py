"""The log of who did what: only ever added to, and swept after some months (`settings.audit_months`)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned, words

if TYPE_CHECKING:
    from tracker.models.body import Body
    from tracker.models.person import Person


class Deed(StrEnum):
    """What was done. What happens to tasks and meetings has its own history, and isn't told twice."""

    SIGNED_IN = "signed_in"
    SESSIONS_ENDED = "sessions_ended"
    OFFICE_GIVEN = "office_given"
    OFFICE_ENDED = "office_ended"
    ADDRESS_CHANGED = "address_changed"
    PEOPLE_ADDED = "people_added"
    PEOPLE_MERGED = "people_merged"
    REMOVAL_ASKED = "removal_asked"
    REMOVED = "removed"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    EXPORTED = "exported"
    RESTRICTED = "restricted"
    LIFTED = "lifted"
    SETTINGS = "settings"
    OPENED = "opened"
    CLOSED = "closed"
    INVITED = "invited"
    UNINVITED = "uninvited"
    ANSWERED_FOR = "answered_for"


class Audit(Owned, Base):
    """One deed: who, when, what, in which body, about whom.

    Nothing of what a document or a case says is in it: `about` names the thing by its number («meeting 7»),
    `detail` is a word for machines or a small number (an office, a file's name, a legal basis).
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_organisation_id_at", "organisation_id", "at"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    deed: Mapped[Deed] = mapped_column(words(Deed, "deed"))
    body_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    about: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    subject: Mapped[Person | None] = relationship(foreign_keys=[subject_id])
    body: Mapped[Body | None] = relationship()
