"""Columns that a PDF flattened into spaces: what stands under Ansvar and Frist, beside its text.

    Sak       Innhold                                        Ansvar       Frist
    38/25     Oversikt over stillinger sendes                Alle         28.11.
              sekretariatet.

Each line is parted at the column of its head, so that the text reads on without what stands beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from tracker.minutes.document import Document, Line

_DIGITS = re.compile(r"\d+")
_CHUNK = re.compile(r"\S+(?: \S+)*")
_GAP = re.compile(r"(?:^\s*|(?<=\S)\s{2,})(?=\S)")
WIDEST = 400
"""The head of a table stands within so many characters of its line."""
_OWNER = re.compile(r"(?:ansvar\w*|hvem|kven|oppfølging|responsible|owner|action(?: by)?)(?:\s*/\s*\w+)?")
_OTHERS = re.compile(
    r"sak.*|nr\.?|innhold|innhald|tema.*|tekst|tiltak|vedtak|frist|når|item|due|deadline|hva|kva"
)
Asides = dict[int, list[tuple[int, int]]]
"""For a line (by its start): the places of what stands beside it."""


def parted(document: Document) -> tuple[list[Line], Asides]:
    """The lines without what stands in columns beside them, and where that is; only for plain text."""
    if document.format not in ("txt", "md"):
        return list(document.lines), {}
    lines: list[Line] = []
    asides: Asides = {}
    column = 0
    printed = Counter(_DIGITS.sub("0", line.text) for line in document.lines)
    for line in document.lines:
        begin = document.text.rfind("\n", 0, line.start) + 1
        end = document.text.find("\n", line.start)
        raw = document.text[begin : end if end >= 0 else len(document.text)].rstrip()
        head = _owner_column(raw) if line.kind in ("text", "item") else 0
        if head:
            column = head
            continue
        repeated = printed[_DIGITS.sub("0", line.text)] > 1  # the head or foot of a page
        if not column or line.cells or line.kind not in ("text", "item", "heading") or repeated:
            lines.append(line)
            continue
        cut = _gap_before(raw, column)
        if cut is None:
            lines.append(line)
            continue
        beside = [(begin + m.start(), begin + m.end()) for m in _CHUNK.finditer(raw, cut)]
        left = raw[line.start - begin : cut].rstrip() if cut > line.start - begin else ""
        if left:
            lines.append(replace(line, text=left))
            asides[line.start] = beside
        elif lines:
            asides.setdefault(lines[-1].start, []).extend(beside)
    return lines, asides


def _owner_column(raw: str) -> int:
    """Where the column of owners begins, if `raw` names columns that spaces set apart."""
    chunks = [(m.start(), m.group().lower().rstrip(":")) for m in _CHUNK.finditer(raw[:WIDEST])]
    named = [at for at, word in chunks if _OWNER.fullmatch(word)]
    others = sum(bool(_OTHERS.fullmatch(word)) for _, word in chunks)
    return named[0] if named and others and len(chunks) >= 2 and named[0] > 20 else 0


def _gap_before(raw: str, column: int) -> int | None:
    """The place in `raw` where the columns beside the text begin: behind a gap, near `column` or after it."""
    for match in _GAP.finditer(raw):
        if match.end() >= column - 4:
            return match.end()
    return None
