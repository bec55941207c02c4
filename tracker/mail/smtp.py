"""How mail leaves: the only user of smtplib. What a mail's bytes look like stands in `mime.py`."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal, Protocol

from tracker.errors import MailRefused
from tracker.mail.mime import Outgoing

__all__ = ["CaptureTransport", "Connection", "Outgoing", "SmtpTransport", "Transport"]

CLOSING = 421  # RFC 5321 §3.8: the server is about to hang up
NO_SUCH_ADDRESS = (550, 551, 553)
NOT_SIGNED_IN = (530, 534, 535, 538)  # RFC 4954 §6: ours to put right, not the mail's fault


class Connection(Protocol):
    """An open way out, for several mails."""

    def send(self, mail: Outgoing) -> None:
        """Hand one mail over. Raises MailRefused, permanent or not."""


class Transport(Protocol):
    """How mail leaves. `captures`: it stays here, readable in Utboks."""

    @property
    def captures(self) -> bool: ...

    def connection(self) -> AbstractContextManager[Connection]:
        """A connection for a batch. Raises MailRefused (not permanent) when there is no way out now."""


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
        """Connect, secure and sign in. Raises MailRefused, never permanent: it says nothing of any mail."""
        try:
            return self._open()
        except (smtplib.SMTPException, OSError) as fault:
            raise MailRefused(_no_way_out(fault), permanent=False) from None

    def _open(self) -> smtplib.SMTP:
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
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


class _HungUp(Exception):
    """The server was gone before it had anything of this mail."""


class _Open:
    """A connection that is opened at once, reused, and opened again when the server has hung up."""

    def __init__(self, transport: SmtpTransport) -> None:
        self.transport = transport
        self.server: smtplib.SMTP | None = transport.open()
        self.no_way_out: MailRefused | None = None

    def send(self, mail: Outgoing) -> None:
        if not mail.to_address.isascii():
            raise MailRefused("Adressen har tegn som e-post ikke kan sendes til.", permanent=True)
        content = _stuffed(mail.as_bytes())
        try:
            self._hand_over(mail, content)
        except _HungUp:  # servers do after so many mails, or minutes
            self.close()
            try:
                self._hand_over(mail, content)
            except _HungUp:
                self.close()
                raise MailRefused("E-posttjeneren brøt forbindelsen.", permanent=False) from None

    def _hand_over(self, mail: Outgoing, content: bytes) -> None:
        server = self._opened()
        try:
            self._expect(250, server.mail(mail.from_address))
            self._expect(250, server.rcpt(mail.to_address), address=True)
            self._expect(354, server.docmd("data"))
        except smtplib.SMTPException:
            raise _HungUp from None
        try:
            server.send(content)
        except smtplib.SMTPException:
            self.close()
            raise MailRefused("E-posttjeneren brøt forbindelsen.", permanent=False) from None
        try:
            answer = server.getreply()
        except smtplib.SMTPException:
            self.close()
            raise MailRefused(
                "E-posttjeneren brøt forbindelsen før den svarte.", permanent=False, uncertain=True
            ) from None
        self._expect(250, answer)

    def _expect(self, code: int, answer: tuple[int, bytes], *, address: bool = False) -> None:
        """Raises MailRefused unless the server answered `code`; the connection serves the next mail."""
        got, said = answer
        if got == code or (address and got == 251):  # 251: it will forward it (RFC 5321 §3.4)
            return
        if got == CLOSING:
            self.close()
        elif self.server is not None:
            try:
                self.server.rset()
            except smtplib.SMTPException:
                self.close()
        raise _refused(got, said.decode("utf-8", "replace"), address=address)

    def _opened(self) -> smtplib.SMTP:
        """The connection, or a new one. When none can be had, it isn't tried again for every mail."""
        if self.no_way_out is not None:
            raise self.no_way_out
        if self.server is None:
            try:
                self.server = self.transport.open()
            except MailRefused as fault:
                self.no_way_out = fault
                raise
        return self.server

    def close(self) -> None:
        """Say goodbye, if anybody is still there."""
        if self.server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.server.quit()
            self.server.close()
            self.server = None


def _stuffed(content: bytes) -> bytes:
    """The content as DATA wants it: dots doubled at the start of lines, and the end (RFC 5321 §4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", content) + b".\r\n"


def _no_way_out(fault: Exception) -> str:
    """Why no connection could be had, in plain words."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return "E-posttjeneren godtar ikke brukernavnet og passordet."
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "Sertifikatet til e-posttjeneren er ikke gyldig."
    if isinstance(fault, (ssl.SSLError, smtplib.SMTPNotSupportedError)):
        return "E-posttjeneren tilbyr ikke krypteringen eller innloggingen som er valgt i innstillingene."
    if isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError):
        return "E-posttjeneren svarer ikke."
    return "Fikk ikke kontakt med e-posttjeneren."


def _refused(code: int, words: str, *, address: bool) -> MailRefused:
    """A server's answer in plain words: 5xx is for good (RFC 5321 §4.2.1)."""
    if code in NOT_SIGNED_IN:
        return MailRefused("E-posttjeneren krever innlogging (%(code)s).", permanent=False, code=code)
    if address and code in NO_SUCH_ADDRESS:
        return MailRefused("Adressen finnes ikke hos mottakeren (%(code)s).", permanent=True, code=code)
    if code >= 500:
        return MailRefused(
            "E-posttjeneren avviste e-posten (%(code)s: %(words)s).",
            permanent=True,
            code=code,
            words=" ".join(words.split())[:200],
        )
    return MailRefused("E-posttjeneren tar ikke imot e-posten nå (%(code)s).", permanent=False, code=code)
