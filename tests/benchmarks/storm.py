"""100,000 reminders due at 07:00: mails built, sent and recorded per second and process.

Beside it, in the same run and against the same server: the raw limit (one finished mail, pipelined, nothing
built or recorded), and EmailMessage + smtplib with the words given. The server is postfix's smtp-sink where
the machine has it, else a small one of our own, in a process of its own; each line says which.

STORM=20000 makes it smaller. On SQLite by one process; on PostgreSQL, where installed, by one and by two.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from sqlalchemy import func, insert, select, text, update

from jobs.__main__ import UNCOLLECTED
from tests import postgresql
from tests.benchmarks import mails_built
from tests.benchmarks.measuring import Figure, two_over_one
from tracker import collector, db
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.mail.smtp import SmtpTransport
from tracker.mail.transport import Envelope, unnoted
from tracker.models import (
    AgendaItem,
    Assignment,
    Body,
    Meeting,
    MeetingKind,
    Membership,
    Message,
    MessageState,
    Organisation,
    Part,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules import workdays
from tracker.rules.access import Office
from tracker.rules.deadlines import DueKind
from tracker.services import compose, deliver, remind

MAILS = int(os.environ.get("STORM", "100000"))
ROUNDS = 2
MEMORY_OF = MAILS // 10  # after so many the memory is to stay where it is
BODIES = 200
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # a Monday, 07.00 in Oslo
DUE = date(2026, 3, 9)
MAIL_FROM = "oppfolging@elvedal.example"
SHARED = ("postgres", "smtp-sink")


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        server, port = stack.enter_context(_server())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        registers = {"SQLite": f"sqlite:///{Path(folder) / 'register.sqlite3'}"}
        if postgresql.programs():
            registers["PostgreSQL"] = stack.enter_context(postgresql.cluster())
        for engine, address in registers.items():
            _fill(address)
            yield from _storm(address, port, f"storm on {engine}, %s, to {server}", engine == "PostgreSQL")


def _storm(address: str, port: int, name: str, shared: bool) -> Iterator[Figure]:
    """By one process, and where the work can be `shared` by two: in turns, and the best of each counts, since
    a machine's own speed differs from minute to minute by more than what is to be seen."""
    ones, twos, raws, others, confined = [], [], [], [], []
    for _ in range(ROUNDS):
        _put(address)
        ones.append(_deliver(address, port, 1))
        raws.append(_raw(port, ones[0].content))
        others.append(_email_message(port))
        if shared:
            _put(address)
            twos.append(_deliver(address, port, 2))
            _put(address)
            with _on_one_processor():
                confined.append(_deliver(address, port, 1))
    one, there_are = max(ones), psutil.cpu_count()
    alone = name % "1 process"
    yield Figure(alone, one.rate, max(raws), "/s", "raw limit, pipelined")
    yield Figure(f"{alone}: processors in use", one.busy, there_are, "", "there are")
    yield Figure(f"{alone}, per second of its processor", one.alone, one.rate, "/s", "by the clock")
    yield Figure(f"{alone}, again", one.rate, max(others), "/s", "EmailMessage + smtplib, words given")
    early = f"after {MEMORY_OF:,} mails"
    yield Figure(f"{alone}: memory at the end", one.memory, one.memory_early, "MB", early)
    if shared:
        two, together = max(twos), name % "2 processes"
        yield Figure(together, two.rate, one.rate, "/s", "one process")
        yield Figure(f"{together}: processors in use", two.busy, there_are, "", "there are")
        computing = two_over_one()
        yield Figure(f"{together}: over one", two.rate / one.rate, computing, "×", "two that only compute")
        alone_there = max(confined)
        label = f"{alone}, it, database and server on one processor"
        yield Figure(label, alone_there.rate, two.rate, "/s", "two processes on two")
        gained = two.rate / alone_there.rate
        yield Figure(f"{together}, on twice the processors", gained, computing, "×", "two that only compute")


class _Ran(NamedTuple):
    """What a storm showed: mails a second over all processes, and a second of the first one's processor time,
    which a busy machine falsifies less; how many processors were busy with us, the database and the server;
    the first one's memory early and at the end (MB); one of the mails."""

    rate: float
    alone: float
    busy: float
    memory_early: float
    memory: float
    content: bytes


