"""That the jobs run: one row for each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base


class Heartbeat(Base):
    """When a job last ran to its end, and last failed, in whichever process; and by when it should run again.

    `expected_by` is written by the process that knows the timetable, so that whoever reads need not.
    """

    __tablename__ = "heartbeat"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    ran_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    expected_by: Mapped[datetime]

    def late(self, now: datetime) -> bool:
        """Whether it should have run again by now."""
        return self.expected_by < now

    @property
    def failing(self) -> bool:
        """Whether it failed the last time."""
        return self.failed_at is not None and (self.ran_at is None or self.failed_at > self.ran_at)
