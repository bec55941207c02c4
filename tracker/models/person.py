"""People: name, role, organisation, mail address and settings, and nothing more (DOMAIN.md, rule 7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Owned

if TYPE_CHECKING:
    from tracker.models.body import Membership
    from tracker.models.organisation import Organisation


class Person(Owned, Base):
    """Somebody in an organisation's bodies. Without `email` nothing can be sent to them.

    `bundled`: reminders come as one mail a morning; else as one mail for each task.
    `removal_asked_at`: when the person asked to be taken out; `removed_at`: when that was done, and the name
    became «Tidligere medlem».
    `shortcuts`: single letters do things on pages (WCAG 2.1.4 wants that they can be switched off).
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("organisation_id", "email"),
        Index("ix_person_name", "organisation_id", "name", "id"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    title: Mapped[str | None] = mapped_column(String(200))
    employer: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5), default="nb")
    bundled: Mapped[bool] = mapped_column(default=True)
    shortcuts: Mapped[bool] = mapped_column(default=True, server_default=true())
    pause_from: Mapped[date | None]
    pause_until: Mapped[date | None]
    removal_asked_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    memberships: Mapped[list[Membership]] = relationship(back_populates="person")

    @property
    def initials(self) -> str:
        """First letter of the first and the last name, for the avatar."""
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()

    @property
    def first_name(self) -> str:
        """What to say after «Hei»."""
        return first_name(self.name)


def first_name(name: str) -> str:
    """The given name in a full name. Compound ones stay whole («Nils Arne Holmen» → «Nils Arne»).

    Of three names the middle one may be a family name («Kari Moen Lie»); the first two are the lesser
    fault, since half of a compound name is a name nobody uses.
    """
    parts = [part for part in name.split() if not part.endswith(".")]
    return " ".join(parts[:2]) if len(parts) > 2 else parts[0] if parts else name
