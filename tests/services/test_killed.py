"""200 × kill -9 at every step of claim → send → record, four workers, and a server that misbehaves.

No mail is lost; a second copy goes only of a mail whose row says so, with the same Message-ID; and no kill
leaves more than one mail in doubt. The figures are printed (`pytest -s`).
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from multiprocessing.connection import wait

import pytest
from sqlalchemy import Engine, func, insert, select

from tests.cast import make_cast
from tests.conftest import NOW
from tests.mail import sink
from tests.mail.sink import DROP, HANG
from tests.services import killed
from tracker import db
from tracker.clock import system_clock
from tracker.mail.refusals import BROKE_UNANSWERED, SILENT
from tracker.models import Batch, Message, MessageKind, MessageState, Person
from tracker.services.batches import BROKEN_OFF

KILLS = 200
WORKERS = 4
AT_ONCE = 150  # mails put in the outbox whenever fewer wait
PATIENCE = 240  # seconds; then something hangs

FORK = multiprocessing.get_context("forkserver")


@dataclass
class Trouble:
    """How the server misbehaves: by chance, and for good to some addresses."""

    dice: random.Random = field(default_factory=lambda: random.Random(4))
    given: Counter[str] = field(default_factory=Counter)

    def on_rcpt(self, address: str) -> str | None:
        if address.startswith("nobody"):
            return self._say("550 5.1.1 no such user")
        return self._perhaps(0.02, "450 4.2.1 later") or self._perhaps(0.01, "421 4.3.2 closing")

    def on_data(self, _address: str) -> str | None:
        return (
            self._perhaps(0.02, DROP)
            or self._perhaps(0.002, HANG)
            or self._perhaps(0.01, "451 4.3.0 later")
            or self._perhaps(0.01, "421 4.3.2 closing")
        )

    def _perhaps(self, chance: float, answer: str) -> str | None:
        return self._say(answer) if self.dice.random() < chance else None

    def _say(self, answer: str) -> str:
        self.given[answer.partition(" ")[0]] += 1
        return answer


@dataclass
class Outbox:
    """The outbox, filled as it empties."""

    sessions: db.Sessions
    organisation_id: int
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def fill(self) -> None:
        with self.sessions.begin() as session:
            if self._left() > AT_ONCE:
                return
            some = [next(self.numbers) for _ in range(AT_ONCE)]
            people = [
                {
                    "organisation_id": self.organisation_id,
                    "name": f"Person {number}",
                    "email": f"{'nobody' if number % 40 == 7 else 'p'}{number}@elvedal.example",
                }
                for number in some
            ]
            found = session.execute(insert(Person).returning(Person.id, Person.email), people).all()
            now = system_clock()
            session.execute(
                insert(Message),
                [
                    {
                        "organisation_id": self.organisation_id, "kind": MessageKind.SIGN_IN,
                        "person_id": person, "address": email, "created_at": now, "send_at": now,
                    }
                    for person, email in found
                ],
            )  # fmt: skip

    def _left(self) -> int:
        unfinished = Message.state.in_([MessageState.WAITING, MessageState.SENDING])
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(Message).where(unfinished)) or 0

    @property
    def empty(self) -> bool:
        with self.sessions() as session:
            return not self._left() and not session.scalar(select(func.count()).select_from(Batch))


def kill_and_drain(outbox: Outbox, address: str, port: int) -> Counter[str]:
    """Keep four workers going, each to be killed at some step, until all are killed; then finish.

    Gives how many were killed at each step.
    """
    dice, kills, names = random.Random(9), Counter[str](), count(1)
    plans = iter(cycle(killed.STEPS))
    ends = time.monotonic() + PATIENCE
    running: dict[int, tuple[multiprocessing.process.BaseProcess, str]] = {}

    def start(step: str) -> None:
        left = 1 if step in killed.SELDOM else dice.randint(1, 8)
        process = FORK.Process(target=killed.work, args=(address, port, f"worker {next(names)}", step, left))
        process.start()
        running[process.sentinel] = (process, step)

    FORK.set_forkserver_preload(["tests.services.killed"])
    try:
        for _ in range(WORKERS):
            start(next(plans))
        while kills.total() < KILLS or not outbox.empty:
            assert time.monotonic() < ends, (kills, outbox.empty)
            for sentinel in wait(list(running), timeout=0.1):
                process, step = running.pop(sentinel)  # type: ignore[call-overload]
                process.join()
                assert process.exitcode == -9, step
                kills[step] += 1
                start(next(plans) if kills.total() <= KILLS - WORKERS else "")
            if kills.total() < KILLS:
                outbox.fill()
    finally:
        for process, _ in running.values():
            process.kill()
            process.join()
    return kills


@pytest.mark.postgresql
@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_no_mail_is_lost_and_none_goes_twice_unnoted(engine: Engine, address: str) -> None:
    sessions, trouble, begun = db.sessions(engine), Trouble(), time.monotonic()
    with sessions() as session:
        outbox = Outbox(sessions, make_cast(session, NOW).organisation.id)
    outbox.fill()
    with sink.running(pipelining=True) as server:
        server.on_rcpt, server.on_data = trouble.on_rcpt, trouble.on_data
        kills = kill_and_drain(outbox, address, server.port)
        copies = defaultdict(list)
        for raw in server.arrived:
            head = dict(line.split(": ", 1) for line in raw.decode().split("\r\n")[:12] if ": " in line)
            copies[head["X-RcptTo"]].append(head["Message-ID"])
    with sessions() as session:
        rows = session.scalars(select(Message)).all()

    twice = [row for row in rows if len(copies[row.address]) > 1]
    flagged = [row for row in rows if row.maybe_twice]
    given_up = [row for row in rows if row.state is MessageState.FAILED and row.maybe_twice]
    unanswered = trouble.given[DROP] + trouble.given[HANG]
    print(  # noqa: T201
        f"\n{len(rows)} mails, {kills.total()} kills {dict(kills)}, answers {dict(trouble.given)}: "
        f"{len(flagged)} in doubt, {len(twice)} arrived twice, {len(given_up)} given up after two doubts, "
        f"{time.monotonic() - begun:.0f} s"
    )
    assert kills.total() >= KILLS
    assert set(kills) == set(killed.STEPS)
    for row in rows:
        arrived = copies[row.address]
        if row.address.startswith("nobody"):
            assert (row.state, arrived) == (MessageState.FAILED, []), row.reason
        elif row.state is MessageState.FAILED:  # twice in doubt: the secretary is told
            assert row.maybe_twice
            assert row.reason in (BROKEN_OFF, BROKE_UNANSWERED, SILENT), row.reason
        else:
            assert (row.state, len(arrived) > 0) == (MessageState.SENT, True), row.id
        assert len(arrived) <= (2 if row.maybe_twice else 1), (row.id, arrived)
        assert set(arrived) <= {f"<{row.message_id}@elvedal.example>"}
    assert 0 < len(twice) <= len(flagged) <= kills.total() + unanswered
