"""DKIM signatures (RFC 6376), by RSA as every receiver knows it: from our domain, and not changed since."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tracker.errors import Misconfigured

# What a reader sees or a mail program acts on. RFC 8058 §4 wants the List- headers signed.
SIGNED = (
    "from", "reply-to", "to", "subject", "date", "message-id", "references", "auto-submitted",
    "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type",
)  # fmt: skip
ONCE = ("from", "subject", "to")  # named once more than they stand: nobody can add another one
SMALLEST_KEY = 1024  # bits; RFC 8301 §3.2
_HEADER = re.compile(rb"([!-9;-~]+):((?:[^\r]|\r\n[ \t])*)\r\n")
_SPACE = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for a domain. The public key stands in DNS at `<selector>._domainkey.<domain>`."""

    domain: str
    selector: str
    key: rsa.RSAPrivateKey

    def sign(self, content: bytes) -> bytes:
        """The mail with its signature before it."""
        head, _, body = content.partition(b"\r\n\r\n")
        found = {name.lower().decode(): value for name, value in _HEADER.findall(head + b"\r\n")}
        names = [name for name in SIGNED if name in found]
        listed = [*names, *ONCE]
        rows = ":\r\n  ".join(":".join(listed[start : start + 4]) for start in range(0, len(listed), 4))
        unsigned = (
            f" v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" h={rows};\r\n"
            f" bh={_base64(sha256(_relaxed_body(body)).digest())};\r\n b="
        )
        lines = [_relaxed(name, found[name]) for name in names]
        lines.append(_relaxed("dkim-signature", unsigned.encode()))
        signature = _base64(self.key.sign(b"\r\n".join(lines), padding.PKCS1v15(), hashes.SHA256()))
        folded = "\r\n  ".join(signature[start : start + 72] for start in range(0, len(signature), 72))
        return f"DKIM-Signature:{unsigned}{folded}\r\n".encode() + content


def load(domain: str, selector: str, place: Path, mail_from: str) -> Signer:
    """The signer of the settings. Raises Misconfigured."""
    for word in (domain, selector):
        if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", word):
            raise Misconfigured("dkim_domain og dkim_selector må settes sammen med dkim_key.")
    host = mail_from.rpartition("@")[2].lower()
    if host != domain.lower() and not host.endswith(f".{domain.lower()}"):
        raise Misconfigured(
            "dkim_domain er %(domain)s, men mail_from er i %(host)s. De må passe sammen.",
            domain=domain, host=host,
        )  # fmt: skip
    try:
        key = serialization.load_pem_private_key(place.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as fault:
        raise Misconfigured("Nøkkelen i dkim_key (%(place)s) kan ikke leses.", place=place) from fault
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SMALLEST_KEY:
        raise Misconfigured("Nøkkelen i dkim_key (%(place)s) må være RSA, 1024 bit eller mer.", place=place)
    return Signer(domain, selector, key)


def _relaxed(name: str, value: bytes) -> bytes:
    """A header as it is signed: unfolded, one space between words (RFC 6376 §3.4.2)."""
    return name.encode() + b":" + _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip()


def _relaxed_body(body: bytes) -> bytes:
    """The body as it is signed: no white space at line ends, no empty lines at the end (§3.4.4)."""
    if b"  " in body or b"\t" in body or b" \r\n" in body:
        body = b"\r\n".join(_SPACE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n"))
    body = re.sub(rb"(?:\r\n)+\Z", b"", body)
    return body + b"\r\n" if body else b""


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
