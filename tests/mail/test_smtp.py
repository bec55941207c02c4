"""Handing mail over to a real server that takes it, refuses it, hangs up, or isn't there."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mail import sink
from tests.mail.certificate import make_certificate
from tests.mail.sink import DROP, HANG, Sink
from tests.mail.test_mime import MAIL
from tracker.errors import MailRefused
from tracker.mail.mime import Outgoing
from tracker.mail.smtp import SmtpTransport
from tracker.mail.transport import CaptureTransport, Envelope, Kept, unnoted

KARI = replace(MAIL, to_address="kari@elvedal.example", message_id="kari@x")
EVEN = replace(MAIL, to_address="even@elvedal.example", message_id="even@x")


@pytest.fixture(params=[True, False], ids=["pipelined", "one by one"])
def server(request: pytest.FixtureRequest) -> Iterator[Sink]:
    with sink.running(pipelining=request.param) as opened:
        yield opened


def plain(server: Sink, timeout: float = 5) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, security="none", timeout=timeout)


def send(transport: SmtpTransport, *mails: Outgoing) -> list[MailRefused | None]:
    """What came of each, sent over one connection."""
    with transport.connection() as connection:
        return list(connection.send([transport.pack(mail) for mail in mails], unnoted))


def test_a_batch_goes_over_one_connection(server: Sink) -> None:
    assert send(plain(server), MAIL, KARI, EVEN) == [None] * 3
    assert server.connections == 1
    assert server.recipients == [MAIL.to_address, KARI.to_address, EVEN.to_address]
    assert server.arrived[0].endswith(MAIL.as_bytes())


def test_a_line_that_is_a_dot_alone_ends_nothing(server: Sink) -> None:
    content = b"Subject: x\r\n\r\n.\r\n..\r\n.end\r\n"
    with plain(server).connection() as connection:
        assert list(connection.send([Envelope("a@x.example", "b@x.example", content)], unnoted)) == [None]
    assert server.arrived[0].endswith(content)


@pytest.mark.parametrize(
    ("answer", "permanent", "reason"),
    [
        ("450 4.2.1 mailbox busy", False, "E-posttjeneren tar ikke imot e-posten nå (450)."),
        ("421 4.3.2 shutting down", False, "E-posttjeneren tar ikke imot e-posten nå (421)."),
        ("550 5.1.1 no such user", True, "Adressen finnes ikke hos mottakeren (550)."),
        ("552 5.2.2 full", True, "E-posttjeneren avviste e-posten (552: 5.2.2 full)."),
        ("530 5.7.0 sign in", False, "E-posttjeneren krever innlogging (530)."),
        (DROP, False, "E-posttjeneren brøt forbindelsen."),
    ],
)
def test_one_address_is_refused_and_the_others_get_theirs(
    server: Sink, answer: str, permanent: bool, reason: str
) -> None:
    server.on_rcpt = lambda address: answer if address == KARI.to_address else None
    first, refused, last = send(plain(server), MAIL, KARI, EVEN)
    assert first is last is None
    assert refused is not None
    assert (refused.permanent, str(refused), refused.uncertain) == (permanent, reason, False)
    assert server.recipients == [MAIL.to_address, EVEN.to_address]


@pytest.mark.parametrize(
    ("answer", "permanent", "uncertain"),
    [
        ("451 4.3.0 try later", False, False),
        ("421 4.3.2 shutting down", False, False),
        ("554 5.7.1 looks like spam", True, False),
        ("550 5.7.1 policy", True, False),
        (DROP, False, True),
    ],
)
def test_the_words_are_refused_and_the_others_get_theirs(
    server: Sink, answer: str, permanent: bool, uncertain: bool
) -> None:
    server.on_data = lambda address: answer if address == KARI.to_address else None
    refused, last = send(plain(server), KARI, EVEN)
    assert refused is not None
    assert last is None
    assert (refused.permanent, refused.uncertain) == (permanent, uncertain)
    assert server.recipients[-1] == EVEN.to_address
    assert "finnes ikke" not in str(refused)  # it was the words, not the address


@pytest.mark.parametrize("words", [True, False], ids=["with the words", "before them"])
def test_a_server_that_hangs_is_left_when_the_time_is_out(server: Sink, words: bool) -> None:
    def hang(address: str) -> str | None:
        return HANG if address == KARI.to_address else None

    if words:
        server.on_data = hang
    else:
        server.on_rcpt = hang
    first, refused, last = send(plain(server, timeout=0.3), MAIL, KARI, EVEN)
    assert first is last is None
    assert refused is not None
    assert str(refused) == "E-posttjeneren svarer ikke."
    assert (refused.permanent, refused.uncertain) == (False, words)


def test_at_no_time_is_more_than_one_mail_in_doubt(server: Sink) -> None:
    """What came of a mail is told before the words of the next are let go."""
    server.on_rcpt = lambda address: "450 later" if address == KARI.to_address else None
    told: list[str] = []
    transport = plain(server)
    with transport.connection() as connection:
        mails = [transport.pack(mail) for mail in (MAIL, KARI, EVEN)]

        def before(number: int) -> Kept:
            told.append(f"before {number}")
            return lambda: told.append(f"kept {number}")

        for fault in connection.send(mails, before):
            told.append("refused" if fault else "taken")
            assert len(server.arrived) == told.count("taken")
    assert told == [
        "before 0", "kept 0", "taken", "before 1", "kept 1", "refused", "before 2", "kept 2", "taken",
    ]  # fmt: skip


def test_mails_are_made_two_ahead_and_one_that_cannot_be_made_holds_up_no_other(server: Sink) -> None:
    transport = plain(server)
    made: list[int] = []

    def mails() -> Iterator[Envelope | MailRefused]:
        for number, mail in enumerate([MAIL, MailRefused("Umulig.", permanent=True), KARI, EVEN]):
            made.append(number)
            yield mail if isinstance(mail, MailRefused) else transport.pack(mail)

    with transport.connection() as connection:
        sending = connection.send(mails(), unnoted)
        assert made == []
        assert next(sending) is None
        assert made == [0, 1, 2]
        assert [str(fault) if fault else None for fault in sending] == ["Umulig.", None, None]
    assert server.recipients == [MAIL.to_address, KARI.to_address, EVEN.to_address]


def test_a_mail_that_is_announced_and_then_left_is_not_sent(server: Sink) -> None:
    transport = plain(server)
    with transport.connection() as connection:
        sending = connection.send([transport.pack(MAIL), transport.pack(KARI)], unnoted)
        assert next(sending) is None
    with transport.connection() as connection:
        assert list(connection.send([transport.pack(EVEN)], unnoted)) == [None]
    assert server.recipients == [MAIL.to_address, EVEN.to_address]


def test_a_server_that_hangs_up_between_mails_is_called_again(server: Sink) -> None:
    server.hang_up_after = 1
    assert send(plain(server), MAIL, KARI, EVEN) == [None] * 3
    assert server.recipients == [MAIL.to_address, KARI.to_address, EVEN.to_address]
    assert server.connections == 3


@pytest.mark.parametrize(
    "address", ["bjørn@elvedal.example", "a> b@elvedal.example", "a\r\nDATA@x.example", ""]
)
@pytest.mark.parametrize("transport", [CaptureTransport(), SmtpTransport("mail.example")])
def test_an_address_that_mail_cannot_go_to_is_refused_for_good(
    address: str, transport: CaptureTransport | SmtpTransport
) -> None:
    with pytest.raises(MailRefused, match="Adressen har tegn") as refused:
        transport.pack(replace(MAIL, to_address=address))
    assert refused.value.permanent


def test_no_server_is_a_passing_trouble() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = SmtpTransport("127.0.0.1", taken.getsockname()[1], security="none", timeout=5)
        with (
            pytest.raises(MailRefused, match="Fikk ikke kontakt med e-posttjeneren") as refused,
            nobody.connection(),
        ):
            pass
    assert not refused.value.permanent


def test_a_server_that_says_nothing_is_a_passing_trouble() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        transport = SmtpTransport("127.0.0.1", silent.getsockname()[1], security="none", timeout=0.2)
        with (
            pytest.raises(MailRefused, match="E-posttjeneren svarer ikke") as refused,
            transport.connection(),
        ):
            pass
    assert not refused.value.permanent


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def secure(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_starttls_and_signing_in(secure: ssl.SSLContext, certificate: Path) -> None:
    options = {
        "tls_context": secure,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": sink.only(b"radet", b"riktig"),
    }
    with sink.running(**options) as server:
        right = SmtpTransport(
            "127.0.0.1", server.port, user="radet", password="riktig", timeout=5,
            trust=ssl.create_default_context(cafile=str(certificate)),
        )  # fmt: skip
        assert send(right, MAIL, KARI) == [None, None]
        assert server.recipients == [MAIL.to_address, KARI.to_address]
        with (
            pytest.raises(MailRefused, match="godtar ikke brukernavnet og passordet") as refused,
            replace(right, password="feil").connection(),
        ):
            pass
        assert not refused.value.permanent


def test_tls_from_the_first_byte(secure: ssl.SSLContext, certificate: Path) -> None:
    trust = ssl.create_default_context(cafile=str(certificate))
    with sink.running(implicit_tls=secure) as server:
        transport = SmtpTransport("127.0.0.1", server.port, security="tls", timeout=5, trust=trust)
        assert send(transport, MAIL) == [None]
        assert server.recipients == [MAIL.to_address]


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secure: ssl.SSLContext) -> None:
    with sink.running(tls_context=secure) as server:
        with (
            pytest.raises(MailRefused, match="Sertifikatet") as refused,
            SmtpTransport("127.0.0.1", server.port, timeout=5).connection(),
        ):
            pass
        assert not refused.value.permanent


def test_nothing_is_sent_in_the_open_when_starttls_is_asked_for(server: Sink) -> None:
    with (
        pytest.raises(MailRefused, match="tilbyr ikke krypteringen"),
        SmtpTransport("127.0.0.1", server.port, timeout=5).connection(),
    ):
        pass


def test_captured_mail_goes_nowhere_but_must_be_makeable() -> None:
    transport, told = CaptureTransport(), []
    with transport.connection() as connection:
        went = connection.send([transport.pack(MAIL)], lambda number: lambda: told.append(number))
        assert list(went) == [None]
    assert told == [0]
    with pytest.raises(ValueError, match="line break"):
        transport.pack(replace(MAIL, reply_to="a@b.example\nBcc: c@d.example"))
