"""A mail that came in: whose it says it is, the calendars and words in it, and whether a machine wrote it.

Whatever comes is read, and nothing raises: what can't be made out is left empty. Nothing is ever answered, so
that no two machines can begin to write to each other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from tracker.mail.bounce import Undelivered, undelivered
from tracker.mail.mime import CalendarPart

LARGEST = 1_000_000  # bytes; an answer has some thousands
LONGEST_HEAD = 64 * 1024
MOST_PARTS = 100
DEEPEST = 10
MOST_CALENDARS = 5
LONGEST_HEADER = 2000  # characters; the time of reading addresses grows with the square of them
LONGEST_WORDS = 1000  # shown to the secretary
LONGEST_TEXT = 20_000

CALENDARS = ("text/calendar", "application/ics", "application/calendar", "text/x-vcalendar")
DELIVERED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")
QUOTED = re.compile(
    r"^\s*>|^_{5,}|^-{2,} ?(?:original|opprinnelig|opphavleg|forwarded|videresendt)"
    r"|^\s*\*?(?:fra|frå|from|von|från)\*?: .*|.{0,200}(?:skrev|skreiv|wrote).{0,100}:\s*$|^-- $",
    re.IGNORECASE,
)
FAILED_CHECK = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_ODD = (
    *(MessageError, HeaderParseError, LookupError, ValueError, TypeError, AttributeError, AssertionError),
    *(OverflowError, RecursionError),
)
"""What the standard library raises for mails that follow no rule, besides what it says it raises."""


class Machine(StrEnum):
    """Why a mail is held for one that a machine wrote."""

    BOUNCE = "bounce"  # a delivery report, or with nobody to answer to (RFC 3834 §2)
    LIST = "list"
    AUTO_REPLY = "auto_reply"


@dataclass(frozen=True, slots=True)
class Received:
    """A mail that came in. Addresses are in lower case, ids without brackets; empty: not said.

    `to`: everywhere it was delivered to. `words`: what the sender wrote, without what is quoted, cut short.
    `calendars`: the calendars in it, not those of mails within the mail. `doubtful`: the server that took it
    in found that it isn't from where it says (DMARC, RFC 8601), or it names several senders. `undelivered`:
    the mail that it reports didn't arrive. `whole`: it was small enough to be read; else only the head is.
    """

    message_id: str
    from_name: str
    from_address: str
    to: tuple[str, ...]
    refers_to: tuple[str, ...]
    subject: str
    date: datetime | None
    words: str
    calendars: tuple[CalendarPart, ...]
    machine: Machine | None
    doubtful: bool
    undelivered: Undelivered | None
    whole: bool


def opened(content: bytes) -> Received:
    """What is in a mail. Never raises."""
    whole = _small_enough(content)
    try:
        message = message_from_bytes(content if whole else content[:LONGEST_HEAD])
        parts = list(_leaves(message, DEEPEST)) if whole else []
    except _ODD:
        message, parts, whole = Message(), [], False
    senders = _addresses(message, ("from",))
    name, address = senders[0] if senders else ("", "")
    return Received(
        message_id=_id(_header(message, "message-id")),
        from_name=name,
        from_address=address,
        to=tuple(dict.fromkeys(found for _, found in _addresses(message, DELIVERED))),
        refers_to=_ids(_header(message, "in-reply-to"), _header(message, "references")),
        subject=_header(message, "subject"),
        date=_date(_header(message, "date")),
        words=_words(parts),
        calendars=_calendars(parts),
        machine=_machine(message, address),
        doubtful=len(senders) > 1 or bool(FAILED_CHECK.search(_header(message, "authentication-results"))),
        undelivered=_undelivered(message) if whole else None,
        whole=whole,
    )


def _small_enough(content: bytes) -> bool:
    head = re.search(rb"\r?\n\r?\n", content[:LONGEST_HEAD])
    return (
        len(content) <= LARGEST
        and (head is not None or len(content) < LONGEST_HEAD)
        and content.lower().count(b"content-type:") <= MOST_PARTS
    )


def _leaves(part: Message, depth: int) -> Iterator[Message]:
    """The parts with content, in order. Mails within the mail are not opened: those are not the sender's."""
    if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
        if depth:
            for inner in part.get_payload():
                if isinstance(inner, Message):
                    yield from _leaves(inner, depth - 1)
    elif part.get_content_maintype() != "message":
        yield part


def _header(message: Message, name: str) -> str:
    """The first header of this name, in one line, decoded."""
    return next(_headers(message, (name,)), "")


def _headers(message: Message, names: tuple[str, ...]) -> Iterator[str]:
    for key, raw in message.raw_items():
        if key.lower() in names:
            yield _unencoded(str(raw)[:LONGEST_HEADER])


