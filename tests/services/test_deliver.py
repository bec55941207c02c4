"""Sending what waits: once, never lost, and one bad mail stops nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from tests.cast import Cast
from tests.factories import make_task
from tests.mail import sink
from tests.mail.sink import DROP
from tests.services.mornings import MAIL_FROM, SetClock
from tracker import db
from tracker.clock import at
from tracker.errors import MailRefused
from tracker.links import Links, without_secrets
from tracker.mail.letters import Letter
from tracker.mail.mime import Outgoing
from tracker.mail.smtp import SmtpTransport
from tracker.mail.transport import Before, CaptureTransport, Connection, Envelope, Transport
from tracker.models import Batch, Message, MessageKind, MessageState, Person
from tracker.services import batches, deliver, remind, sign_in
from tracker.services.batches import Counts
from tracker.services.compose import Draft, Stopped, compose_all
from tracker.services.deliver import deliver_waiting

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HELLO = Letter("Hei", "Hei", "Hei")


class Crash(BaseException):
    """The process dies: nothing after this runs, not even an `except Exception`."""


@dataclass
class Outbox:
    """The outbox, a transport that keeps what it is given, and a clock."""

    sessions: db.Sessions
    cast: Cast
    links: Links
    clock: SetClock
    packed: dict[str, Outgoing] = field(default_factory=dict)
    sent: list[Outgoing] = field(default_factory=list)
    answers: list[BaseException | None] = field(default_factory=list)
    captures: bool = False
    no_way_out: MailRefused | None = None

    def put(self, count: int = 1, kind: MessageKind = MessageKind.SIGN_IN) -> None:
        """So many mails that wait, to people of their own."""
        with self.sessions.begin() as session:
            for _ in range(count):
                number = (session.scalar(select(func.max(Person.id))) or 0) + 1
                person = Person(
                    organisation_id=self.cast.organisation.id,
                    name=f"Person {number}",
                    email=f"p{number}@elvedal.example",
                )
                session.add(person)
                session.flush()
                session.add(
                    Message(
                        organisation_id=person.organisation_id,
                        kind=kind,
                        person=person,
                        address=person.email or "",
                        created_at=self.clock.now,
                        send_at=self.clock.now,
                    )
                )

    def compose(self, session: Session, messages: Sequence[Message], now: datetime) -> list[Draft | Stopped]:
        return compose_all(session, messages, now, self.links, MAIL_FROM)

    def pack(self, mail: Outgoing) -> Envelope:
        self.packed[mail.to_address] = mail
        return Envelope(mail.from_address, mail.to_address, mail.as_bytes())

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        if self.no_way_out:
            raise self.no_way_out
        yield self

    def send(self, mails: Iterable[Envelope | MailRefused], before: Before) -> Iterator[MailRefused | None]:
        for place, mail in enumerate(mails):
            if isinstance(mail, MailRefused):
                yield mail
                continue
            before(place)()
            answer = self.answers.pop(0) if self.answers else None
            if not isinstance(answer, MailRefused):
                self.sent.append(self.packed[mail.to_address])
            if not isinstance(answer, MailRefused | None):
                raise answer
            yield answer

    def run(self, worker: str = "one", transport: Transport | None = None, an_hour: int = 0) -> Counts:
        return deliver_waiting(self.sessions, transport or self, self.compose, self.clock, worker, an_hour)

    def rows(self) -> list[Message]:
        with self.sessions() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    @property
    def states(self) -> list[str]:
        return [str(row.state) for row in self.rows()]


@pytest.fixture
def outbox(engine: Engine, cast: Cast, links: Links, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    monkeypatch.setattr(deliver, "BATCH", 20)
    return Outbox(db.sessions(engine), cast, links, SetClock(START))


def later(permanent: bool = False, uncertain: bool = False) -> MailRefused:
    return MailRefused("Opptatt.", permanent=permanent, uncertain=uncertain)


def test_what_waits_is_sent_once_and_recorded(outbox: Outbox) -> None:
    outbox.put(3)
    assert outbox.run() == Counts(sent=3)
    assert outbox.run() == Counts()
    assert len({mail.message_id for mail in outbox.sent}) == 3
    for row in outbox.rows():
        assert (row.state, row.sent_at, row.attempts) == (MessageState.SENT, START, 1)
        assert not row.maybe_twice
        assert row.subject == "Logg inn på Oppfølging"


def test_mail_waits_for_its_time(outbox: Outbox) -> None:
    outbox.put()
    with outbox.sessions.begin() as session:
        session.scalars(select(Message)).one().send_at = START + timedelta(minutes=1)
    assert outbox.run() == Counts()
    outbox.clock.now += timedelta(minutes=1)
    assert outbox.run() == Counts(sent=1)


def test_our_copy_of_sent_mail_holds_no_secrets(outbox: Outbox) -> None:
    outbox.put()
    outbox.run()
    (row,) = outbox.rows()
    assert "/inn/…" in row.body_text
    assert "/inn/…" in row.body_html
    assert "/inn/…" not in outbox.sent[0].letter.text


def test_captured_mail_is_kept_whole_since_it_is_the_only_copy(outbox: Outbox) -> None:
    outbox.put()
    assert outbox.run(transport=CaptureTransport()) == Counts(sent=1)
    (row,) = outbox.rows()
    assert row.state is MessageState.CAPTURED
    link = next(line for line in row.body_text.splitlines() if "/inn/" in line)
    with outbox.sessions() as session:
        assert sign_in.holder(session, outbox.links, link.rpartition("/")[2], START).id == row.person_id


def test_a_refusal_for_now_is_tried_again_after_growing_pauses_for_at_most_two_days(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [later() for _ in range(20)]
    waits = []
    while outbox.states == ["waiting"]:
        outbox.run()
        (row,) = outbox.rows()
        waits.append(int((row.send_at - outbox.clock.now).total_seconds() / 60))
        outbox.clock.now = max(row.send_at, outbox.clock.now)
    assert waits == [1, 5, 15, 60, 180, 720, 720, 720, 0]
    assert outbox.clock.now - START < timedelta(days=2)
    (row,) = outbox.rows()
    assert (row.state, row.reason, row.attempts) == (MessageState.FAILED, "Opptatt.", 9)
    assert outbox.run() == Counts()


def test_a_mail_that_goes_at_last_shows_no_old_reason(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [later()]
    assert outbox.run() == Counts(later=1)
    assert outbox.rows()[0].reason == "Opptatt."
    outbox.clock.now += timedelta(minutes=1)
    assert outbox.run() == Counts(sent=1)
    assert (outbox.rows()[0].reason, outbox.rows()[0].attempts) == ("", 2)


def test_a_refusal_for_good_stops_that_mail_and_no_other(outbox: Outbox) -> None:
    outbox.put(3)
    outbox.answers = [None, later(permanent=True), None]
    assert outbox.run() == Counts(sent=2, failed=1)
    assert outbox.states == ["sent", "failed", "sent"]
    assert outbox.rows()[1].reason == "Opptatt."


def test_a_mail_that_cannot_be_written_stops_no_other_and_is_logged_by_its_number(outbox: Outbox) -> None:
    outbox.put(3)

    def stumbling(session: Session, messages: Sequence[Message], now: datetime) -> list[Draft | Stopped]:
        made = outbox.compose(session, messages, now)
        return [faulty if m.id == bad else mail for m, mail in zip(messages, made, strict=True)]

    def faulty() -> Outgoing:
        raise ValueError("p2@elvedal.example")

    bad = outbox.rows()[1].id
    with capture_logs() as logs:
        counts = deliver_waiting(outbox.sessions, outbox, stumbling, outbox.clock, "one")
    assert counts == Counts(sent=2, failed=1)
    assert outbox.states == ["sent", "failed", "sent"]
    assert outbox.rows()[1].reason == "E-posten kunne ikke skrives. Feilen er logget."
    assert [entry["message"] for entry in logs] == [bad]
    assert logs[0]["exc_info"] is True
    assert "@" not in str(logs)


def test_mails_that_cannot_be_read_together_are_read_one_by_one(outbox: Outbox) -> None:
    outbox.put(3)
    bad = outbox.rows()[1].id

    def stumbling(session: Session, messages: Sequence[Message], now: datetime) -> list[Draft | Stopped]:
        if any(message.id == bad for message in messages):
            session.execute(text("SELECT nothing FROM nowhere"))
        return outbox.compose(session, messages, now)

    counts = deliver_waiting(outbox.sessions, outbox, stumbling, outbox.clock, "one")
    assert counts == Counts(sent=2, failed=1)
    assert outbox.states == ["sent", "failed", "sent"]


def test_a_fault_of_our_own_while_sending_leaves_that_mail_in_doubt_and_hands_the_others_back(
    outbox: Outbox,
) -> None:
    outbox.put(3)
    outbox.answers = [None, RuntimeError("a fault of ours")]
    with pytest.raises(RuntimeError):
        outbox.run()
    assert outbox.states == ["sent", "waiting", "waiting"]
    assert [row.maybe_twice for row in outbox.rows()] == [False, True, False]
    assert outbox.run() == Counts(sent=2)


def test_what_has_nothing_left_to_say_is_stopped(outbox: Outbox) -> None:
    outbox.put(2)
    with outbox.sessions.begin() as session:
        session.scalars(select(Message)).first().person.email = None  # type: ignore[union-attr]
    assert outbox.run() == Counts(sent=1, stopped=1)
    assert outbox.rows()[0].reason == "Mottakeren har ingen e-postadresse."


def test_an_address_that_mail_cannot_go_to_is_shown_to_the_secretary(outbox: Outbox) -> None:
    outbox.put(2)
    with outbox.sessions.begin() as session:
        session.scalars(select(Message)).first().person.email = "bjørn@elvedal.example"  # type: ignore[union-attr]
    assert outbox.run(transport=CaptureTransport()) == Counts(sent=1, failed=1)
    assert outbox.rows()[0].reason == "Adressen har tegn som e-post ikke kan sendes til."


def test_without_any_way_out_nothing_is_tried_one_by_one(outbox: Outbox) -> None:
    outbox.put(deliver.BATCH + 1)
    outbox.no_way_out = later()
    assert outbox.run() == Counts(later=deliver.BATCH)
    rows = outbox.rows()
    assert {row.state for row in rows} == {MessageState.WAITING}
    assert rows[0].send_at == START + timedelta(minutes=1)
    outbox.no_way_out = None
    outbox.clock.now += timedelta(minutes=1)
    assert outbox.run() == Counts(sent=deliver.BATCH + 1)


def claimed(outbox: Outbox, worker: str) -> tuple[deliver._Run, deliver._Claimed]:
    run = deliver._Run(outbox.sessions, outbox, outbox.compose, outbox.clock, worker)
    batch = run.claim()
    assert batch is not None
    return run, batch


def in_hand(outbox: Outbox) -> list[Batch]:
    with outbox.sessions() as session:
        return list(session.scalars(select(Batch)))


def test_a_worker_that_died_before_sending_lets_go_after_the_lease(outbox: Outbox) -> None:
    outbox.put(2)
    claimed(outbox, "dead")
    assert outbox.run() == Counts()
    outbox.clock.now += batches.LEASE
    assert outbox.run() == Counts(sent=2)
    assert not any(row.maybe_twice for row in outbox.rows())
    assert in_hand(outbox) == []


def test_of_a_dead_workers_batch_only_the_mail_in_its_hand_is_in_doubt(outbox: Outbox) -> None:
    """Those before it were answered, those after it never begun; one refused stays as it was noted."""
    outbox.put(5)
    outbox.answers = [None, later(), None, Crash()]
    die(outbox)
    assert [batch.reached for batch in in_hand(outbox)] == [3]
    outbox.clock.now += batches.LEASE
    assert outbox.run() == Counts(sent=5)
    assert [row.maybe_twice for row in outbox.rows()] == [False, False, False, True, False]
    sent = Counter(mail.to_address for mail in outbox.sent)
    assert [sent[row.address] for row in outbox.rows()] == [1, 1, 1, 2, 1]


def test_what_a_dead_worker_sent_has_been_kept_word_for_word(outbox: Outbox) -> None:
    outbox.put(3)
    outbox.answers = [None, None, Crash()]
    die(outbox)
    outbox.clock.now += batches.LEASE
    outbox.answers = [later(permanent=True)]
    assert outbox.run() == Counts(sent=2, failed=1)
    for row, mail in zip(outbox.rows(), outbox.sent, strict=False):
        assert (row.address, row.subject) == (mail.to_address, mail.letter.subject)
        assert row.body_text == without_secrets(mail.letter.text) != mail.letter.text
        assert row.body_html == without_secrets(mail.letter.html)


def test_the_words_of_the_last_mail_are_kept_before_the_batch_is_done_with(outbox: Outbox) -> None:
    """Of a mail so long that the database is still busy with its words when the mail has gone."""
    outbox.put()
    long = Letter("Hei", "Hei på deg. " * 2_000_000, "<p>Hei</p>")
    outbox.compose = partial(plain_mails, letter=long)  # type: ignore[method-assign]
    assert outbox.run() == Counts(sent=1)
    (row,) = outbox.rows()
    assert (row.subject, row.body_text == long.text, row.body_html) == ("Hei", True, "<p>Hei</p>")


def test_a_worker_whose_batch_was_taken_changes_no_word_of_what_the_other_sent(outbox: Outbox) -> None:
    outbox.put()
    _slow, batch = claimed(outbox, "slow")
    outbox.clock.now += batches.LEASE
    outbox.run("other")
    (before,) = outbox.rows()
    words: batches.Words = {
        "message": before.id, "address": "x@x.example", "subject": "x", "body_text": "x", "body_html": "x",
    }  # fmt: skip
    with batches.marks(outbox.sessions) as marks:
        kept = batches.mark(marks, batch.number, 0, outbox.clock(), [words])
        with pytest.raises(batches.LeaseLost):
            kept()
    (after,) = outbox.rows()
    assert (after.address, after.body_text) == (before.address, before.body_text)


def die(outbox: Outbox, worker: str = "dead") -> None:
    """Run until the transport raises Crash; nothing is tidied up, as when a process is killed."""
    run, batch = claimed(outbox, worker)
    run._record = lambda _batch: None  # type: ignore[method-assign]
    with pytest.raises(Crash), batches.marks(outbox.sessions) as marks:
        run.hand_over(outbox, marks, batch, outbox.clock() + deliver.A_RUN)


@pytest.mark.parametrize("dies", [False, True])
def test_a_refused_mail_that_another_worker_has_by_then_is_left_to_that_worker(
    outbox: Outbox, dies: bool
) -> None:
    """It waits a minute, and a batch may last longer."""
    outbox.put(3)
    first, batch = claimed(outbox, "first")
    first._refused(batch, batch.messages[0], later())
    outbox.clock.now += deliver.PAUSES[0]
    second, other = claimed(outbox, "second")
    assert other.messages == batch.messages[:1]
    batch.taken = batch.messages[1:]
    if dies:
        with batches.marks(outbox.sessions) as marks:
            batches.mark(marks, batch.number, 1, outbox.clock(), [])()
            batches.mark(marks, other.number, 0, outbox.clock() + timedelta(hours=1), [])()
        outbox.clock.now += batches.LEASE
        outbox.run("third")
    else:
        first._record(batch)
    assert outbox.states == ["sending", "sent", "sent"]
    second._record(other)
    assert outbox.states == ["waiting", "sent", "sent"]


def test_after_the_database_started_anew_all_that_a_dead_worker_may_have_sent_is_in_doubt(
    outbox: Outbox,
) -> None:
    """Marks are kept without waiting for the disk, so the last of them may be missing."""
    outbox.put(3)
    outbox.answers = [None, Crash()]
    die(outbox)
    with outbox.sessions.begin() as session:
        session.scalars(select(Batch)).one().database_run = "an earlier one"
    outbox.clock.now += batches.LEASE
    assert outbox.run() == Counts(sent=3)
    assert [row.maybe_twice for row in outbox.rows()] == [False, True, True]


def test_a_worker_that_died_while_sending_gives_one_more_copy_with_the_same_id(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [Crash()]
    die(outbox)
    assert outbox.states == ["sending"]
    assert outbox.run() == Counts()
    outbox.clock.now += batches.LEASE
    assert outbox.run() == Counts(sent=1)
    (row,) = outbox.rows()
    assert (row.state, row.maybe_twice) == (MessageState.SENT, True)
    assert [mail.message_id for mail in outbox.sent] == [f"{row.message_id}@elvedal.example"] * 2


def test_of_a_mail_that_kills_its_worker_twice_no_third_copy_goes(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [Crash(), Crash()]
    for _ in range(2):
        die(outbox)
        outbox.clock.now += batches.LEASE
    outbox.run()
    (row,) = outbox.rows()
    assert (row.state, len(outbox.sent)) == (MessageState.FAILED, 2)
    assert row.reason == "Sendingen ble avbrutt to ganger. E-posten kan ha kommet fram."


def test_what_may_have_arrived_goes_once_more_and_says_so(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [later(uncertain=True), later(), later(uncertain=True)]
    outbox.run()
    assert outbox.rows()[0].maybe_twice
    for minutes in (1, 5):
        outbox.clock.now += timedelta(minutes=minutes)
        outbox.run()
    assert outbox.states == ["failed"]


def test_a_worker_that_slept_too_long_finds_its_batch_taken_and_sends_no_more(outbox: Outbox) -> None:
    outbox.put(3)
    slow, batch = claimed(outbox, "slow")
    outbox.clock.now += batches.LEASE
    assert outbox.run("other") == Counts(sent=3)
    with batches.marks(outbox.sessions) as marks:
        slow.hand_over(outbox, marks, batch, outbox.clock() + deliver.A_RUN)
    assert len(outbox.sent) == 3
    assert outbox.states == ["sent"] * 3


def test_what_a_slow_worker_is_told_of_a_mail_that_is_no_longer_its_own_is_not_recorded(
    outbox: Outbox,
) -> None:
    outbox.put(1)
    slow, batch = claimed(outbox, "slow")
    outbox.clock.now += batches.LEASE
    assert outbox.run("other") == Counts(sent=1)
    with pytest.raises(batches.LeaseLost):
        slow._refused(batch, batch.messages[0], later(permanent=True))
    assert outbox.states == ["sent"]


def test_who_waited_too_long_for_a_connection_leaves_the_batch_to_others(outbox: Outbox) -> None:
    outbox.put(2)
    slow, batch = claimed(outbox, "slow")
    outbox.clock.now += batches.LEASE
    assert outbox.run("other") == Counts(sent=2)
    slow.no_way_out(batch, later())
    assert outbox.states == ["sent", "sent"]


def test_no_more_go_in_an_hour_than_the_server_takes(outbox: Outbox) -> None:
    outbox.put(5, MessageKind.NEW_TASKS)
    outbox.compose = plain_mails  # type: ignore[method-assign]
    for expected in (2, 0):
        assert outbox.run(an_hour=2) == Counts(sent=expected)
    outbox.clock.now += timedelta(minutes=30)
    outbox.put(1)  # somebody sits and waits to sign in
    assert outbox.run(an_hour=2) == Counts(sent=1)
    assert outbox.states[-1] == "sent"
    outbox.clock.now += timedelta(minutes=30)
    assert outbox.run(an_hour=2) == Counts(sent=1)
    outbox.clock.now += timedelta(hours=1)
    assert outbox.run(an_hour=2) == Counts(sent=2)


def plain_mails(
    _session: Session, messages: Sequence[Message], now: datetime, letter: Letter = HELLO
) -> list[Draft | Stopped]:
    return [
        partial(
            Outgoing,
            letter=letter, to_name="", to_address=message.address, from_name="",
            from_address=MAIL_FROM, reply_to="", message_id=message.message_id, date=now,
        )
        for message in messages
    ]  # fmt: skip


def test_who_waits_to_sign_in_comes_first(outbox: Outbox) -> None:
    outbox.put(deliver.BATCH, MessageKind.NEW_TASKS)
    outbox.compose = plain_mails  # type: ignore[method-assign]
    outbox.put(1)
    assert outbox.run() == Counts(sent=deliver.BATCH + 1)
    assert outbox.sent[0].to_address == outbox.rows()[-1].address


def test_a_reminder_that_was_not_taken_on_friday_waits_for_monday(outbox: Outbox, session: Session) -> None:
    make_task(session, outbox.cast, START, due_on=date(2026, 3, 20))
    session.commit()
    outbox.clock.now = at(date(2026, 3, 13), time(7, 0))
    remind.remind_all(session, outbox.clock.now)
    session.commit()
    outbox.answers = [later() for _ in range(7)]
    while outbox.answers:
        outbox.run()
        outbox.clock.now = outbox.rows()[0].send_at
    assert outbox.clock.now == at(date(2026, 3, 16), time(7, 0))
    assert outbox.run() == Counts(sent=1)


def test_two_workers_at_once_deliver_each_mail_once(outbox: Outbox) -> None:
    outbox.put(120)
    start, counts = threading.Barrier(3), []
    with sink.running() as server:
        transport = SmtpTransport("127.0.0.1", server.port, security="none", timeout=10)

        def work(name: str) -> None:
            start.wait()
            counts.append(outbox.run(name, transport))

        threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sum(count.sent for count in counts) == 120
    assert Counter(server.recipients) == Counter({row.address: 1 for row in outbox.rows()})
    assert set(outbox.states) == {"sent"}


def test_a_real_server_that_takes_some_refuses_some_and_hangs_up_on_some(outbox: Outbox) -> None:
    outbox.put(12)
    addresses = [row.address for row in outbox.rows()]
    trouble = dict(zip(addresses[::3], ["450 later", "550 nobody", "421 closing", DROP], strict=True))
    with sink.running() as server:
        server.on_rcpt = trouble.get
        transport = SmtpTransport("127.0.0.1", server.port, security="none", timeout=10)
        assert outbox.run(transport=transport) == Counts(sent=8, failed=1, later=3)
        assert outbox.states.count("waiting") == 3
        trouble.clear()
        outbox.clock.now += timedelta(minutes=1)
        assert outbox.run(transport=transport) == Counts(sent=3)
        assert sorted(server.recipients) == sorted(set(addresses) - {addresses[3]})


def test_a_server_that_drops_the_line_after_the_words_gets_one_more_copy(outbox: Outbox) -> None:
    outbox.put(2)
    first = outbox.rows()[0].address
    with sink.running() as server:
        server.on_data = lambda address: DROP if address == first else None
        transport = SmtpTransport("127.0.0.1", server.port, security="none", timeout=10)
        assert outbox.run(transport=transport) == Counts(sent=1, later=1)
        server.on_data = lambda _address: None
        outbox.clock.now += timedelta(minutes=1)
        assert outbox.run(transport=transport) == Counts(sent=1)
        twice = [mail["Message-ID"] for mail in server.mails if mail["X-RcptTo"] == first]
    assert len(twice) == 2
    assert len(set(twice)) == 1
    assert [row.maybe_twice for row in outbox.rows()] == [True, False]


def test_old_sign_in_mails_are_emptied(outbox: Outbox) -> None:
    outbox.put(2)
    outbox.run(transport=CaptureTransport())
    with outbox.sessions.begin() as session:
        session.scalars(select(Message)).first().created_at = START - timedelta(days=2)  # type: ignore[union-attr]
        deliver.forget_words(session, START)
    assert [bool(row.body_text) for row in outbox.rows()] == [False, True]


def test_a_run_ends_so_that_a_process_can_stop(outbox: Outbox) -> None:
    outbox.put(deliver.BATCH + 10)

    def slow(session: Session, messages: Sequence[Message], now: datetime) -> list[Draft | Stopped]:
        outbox.clock.now += deliver.A_RUN / 2
        return plain_mails(session, messages, now)

    counts = deliver_waiting(outbox.sessions, outbox, slow, outbox.clock, "one")
    assert counts == Counts(sent=deliver.BATCH + 1)  # one of the second batch, since that was begun
    assert outbox.states.count("waiting") == 9
    assert in_hand(outbox) == []


def test_what_waits_is_found_by_its_index(outbox: Outbox, session: Session) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.execute(text("SET enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    asked = "SELECT id FROM message WHERE state = 'waiting' AND send_at <= '2026-03-02'"
    plan = session.execute(text(f"{explain} {asked} ORDER BY send_at, id LIMIT 50")).all()
    assert any("ix_message_waiting_send_at" in str(line) for line in plan), plan
