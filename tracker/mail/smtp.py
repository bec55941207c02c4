"""How mail leaves by SMTP. What its bytes look like stands in `mime.py`, why it isn't taken in `refusals.py`.

Where the server offers PIPELINING (RFC 2920), a mail's MAIL, RCPT and DATA go with the words of the mail
before it: one write and one wait a mail. In that wait the mail after those two is made.
"""

from __future__ import annotations

import smtplib
import ssl
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

from tracker.errors import MailRefused
from tracker.mail.mime import Outgoing
from tracker.mail.refusals import (
    BROKE,
    BROKE_UNANSWERED,
    CLOSING,
    SILENT,
    Answer,
    good,
    no_way_out,
    refused,
    refused_at,
    timed_out,
)
from tracker.mail.transport import Before, Connection, Envelope, packed

if TYPE_CHECKING:
    from tracker.mail.dkim import Signer


@dataclass(frozen=True, slots=True)
class SmtpTransport:
    """A mail server. `security`: "starttls" (587), "tls" (465) or "none" (a server on this machine).

    `signer`: signs what goes (DKIM), where there is a key.
    """

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    timeout: float = 20.0
    trust: ssl.SSLContext | None = None
    signer: Signer | None = None
    captures: bool = False

    def pack(self, mail: Outgoing) -> Envelope:
        plain = packed(mail)
        return replace(plain, content=self.signer.sign(plain.content)) if self.signer else plain

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
            raise MailRefused(no_way_out(fault), permanent=False) from None

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


class _Open:
    """A connection that is opened at once, reused, and opened again when the server has hung up.

    `announced`: the mail whose MAIL, RCPT and DATA are sent, and not answered yet.
    """

    def __init__(self, transport: SmtpTransport) -> None:
        self.transport = transport
        self.server: smtplib.SMTP | None = transport.open()
        self.no_way_out: MailRefused | None = None
        self.announced: Envelope | None = None

    def send(self, mails: Iterable[Envelope | MailRefused], before: Before) -> Iterator[MailRefused | None]:
        rest, number = iter(mails), 0
        ready = deque(islice(rest, 2))
        while ready:
            mail = ready.popleft()
            try:
                if isinstance(mail, MailRefused):
                    raise mail
                self._begin(mail, before, number)
                self._let_go(mail, ready[0] if ready else None)
                ready.extend(islice(rest, 1))
                self._taken()
            except MailRefused as fault:
                yield fault
            else:
                yield None
            ready.extend(islice(rest, 2 - len(ready)))
            number += 1

    def _begin(self, mail: Envelope, before: Before, number: int) -> None:
        """All that comes before its words: the note is written while the server answers."""
        kept = before(number)
        try:
            self._announce(mail)
        finally:
            kept()

    def _announce(self, mail: Envelope) -> None:
        """Tell from whom and to whom, and be told to go on. Raises MailRefused."""
        try:
            return self._ask(mail)
        except (smtplib.SMTPException, OSError) as fault:
            self.close()
            if timed_out(fault):
                raise MailRefused(SILENT, permanent=False) from None
        try:
            self._ask(mail)  # servers hang up after so many mails, or minutes
        except (smtplib.SMTPException, OSError) as fault:
            self.close()
            raise MailRefused(SILENT if timed_out(fault) else BROKE, permanent=False) from None

    def _ask(self, mail: Envelope) -> None:
        server = self._opened()
        commands = _commands(mail)
        answers: list[Answer] = []
        pipelining = server.has_extn("pipelining")
        if pipelining and self.announced is not mail:
            server.send(b"".join(commands))
        self.announced = None
        for command in commands:
            if not pipelining:
                server.send(command)
            answers.append(server.getreply())
            if answers[-1][0] == CLOSING or not (pipelining or good(answers)):
                break
        if good(answers):
            return
        fault = refused_at(answers)
        self._start_over(answers)
        raise fault

    def _start_over(self, answers: list[Answer]) -> None:
        """Leave a mail that was refused, so that the connection serves the next."""
        if answers[-1][0] == CLOSING or self.server is None:
            self.close()
            return
        try:
            if answers[-1][0] == 354:  # it waits for words although nobody is to have them (RFC 2920 §3.1)
                self.server.send(b".\r\n")
                self.server.getreply()
            self.server.rset()
        except smtplib.SMTPException:
            self.close()

    def _let_go(self, mail: Envelope, following: Envelope | MailRefused | None) -> None:
        """Send the words, and with them what announces the next mail. Raises MailRefused."""
        server = self._opened()
        ahead = b""
        if isinstance(following, Envelope) and server.has_extn("pipelining"):
            ahead, self.announced = b"".join(_commands(following)), following
        try:
            server.send(_stuffed(mail.content) + ahead)
        except (smtplib.SMTPException, OSError) as fault:
            raise self._unanswered(fault) from None

    def _taken(self) -> None:
        """Wait for the word that the mail is taken. Raises MailRefused when it isn't."""
        try:
            code, words = self._opened().getreply()
        except (smtplib.SMTPException, OSError) as fault:
            raise self._unanswered(fault) from None
        if code == CLOSING:
            self.close()
        if code != 250:
            raise refused(code, words, address=False)

    def _unanswered(self, fault: Exception) -> MailRefused:
        """The words are let go, and nobody knows whether they arrived."""
        self.close()
        said = SILENT if timed_out(fault) else BROKE_UNANSWERED
        return MailRefused(said, permanent=False, uncertain=True)

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
        server, self.server, waiting, self.announced = self.server, None, self.announced, None
        if server is not None:
            if waiting is None:
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
            server.close()


def _commands(mail: Envelope) -> list[bytes]:
    lines = (f"MAIL FROM:<{mail.from_address}>", f"RCPT TO:<{mail.to_address}>", "DATA")
    return [f"{line}\r\n".encode("ascii") for line in lines]


def _stuffed(content: bytes) -> bytes:
    """The content as DATA wants it: dots doubled at the start of lines, and the end (RFC 5321 §4.5.2)."""
    if b"\n." in content[: content.rfind(b".") + 1]:  # the last dot is found at once, and base64 has none
        content = content.replace(b"\n.", b"\n..")
    return content + b".\r\n"  # it begins with a header, never with a dot
