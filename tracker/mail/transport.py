"""What a way out for mail is: by a server (`smtp.py`), or nowhere, for trying out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from tracker.errors import MailRefused
from tracker.mail.mime import Outgoing

SENDABLE = re.compile(r"[!-;=?-~]{3,254}")  # ASCII that is seen, without the brackets of a path

Kept = Callable[[], None]  # comes back when a note is kept for good
Before = Callable[[int], Kept]


def unnoted(_number: int) -> Kept:
    """For mails of which nobody keeps account."""
    return lambda: None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail as SMTP wants it: from whom, to whom, and its bytes."""

    from_address: str
    to_address: str
    content: bytes


class Connection(Protocol):
    """An open way out, for several mails."""

    def send(self, mails: Iterable[Envelope | MailRefused], before: Before) -> Iterator[MailRefused | None]:
        """Hand mails over, in order; for each comes None once it is taken, or why it was not.

        They are asked for one by one, two ahead of the one that is sent; one that couldn't be made stands as
        the reason. `before(number)` begins to note that mail `number` is the one in doubt, after what came of
        the one before has been yielded; its words are let go once what it gives has come back. So at any time
        no more than one mail is in doubt.
        """


class Transport(Protocol):
    """How mail leaves. `captures`: it stays here, readable in Utboks."""

    @property
    def captures(self) -> bool: ...

    def pack(self, mail: Outgoing) -> Envelope:
        """The mail's bytes. Raises MailRefused for an address that mail can't go to, else ValueError."""

    def connection(self) -> AbstractContextManager[Connection]:
        """A connection for a batch. Raises MailRefused (not permanent) when there is no way out now."""


class _Captured:
    def send(self, mails: Iterable[Envelope | MailRefused], before: Before) -> Iterator[MailRefused | None]:
        """Nothing leaves."""
        for number, mail in enumerate(mails):
            if isinstance(mail, MailRefused):
                yield mail
            else:
                before(number)()
                yield None


@dataclass(frozen=True, slots=True)
class CaptureTransport:
    """For trying out: mail stays in Utboks."""

    captures: bool = True

    def pack(self, mail: Outgoing) -> Envelope:
        """The bytes are made although nothing leaves, so that what can't be made is found."""
        return packed(mail)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        yield _Captured()


def packed(mail: Outgoing) -> Envelope:
    """The mail's bytes. Raises MailRefused for an address that mail can't go to, else ValueError."""
    if not SENDABLE.fullmatch(mail.to_address):
        raise MailRefused("Adressen har tegn som e-post ikke kan sendes til.", permanent=True)
    return Envelope(mail.from_address, mail.to_address, mail.as_bytes())