def _unencoded(raw: str) -> str:
    text = _storable(raw)
    if "=?" in text:
        with suppress(*_ODD):
            text = _storable(str(make_header(decode_header(text))))
    return " ".join(text.split())


def _storable(raw: str) -> str:
    """Text that a database takes: bytes that `email` left as they are (PEP 383) are read as UTF-8, other
    halves of surrogates become question marks, and zeros go."""
    try:
        content = raw.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        content = raw.encode("utf-8", "replace")
    return content.decode("utf-8", "replace").replace("\x00", "")


def _addresses(message: Message, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names and addresses in the headers of these names. They are taken apart before they are decoded."""
    raw = [str(value)[:LONGEST_HEADER] for key, value in message.raw_items() if key.lower() in names]
    with suppress(*_ODD):
        pairs = getaddresses([" ".join(line.split()) for line in raw[:20]])
        return [
            (_unencoded(name)[:200], _storable(found).lower()[:254]) for name, found in pairs if "@" in found
        ]
    return []


def _id(value: str) -> str:
    return value.strip("<> ")[:300]


def _ids(*values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"<([^<>\s]{1,300})>", " ".join(values))))


def _date(value: str) -> datetime | None:
    with suppress(*_ODD):
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _machine(message: Message, sender: str) -> Machine | None:
    """Whether a machine wrote it (RFC 3834 §5 and what mail programs did before it)."""
    kind, report = "", ""
    with suppress(*_ODD):
        kind, report = message.get_content_type(), str(message.get_param("report-type", ""))
    if (kind == "multipart/report" and report) or _header(message, "return-path") == "<>":
        return Machine.BOUNCE
    if sender.partition("@")[0] in ("mailer-daemon", "postmaster") or "x-failed-recipients" in message:
        return Machine.BOUNCE
    precedence = _header(message, "precedence").lower()
    if "list-id" in message or "list-post" in message or precedence == "list":
        return Machine.LIST
    automatic = _header(message, "auto-submitted").lower().partition(";")[0].strip()
    marked = any(name in message for name in ("x-autoreply", "x-autorespond", "x-autoresponder"))
    if marked or automatic not in ("", "no") or precedence in ("auto_reply", "bulk", "junk"):
        return Machine.AUTO_REPLY
    return None


def _undelivered(message: Message) -> Undelivered | None:
    with suppress(*_ODD):
        return undelivered(message)
    return None


def _calendars(parts: list[Message]) -> tuple[CalendarPart, ...]:
    """Each calendar once, those that are part of the letter before those beside it as files."""
    found: dict[str, CalendarPart] = {}
    chosen = [part for part in parts if _is_calendar(part)]
    for part in sorted(chosen, key=lambda part: part.get_content_type() != "text/calendar"):
        content, method = _content(part), ""
        with suppress(*_ODD):
            method = str(part.get_param("method", "")).strip().upper()
        if content.strip() and len(found) < MOST_CALENDARS:
            found.setdefault("".join(content.split()), CalendarPart(content, method))
    return tuple(found.values())


def _is_calendar(part: Message) -> bool:
    with suppress(*_ODD):
        name = str(part.get_filename() or "").lower()
        return part.get_content_type() in CALENDARS or name.endswith((".ics", ".ical"))
    return False


def _content(part: Message) -> str:
    with suppress(*_ODD):
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            return _decoded(content, part.get_content_charset() or "")
    return ""


def _decoded(content: bytes, charset: str) -> str:
    """Text, whatever its charset is said to be: what is good UTF-8 is that, and hardly ever anything else."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        charset, tried = "utf-16", ["utf-16"]
    else:
        tried = ["utf-8-sig", charset, "cp1252"]
    for name in tried:
        with suppress(*_ODD):
            return _storable(content.decode(name))
    return _storable(content.decode("latin-1"))


def _words(parts: list[Message]) -> str:
    """What the sender wrote above what they answer to."""
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                text = _content(part)[:LONGEST_TEXT]
                return _own(_without_tags(text) if kind == "text/html" else text)
    return ""


def _without_tags(page: str) -> str:
    begins = page.lower().find("<body")
    lines = re.sub(r"<(?:br|/p|/div|/tr)\b[^<>]*>", "\n", page[max(begins, 0) :], flags=re.IGNORECASE)
    return html.unescape(re.sub(r"<[^<>]*>", " ", lines))


def _own(text: str) -> str:
    kept: list[str] = []
    for line in text.splitlines():
        if QUOTED.match(line[:400]):
            break
        kept.append(" ".join(line.split()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()[:LONGEST_WORDS]
