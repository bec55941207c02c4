"""Mails: the head in Norwegian words, then the text, or the minutes that are attached to a short letter."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from tracker.errors import UnreadableDocument
from tracker.minutes.document import Document, Sheet, compose, from_text
from tracker.minutes.formats import html, refusals
from tracker.minutes.formats.text import decoded

SHORT = 700
"""A letter of fewer characters than this only covers what is attached to it."""

_LONGEST_HEADER = 4000
_LONGEST_PARSED = 600
"""Characters of a header like Content-Type that are parsed: its time grows with the square of them."""
_LONGEST_HEAD = 256 * 1024
_MOST_PARTS = 200
_HEADS = (("from", "Fra"), ("date", "Sendt"), ("to", "Til"), ("cc", "Kopi"), ("subject", "Emne"))
_DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
_MONTHS = (
    *("januar", "februar", "mars", "april", "mai", "juni", "juli"),
    *("august", "september", "oktober", "november", "desember"),
)
_OSLO = ZoneInfo("Europe/Oslo")
_READABLE = (".docx", ".pdf", ".odt", ".doc")
_MINUTES = re.compile(r"referat|protokoll|møtebok|m.tebok|minutes|vedtak", re.IGNORECASE)
_ODD = (MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
"""What the standard library raises for mails that follow no rule, besides what it says it raises."""


_registry = HeaderRegistry()


@lru_cache(maxsize=64)  # the standard library parses a header anew each time it is asked for
def _header(name: str, value: str) -> BaseHeader:
    header: BaseHeader = _registry(name, value[:_LONGEST_PARSED])
    return header


_POLICY = policy.default.clone(header_factory=_header)


def read(content: bytes, name: str) -> Document:  # noqa: ARG001 - every format is called alike
    """The document in a mail: its text, or the minutes attached."""
    head = re.search(rb"\r?\n\r?\n", content[: _LONGEST_HEAD + 4])
    if (not head and len(content) > _LONGEST_HEAD) or content.lower().count(b"content-type:") > _MOST_PARTS:
        raise refusals.too_heavy()  # the standard library's parser takes minutes over such things
    try:
        message = message_from_bytes(content, policy=_POLICY)
    except _ODD as error:
        raise refusals.damaged() from error
    if not isinstance(message, EmailMessage):
        raise refusals.damaged()
    heads = _heads(message)
    sent = _sent(heads.get("date", ""))
    body = _body(message, heads, sent)
    iso = sent.date().isoformat() if sent else None
    if len(body.text) < SHORT and (attached := _attached(message)):
        return replace(attached, sent=iso)
    return replace(body, sent=iso, title=heads.get("subject") or None)


def _heads(message: EmailMessage) -> dict[str, str]:
    """The headers people read, decoded. Taken raw: parsing them whole is slow and may fail."""
    heads: dict[str, str] = {}
    for key, value in message.raw_items():
        if key.lower() in dict(_HEADS) and key.lower() not in heads:
            heads[key.lower()] = _decoded(str(value)[:_LONGEST_HEADER])
    return heads


def _decoded(raw: str) -> str:
    raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "tracker-windows")
    text = raw
    if "=?" in raw:
        with suppress(HeaderParseError, *_ODD):
            text = str(make_header(decode_header(raw)))
    return " ".join(text.replace('"', "").split())


def _sent(raw: str) -> datetime | None:
    """The time of a Date header, as the clocks in Oslo showed it."""
    with suppress(*_ODD, OverflowError):
        moment = parsedate_to_datetime(raw)
        return moment if moment.tzinfo is None else moment.astimezone(_OSLO)
    return None


def _head_lines(heads: dict[str, str], sent: datetime | None) -> list[str]:
    lines = []
    for key, word in _HEADS:
        value = heads.get(key, "")
        if key == "date" and sent:
            value = f"{_DAYS[sent.weekday()]} {sent.day}. {_MONTHS[sent.month - 1]} {sent.year} {sent:%H:%M}"
        if value:
            lines.append(f"{word}: {value}")
    return lines


def _body(message: EmailMessage, heads: dict[str, str], sent: datetime | None) -> Document:
    plain, markup = _part(message, "plain"), _part(message, "html")
    lines = _head_lines(heads, sent)
    if plain is None or not plain.strip():
        sheets = html.sheets(markup) if markup else []
        return compose([*(Sheet(line) for line in lines), *sheets], format="eml")
    return from_text("\n".join([*lines, "", plain]), format="eml")


def _part(message: EmailMessage, kind: str) -> str | None:
    """The text of the part of this kind (plain, html), or None."""
    with suppress(*_ODD):
        part = message.get_body(preferencelist=(kind,))
        if part is None or not isinstance(part, EmailMessage):
            return None
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            return None
        if len(content) > 5 * refusals.CHARACTERS:
            raise refusals.too_long()
        text = decoded(content, part.get_content_charset())
        return _unfolded(text) if part.get_param("format") == "flowed" else text
    return None


def _unfolded(text: str) -> str:
    """Lines that a mail program broke for width (RFC 3676: they end in a space), put together again."""
    lines: list[str] = []
    open_ = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if open_ and not line.startswith(">"):
            lines[-1] += line
        else:
            lines.append(line)
        open_ = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(lines)


def _attached(message: EmailMessage) -> Document | None:
    """The first attachment that can be read, those named like minutes first."""
    from tracker.minutes.formats.kinds import opened  # noqa: PLC0415 - kinds imports this module

    found: list[tuple[bool, bytes, str]] = []
    with suppress(*_ODD):
        for part in message.iter_attachments():
            name = str(part.get_filename() or "")
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and name.lower().endswith(_READABLE):
                found.append((not _MINUTES.search(name), content, name))
    for _, content, name in sorted(found[:20], key=lambda f: f[0]):
        with suppress(UnreadableDocument):
            return opened(content, name)
    return None
