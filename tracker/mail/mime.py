"""What a mail's bytes look like: RFC 5322, multipart/alternative, the headers of CALENDAR_AND_MAIL.md.

Written out here, since the `email` package spends a millisecond a mail on weighing encodings and folds long
List-Unsubscribe and References headers into "=?utf-8?…", which breaks them. A test reads every mail back
with that package.
"""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from tracker.mail.values import Letter

PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")  # RFC 5322 §3.2.3: a phrase without quotes
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LINE = 76  # characters of base64 in a line (RFC 2045 §6.8)
WORD = 39  # bytes in an encoded word: with the header's name it keeps within 76 characters


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar object that goes along, and what it asks for: "REQUEST" or "CANCEL" (RFC 6047 §2.4)."""

    content: str
    method: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail ready to go. Ids stand without brackets; `thread` ties the mails of a task together."""

    letter: Letter
    to_name: str
    to_address: str
    from_name: str
    from_address: str
    reply_to: str
    message_id: str
    date: datetime
    thread: str = ""
    calendar: CalendarPart | None = None

    def as_bytes(self) -> bytes:
        """The mail as it goes over the wire. Raises ValueError when a header would hold a line break."""
        boundary = f"=_{self.message_id.partition('@')[0]}"  # "=_" stands in no base64
        kind = "mixed" if self.calendar else "alternative"
        headers = {
            "From": _sender(self.from_name, self.from_address),
            "Reply-To": self.reply_to if self.reply_to.isascii() else "",
            "To": _mailbox(self.to_name, self.to_address),
            "Subject": _words(self.letter.subject),
            "Date": _date(self.date),
            "Message-ID": f"<{self.message_id}>",
            "References": f"<{self.thread}>" if self.thread else "",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",  # never All: it kills bounces
            **self.letter.headers,
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/{kind}; boundary="{boundary}"',
        }
        return _head(headers).encode("ascii") + self._parts(boundary)

    def _parts(self, boundary: str) -> bytes:
        """The letter twice, as text and as HTML; with a calendar, that as a third form of it and as a file.

        Outlook and Gmail show buttons for the third form, which must not look like a file; programs that
        don't know it show the file (CALENDAR_AND_MAIL.md).
        """
        letter = (
            _part('text/plain; charset="utf-8"', self.letter.text),
            _part('text/html; charset="utf-8"', self.letter.html),
        )
        if self.calendar is None:
            return _together(boundary, *letter)
        content, method = self.calendar.content, self.calendar.method
        inner = f"{boundary}_a"
        alternative = _together(
            inner, *letter, _part(f'text/calendar; charset="utf-8"; method={method}', content)
        )
        file = _part('application/ics; name="invite.ics"', content, 'attachment; filename="invite.ics"')
        head = f'Content-Type: multipart/alternative; boundary="{inner}"\r\n'.encode()
        return _together(boundary, head + alternative, file)


_date = lru_cache(maxsize=100)(format_datetime)  # a batch has one


def _together(boundary: str, *parts: bytes) -> bytes:
    """Parts of a multipart: each after a line with the boundary, and the line that ends them."""
    line = f"\r\n--{boundary}".encode()
    return b"".join(piece for part in parts for piece in (line, b"\r\n", part)) + line + b"--\r\n"


def _part(kind: str, content: str, disposition: str = "") -> bytes:
    """One part, with its headers. Base64 needs no weighing, and survives every server."""
    placed = f"Content-Disposition: {disposition}\r\n" if disposition else ""
    head = f"Content-Type: {kind}\r\n{placed}Content-Transfer-Encoding: base64\r\n\r\n"
    body = b64encode(content.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    full, rest = divmod(len(body), LINE)
    lines = struct.unpack(f"{LINE}s" * full + (f"{rest}s" if rest else ""), body)  # the quickest way to cut
    return head.encode() + b"\r\n".join(lines) + b"\r\n"


def _head(headers: Mapping[str, str]) -> str:
    """The headers that have a value, each on its line. Raises ValueError for one that would end early."""
    if CONTROL.search(".".join(headers.values()).replace("\r\n ", " ")):
        found = [name for name, value in headers.items() if CONTROL.search(value.replace("\r\n ", " "))]
        raise ValueError(f"{' and '.join(found)}: a line break or another control character")
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items() if value])


def _mailbox(name: str, address: str) -> str:
    """ "Berit Kampen via Oppfølging <oppfolging@…>", the name quoted or encoded where it must be."""
    name = " ".join(name.split())
    if not name:
        return address
    if not name.isascii():
        return f"{_words(name)}\r\n <{address}>"
    if not PLAIN.fullmatch(name):
        name = '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f"{name} <{address}>"


_sender = lru_cache(maxsize=1000)(_mailbox)  # a body's mails have one


def _words(text: str) -> str:
    """Text of a header: as it is, or as encoded words, each in a line of its own (RFC 2047 §2)."""
    text = " ".join(text.split())
    if text.isascii():
        return text
    rest, pieces = text.encode(), []
    while rest:
        end = WORD
        while end < len(rest) and rest[end] & 0xC0 == 0x80:  # never within a letter
            end -= 1
        pieces.append(rest[:end])
        rest = rest[end:]
    return "\r\n ".join(f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in pieces)
