"""Bodies (organ) and who holds which office in them, from when to when."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    FetchedValue,
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from tracker.models.base import Base, Key, Owned, words
from tracker.rules.access import Office
from tracker.rules.reminders import Rhythm

if TYPE_CHECKING:
    from tracker.models.person import Person


class Body(Owned, Base):
    """A body with the names it goes by and the rhythm its people are reminded in.

    `accept_days`: a new deadline at most so many days after the present one is accepted at once; 0: none is.
    `public`: everybody may see and subscribe to its meetings; `public_decisions`: and what it decided, and
    what came of it. `noindex`: search engines are asked to leave those pages out. `version`: as in `Meeting`.
    """

    __tablename__ = "body"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str | None] = mapped_column(String(60))
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    rhythm: Mapped[Rhythm] = composite(
        mapped_column("remind_on_assignment", default=True),
        mapped_column("remind_days_before", default=7),
        mapped_column("remind_working_days_before", default=1),
        mapped_column("overdue_after", default=3),
        mapped_column("overdue_every", default=7),
        mapped_column("overdue_most", default=3),
        mapped_column("remind_hour", default=time(7, 0)),
    )
    accept_days: Mapped[int] = mapped_column(default=0)
    public: Mapped[bool] = mapped_column(default=False)
    public_decisions: Mapped[bool] = mapped_column(default=False)
    noindex: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(server_default="1", server_onupdate=FetchedValue())

    memberships: Mapped[list[Membership]] = relationship(back_populates="body")


class Membership(Owned, Base):
    """A person's office in a body. Ended ones stay, with their last day."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "body_id", "person_id", "office", "from_date"),)

    id: Mapped[Key]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    office: Mapped[Office] = mapped_column(words(Office, "office"), default=Office.MEMBER)
    substitute_order: Mapped[int | None]
    from_date: Mapped[date]
    to_date: Mapped[date | None]

    body: Mapped[Body] = relationship(back_populates="memberships")
    person: Mapped[Person] = relationship(back_populates="memberships")

    def covers(self, day: date) -> bool:
        """Whether the office is held on `day`."""
        return self.from_date <= day and (self.to_date is None or day <= self.to_date)

    @classmethod
    def held_on(cls, day: date | BindParameter[date]) -> ColumnElement[bool]:
        """The same as a condition of queries."""
        return and_(cls.from_date <= day, or_(cls.to_date.is_(None), cls.to_date >= day))
