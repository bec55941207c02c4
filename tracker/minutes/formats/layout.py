"""The lines of a format laid out as one text: each sheet gets its place, and the page reads well."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.minutes.document import Cell, Line, Sheet
from tracker.minutes.formats.plain import cleaned

LONG = 100
"""A paragraph with more characters is followed by a blank line; short ones ("Sted: …") stay together."""


def lay_out(sheets: Iterable[Sheet]) -> tuple[str, tuple[Line, ...]]:
    """The text and its lines. Sheets without words are left out."""
    parts: list[str] = []
    lines: list[Line] = []
    place = 0
    for sheet in sheets:
        tidy = _tidy(sheet)
        if tidy is None:
            continue
        gap = _gap(lines[-1], tidy) if lines else ""
        line, written = _placed(tidy, place + len(gap))
        parts += (gap, written)
        place += len(gap) + len(written)
        lines.append(line)
    return "".join(parts), tuple(lines)


def _tidy(sheet: Sheet) -> Sheet | None:
    if sheet.kind == "row":
        cells = tuple(_words(c) for c in sheet.cells)
        if not any(cells):
            return None
        return Sheet("", "row", cells=cells, page=sheet.page)
    text = _words(sheet.text)
    if not text:
        return None
    marker = _words(sheet.marker) or "-" if sheet.kind == "item" else ""
    return Sheet(text, sheet.kind, min(max(sheet.level, 0), 8), (), marker, sheet.page)


def _words(text: str) -> str:
    return " ".join(cleaned(text).split())


def _gap(before: Line, sheet: Sheet) -> str:
    apart = (
        sheet.kind == "heading"
        or (before.kind == "row") != (sheet.kind == "row")
        or (before.kind == sheet.kind == "text" and len(before.text) > LONG)
    )
    return "\n\n" if apart else "\n"


def _placed(sheet: Sheet, place: int) -> tuple[Line, str]:
    if sheet.kind == "row":
        return _row(sheet, place)
    before = "  " * sheet.level + sheet.marker + " " if sheet.kind == "item" else ""
    line = Line(
        sheet.text, place + len(before), sheet.kind, sheet.level, marker=sheet.marker, page=sheet.page
    )
    return line, before + sheet.text


def _row(sheet: Sheet, place: int) -> tuple[Line, str]:
    written = "\t".join(sheet.cells)
    text = written.strip("\t")
    start = place + len(written) - len(written.lstrip("\t"))
    cells = []
    for words in sheet.cells:
        cells.append(Cell(words, place if words else min(max(place, start), start + len(text))))
        place += len(words) + 1
    return Line(text, start, "row", cells=tuple(cells), page=sheet.page), written
