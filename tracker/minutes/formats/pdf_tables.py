"""Tables on a PDF page: by their drawn lines where there are any, else by words that stand in columns."""

from __future__ import annotations

import ctypes
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tracker.minutes.formats.pdf_words import TextLine, Word

NEAR = 4.0
"""Places this close (points) are the same column or rule."""
_MOST_OBJECTS = 20_000
_SIDES = 40
_DEPTH = 3
"""Groups in groups are looked into so far."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: the x of its vertical rules, and the y of its horizontal ones from below."""

    columns: list[float]
    rows: list[float]

    def holds(self, word: Word) -> bool:
        inside = self.columns[0] - NEAR < (word.left + word.right) / 2 < self.columns[-1] + NEAR
        return inside and self.rows[0] < word.middle < self.rows[-1]

    def cells(self, words: list[Word]) -> list[list[list[Word]]]:
        """The words of each cell, row by row from above."""
        wide, high = len(self.columns) - 1, len(self.rows) - 1
        table: list[list[list[Word]]] = [[[] for _ in range(wide)] for _ in range(high)]
        for word in words:
            column = min(max(bisect(self.columns, word.left + NEAR / 2) - 1, 0), wide - 1)
            row = min(max(bisect(self.rows, word.middle) - 1, 0), high - 1)
            table[high - 1 - row][column].append(word)
        return table


def grids(page: Any, raw: Any) -> list[Grid]:
    """The ruled tables of a page that is not turned, from above."""
    if raw.FPDFPage_CountObjects(page) > _MOST_OBJECTS:
        return []
    upright: list[tuple[float, float, float]] = []
    level: list[float] = []
    for left, low, right, high in _drawn(page, raw):
        wide, tall = right - left, high - low
        if tall < 3 and wide > 10:
            level.append((low + high) / 2)
        elif wide < 3 and tall > 5:
            upright.append(((left + right) / 2, low, high))
        elif wide > 10 and tall > 5:
            upright += [(left, low, high), (right, low, high)]
            level += [low, high]
    return [g for low, high in _stretches(upright) if (g := _grid(upright, level, low, high))]


def _drawn(page: Any, raw: Any) -> Iterator[tuple[float, float, float, float]]:
    """The boxes of the lines and boxes drawn on a page, and in groups on it: left, low, right, high."""
    left, low, right, high = (ctypes.c_float() for _ in range(4))
    groups = [(raw.FPDFPage_GetObject, page, raw.FPDFPage_CountObjects(page), 1)]
    left_over = _MOST_OBJECTS
    while groups and left_over > 0:
        get, holder, count, depth = groups.pop()
        left_over -= count
        for index in range(min(count, _MOST_OBJECTS)):
            part = get(holder, index)
            kind = raw.FPDFPageObj_GetType(part)
            if kind == raw.FPDF_PAGEOBJ_PATH and raw.FPDFPageObj_GetBounds(part, left, low, right, high):
                yield left.value, low.value, right.value, high.value
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
                groups.append(
                    (raw.FPDFFormObj_GetObject, part, raw.FPDFFormObj_CountObjects(part), depth + 1)
                )


def _stretches(upright: list[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """From where to where there are vertical rules, from above."""
    found: list[tuple[float, float]] = []
    for _, low, high in sorted(upright, key=lambda u: -u[2]):
        if found and high > found[-1][0] - NEAR:
            found[-1] = (min(found[-1][0], low), found[-1][1])
        else:
            found.append((low, high))
    return found


def _grid(
    upright: list[tuple[float, float, float]], level: list[float], low: float, high: float
) -> Grid | None:
    columns = _apart(x for x, a, b in upright if a > low - NEAR and b < high + NEAR)
    rows = _apart([low, high, *(y for y in level if low - NEAR < y < high + NEAR)])
    if not 3 <= len(columns) <= _SIDES or len(rows) < 2:
        return None
    return Grid(columns, rows)


def _apart(places: Any) -> list[float]:
    """Sorted, those that are near each other once."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > NEAR:
            found.append(place)
    return found


def columns_of(lines: list[TextLine], index: int) -> tuple[list[float], int]:
    """The columns of a table without rules that begins at `lines[index]`, and how many lines it has.

    At least two neighbouring lines must each have two parts that begin at the same places; lines between
    them may have one part, when that stands in a column other than the first: words that were wrapped.
    """
    columns = [s.left for s in lines[index].segments]
    count, full, last = 1, 1, 1
    for before, line in pairwise(lines[index:]):
        starts = [s.left for s in line.segments]
        if before.middle - line.middle > 3.5 * line.height:
            break
        shared = sum(_place(columns, s) is not None for s in starts)
        if len(starts) > 1 and shared >= max(2, len(starts) - 1):
            columns = _apart([*columns, *starts])
            full, last = full + 1, count + 1
        elif len(starts) == 1 and (_place(columns, starts[0]) or 0) > 0:
            last = count + 1
        else:
            break
        count += 1
    return (columns, last) if full > 1 and len(columns) <= _SIDES else ([], 0)


def rows_of(lines: list[TextLine], columns: list[float]) -> list[list[list[TextLine]]]:
    """The rows of a table without rules: for each column, the parts of lines that stand in it."""
    rows: list[list[list[TextLine]]] = []
    for line in lines:
        if len(line.segments) > 1 or not rows:
            rows.append([[] for _ in columns])
        for part in line.segments:
            place = _place(columns, part.left)
            place = bisect(columns, part.left) - 1 if place is None else place
            rows[-1][max(place, 0)].append(part)
    return rows


def _place(columns: list[float], left: float) -> int | None:
    at = bisect(columns, left + NEAR) - 1
    return at if at >= 0 and abs(columns[at] - left) <= NEAR else None