def _deliver(address: str, port: int, processes: int) -> _Ran:
    ways = multiprocessing.get_context("spawn")
    ready, done = ways.Barrier(processes + 1), ways.Queue()
    workers = [
        ways.Process(target=_worker, args=(address, port, f"w{n}", ready, done)) for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    ready.wait(60)
    idle, begun = _idle(), time.perf_counter()
    told = [done.get(timeout=1800) for _ in workers]
    taken = time.perf_counter() - begun
    idle = _idle() - idle
    for worker in workers:
        worker.join()
    assert sum(sent for sent, *_ in told) == MAILS, told
    sent, used, early, last, content = told[0]
    busy = (psutil.cpu_count() or 1) - idle / taken
    return _Ran(MAILS / taken, sent / used, busy, early, last, content)


@contextmanager
def _on_one_processor() -> Iterator[None]:
    """This process and those it starts, the databases and the mail servers of this machine share one.

    One process keeps the database and the server busy beside itself; on a machine with two processors a
    second process finds little left of them. So that what is gained is seen, both get as many as there are
    processes.
    """
    shared = [psutil.Process(), *(p for p in psutil.process_iter(["name"]) if p.name() in SHARED)]
    before = [process.cpu_affinity() for process in shared]
    for process in shared:
        process.cpu_affinity([0])
    try:
        yield
    finally:
        for process, processors in zip(shared, before, strict=True):
            if process.is_running():
                process.cpu_affinity(processors)


def _idle() -> float:
    """Seconds in which a processor had nothing to do, over all of them."""
    times = psutil.cpu_times()
    return float(times.idle + getattr(times, "iowait", 0.0))


def _worker(address: str, port: int, name: str, ready: object, done: object) -> None:
    engine = db.open_engine(address)
    sessions, links = db.sessions(engine), Links(("a secret for benchmarks",), "https://oppfolging.example")
    transport = _Keeping("127.0.0.1", port, security="none")
    moment = MORNING + timedelta(minutes=1)
    sent = 0

    def write(session: object, messages: object, now: datetime) -> object:
        return compose.compose_all(session, messages, now, links, MAIL_FROM)  # type: ignore[arg-type]

    with sessions() as session:
        session.scalar(select(func.count()).select_from(Message))
    workdays.is_working_day(DUE)  # loads the holidays, as a process that has run a while has done
    collector.leave_loaded_alone(UNCOLLECTED)  # as the process of the jobs does
    ready.wait(60)  # type: ignore[attr-defined]
    begun, used = time.perf_counter(), time.process_time()
    while True:  # as the job does it, with a clock that stays on the morning
        clock = lambda: moment + timedelta(seconds=time.perf_counter() - begun)  # noqa: E731
        counts = deliver.deliver_waiting(sessions, transport, write, clock, name)  # type: ignore[arg-type]
        sent += counts.sent
        if not counts.sent:
            break
    done.put((sent, time.process_time() - used, transport.seen[1], _memory(), transport.seen[0]))  # type: ignore[attr-defined]


class _Keeping(SmtpTransport):
    """Keeps the first mail, for the raw limit, and what memory is held after the first tenth."""

    seen: list[Any] = [b"", 0.0, 0]  # noqa: RUF012

    def pack(self, mail: Outgoing) -> Envelope:
        packed = super().pack(mail)
        self.seen[0] = self.seen[0] or packed.content
        self.seen[2] += 1
        if self.seen[2] == MEMORY_OF:
            self.seen[1] = _memory()
        return packed


def _memory() -> float:
    """What this process holds now, MB."""
    return float(psutil.Process().memory_info().rss) / 1024**2


def _raw(port: int, content: bytes) -> float:
    mails = [Envelope(MAIL_FROM, "p1@elvedal.example", content)] * 100
    with SmtpTransport("127.0.0.1", port, security="none").connection() as connection:
        begun = time.perf_counter()
        for _ in range(50):
            assert not any(connection.send(mails, unnoted))
        return 5000 / (time.perf_counter() - begun)


def _email_message(port: int) -> float:
    """The usual way, over one connection."""
    letter = mails_built.made().letter
    with smtplib.SMTP("127.0.0.1", port) as server:
        begun, count = time.perf_counter(), 0
        while (taken := time.perf_counter() - begun) < 2:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = MAIL_FROM, f"p{count}@elvedal.example", letter.subject
            mail.set_content(letter.text)
            mail.add_alternative(letter.html, subtype="html")
            server.send_message(mail)
            count += 1
    return count / taken


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """A server that takes everything: its name and port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    theirs = shutil.which("smtp-sink") or shutil.which("/usr/sbin/smtp-sink")
    if theirs:
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [theirs, *user, f"127.0.0.1:{port}", "1000"]
    else:
        command = [sys.executable, "-m", "tests.benchmarks.fast_sink", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield ("smtp-sink" if theirs else "a sink of our own"), port
    finally:
        process.terminate()
        process.wait()


def _put(address: str) -> None:
    """Every reminder in the outbox, as at 07:00; as if nothing had gone before."""
    engine = db.open_engine(address)
    with db.sessions(engine)() as session:
        put = session.scalar(select(func.count()).select_from(Message))
        session.commit()
        if put:
            session.execute(update(Message).values(state=MessageState.WAITING, body_text="", body_html=""))
        else:
            assert remind.remind_all(session, MORNING) == MAILS
        session.commit()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM" if engine.dialect.name == "postgresql" else "ANALYZE"))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    engine.dispose()


def _fill(address: str) -> None:
    """A task each for so many people, in many bodies, with a meeting and a case behind it."""
    engine = db.open_engine(address)
    db.migrate(engine)
    with db.sessions(engine)() as session:
        ours = Organisation(slug="stort", name="Stort råd", short_name="Stort")
        session.add(ours)
        session.flush()
        whose = {"organisation_id": ours.id}
        numbers = range(1, MAILS + 1)
        long_ago = MORNING - timedelta(days=40)
        session.execute(
            insert(Person),
            [
                {**whose, "id": n, "name": f"Silje Grønli Aamot {n}", "email": f"p{n}@stort.example"}
                for n in numbers
            ],
        )
        bodies = range(1, BODIES + 1)
        session.execute(
            insert(Body),
            [{**whose, "id": n, "name": f"Utvalget for region {n}", "aliases": []} for n in bodies],
        )
        session.execute(
            insert(Membership),
            [
                {
                    **whose,
                    "body_id": n,
                    "person_id": n,
                    "office": Office.SECRETARY,
                    "from_date": date(2020, 1, 1),
                }
                for n in bodies
            ],
        )
        session.execute(
            insert(Meeting),
            [
                {
                    **whose, "id": n, "body_id": n, "kind": MeetingKind.MEETING, "title": "Møte",
                    "starts_on": date(2026, 1, 5) + timedelta(days=n % 14), "changed_at": long_ago,
                    "ends_on": date(2026, 1, 5) + timedelta(days=n % 14),
                }
                for n in bodies
            ],
        )  # fmt: skip
        session.execute(
            insert(AgendaItem),
            [
                {**whose, "id": n, "meeting_id": n, "position": 1, "number": f"{n}/26", "title": "Sak"}
                for n in bodies
            ],
        )
        session.execute(
            insert(Task.__table__),  # type: ignore[arg-type]
            [
                {
                    **whose, "id": n, "body_id": n % BODIES + 1, "meeting_id": n % BODIES + 1,
                    "agenda_item_id": n % BODIES + 1, "status": TaskStatus.OPEN, "due_kind": DueKind.DATE,
                    "what": f"Skrive utkast nummer {n} til felles uttalelse om fylkesveiene",
                    "due_date": DUE, "due_days": 0, "due_working": False, "due_on": DUE,
                    "created_at": long_ago, "result": "", "span_start": 0, "span_end": 0, "version": 1,
                    "evidence": "Silje Grønli Aamot skriver utkast til felles uttalelse innen 9. mars.",
                }
                for n in numbers
            ],
        )  # fmt: skip
        session.execute(
            insert(Assignment.__table__),  # type: ignore[arg-type]
            [
                {
                    **whose, "task_id": n, "person_id": n, "part": Part.OWNER, "answer": "none",
                    "assigned_at": long_ago, "comment": "",
                }
                for n in numbers
            ],
        )  # fmt: skip
        session.commit()
        if engine.dialect.name == "postgresql":
            for table in ("person", "body", "meeting", "agenda_item", "task"):
                session.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
            session.execute(text("ANALYZE"))  # a register that has lived a minute has its statistics
            session.commit()
    engine.dispose()
