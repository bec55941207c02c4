"""How mail leaves: the only user of smtplib, and what a mail's bytes look like."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal, Protocol

from tracker.errors import MailRefused
from tracker.mail.letters import Letter

# Without this the email package folds long List-Unsubscribe and References headers into =?utf-8?…, which
# breaks them (CALENDAR_AND_MAIL.md, Mail).
POLICY = SMTP.clone(max_line_length=998)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail ready to go. `message_id` and `thread` without brackets; `unsubscribe` an address or nothing."""

    letter: Letter
    to_name: str
    to_address: str
    from_name: str
    from_address: str
    reply_to: str
    message_id: str
    date: datetime
    thread: str = ""
    unsubscribe: str = ""

    def as_bytes(self) -> bytes:
        """RFC 5322, multipart/alternative, with the headers that CALENDAR_AND_MAIL.md asks for."""
        mail = EmailMessage(policy=POLICY)
        mail["From"] = _address(self.from_name, self.from_address)
        mail["To"] = _address(self.to_name, self.to_address)
        if self.reply_to:
            mail["Reply-To"] = _address("", self.reply_to)
        mail["Subject"] = " ".join(self.letter.subject.split())
        mail["Date"] = format_datetime(self.date)
        mail["Message-ID"] = f"<{self.message_id}>"
        if self.thread:
            mail["References"] = f"<{self.thread}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        if self.unsubscribe:
            mail["List-Unsubscribe"] = f"<{self.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        # base64 at once: letting the package weigh the encodings costs 1.8 ms a mail
        mail.set_content(self.letter.text, cte="base64")
        mail.add_alternative(self.letter.html, subtype="html", cte="base64")
        return mail.as_bytes()


class Connection(Protocol):
    """An open way out, for several mails."""

    def send(self, mail: Outgoing) -> None:
        """Hand one mail over. Raises MailRefused, permanent or not."""


class Transport(Protocol):
    """How mail leaves. `captures`: it stays here, readable in Utboks."""

    @property
    def captures(self) -> bool: ...

    def connection(self) -> AbstractContextManager[Connection]:
        """A connection for a batch. Raises MailRefused when there is no way out now."""


class _Captured:
    def send(self, mail: Outgoing) -> None:
        """Nothing leaves; the bytes are made all the same, so that what can't be made is found."""
        mail.as_bytes()


@dataclass(frozen=True, slots=True)
class CaptureTransport:
    """For trying out: mail stays in Utboks."""

    captures: bool = True

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        yield _Captured()


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """A mail server. `security`: "starttls" (587), "tls" (465) or "none" (a server on this machine)."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    timeout: float = 20.0
    trust: ssl.SSLContext | None = None
    captures: bool = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        opened = _Open(self)
        try:
            yield opened
        finally:
            opened.close()

    def open(self) -> smtplib.SMTP:
        """Connect, secure and sign in. Raises OSError and SMTPException."""
        trust = self.trust or ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=trust)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(context=trust)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


class _Open:
    """A connection that is opened at the first mail and again after a drop."""

    def __init__(self, transport: SmtpTransport) -> None:
        self.transport = transport
        self.server: smtplib.SMTP | None = None

    def send(self, mail: Outgoing) -> None:
        content = mail.as_bytes()
        try:
            if self.server is None:
                self.server = self.transport.open()
            self.server.sendmail(mail.from_address, [mail.to_address], content)
        except smtplib.SMTPRecipientsRefused as fault:
            code, said = fault.recipients[mail.to_address]
            self._reset()
            raise _refused(code, said) from None
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as fault:
            self._reset()
            raise _refused(fault.smtp_code, fault.smtp_error) from None
        except smtplib.SMTPAuthenticationError:
            self.close()
            raise MailRefused("E-posttjeneren godtar ikke brukernavn og passord.", permanent=False) from None
        except (smtplib.SMTPException, OSError) as fault:
            self.close()
            raise MailRefused(
                "Fikk ikke kontakt med e-posttjeneren (%(kind)s).", permanent=False, kind=type(fault).__name__
            ) from None

    def close(self) -> None:
        """Say goodbye, if anybody is still there."""
        if self.server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.server.quit()
            self.server = None

    def _reset(self) -> None:
        """Forget the mail that was refused; the connection serves the next one."""
        try:
            if self.server is not None:
                self.server.rset()
        except (smtplib.SMTPException, OSError):
            self.close()


def _refused(code: int, said: bytes | str) -> MailRefused:
    """A server's answer in plain words: 5xx is for good (RFC 5321 §4.2.1)."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    if code == 550:
        return MailRefused("Adressen finnes ikke hos mottakeren (%(code)s).", permanent=True, code=code)
    if code >= 500:
        return MailRefused(
            "E-posttjeneren avviste e-posten (%(code)s: %(words)s).",
            permanent=True,
            code=code,
            words=words[:200],
        )
    return MailRefused("E-posttjeneren er opptatt (%(code)s). Vi prøver igjen.", permanent=False, code=code)


def _address(name: str, address: str) -> Address:
    clean = " ".join(name.split())
    user, _, host = address.rpartition("@")
    return Address(display_name=clean, username=user, domain=host)
