"""Living through days: the clock is moved, the jobs' work is done, and what went is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import at, local_date
from tracker.links import Links
from tracker.mail.transport import CaptureTransport
from tracker.models import Message, MessageState
from tracker.services import deliver, remind
from tracker.services.compose import Draft, Stopped, compose_all

MAIL_FROM = "oppfolging@elvedal.example"


@dataclass
class SetClock:
    """A clock that stands where it is put."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Mornings:
    """Sends what is due, captured, as the jobs would; `failed` counts mails that could not be written."""

    sessions: db.Sessions
    links: Links
    failed: int = 0
    stopped: int = field(default=0)

    def compose(self, session: Session, messages: Sequence[Message], now: datetime) -> list[Draft | Stopped]:
        return compose_all(session, messages, now, self.links, MAIL_FROM)

    def tick(self, now: datetime) -> None:
        """What a minute's jobs do."""
        with self.sessions.begin() as session:
            remind.remind_all(session, now)
        counts = deliver.deliver_waiting(
            self.sessions, CaptureTransport(), self.compose, lambda: now, "worker"
        )
        self.failed += counts.failed
        self.stopped += counts.stopped

    def live(self, first: date, last: date) -> None:
        """Every day at 06.59 and 07.00, and once more at noon."""
        for day in days(first, last):
            for hour in (time(6, 59), time(7, 0), time(12, 0)):
                self.tick(at(day, hour))

    def gone(self) -> list[tuple[str, str, str]]:
        """What went: day, first name, subject."""
        with self.sessions() as session:
            rows = session.scalars(
                select(Message)
                .where(Message.state == MessageState.CAPTURED)
                .order_by(Message.sent_at, Message.person_id, Message.id)
            ).all()
            return [
                (local_date(row.sent_at).isoformat(), row.person.first_name, row.subject)
                for row in rows
                if row.sent_at is not None
            ]


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
