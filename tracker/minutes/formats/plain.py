"""Plain text and Markdown as lines. The text is kept, so each span is a place in what was sent in.

Every pattern looks at the beginning of a line only, or at a single character: time is linear in length.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from tracker.minutes.document import Cell, Line, Sheet
from tracker.minutes.formats.markers import split_marker

MOST_CELLS = 60
"""A line with more columns than this is no table row that anybody made."""

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NEVER = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_LONE = re.compile("[\ud800-\udfff]")
_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_QUOTE = re.compile(r"(?:>[ \t]?){1,20}")
_SEPARATOR = frozenset("-:|+= \t")
_PIPE = re.compile(r"\\.|(\|)", re.DOTALL)


def cleaned(text: str) -> str:
    """`text` with "\\n" for every line break and nothing that a register or a page can't hold."""
    if text.isprintable():  # so are most lines of a docx or pdf, and none of these characters is
        return text
    text = _BREAKS.sub("\n", text.removeprefix("\ufeff"))
    return _LONE.sub("\ufffd", _NEVER.sub(" ", text))


def lines_of(text: str, *, markdown: bool = True) -> tuple[Line, ...]:
    """The lines of a cleaned text. Without `markdown`, only list markers and tabs mean something."""
    reading = _Reading(markdown)
    place = 0
    for raw in text.split("\n"):
        if raw and not raw.isspace():
            reading.take(raw, place)
        else:
            reading.blank()
        place += len(raw) + 1
    return tuple(reading.lines)


def loose(text: str, page: int | None = None) -> list[Sheet]:
    """The lines of a paragraph of a docx, html or odt file, where people type markers and tabs by hand."""
    bare = text.strip()
    if not any(sign in text for sign in "\n\t") and not split_marker(bare)[0]:
        return [Sheet(bare, page=page)] if bare else []  # so are most paragraphs
    return [
        Sheet(n.text, n.kind, n.level, tuple(c.text for c in n.cells), n.marker, page)
        for n in lines_of(text, markdown=False)
    ]


class _Reading:
    """What the lines so far mean for the next one: open lists by indentation, and whether a table is open."""

    def __init__(self, markdown: bool) -> None:
        self.markdown = markdown
        self.lines: list[Line] = []
        self._indents: list[int] = []
        self._adjacent = False
        self._piped = False

    def blank(self) -> None:
        self._adjacent = self._piped = False

    def take(self, raw: str, place: int) -> None:
        bare = raw.strip()
        if self.markdown and self._underlines(bare):
            return
        start = place + len(raw) - len(raw.lstrip())
        line = self._line(raw, bare, start, place)
        if line.kind != "item" and start == place:
            self._indents.clear()
        self.lines.append(line)
        self._adjacent = True

    def _line(self, raw: str, bare: str, start: int, place: int) -> Line:
        if self.markdown and (line := self._marked_up(bare, start)):
            return line
        marker, offset = split_marker(bare)
        if "\t" in raw and (cells := self._tab_cells(raw, bare, place, offset)):
            return Line(bare, start, "row", cells=cells)
        if marker:
            level = self._level(raw)
            return Line(bare[offset:], start + offset, "item", level, marker=marker)
        return Line(bare, start)

    def _marked_up(self, bare: str, start: int) -> Line | None:
        if bare[0] == ">" and (quoted := _quoted(bare, start)):
            return quoted
        if bare[0] == "#" and (heading := _HEADING.match(bare)):
            words = bare[heading.end() :].rstrip("#").rstrip() or bare[heading.end() :]
            return Line(words, start + heading.end(), "heading", len(heading[1]) - 1)
        if (bare[0] == "|" or self._piped) and (cells := _pipe_cells(bare, start)):
            self._piped = True
            return Line(bare, start, "row", cells=cells)
        self._piped = False
        return None

    def _underlines(self, bare: str) -> bool:
        """A line that only draws: under a Markdown table's head, or under a heading. It is no line itself."""
        if bare[0] not in "-=|:+" or len(bare) < 3 or not _SEPARATOR.issuperset(bare):
            return False
        before = self.lines[-1] if self._adjacent else None
        if "|" in bare or "+" in bare:
            if before and before.kind == "text" and (cells := _pipe_cells(before.text, before.start)):
                self.lines[-1] = replace(before, kind="row", cells=cells)
            self._piped = "|" in bare
            return "---" in bare or "|" in bare
        drawn = bare.strip("=") == "" or (bare.strip("-") == "" and before and _as_wide(before.text, bare))
        if drawn and before and before.kind == "text":
            self.lines[-1] = replace(before, kind="heading", level=0 if bare[0] == "=" else 1)
            return True
        return False

    def _tab_cells(self, raw: str, bare: str, place: int, offset: int) -> tuple[Cell, ...]:
        """The cells of a tab row, or none: an indented line, a list item or "Sted:⇥Rådhuset" is no row."""
        inside = bare[offset:]
        if "\t" not in inside:
            if offset:
                return ()
            in_table = self._adjacent and self.lines[-1].kind == "row"
            if not (raw.rstrip(" ").endswith("\t") or in_table):
                return ()
        elif offset and not bare[0].isalnum():
            return ()
        if raw.count("\t") >= MOST_CELLS:
            return ()
        cells = _tabbed(raw, place)
        named = [c for c in cells if c.text]
        if len(named) == 2 and len(cells) <= 4 and named[0].text.endswith(":"):
            return ()
        return _within(cells, place + len(raw) - len(raw.lstrip()), place + len(raw.rstrip()))

    def _level(self, raw: str) -> int:
        """The depth of an item: how many open items begin further left."""
        indent = len(raw[: len(raw) - len(raw.lstrip())].expandtabs(4))
        while self._indents and self._indents[-1] >= indent:
            self._indents.pop()
        self._indents.append(indent)
        return len(self._indents) - 1


def _quoted(bare: str, start: int) -> Line | None:
    mark = _QUOTE.match(bare)
    words = bare[mark.end() :].lstrip() if mark else ""
    if not mark or not words:
        return None
    return Line(words, start + len(bare) - len(words), "quoted", mark[0].count(">") - 1)


def _tabbed(raw: str, place: int) -> tuple[Cell, ...]:
    cells = []
    for part in raw.split("\t"):
        cells.append(_cell(part, place))
        place += len(part) + 1
    return tuple(cells)


def _pipe_cells(bare: str, start: int) -> tuple[Cell, ...]:
    """The cells of "| a | b |" or "a | b" (\\| is part of a cell)."""
    if not 0 < bare.count("|") <= MOST_CELLS:
        return ()
    cuts = [m.start() for m in _PIPE.finditer(bare) if m[1]]
    edges = [-1, *cuts, len(bare)]
    if cuts and cuts[0] == 0:
        edges.pop(0)
    if cuts and cuts[-1] == len(bare) - 1:
        edges.pop()
    pairs = list(pairwise(edges))
    if not cuts or (len(pairs) < 2 and not (bare[0] == "|" and bare[-1] == "|")):
        return ()
    return tuple(_cell(bare[a + 1 : b], start + a + 1) for a, b in pairs)


def _cell(part: str, place: int) -> Cell:
    return Cell(part.strip(), place + (len(part) - len(part.lstrip()) if not part.isspace() else 0))


def _within(cells: tuple[Cell, ...], first: int, last: int) -> tuple[Cell, ...]:
    """Empty cells at the edges are put inside their line, so that a line holds all its cells."""
    return tuple(c if c.text else Cell("", min(max(c.start, first), last)) for c in cells)


def _as_wide(above: str, drawn: str) -> bool:
    return abs(len(above) - len(drawn)) <= 2
