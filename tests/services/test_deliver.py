"""Sending what waits: once, never lost, and one bad mail stops nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

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
from tracker.links import Links
from tracker.mail.letters import Letter
from tracker.mail.smtp import CaptureTransport, Connection, Outgoing, SmtpTransport, Transport
from tracker.models import Message, MessageKind, MessageState, Person
from tracker.services import deliver, remind, sign_in
from tracker.services.compose import Stopped, compose
from tracker.services.deliver import Counts, deliver_waiting

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Crash(BaseException):
    """The process dies: nothing after this runs, not even an `except Exception`."""


@dataclass
class Outbox:
    """The outbox, a transport that keeps what it is given, and a clock."""

    sessions: db.Sessions
    cast: Cast
    links: Links
    clock: SetClock
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

    def compose(self, session: Session, message: Message, now: datetime) -> Outgoing | Stopped:
        return compose(session, message, now, self.links, MAIL_FROM)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        if self.no_way_out:
            raise self.no_way_out
        yield self

    def send(self, mail: Outgoing) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Crash) or answer is None:
            self.sent.append(mail)
        if answer is not None:
            raise answer

    def run(self, worker: str = "one", transport: Transport | None = None) -> Counts:
        return deliver_waiting(self.sessions, transport or self, self.compose, self.clock, worker)

    def rows(self) -> list[Message]:
        with self.sessions() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    @property
    def states(self) -> list[str]:
        return [str(row.state) for row in self.rows()]


@pytest.fixture
def outbox(engine: Engine, cast: Cast, links: Links) -> Outbox:
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
        assert (row.leased_by, row.leased_until, row.maybe_twice) == (None, None, False)
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

    def stumbling(session: Session, message: Message, now: datetime) -> Outgoing | Stopped:
        if message.id == bad:
            raise ValueError(f"no letter for {message.address}")
        return compose(session, message, now, outbox.links, MAIL_FROM)

    bad = outbox.rows()[1].id
    with capture_logs() as logs:
        counts = deliver_waiting(outbox.sessions, outbox, stumbling, outbox.clock, "one")
    assert counts == Counts(sent=2, failed=1)
    assert outbox.states == ["sent", "failed", "sent"]
    assert outbox.rows()[1].reason == "E-posten kunne ikke skrives. Feilen er logget."
    assert [entry["message"] for entry in logs] == [bad]
    assert logs[0]["exc_info"] is True
    assert "@" not in str(logs)


def test_a_mail_that_cannot_be_handed_over_stops_no_other(outbox: Outbox) -> None:
    outbox.put(2)
    outbox.answers = [UnicodeEncodeError("ascii", "å", 0, 1, "no")]
    assert outbox.run() == Counts(sent=1, failed=1)
    assert outbox.states == ["failed", "sent"]


def test_what_has_nothing_left_to_say_is_stopped(outbox: Outbox) -> None:
    outbox.put(2)
    with outbox.sessions.begin() as session:
        session.scalars(select(Message)).first().person.email = None  # type: ignore[union-attr]
    assert outbox.run() == Counts(sent=1, stopped=1)
    assert outbox.rows()[0].reason == "Mottakeren har ingen e-postadresse."


def test_without_any_way_out_nothing_is_tried_one_by_one(outbox: Outbox) -> None:
    outbox.put(deliver.BATCH + 1)
    outbox.no_way_out = later()
    assert outbox.run() == Counts(later=deliver.BATCH)
    rows = outbox.rows()
    assert {(row.state, row.body_text) for row in rows} == {(MessageState.WAITING, "")}
    assert rows[0].send_at == START + timedelta(minutes=1)
    outbox.no_way_out = None
    outbox.clock.now += timedelta(minutes=1)
    assert outbox.run() == Counts(sent=deliver.BATCH + 1)


def test_a_worker_that_died_before_sending_lets_go_after_the_lease(outbox: Outbox) -> None:
    outbox.put()
    deliver._Run(outbox.sessions, outbox, outbox.compose, outbox.clock, "dead").claim()
    assert outbox.run() == Counts()
    outbox.clock.now += deliver.LEASE
    assert outbox.run() == Counts(sent=1)
    assert not outbox.rows()[0].maybe_twice


def test_a_worker_that_died_while_sending_gives_one_more_copy_with_the_same_id(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [Crash()]
    with pytest.raises(Crash):
        outbox.run("dead")
    assert outbox.states == ["sending"]
    assert outbox.run() == Counts()
    outbox.clock.now += deliver.LEASE
    assert outbox.run() == Counts(sent=1)
    (row,) = outbox.rows()
    assert (row.state, row.maybe_twice) == (MessageState.SENT, True)
    assert [mail.message_id for mail in outbox.sent] == [f"{row.message_id}@elvedal.example"] * 2


def test_of_a_mail_that_kills_its_worker_twice_no_third_copy_goes(outbox: Outbox) -> None:
    outbox.put()
    outbox.answers = [Crash(), Crash()]
    for _ in range(2):
        with pytest.raises(Crash):
            outbox.run("dead")
        outbox.clock.now += deliver.LEASE
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


def test_a_lease_that_ran_out_is_not_used(outbox: Outbox) -> None:
    """A worker that slept too long finds its mails taken, and sends nothing."""
    outbox.put()
    slow = deliver._Run(outbox.sessions, outbox, outbox.compose, outbox.clock, "slow")
    (number,) = slow.claim()
    outbox.clock.now += deliver.LEASE
    slow.deliver(outbox, number)
    assert outbox.sent == []
    assert outbox.run("other") == Counts(sent=1)
    slow.deliver(outbox, number)
    assert len(outbox.sent) == 1


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

    def slow(session: Session, message: Message, now: datetime) -> Outgoing | Stopped:
        outbox.clock.now += timedelta(seconds=1)
        return Outgoing(
            letter=Letter("Hei", "Hei", "Hei"), to_name="", to_address=message.address, from_name="",
            from_address=MAIL_FROM, reply_to="", message_id=message.message_id, date=now,
        )  # fmt: skip

    counts = deliver_waiting(outbox.sessions, outbox, slow, outbox.clock, "one")
    assert counts == Counts(sent=deliver.BATCH)
    assert outbox.states.count("waiting") == 10


def test_what_waits_is_found_by_its_index(outbox: Outbox, session: Session) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.execute(text("SET enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    asked = "SELECT id FROM message WHERE message.state in ('waiting', 'sending') AND send_at <= '2026-03-02'"
    plan = session.execute(text(f"{explain} {asked} ORDER BY send_at, id LIMIT 50")).all()
    assert any("ix_message_waiting_send_at" in str(line) for line in plan), plan
