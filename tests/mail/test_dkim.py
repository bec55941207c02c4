"""What we sign, somebody else verifies: dkimpy, with the public key as DNS would give it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import dkim as independent
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.mail import sink
from tests.mail.letters_to_see import letters
from tests.mail.test_mime import MAIL
from tracker.errors import Misconfigured
from tracker.mail import dkim
from tracker.mail.smtp import SmtpTransport
from tracker.mail.transport import unnoted
from tracker.program import open_program
from tracker.settings import Settings

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FROM = "oppfolging@elvedal.example"


def signer() -> dkim.Signer:
    return dkim.Signer("elvedal.example", "ny", RSA)


def dns(name: bytes, **_more: object) -> bytes:
    assert name == b"ny._domainkey.elvedal.example."
    public = RSA.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + b64encode(public)


def verified(content: bytes) -> bool:
    return bool(independent.verify(content, dnsfunc=dns))


@pytest.mark.parametrize("name", letters())
def test_every_letter_is_signed_so_that_others_can_verify_it(name: str) -> None:
    content = signer().sign(replace(MAIL, letter=letters()[name]).as_bytes())
    assert content.startswith(b"DKIM-Signature:")
    assert verified(content)
    assert max(map(len, content.split(b"\r\n\r\n")[0].split(b"\r\n"))) < 80
    assert not verified(content.replace(b"Subject: ", b"Subject: Re: ", 1))
    assert not verified(content.replace(b"MIME-Version", b"To: another@elvedal.example\r\nMIME-Version", 1))
    assert not verified(content.replace(b"\r\n--=_", b"\r\nHei\r\n--=_", 1))


def test_one_click_unsubscribing_is_signed() -> None:
    content = signer().sign(MAIL.as_bytes())
    signature = content.partition(b"From:")[0].replace(b"\r\n  ", b"")
    assert b":list-unsubscribe:list-unsubscribe-post:" in signature
    assert not verified(content.replace(b"/o/varsler/", b"/o/other/", 1))


@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", b"a  b\t c \r\n\r\n d\r\n\r\n\r\n", b"no end", b"\r\na"])
def test_odd_bodies(body: bytes) -> None:
    assert verified(signer().sign(b"From: a@elvedal.example\r\nSubject:  x\r\n\ty \r\n\r\n" + body))


def test_a_mail_on_its_way_is_signed() -> None:
    with sink.running() as server:
        transport = SmtpTransport("127.0.0.1", server.port, security="none", signer=signer())
        with transport.connection() as connection:
            assert list(connection.send([transport.pack(MAIL)], unnoted)) == [None]
        arrived = server.arrived[0].partition(b"X-RcptTo")[2].partition(b"\r\n")[2]
    arrived = arrived[arrived.index(b"DKIM-Signature") :]
    assert verified(arrived)


def key_file(folder: Path, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Path:
    place = folder / "dkim.pem"
    place.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return place


def test_the_settings_name_the_key(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, smtp_host="mail.example", mail_from=f"Oppfølging <{FROM}>",
        dkim_domain="elvedal.example", dkim_selector="ny", dkim_key=key_file(tmp_path, RSA),
    )  # fmt: skip
    program = open_program(settings)
    assert verified(program.transport.pack(MAIL).content)
    program.close()


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    place = key_file(tmp_path, ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(Misconfigured, match="må være RSA"):
        dkim.load("elvedal.example", "ny", place, FROM)


@pytest.mark.parametrize(
    ("domain", "selector", "content", "said"),
    [
        ("", "ny", None, "settes sammen"),
        ("elvedal.example", "", None, "settes sammen"),
        ("fjordvik.example", "ny", None, "passe sammen"),
        ("elvedal.example", "ny", b"not a key", "kan ikke leses"),
        ("elvedal.example", "ny", b"", "kan ikke leses"),
    ],
)
def test_wrong_settings_are_said(
    tmp_path: Path, domain: str, selector: str, content: bytes | None, said: str
) -> None:
    place = key_file(tmp_path, RSA)
    if content is not None:
        place.write_bytes(content)
    with pytest.raises(Misconfigured, match=said):
        dkim.load(domain, selector, place, FROM)
