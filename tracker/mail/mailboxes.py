"""Where mail comes in: a folder in the maildir format, or an account on an IMAP server (the sole imaplib).

A mail is read, and marked as read only when its reader says so: whatever happens in between, it comes again.
Nothing is deleted.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

from tracker.errors import MailboxUnreachable
from tracker.mail.received import LARGEST

AT_ONCE = 200  # mails a run; the rest comes with the next

Done = Callable[[], None]


class Mailbox(Protocol):
    """A place that mail comes to."""

    def waiting(self) -> Iterator[tuple[bytes, Done]]:
        """Mails that haven't been read, at most `AT_ONCE`, and what marks each as read.

        Of one that is larger than `LARGEST` only so much comes, and a byte. Raises MailboxUnreachable.
        """


def read_up_to_the_largest(source: BinaryIO) -> bytes:
    """What comes from a pipe, cut as `Mailbox.waiting` does; the rest is read and dropped."""
    content = source.read(LARGEST + 1)
    while source.read(LARGEST):
        pass
    return content


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder with `new` and `cur` in it (maildir(5)): a mail that is read moves to `cur`."""

    place: Path

    def waiting(self) -> Iterator[tuple[bytes, Done]]:
        with _reachable():
            (self.place / "new").stat()
            names = sorted(path.name for path in (self.place / "new").glob("[!.]*"))
            (self.place / "cur").mkdir(exist_ok=True)
        for name in names[:AT_ONCE]:
            path = self.place / "new" / name
            with suppress(FileNotFoundError):  # another worker has just read it
                with path.open("rb") as file:
                    content = file.read(LARGEST + 1)
                yield content, partial(self._read, path)

    def _read(self, path: Path) -> None:
        with _reachable(), suppress(FileNotFoundError):
            path.rename(self.place / "cur" / f"{path.name.partition(':')[0]}:2,S")


@dataclass(frozen=True, slots=True)
class Imap:
    """An account (RFC 3501). `security`: "tls" (993), "starttls" (143) or "none" (on this machine)."""

    host: str
    user: str
    password: str
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"
    timeout: float = 20.0
    trust: ssl.SSLContext | None = None

    def waiting(self) -> Iterator[tuple[bytes, Done]]:
        with _reachable():
            server = self._opened()
        try:
            with _reachable():
                unread = self._unread(server)
            for number in unread[:AT_ONCE]:
                with _reachable():
                    content = self._content(server, number)
                if content is not None:
                    yield content, partial(self._mark, server, number)
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()

    def _opened(self) -> imaplib.IMAP4:
        trust = self.trust or ssl.create_default_context()
        server: imaplib.IMAP4
        if self.security == "tls":
            server = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=trust, timeout=self.timeout)
        else:
            server = imaplib.IMAP4(self.host, self.port, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(trust)
            server.login(self.user, self.password)
            quoted = self.folder.replace("\\", r"\\").replace('"', r"\"")
            _check(server.select(f'"{quoted}"'))
        except BaseException:
            server.shutdown()
            raise
        return server

    def _unread(self, server: imaplib.IMAP4) -> list[str]:
        found = _check(server.uid("SEARCH", "UNSEEN"))
        return [number.decode("ascii") for number in (found[0] or b"").split()]

    def _content(self, server: imaplib.IMAP4, number: str) -> bytes | None:
        """The mail, left unread; None when somebody has deleted it meanwhile."""
        found = _check(server.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST + 1}>)"))
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), None)

    def _mark(self, server: imaplib.IMAP4, number: str) -> None:
        with _reachable():
            _check(server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))


@contextmanager
def _reachable() -> Iterator[None]:
    """What goes wrong on the way to the mailbox, in words: MailboxUnreachable."""
    try:
        yield
    except (imaplib.IMAP4.error, OSError) as fault:
        said = re.sub(r"\s+", " ", str(fault))[:200]  # one line, for a log
        raise MailboxUnreachable("Kan ikke lese postkassen: %(fault)s", fault=said) from None


def _check(answer: tuple[str, Any]) -> list[Any]:
    """What the server gave. Raises IMAP4.error when it said no."""
    said, found = answer[0], list(answer[1])
    if said != "OK":
        raise imaplib.IMAP4.error(b" ".join(part for part in found if part).decode("utf-8", "replace"))
    return found
