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
from tests.mail.sink import DROP, Sink
from tests.mail.test_mime import MAIL
from tracker.errors import MailRefused
from tracker.mail.smtp import CaptureTransport, SmtpTransport

KARI = replace(MAIL, to_address="kari@elvedal.example", message_id="kari@x")
EVEN = replace(MAIL, to_address="even@elvedal.example", message_id="even@x")


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink.running() as opened:
        yield opened


def plain(server: Sink) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", server.port, security="none", timeout=5)


def test_a_batch_goes_over_one_connection(server: Sink) -> None:
    with plain(server).connection() as connection:
        for mail in (MAIL, KARI, EVEN):
            connection.send(mail)
    assert server.connections == 1
    assert server.recipients == [MAIL.to_address, KARI.to_address, EVEN.to_address]
    assert server.arrived[0].endswith(MAIL.as_bytes())


def test_a_line_that_is_a_dot_alone_ends_nothing(server: Sink) -> None:
    with plain(server).connection() as connection:
        connection.send(replace(MAIL, letter=replace(MAIL.letter, text="Først\n.\nSist\n")))
    text = next(server.mails[0].iter_parts()).get_content()
    assert text.splitlines() == ["Først", ".", "Sist"]


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
    with plain(server).connection() as connection:
        connection.send(MAIL)
        with pytest.raises(MailRefused) as refused:
            connection.send(KARI)
        connection.send(EVEN)
    assert (refused.value.permanent, str(refused.value)) == (permanent, reason)
    assert not refused.value.uncertain
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
    with plain(server).connection() as connection:
        with pytest.raises(MailRefused) as refused:
            connection.send(KARI)
        connection.send(EVEN)
    assert (refused.value.permanent, refused.value.uncertain) == (permanent, uncertain)
    assert server.recipients[-1] == EVEN.to_address
    assert "finnes ikke" not in str(refused.value)  # it was the words, not the address


def test_a_server_that_hangs_up_between_mails_is_called_again(server: Sink) -> None:
    server.hang_up_after = 1
    with plain(server).connection() as connection:
        for mail in (MAIL, KARI, EVEN):
            connection.send(mail)
    assert server.recipients == [MAIL.to_address, KARI.to_address, EVEN.to_address]
    assert server.connections == 3


def test_an_address_that_mail_cannot_hold_is_refused_for_good(server: Sink) -> None:
    with plain(server).connection() as connection:
        with pytest.raises(MailRefused) as refused:
            connection.send(replace(MAIL, to_address="bjørn@elvedal.example"))
        connection.send(KARI)
    assert refused.value.permanent
    assert server.recipients == [KARI.to_address]


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
        with right.connection() as connection:
            connection.send(MAIL)
            connection.send(KARI)
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
        with transport.connection() as connection:
            connection.send(MAIL)
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
    with CaptureTransport().connection() as connection:
        connection.send(MAIL)
        with pytest.raises(ValueError, match="line break"):
            connection.send(replace(MAIL, reply_to="a@b.example\nBcc: c@d.example"))
