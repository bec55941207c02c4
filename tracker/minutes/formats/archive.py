"""The parts of a docx or odt file, read with limits, and as XML that can't harm.

A member is never read further than its limit, whatever the archive says of its size; XML with a document
type (entities, external references) is refused before a parser sees it, for office programs write none.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from tracker.minutes.formats import refusals

if TYPE_CHECKING:
    from lxml import etree

MEMBERS = 3000
DIRECTORY = 1_000_000
"""Most bytes of a zip's table of contents: reading it costs memory before anything can be checked."""
PART = 32 * 1024 * 1024
"""Most bytes of one XML part when unpacked. 500 pages make about 10 MB."""
TOTAL = 512 * 1024 * 1024
RATIO = 250
"""Office XML packs 10–60 times; a megabyte that unpacks to more than 250 was made to harm."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    NotImplementedError,
)
_TYPES = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)


class Archive:
    """A zip file in memory."""

    def __init__(self, content: bytes) -> None:
        _check_directory(content)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN as error:
            raise refusals.damaged() from error
        self.names = frozenset(self._zip.namelist())
        members = self._zip.infolist()
        declared = sum(m.file_size for m in members)
        if len(members) > MEMBERS or declared > TOTAL:
            raise refusals.too_heavy()

    def read(self, name: str) -> bytes | None:
        """The bytes of a member, or None when there is none of that name."""
        if name not in self.names:
            return None
        info = self._zip.getinfo(name)
        if info.file_size > min(PART, max(1_000_000, RATIO * info.compress_size)):
            raise refusals.too_heavy()
        try:
            with self._zip.open(info) as member:
                data = member.read(PART + 1)
        except RuntimeError as error:  # a member with a password; NotImplementedError is one too
            raise (refusals.damaged() if type(error) is not RuntimeError else refusals.protected()) from error
        except _BROKEN as error:
            raise refusals.damaged() from error
        if len(data) > PART:
            raise refusals.too_heavy()
        return data

    def xml(self, name: str) -> etree._Element | None:
        """The root element of an XML part, or None when there is none of that name."""
        data = self.read(name)
        return None if data is None else parsed(data)


def parsed(data: bytes) -> etree._Element:
    """The root element of `data`: no entities, no network, no document type, no huge trees."""
    from lxml import etree  # noqa: PLC0415 - costs a text file nothing

    if any(mark in data for mark in _TYPES):
        raise refusals.unsafe()
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        full = getattr(error, "code", 0) == etree.ErrorTypes.ERR_NO_MEMORY
        raise (refusals.too_heavy() if full else refusals.damaged()) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise refusals.unsafe()
    return root


def _check_directory(content: bytes) -> None:
    """Refuse a table of contents that is too long to be read, by what the end of the file says of it."""
    place = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if place < 0 or len(content) - place < 22:
        raise refusals.damaged()
    entries, size = struct.unpack_from("<HL", content, place + 10)
    if entries > MEMBERS or size > DIRECTORY:
        raise refusals.too_heavy()
