"""The running program's parts, wired from the settings: one of these per process."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracker import db
from tracker.clock import Clock, system_clock
from tracker.links import Links
from tracker.mail.mailboxes import Imap, Mailbox, Maildir
from tracker.mail.smtp import SmtpTransport
from tracker.mail.transport import CaptureTransport, Transport
from tracker.models import Message
from tracker.services import compose
from tracker.services.calendar_mails import AnswerAddress
from tracker.services.compose import Draft, Stopped
from tracker.services.virus import Scanner, scanner
from tracker.settings import MailServer, Settings

if TYPE_CHECKING:
    from tracker.mail.dkim import Signer


@dataclass(frozen=True)
class Program:
    """What entry points hand on: the register, how mail leaves, how links are made, what time it is.

    `readers`: sessions that can't change anything, on `reader`.
    """

    settings: Settings
    engine: Engine
    reader: Engine
    sessions: db.Sessions
    readers: db.Sessions
    links: Links
    signer: Signer | None
    clock: Clock
    scanner: Scanner

    @property
    def transport(self) -> Transport:
        """How mail leaves now."""
        return self.transport_to(self.settings.mail)

    def transport_to(self, server: MailServer, timeout: float | None = None) -> Transport:
        """How mail would leave by `server`. `timeout`: seconds, when it shall be shorter than usual."""
        if not server.host:
            return CaptureTransport()
        return SmtpTransport(
            host=server.host,
            port=server.port,
            security=server.security,
            user=server.user,
            password=server.password.get_secret_value(),
            timeout=min(timeout or self.settings.smtp_timeout, self.settings.smtp_timeout),
            signer=self.signer,
        )

    @property
    def mail_from(self) -> str:
        """The bare address that mail comes from."""
        return parseaddr(self.settings.mail.mail_from)[1]

    @property
    def answers_to(self) -> AnswerAddress | None:
        """The address that invitations are answered to, when there is a mailbox for that."""
        given = parseaddr(self.settings.replies_to)[1]
        return AnswerAddress(given, tagged=self.settings.replies_tagged) if given else None

    @property
    def own_addresses(self) -> list[str]:
        """What we send from: mail from there is our own."""
        return [self.mail_from, *([self.answers_to.address] if self.answers_to else [])]

    @property
    def mailboxes(self) -> list[Mailbox]:
        """Where answers come in."""
        return _mailboxes(self.settings)

    @property
    def captures_mail(self) -> bool:
        """Whether mail stays in Utboks because no mail server is set."""
        return not self.settings.mail.host

    @property
    def worker(self) -> str:
        """This process's name among those that share the outbox."""
        return f"{socket.gethostname()[:40]}:{os.getpid()}"

    def compose(self, session: Session, messages: Sequence[Message], now: datetime) -> list[Draft | Stopped]:
        """Write the mails whose turn has come."""
        return compose.compose_all(session, messages, now, self.links, self.mail_from, self.answers_to)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.reader.dispose()


def open_program(settings: Settings, clock: Clock = system_clock) -> Program:
    """Wire the parts, and bring the database up to date."""
    engine = db.open_engine(settings.database)
    db.migrate(engine)
    reader = db.open_reader(engine)
    return Program(
        settings=settings,
        engine=engine,
        reader=reader,
        sessions=db.sessions(engine),
        readers=db.sessions(reader),
        links=Links(keys=tuple(settings.signing_keys), url=settings.url),
        signer=_signer(settings),
        clock=clock,
        scanner=scanner(settings.virus_scan, settings.virus_scan_timeout),
    )


def _mailboxes(settings: Settings) -> list[Mailbox]:
    found: list[Mailbox] = []
    if settings.maildir is not None:
        found.append(Maildir(settings.maildir))
    if settings.imap_host:
        found.append(
            Imap(
                host=settings.imap_host,
                port=settings.imap_port,
                security=settings.imap_security,
                user=settings.imap_user,
                password=settings.mailbox_password,
                folder=settings.imap_folder,
                timeout=settings.imap_timeout,
            )
        )
    return found


def _signer(settings: Settings) -> Signer | None:
    """Who signs mail; its library is loaded only where there is a key."""
    if settings.dkim_key is None:
        return None
    from tracker.mail import dkim  # noqa: PLC0415

    address = parseaddr(settings.mail.mail_from)[1]
    return dkim.load(settings.dkim_domain, settings.dkim_selector, settings.dkim_key, address)
