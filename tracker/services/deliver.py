"""Sending what waits: claim a batch, commit, send outside any transaction, record.

SMTP can't give exactly-once. The promise: never lost; after a crash between the server's "250" and our
next mark at most one mail goes once more, with the same Message-ID, and its row says so (`maybe_twice`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker import db, driven
from tracker.clock import Clock, at, local, local_date
from tracker.errors import MailRefused
from tracker.mail.transport import Connection, Kept, Transport
from tracker.models import Message, MessageKind, MessageState
from tracker.rules import workdays
from tracker.services import batches
from tracker.services.batches import Counts, LeaseLost
from tracker.services.compose import Draft, Stopped
from tracker.services.written import UNWRITABLE, Written

BATCH = 1000
A_RUN = timedelta(seconds=30)  # then the job ends, so that a process can stop; the next one goes on
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 720, 720)]  # in all 40 hours
WORDS_LAST = timedelta(days=1)

Compose = Callable[[Session, Sequence[Message], datetime], "Sequence[Draft | Stopped]"]
log = structlog.get_logger(__name__)


def deliver_waiting(
    sessions: db.Sessions,
    transport: Transport,
    compose: Compose,
    clock: Clock,
    worker: str,
    an_hour: int = 0,
) -> Counts:
    """Send everything whose time has come. Several workers share the work; one bad mail stops nothing.

    `an_hour`: how many mails may go in an hour, over all workers; 0 is any number.
    """
    run = _Run(sessions, transport, compose, clock, worker, an_hour)
    ends = clock() + A_RUN
    batch = run.claim()
    if batch is None:
        return run.counts
    try:
        with transport.connection() as connection, batches.marks(sessions) as marks:
            run.hand_over(connection, marks, batch, ends)
            while clock() < ends and (following := run.claim()):
                run.hand_over(connection, marks, following, ends)
    except MailRefused as fault:  # no way out at all: none of them has been tried
        run.no_way_out(batch, fault)
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


@dataclass(slots=True)
class _Claimed:
    """A batch in the hands of its worker, and what it knows of it so far."""

    number: int
    drafts: dict[int, Draft] = field(default_factory=dict)
    taken: list[int] = field(default_factory=list)
    in_doubt: int | None = None

    @property
    def messages(self) -> list[int]:
        return list(self.drafts)


class _Run:
    """One worker's run through the outbox."""

    def __init__(
        self,
        sessions: db.Sessions,
        transport: Transport,
        compose: Compose,
        clock: Clock,
        worker: str,
        an_hour: int = 0,
    ) -> None:
        self.sessions, self.transport, self.compose = sessions, transport, compose
        self.clock, self.worker, self.an_hour = clock, worker, an_hour
        self.counts, self.size = Counts(), BATCH
        self.at_once = batches.at_once(sessions)
        self.done = MessageState.CAPTURED if transport.captures else MessageState.SENT

    def claim(self) -> _Claimed | None:
        """Take up to a batch of rows that wait, and have something to say; None when nothing waits."""
        while True:
            with self.sessions() as session:
                if self.an_hour:  # workers count one after another
                    db.take_turn(session, "mails an hour")
                else:
                    db.write_at_once(session)
                now = self.clock()
                batches.take_over(session, now, self.done, self.counts)
                rows = batches.due(session, now, self.size, self.an_hour)
                made = self._written(session, rows, now)
                if made is None:  # one of them can't even be read: one by one, so that the others go
                    continue
                batch = batches.claim(session, self.worker, list(made), now) if made else None
                session.commit()
                if batch:
                    return _Claimed(batch.id, made)
                if not rows:
                    return None

    def _written(self, session: Session, rows: Sequence[Message], now: datetime) -> dict[int, Draft] | None:
        """The mails that are to go, by their rows' ids; what isn't is stopped or given up.

        None: try again with fewer rows.
        """
        try:
            made = self.compose(session, rows, now) if rows else []
        except Exception:
            log.exception("mails could not be read", messages=[row.id for row in rows])
            session.rollback()
            if len(rows) == 1:
                self._unreadable(session, rows[0].id)
            self.size = 1
            return None
        going = {}
        for row, mail in zip(rows, made, strict=True):
            if isinstance(mail, Stopped):
                row.state, row.reason = MessageState.STOPPED, mail.reason
                self.counts.stopped += 1
            else:
                going[row.id] = mail
        return going

    def _unreadable(self, session: Session, number: int) -> None:
        """Give up a mail whose rows can't even be read. Raises when it's the database that doesn't answer."""
        row = session.get_one(Message, number, with_for_update=True)
        if row.state is MessageState.WAITING:
            batches.give_up(row, UNWRITABLE, self.counts)
        session.commit()

    def hand_over(
        self, connection: Connection, marks: driven.SmallWrites, batch: _Claimed, ends: datetime
    ) -> None:
        """Send the batch and record it. What isn't sent when the run's time is over waits for the next."""

        mails, messages = Written(batch.drafts, self.transport, self.at_once), batch.messages

        def before(place: int) -> Kept:
            batch.in_doubt = messages[place]
            kept = batches.mark(marks, batch.number, place, self.clock(), mails.words())
            mails.write_ahead()  # while the database is busy
            return kept

        try:
            for number, fault in zip(messages, connection.send(mails, before), strict=False):
                if fault is None:
                    batch.taken.append(number)
                else:
                    self._refused(batch, number, fault)
                batch.in_doubt = None
                if self.clock() >= ends:
                    break
        except LeaseLost:
            log.warning("batch was taken over", worker=self.worker)
        finally:
            try:
                marks.all_kept()  # words are kept as long as the batch stands
            finally:
                self._record(batch)

    def _record(self, batch: _Claimed) -> None:
        """What came of the batch; nothing if another worker has taken it over, and recorded it."""
        with self.sessions() as session:
            db.write_at_once(session)
            found = batches.held(session, batch.number)
            if found is not None:
                doubtful = [batch.in_doubt] if batch.in_doubt else []
                batches.settle(session, found, batch.taken, doubtful, self.clock(), self.done, self.counts)
            session.commit()

    def no_way_out(self, batch: _Claimed, fault: MailRefused) -> None:
        """No connection could be had for any of the batch."""
        with suppress(LeaseLost):  # others have it, and their own way out
            for number in batch.messages:
                self._refused(batch, number, fault)
        self._record(batch)

    def _refused(self, batch: _Claimed, number: int, fault: MailRefused) -> None:
        """Refused for good, or for now: then after a growing pause, for two days at most.

        When it may have arrived all the same, it goes once more and no more than that. Recorded at once:
        whoever takes the batch over holds what is before `reached`, and not noted otherwise, for taken.
        """
        with self.sessions() as session:
            db.write_at_once(session)
            batches.leave(session, batch.number, number)
            row = session.get_one(Message, number, with_for_update=True)
            row.attempts += 1
            if fault.permanent or row.attempts > len(PAUSES) or (fault.uncertain and row.maybe_twice):
                batches.give_up(row, str(fault), self.counts)
            else:
                row.state, row.reason = MessageState.WAITING, str(fault)
                row.maybe_twice = row.maybe_twice or fault.uncertain
                row.send_at = _next_try(row, self.clock())
                self.counts.later += 1
            session.commit()


def _next_try(row: Message, now: datetime) -> datetime:
    """When a mail that wasn't taken goes again. A reminder waits for a day when people work."""
    then = now + PAUSES[row.attempts - 1]
    day = local_date(then)
    if row.kind is not MessageKind.REMINDER or workdays.is_working_day(day):
        return then
    return at(workdays.on_or_after(day), local(row.created_at).time())
