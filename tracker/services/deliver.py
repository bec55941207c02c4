"""Sending what waits: claim with a lease, commit, send outside any transaction, record.

SMTP can't give exactly-once. The promise: never lost; after a crash between the server's "250" and our
commit at most one more copy, with the same Message-ID, and the row says so (`maybe_twice`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, text, update
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import Clock, at, local, local_date
from tracker.errors import MailRefused
from tracker.links import without_secrets
from tracker.mail.smtp import Connection, Outgoing, Transport
from tracker.models import Message, MessageKind, MessageState
from tracker.rules import workdays
from tracker.services.compose import Stopped

LEASE = timedelta(minutes=10)
BATCH = 50
A_RUN = timedelta(seconds=30)  # then the job ends, so that a process can stop; the next one goes on
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 720, 720)]  # in all 40 hours
WORDS_LAST = timedelta(days=1)

Compose = Callable[[Session, Message, datetime], "Outgoing | Stopped"]
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Counts:
    """What a run did."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    stopped: int = 0

    @property
    def any(self) -> bool:
        return bool(self.sent or self.failed or self.later or self.stopped)


def deliver_waiting(
    sessions: db.Sessions, transport: Transport, compose: Compose, clock: Clock, worker: str
) -> Counts:
    """Send everything whose time has come. Several workers share the work; one bad mail stops nothing."""
    run = _Run(sessions, transport, compose, clock, worker)
    ends = clock() + A_RUN
    claimed = run.claim()
    if not claimed:
        return run.counts
    try:
        with transport.connection() as connection:
            while claimed:
                for number in claimed:
                    run.deliver(connection, number)
                claimed = run.claim() if clock() < ends else []
    except MailRefused as fault:  # no way out at all: none of them has been tried
        for number in claimed:
            run.refused(number, fault)
    return run.counts


def forget_words(session: Session, now: datetime) -> None:
    """Empty old sign-in mails: what they said opens nothing any more, and is nobody's to read."""
    session.execute(
        update(Message)
        .where(
            Message.kind == MessageKind.SIGN_IN,
            Message.created_at < now - WORDS_LAST,
            Message.body_text != "",
        )
        .values(body_text="", body_html="")
    )


class _Run:
    """One worker's run through the outbox, each step in a transaction of its own."""

    def __init__(
        self, sessions: db.Sessions, transport: Transport, compose: Compose, clock: Clock, worker: str
    ) -> None:
        self.sessions, self.transport, self.compose = sessions, transport, compose
        self.clock, self.worker, self.counts = clock, worker, Counts()

    def claim(self) -> list[int]:
        """Take up to a batch of rows that wait, or whose worker has died."""
        now = self.clock()
        with self.sessions() as session:
            db.write_at_once(session)
            rows = session.scalars(
                select(Message)
                .where(
                    text("message.state in ('waiting', 'sending')"),  # as in the partial index
                    Message.send_at <= now,
                    or_(Message.leased_until.is_(None), Message.leased_until <= now),
                )
                .order_by(Message.send_at, Message.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            taken = [row for row in rows if self._take(row, now)]
            session.commit()
            return [row.id for row in taken]

    def _take(self, row: Message, now: datetime) -> bool:
        """Lease the row. One whose worker died while sending goes once more, and no more than that."""
        if row.state is MessageState.SENDING:
            if row.maybe_twice:
                self._give_up(row, "Sendingen ble avbrutt to ganger. E-posten kan ha kommet fram.")
                return False
            row.state, row.maybe_twice = MessageState.WAITING, True
        row.leased_by, row.leased_until = self.worker, now + LEASE
        return True

    def deliver(self, connection: Connection, number: int) -> None:
        """Write, mark, hand over, record."""
        try:
            mail = self._write(number)
        except Exception:
            log.exception("mail could not be written", message=number)  # without its words: logs.py
            self._failed(number, "E-posten kunne ikke skrives. Feilen er logget.")
            return
        if mail is None:
            return
        try:
            connection.send(mail)
        except MailRefused as fault:
            self.refused(number, fault)
        except Exception:
            log.exception("mail could not be handed over", message=number)  # without its words: logs.py
            self._failed(number, "E-posten kunne ikke sendes. Feilen er logget.")
        else:
            self._arrived(number)

    def _write(self, number: int) -> Outgoing | None:
        """Write the mail and mark it as being sent, in one transaction; None when it isn't to go (any more).

        Our copy holds no secrets, unless it is the only one.
        """
        now = self.clock()
        with self.sessions() as session:
            db.write_at_once(session)
            row = session.get(Message, number, with_for_update=True)
            if row is None or row.state is not MessageState.WAITING or not self._ours(row, now):
                return None
            mail = self.compose(session, row, now)
            if isinstance(mail, Stopped):
                row.state, row.reason = MessageState.STOPPED, mail.reason
                row.leased_by = row.leased_until = None
                self.counts.stopped += 1
                session.commit()
                return None
            kept = str if self.transport.captures else without_secrets
            row.subject, row.address = mail.letter.subject, mail.to_address
            row.body_text, row.body_html = kept(mail.letter.text), kept(mail.letter.html)
            row.state, row.leased_until = MessageState.SENDING, now + LEASE
            session.commit()
            return mail

    def _ours(self, row: Message, now: datetime) -> bool:
        return row.leased_by == self.worker and row.leased_until is not None and row.leased_until > now

    def refused(self, number: int, fault: MailRefused) -> None:
        """Refused for good, or for now: then after a growing pause, for two days at most.

        When it may have arrived all the same, it goes once more and no more than that.
        """
        with self.sessions() as session:
            db.write_at_once(session)
            row = session.get_one(Message, number, with_for_update=True)
            row.attempts += 1
            if fault.permanent or row.attempts > len(PAUSES) or (fault.uncertain and row.maybe_twice):
                self._give_up(row, str(fault))
            else:
                row.state, row.reason = MessageState.WAITING, str(fault)
                row.maybe_twice = row.maybe_twice or fault.uncertain
                row.send_at = _next_try(row, self.clock())
                row.leased_by = row.leased_until = None
                self.counts.later += 1
            session.commit()

    def _arrived(self, number: int) -> None:
        with self.sessions() as session:
            db.write_at_once(session)
            row = session.get_one(Message, number, with_for_update=True)
            row.state = MessageState.CAPTURED if self.transport.captures else MessageState.SENT
            row.sent_at, row.reason, row.attempts = self.clock(), "", row.attempts + 1
            row.leased_by = row.leased_until = None
            self.counts.sent += 1
            session.commit()

    def _failed(self, number: int, reason: str) -> None:
        with self.sessions() as session:
            db.write_at_once(session)
            self._give_up(session.get_one(Message, number, with_for_update=True), reason)
            session.commit()

    def _give_up(self, row: Message, reason: str) -> None:
        """Nothing more is tried; the secretary sees why."""
        row.state, row.reason = MessageState.FAILED, reason
        row.leased_by = row.leased_until = None
        self.counts.failed += 1


def _next_try(row: Message, now: datetime) -> datetime:
    """When a mail that wasn't taken goes again. A reminder waits for a day when people work."""
    then = now + PAUSES[row.attempts - 1]
    day = local_date(then)
    if row.kind is not MessageKind.REMINDER or workdays.is_working_day(day):
        return then
    return at(workdays.on_or_after(day), local(row.created_at).time())
