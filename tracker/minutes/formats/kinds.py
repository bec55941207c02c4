"""What a file is, by its bytes, and who reads it.

The name only breaks ties: .md or .txt, a piece of HTML or of a mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tracker.errors import UnreadableDocument
from tracker.minutes.document import Document
from tracker.minutes.formats import refusals

Reader = Callable[[bytes, str], Document]

_PICTURES = (
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"RIFF",
    b"\x00\x00\x01\x00",
)
_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"MSCF")
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"%!PS",
    b"SQLite format 3",
    b"ID3",
    b"OggS",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|div|p|table|h[1-6]|ul|ol|span|article|section)[\s>/]",
    re.IGNORECASE,
)
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):")
_POSTAL = frozenset(
    (b"message-id", b"mime-version", b"received", b"return-path", b"delivered-to", b"dkim-signature")
)
_COMMON = frozenset((b"from", b"to", b"subject", b"date", b"cc", b"content-type"))


def opened(content: bytes, name: str) -> Document:
    """The document in `content`, or UnreadableDocument: nothing else comes out of here."""
    refusals.check_size(content)
    try:
        document = reader_of(content, name)(content, name)
    except UnreadableDocument:
        raise
    except (RecursionError, MemoryError) as error:
        raise refusals.too_heavy() from error
    if not document.lines:
        raise refusals.empty() if document.format in ("txt", "md") else refusals.without_text()
    if len(document.text) > refusals.CHARACTERS:
        raise refusals.too_long()
    if len(document.lines) > refusals.LINES:
        raise refusals.too_many_lines()
    return document


def reader_of(content: bytes, name: str) -> Reader:
    """The function that reads this kind of file. Each format is imported when the first file of it comes."""
    if b"%PDF-" in content[:1024]:
        from tracker.minutes.formats import pdf as format_  # noqa: PLC0415

        return format_.read
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    _refuse(content)
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _is_mail(start, name):
        from tracker.minutes.formats import eml  # noqa: PLC0415

        return eml.read
    if _is_markup(start, name):
        from tracker.minutes.formats import html  # noqa: PLC0415

        return html.read
    from tracker.minutes.formats import text  # noqa: PLC0415

    return text.read


def _zipped(content: bytes) -> Reader:
    from tracker.minutes.formats.archive import Archive  # noqa: PLC0415

    archive = Archive(content)
    if any(n.startswith("word/") for n in archive.names):
        from tracker.minutes.formats import docx  # noqa: PLC0415

        return docx.read
    if (archive.read("mimetype") or b"").startswith(b"application/vnd.oasis.opendocument.text"):
        from tracker.minutes.formats import odt  # noqa: PLC0415

        return odt.read
    office = any(n.startswith(("xl/", "ppt/")) or n == "content.xml" for n in archive.names)
    raise refusals.sheet_or_slides() if office else refusals.archive()


def _refuse(content: bytes) -> None:
    """Raise when the first bytes show a kind of file that is known and not read here."""
    if content.startswith(_OLE):
        raise _ole(content)
    if (
        content.startswith((rb"{\rtf", b"\xdb\xa5-\x00"))
        or b"schemas.microsoft.com/office/word/2003" in content[:2048]
    ):
        raise refusals.old_word()
    if content.startswith(_PICTURES) and b"\x00" in content[:512]:
        raise refusals.picture()
    if content.startswith(_PACKED) or content.startswith(b"PK\x05\x06"):
        raise refusals.archive()
    if content.startswith(_PROGRAMS) and (b"\x00" in content[:512] or content.startswith(b"%!PS")):
        raise refusals.wrong_type()
    if content[4:8] == b"ftyp":
        raise (
            refusals.picture()
            if content[8:12] in (b"heic", b"heix", b"mif1", b"avif")
            else refusals.wrong_type()
        )


def _ole(content: bytes) -> UnreadableDocument:
    """Word wraps an encrypted docx in the container that old .doc files, workbooks and .msg are."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refusals.protected()
    if "__substg1.0_".encode("utf-16-le") in content:
        return refusals.outlook_message()
    if any(n.encode("utf-16-le") in content for n in ("Workbook", "PowerPoint Document")):
        return refusals.sheet_or_slides()
    return refusals.old_word()


def _is_markup(start: bytes, name: str) -> bool:
    if start.startswith((b"<", b"<!--")):
        found = _MARKUP.search(start)
        if found and (found.start() == 0 or start.startswith((b"<?xml", b"<!"))):
            return True
        if start.startswith(b"<?xml"):
            raise refusals.wrong_type()
    return name.lower().endswith((".html", ".htm", ".xhtml")) and bool(_MARKUP.search(start))


def _is_mail(start: bytes, name: str) -> bool:
    """Whether the file begins with mail headers. Text copied out of a mail ("Fra: … Sendt: …") does not."""
    seen: set[bytes] = set()
    for number, line in enumerate(start.splitlines()):
        if not line.strip() or (line[:1] in (b" ", b"\t") and seen):
            if not line.strip():
                break
            continue
        found = _FIELD.match(line)
        if not found:
            if number == 0 and line.startswith(b"From "):
                continue
            break
        seen.add(found[1].lower())
    named = name.lower().endswith((".eml", ".mht", ".mhtml"))
    return bool(seen & _COMMON) and (bool(seen & _POSTAL) or (named and len(seen & _COMMON) > 1))
