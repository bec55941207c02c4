"""What somebody keeps of the register pages: named filters, and changes of many tasks that can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned

if TYPE_CHECKING:
    from tracker.models.person import Person


class SavedFilter(Owned, Base):
    """A selection somebody named. `query` is that of the page's address, `page` "tasks" or "decisions"."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("organisation_id", "person_id", "page", "name"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    page: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(1000))

    person: Mapped[Person] = relationship()


class BulkChange(Owned, Base):
    """One change of many tasks: how each stood before it (`services/bulk.Before` as JSON)."""

    __tablename__ = "bulk_change"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
