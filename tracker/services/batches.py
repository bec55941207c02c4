"""Batches of mail: which rows are claimed, how far their worker has come, and what follows from it.

The rules that keep a mail from being lost, or sent twice, stand here and in `models/batch.py`; the sending
itself in `deliver.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import TextClause, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session, defer, joinedload

from tracker import db, driven
from tracker.mail.transport import Kept
from tracker.models import Batch, Message, MessageState
from tracker.models.message import WAITING, WAITING_SIGN_IN

LEASE = timedelta(minutes=10)  # counted anew at each mail, so longer than any server may take for one
WORDS_AT_ONCE = 20
BROKEN_OFF = "Sendingen ble avbrutt to ganger. E-posten kan ha kommet fram."
log = structlog.get_logger(__name__)

Words = dict[str, "str | int"]
"""What our copy of a mail says: of which message, its address, subject, text and HTML."""

_BATCH: Any = Batch.__table__
_MESSAGE: Any = Message.__table__
_MARK = (
    update(_BATCH)
    .where(_BATCH.c.id == bindparam("number"))
    .values(reached=bindparam("place"), until=bindparam("till"))
)
_WORDS = (
    update(_MESSAGE)
    .where(_MESSAGE.c.id == bindparam("message"), exists().where(_BATCH.c.id == bindparam("number")))
    .values({name: bindparam(name) for name in ("address", "subject", "body_text", "body_html")})
)


@dataclass(slots=True)
class Counts:
    """What a run did."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    stopped: int = 0


class LeaseLost(Exception):
    """Another worker has taken the batch over: this one was too slow, and sends no more of it."""


def due(session: Session, now: datetime, most: int, an_hour: int = 0) -> Sequence[Message]:
    """Up to `most` of what waits, held for this transaction, the oldest first; before all, sign-in mails.

    Their reader sits and waits, so no limit holds them back. `an_hour`: see `deliver_waiting`.
    """
    first = _waiting(session, now, WAITING_SIGN_IN, most)
    room = most - len(first)
    if an_hour:
        room = min(room, an_hour - _within_the_hour(session, now) - len(first))
    if room <= 0:
        return first
    taken = {row.id for row in first}
    others = _waiting(session, now, WAITING, room + len(first))
    return [*first, *(row for row in others if row.id not in taken)][: len(first) + room]


def _waiting(session: Session, now: datetime, which: TextClause, most: int) -> Sequence[Message]:
    return session.scalars(
        select(Message)
        .where(which, Message.send_at <= now)
        .order_by(Message.send_at, Message.id)
        .limit(most)
        .options(joinedload(Message.person), defer(Message.body_text), defer(Message.body_html))
        .with_for_update(skip_locked=True, of=Message)
    ).all()


def _within_the_hour(session: Session, now: datetime) -> int:
    """How many mails have gone in the last hour, or are going now."""
    gone = select(func.count()).where(Message.sent_at > now - timedelta(hours=1))
    going = session.scalars(select(Batch.message_ids))
    return (session.scalar(gone) or 0) + sum(len(list(filter(None, ids))) for ids in going)


def claim(session: Session, worker: str, message_ids: list[int], now: datetime) -> Batch:
    """Write down that `worker` has these mails in hand."""
    batch = Batch(worker=worker, message_ids=message_ids, until=now + LEASE, database_run=db.run_of(session))
    session.add(batch)
    session.flush()
    _set(session, message_ids, MessageState.SENDING)
    return batch


def marks(sessions: db.Sessions) -> AbstractContextManager[driven.SmallWrites]:
    """The way for the marks of a run."""
    return driven.small_writes(sessions, _MARK, _WORDS)


def at_once(sessions: db.Sessions) -> int:
    """Of how many mails the words are best kept together.

    PostgreSQL keeps those of one while the next is written. SQLite works in this process, and writes a whole
    page each time.
    """
    with sessions() as session:
        return 1 if db.is_postgresql(session.get_bind()) else WORDS_AT_ONCE


def mark(marks: driven.SmallWrites, number: int, place: int, now: datetime, words: Sequence[Words]) -> Kept:
    """Begin to note which mail is let go next, and the words of some; its own are among them, or kept before.

    What this gives comes back when that is kept: only then may the mail go. It raises LeaseLost when the mail
    may not.
    """
    touched = marks.begin(
        {"number": number, "place": place, "till": now + LEASE}, [{**w, "number": number} for w in words]
    )

    def kept() -> None:
        if not touched():
            raise LeaseLost

    return kept


def held(session: Session, number: int) -> Batch | None:
    """The batch, held for this transaction; None when another worker has taken it over."""
    return session.get(Batch, number, with_for_update=True)


def leave(session: Session, number: int, message_id: int) -> None:
    """A mail was refused and is no longer of the batch. Raises LeaseLost."""
    batch = held(session, number)
    if batch is None:
        raise LeaseLost
    batch.message_ids = [0 if other == message_id else other for other in batch.message_ids]


def take_over(session: Session, now: datetime, done: MessageState, counts: Counts) -> None:
    """Settle the batches of workers that have died: what they had reached, the batch says."""
    dead = session.scalars(select(Batch).where(Batch.until <= now).with_for_update(skip_locked=True))
    for batch in dead:
        log.warning("worker has died", worker=batch.worker)
        reached = batch.reached
        if reached is None:
            taken, doubtful = [], []
        else:
            taken, doubtful = batch.message_ids[:reached], batch.message_ids[reached : reached + 1]
        if batch.database_run != db.run_of(session):  # then it may have come further than it says
            doubtful = batch.message_ids[reached or 0 :]
        settle(session, batch, taken, doubtful, now, done, counts)


def settle(
    session: Session,
    batch: Batch,
    taken: Sequence[int],
    doubtful: Sequence[int],
    now: datetime,
    done: MessageState,
    counts: Counts,
) -> None:
    """Record those taken, let those in doubt go once more, hand the others back."""
    left = set(batch.message_ids).difference(taken, doubtful)
    if taken:
        recorded = session.execute(
            update(Message)
            .where(db.among(session, Message.id, taken))
            .values(state=done, sent_at=now, reason="", attempts=Message.attempts + 1)
            .execution_options(synchronize_session=False)
        )
        counts.sent += getattr(recorded, "rowcount", 0)
    for number in filter(None, doubtful):
        _try_once_more(session.get_one(Message, number, with_for_update=True), counts)
    _set(session, left, MessageState.WAITING)
    session.execute(delete(Batch).where(Batch.id == batch.id))


def _set(session: Session, numbers: Collection[int], state: MessageState) -> None:
    session.execute(
        update(Message)
        .where(db.among(session, Message.id, numbers))
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def _try_once_more(row: Message, counts: Counts) -> None:
    """A mail whose worker died while the server had its words goes once more, and no more than that."""
    if row.maybe_twice:
        give_up(row, BROKEN_OFF, counts)
    else:
        row.state, row.maybe_twice = MessageState.WAITING, True


def give_up(row: Message, reason: str, counts: Counts) -> None:
    """Nothing more is tried; the secretary sees why."""
    row.state, row.reason = MessageState.FAILED, reason
    counts.failed += 1
