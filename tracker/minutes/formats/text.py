"""Bytes as text, whatever wrote them: UTF-8, UTF-16, cp1252, or UTF-8 and cp1252 pasted together."""

from __future__ import annotations

import codecs
import re

from tracker.minutes.document import Document, from_text
from tracker.minutes.formats import refusals

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd\ufffe\uffff]")
_WINDOWS = tuple(bytes([n]).decode("cp1252", "ignore") or chr(n) for n in range(256))


def read(content: bytes, name: str) -> Document:
    """The document in the bytes of a text file. Raises UnreadableDocument when they are no text."""
    if len(content) > 4 * refusals.CHARACTERS:
        raise refusals.too_long()
    text = decoded(content)
    if len(text) > refusals.CHARACTERS:
        raise refusals.too_long()
    if 50 * len(_NOT_TEXT.findall(text)) > len(text):
        raise refusals.wrong_type()
    if text.count("\n") + text.count("\r") > 5 * refusals.LINES:
        raise refusals.too_many_lines()
    return from_text(text, format="md" if name.lower().endswith((".md", ".markdown")) else "txt")


def decoded(content: bytes, charset: str | None = None) -> str:
    """`content` as text, never failing. `charset` is what a mail says of it, believed when it fits."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if charset and (text := _as_declared(content, charset)) is not None:
        return text
    return content.decode(_wide(content) or "utf-8", "tracker-windows")


def _as_declared(content: bytes, charset: str) -> str | None:
    """Mail programs say iso-8859-1 or us-ascii and mean cp1252, or UTF-8; those are found out anyway."""
    if charset.lower().replace("_", "-") in ("us-ascii", "ascii", "iso-8859-1", "latin-1", "utf-8", "utf8"):
        return None
    try:
        text = codecs.decode(content, charset, "strict")
    except (LookupError, ValueError, TypeError):
        return None
    return text if isinstance(text, str) else None


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark shows by its zeros: every other byte in Western text."""
    probe = content[:4096]
    even, odd = probe[::2].count(0), probe[1::2].count(0)
    half = len(probe) // 2
    if half and len(content) % 2 == 0:
        if odd > half * 0.4 and even < half * 0.05:
            return "utf-16-le"
        if even > half * 0.4 and odd < half * 0.05:
            return "utf-16-be"
    return None


def _windows(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are taken as cp1252, one by one; so mixed files come out right."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding.lower().replace("_", "-").startswith("utf-16"):
        return "\ufffd", error.end
    return "".join(_WINDOWS[n] for n in error.object[error.start : error.end]), error.end


codecs.register_error("tracker-windows", _windows)
