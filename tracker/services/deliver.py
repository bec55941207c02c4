"""Sending what waits: claim with a lease, commit, send outside any transaction, record.

SMTP can't give exactly-once. The promise: never lost; after a crash between the server's "250" and our
commit at most one more copy, with the same Message-ID, and the row says so (`maybe_twice`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import Clock
from tracker.errors import MailRefused
from tracker.links import without_secrets
from tracker.mail.smtp import Connection, Outgoing, Transport
from tracker.models import Message, MessageState
from tracker.services.compose import Stopped

LEASE = timedelta(minutes=10)
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 720)]
GIVE_UP_AFTER = timedelta(days=2)
BATCH = 50

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
    counts = Counts()
    with transport.connection() as connection:
        while claimed := _claim(sessions, clock(), worker):
            for number in claimed:
                _one(sessions, connection, transport, compose, clock, number, worker, counts)
    return counts


def _claim(sessions: db.Sessions, now: datetime, worker: str) -> list[int]:
    """Take up to a batch of rows that wait, or whose worker has died."""
    expired = or_(Message.leased_until.is_(None), Message.leased_until <= now)
    with sessions() as session:
        db.write_at_once(session)
        rows = session.scalars(
            select(Message)
            .where(
                Message.send_at <= now,
                or_(
                    and_(Message.state == MessageState.WAITING, expired),
                    and_(Message.state == MessageState.SENDING, expired),
                ),
            )
            .order_by(Message.send_at, Message.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            if row.state is MessageState.SENDING:  # its worker died after handing it over, or while doing so
                row.state, row.maybe_twice = MessageState.WAITING, True
            row.leased_by, row.leased_until = worker, now + LEASE
        session.commit()
        return [row.id for row in rows]


def _one(
    sessions: db.Sessions,
    connection: Connection,
    transport: Transport,
    compose: Compose,
    clock: Clock,
    number: int,
    worker: str,
    counts: Counts,
) -> None:
    try:
        mail = _prepare(sessions, compose, clock(), number, worker, counts)
    except Exception as fault:
        log.exception("mail could not be written", message=number, kind=type(fault).__name__)
        _record(
            sessions,
            number,
            MessageState.FAILED,
            clock(),
            reason="E-posten kunne ikke skrives. Vi har fått beskjed.",
        )
        counts.failed += 1
        return
    if mail is None:
        return
    try:
        connection.send(mail)
    except MailRefused as fault:
        _refused(sessions, number, fault, clock(), counts)
        return
    except Exception as fault:
        log.exception("mail could not be handed over", message=number, kind=type(fault).__name__)
        _record(
            sessions,
            number,
            MessageState.FAILED,
            clock(),
            reason="E-posten kunne ikke sendes. Adressen kan være feil.",
        )
        counts.failed += 1
        return
    _record(sessions, number, MessageState.CAPTURED if transport.captures else MessageState.SENT, clock())
    counts.sent += 1


def _prepare(
    sessions: db.Sessions, compose: Compose, now: datetime, number: int, worker: str, counts: Counts
) -> Outgoing | None:
    """Write the mail and mark it as being sent, in one transaction; None when it isn't to go (any more)."""
    with sessions() as session:
        db.write_at_once(session)
        row = session.get(Message, number, with_for_update=True)
        if row is None or row.leased_by != worker or row.state is not MessageState.WAITING:
            return None
        mail = compose(session, row, now)
        if isinstance(mail, Stopped):
            row.state, row.reason = MessageState.STOPPED, mail.reason
            row.leased_by = row.leased_until = None
            counts.stopped += 1
            session.commit()
            return None
        row.state, row.attempts, row.address = MessageState.SENDING, row.attempts + 1, mail.to_address
        row.subject, row.body_text, row.body_html = mail.letter.subject, mail.letter.text, mail.letter.html
        session.commit()
        return mail


def _refused(sessions: db.Sessions, number: int, fault: MailRefused, now: datetime, counts: Counts) -> None:
    """Refused for good, or for now: then after a growing pause, for two days at most."""
    with sessions() as session:
        db.write_at_once(session)
        row = session.get_one(Message, number, with_for_update=True)
        row.leased_by = row.leased_until = None
        row.reason = str(fault)
        pause = PAUSES[min(row.attempts, len(PAUSES)) - 1]
        if fault.permanent or now + pause > row.created_at + GIVE_UP_AFTER:
            row.state = MessageState.FAILED
            counts.failed += 1
        else:
            row.state, row.send_at = MessageState.WAITING, now + pause
            counts.later += 1
        session.commit()


def _record(
    sessions: db.Sessions, number: int, state: MessageState, now: datetime, *, reason: str = ""
) -> None:
    """How it went. What has left holds no secrets in our copy; what was captured stays whole."""
    with sessions() as session:
        db.write_at_once(session)
        row = session.get_one(Message, number, with_for_update=True)
        row.state, row.reason = state, reason
        row.leased_by = row.leased_until = None
        if state in (MessageState.SENT, MessageState.CAPTURED):
            row.sent_at = now
        if state is not MessageState.CAPTURED:
            row.body_text, row.body_html = without_secrets(row.body_text), without_secrets(row.body_html)
        session.commit()
