"""Mail from a maildir and from an IMAP server: read once, kept until its transaction is done, never lost."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from tests.cast import Cast
from tests.conftest import NOW
from tests.mail.fake_imap import PASSWORD, USER, Account, serving
from tests.services.mornings import SetClock
from tracker import db
from tracker.errors import MailboxUnreachable
from tracker.links import Links
from tracker.mail.mailboxes import AT_ONCE, Done, Imap, Mailbox, Maildir
from tracker.mail.received import LARGEST
from tracker.models import Outcome, ReceivedMail
from tracker.services import replies

OWN = ["svar@elvedal.example"]


def mail(number: int, words: str = "Ja.") -> bytes:
    return f"From: kari.oremo@elvedal.example\r\nMessage-ID: <{number}@x>\r\n\r\n{words}\r\n".encode()


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    return Maildir(tmp_path / "Maildir")


def collect(engine: Engine, mailbox: Mailbox, links: Links) -> int:
    return replies.collect(db.sessions(engine), [mailbox], OWN, SetClock(NOW), links)


def words(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(ReceivedMail.said).order_by(ReceivedMail.id)))


def test_a_maildir_is_read_once_and_its_mail_moved(
    engine: Engine, session: Session, cast: Cast, links: Links, maildir: Maildir
) -> None:
    for number in range(3):
        (maildir.place / "new" / f"100{number}.M1.host").write_bytes(mail(number, f"Ja {number}."))
    (maildir.place / "new" / ".hidden").write_bytes(b"x")
    assert collect(engine, maildir, links) == 3
    assert words(session) == ["Ja 0.", "Ja 1.", "Ja 2."]
    assert sorted(path.name for path in (maildir.place / "cur").iterdir()) == [
        f"100{number}.M1.host:2,S" for number in range(3)
    ]
    assert (maildir.place / "cur" / "1000.M1.host:2,S").read_bytes() == mail(0, "Ja 0.")
    assert collect(engine, maildir, links) == 0


@dataclass
class Faulty:
    """A mailbox in which one thing is no mail at all."""

    done: list[int] = field(default_factory=list)

    def waiting(self) -> Iterator[tuple[bytes, Done]]:
        for number, content in enumerate([mail(0, "Ja 0."), None, mail(2, "Ja 2.")]):
            yield content, partial(self.done.append, number)  # type: ignore[misc]


def test_what_fails_stays_and_hinders_nothing(
    engine: Engine, session: Session, cast: Cast, links: Links
) -> None:
    mailbox = Faulty()
    with capture_logs() as logs:
        assert collect(engine, mailbox, links) == 2
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "mail could not be taken in"
    ]
    assert words(session) == ["Ja 0.", "Ja 2."]
    assert mailbox.done == [0, 2]


def test_a_crash_after_the_transaction_brings_the_mail_again_and_it_counts_once(
    engine: Engine, session: Session, cast: Cast, links: Links, maildir: Maildir
) -> None:
    (maildir.place / "new" / "1").write_bytes(mail(1))
    content, _done = next(iter(maildir.waiting()))  # taken in, and then the power goes
    with db.sessions(engine).begin() as other:
        replies.receive(other, content, OWN, NOW, links)
    assert collect(engine, maildir, links) == 1
    assert words(session) == ["Ja."]
    assert not list((maildir.place / "new").iterdir())


def test_much_mail_is_read_in_turns_and_the_largest_is_cut(
    engine: Engine, session: Session, cast: Cast, links: Links, maildir: Maildir
) -> None:
    assert len(list(maildir.waiting())) == 0
    for number in range(AT_ONCE + 5):
        (maildir.place / "new" / f"{number:04}").write_bytes(mail(number))
    assert len(list(maildir.waiting())) == AT_ONCE
    (maildir.place / "new" / "0000").write_bytes(mail(0) + b"x" * (3 * LARGEST))
    content, _done = next(iter(maildir.waiting()))
    assert len(content) == LARGEST + 1
    with db.sessions(engine).begin() as other:
        row = replies.receive(other, content, OWN, NOW, links)
        assert row.outcome is Outcome.TOO_LARGE
        assert len(row.content or b"") == LARGEST


def test_a_folder_that_is_no_maildir_is_told_of(engine: Engine, links: Links, tmp_path: Path) -> None:
    with pytest.raises(MailboxUnreachable):
        collect(engine, Maildir(tmp_path / "none"), links)


@pytest.fixture
def account() -> Iterator[Account]:
    with serving(Account(mails={3: mail(3, "Ja 3."), 7: mail(7, "Ja 7.")}, seen={1})) as opened:
        yield opened


def imap(account: Account) -> Imap:
    return Imap("127.0.0.1", USER, PASSWORD, account.port, security="none", timeout=5)


def test_an_imap_account_is_read_and_marked_after_the_transaction(
    engine: Engine, session: Session, cast: Cast, links: Links, account: Account
) -> None:
    assert collect(engine, imap(account), links) == 2
    assert words(session) == ["Ja 3.", "Ja 7."]
    assert account.seen == {1, 3, 7}
    assert account.signed_out == 1
    account.mails[9] = mail(3, "Ja 3.")  # the same mail once more
    assert collect(engine, imap(account), links) == 1
    assert words(session) == ["Ja 3.", "Ja 7."]


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"])
def test_an_imap_server_that_says_no_loses_nothing(
    engine: Engine, session: Session, cast: Cast, links: Links, account: Account, command: str
) -> None:
    account.refuses = command
    with pytest.raises(MailboxUnreachable):
        collect(engine, imap(account), links)
    account.refuses = ""
    assert account.seen == {1}
    collect(engine, imap(account), links)
    assert words(session) == ["Ja 3.", "Ja 7."]


def test_nobody_answers(engine: Engine, links: Links) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Account(port=taken.getsockname()[1])
        with pytest.raises(MailboxUnreachable):
            collect(engine, imap(nobody), links)


def test_a_mail_of_a_megabyte_and_more_comes_cut(
    engine: Engine, session: Session, cast: Cast, links: Links, account: Account
) -> None:
    account.mails = {5: mail(5) + b"x" * (2 * LARGEST)}
    collect(engine, imap(account), links)
    session.rollback()
    row = session.scalars(select(ReceivedMail)).one()
    assert row.outcome is Outcome.TOO_LARGE
    assert row.received_at == NOW
