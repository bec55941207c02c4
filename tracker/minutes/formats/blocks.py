"""Paragraphs and tables in the order a file gives them, as sheets: docx, html and odt share this.

A table row becomes one line with cells. A row that only arranges things (one cell, a cell that holds a
table, or a single filled cell of several paragraphs) is given as the lines it holds instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.minutes.document import Sheet
from tracker.minutes.formats import refusals
from tracker.minutes.formats.plain import MOST_CELLS

DEPTH = 40
"""Tables in tables in tables: nobody goes further."""
_STOPS = (".", ":", ";", "!", "?", ",", "–", "-")


@dataclass(slots=True)
class _Table:
    cells: list[list[Sheet]] | None = None
    """What the cells of the open row hold; None between rows."""
    row: int = 0
    covered: dict[int, int] = field(default_factory=dict)
    """Columns that a cell from above reaches down into, and the first row that is free again."""

    def fill(self) -> list[list[Sheet]]:
        """The open row, with empty cells where one from above reaches down."""
        cells = self.cells if self.cells is not None else []
        while self.covered.get(len(cells), 0) > self.row and len(cells) < MOST_CELLS:
            cells.append([])
        return cells


class Blocks:
    """Takes what a walk through a file meets, and keeps the lines in `sheets`."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._places = [self.sheets]
        self._tables: list[_Table] = []
        self._count = 0

    def add(self, *sheets: Sheet) -> None:
        """Lines that stand here, in a cell or not."""
        self._grow(len(sheets))
        self._places[-1].extend(sheets)

    def _grow(self, more: int) -> None:
        """Stop at once when no document can have so many lines and cells."""
        self._count += more
        if self._count > 3 * refusals.LINES:
            raise refusals.too_many_lines()

    def open_table(self) -> None:
        if len(self._tables) >= DEPTH:
            raise refusals.too_heavy()
        self._tables.append(_Table())

    def open_row(self) -> None:
        if self._tables:
            self._tables[-1].cells = []

    def open_cell(self, wide: int = 1, high: int = 1) -> None:
        """A cell begins. It may cover `wide` columns and `high` rows; the others it covers are empty."""
        table = self._tables[-1] if self._tables else None
        if table is None or table.cells is None:
            self._places.append(self._places[-1])
            return
        cells = table.fill()
        self._grow(max(1, min(wide, MOST_CELLS)))
        if len(cells) >= MOST_CELLS:
            self._places.append(cells[-1])
            return
        first = len(cells)
        cells += [[] for _ in range(max(1, min(wide, MOST_CELLS - first)))]
        if high > 1:
            table.covered.update(dict.fromkeys(range(first, len(cells)), table.row + high))
        self._places.append(cells[first])

    def close_cell(self) -> None:
        if len(self._places) > 1:
            self._places.pop()

    def close_row(self) -> None:
        table = self._tables[-1] if self._tables else None
        if table is None or table.cells is None:
            return
        cells, table.cells = table.fill(), None
        table.row += 1
        self.add(*_as_lines(cells))

    def close_table(self) -> None:
        self.close_row()
        if self._tables:
            self._tables.pop()


def _as_lines(cells: list[list[Sheet]]) -> list[Sheet]:
    filled = [c for c in cells if c]
    if not filled:
        return []
    arranges = len(cells) == 1 or (len(filled) == 1 and len(filled[0]) > 1)
    if arranges or any(s.kind == "row" for c in filled for s in c):
        return [sheet for cell in filled for sheet in cell]
    return [Sheet("", "row", cells=tuple(_joined(c) for c in cells), page=filled[0][0].page)]


def _joined(sheets: list[Sheet]) -> str:
    """The paragraphs of a cell: a reader sees where each begins, so something must part them."""
    words = ""
    for sheet in sheets:
        marker = sheet.marker + " " if sheet.marker[:1].isalnum() else ""
        text = marker + " ".join(sheet.text.split())
        words += (" " if words.endswith(_STOPS) else "; ") * bool(words) + text
    return words
