"""PDF: the text layer, put in reading order by position. PDFium renders nothing and follows nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker.minutes.document import Document, Sheet, compose
from tracker.minutes.formats import refusals
from tracker.minutes.formats.pdf_flow import (
    Block,
    Measure,
    begins,
    block,
    measure,
    paragraphs,
    running,
)
from tracker.minutes.formats.pdf_tables import Grid, columns_of, grids, rows_of
from tracker.minutes.formats.pdf_words import TextLine, Word, lines_from, words_of

_ON_A_PAGE = 60_000
"""Characters on one page: more are no page of text (A3 in 4 points holds about 40,000)."""
_PASSWORD = 4
"""FPDF_ERR_PASSWORD"""


@dataclass(slots=True)
class _Page:
    number: int
    letters: int
    lines: list[TextLine]
    tables: list[tuple[Grid, list[Word]]] = field(default_factory=list)


def read(content: bytes, name: str) -> Document:  # noqa: ARG001 - every format is called alike
    """The document in a PDF file."""
    import pypdfium2  # noqa: PLC0415 - costs a text file nothing

    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == _PASSWORD
        raise (refusals.protected() if locked else refusals.damaged()) from error
    try:
        return _document(pdf, pypdfium2.raw)
    except pypdfium2.PdfiumError as error:
        raise refusals.damaged() from error
    finally:
        pdf.close()


def _document(pdf: Any, raw: Any) -> Document:
    count = len(pdf)
    if count > refusals.PAGES:
        raise refusals.too_many_pages(count)
    pages: list[_Page] = []
    size, letters, pictures = (595.0, 842.0), 0, False
    for index in range(count):
        page = pdf[index]
        size = page.get_size()
        found = _page(page, raw, index + 1, size)
        letters += found.letters
        if letters > refusals.CHARACTERS:
            raise refusals.too_long()
        pictures = pictures or (letters < 4 * count and _has_picture(page, raw))
        pages.append(found)
        page.close()
    if letters < 4 * count and pictures:
        raise refusals.scanned()
    title = " ".join((pdf.get_metadata_value("Title") or "").split())[:300]
    return compose(_sheets(pages, size), format="pdf", pages=count, title=title or None)


def _page(page: Any, raw: Any, number: int, size: tuple[float, float]) -> _Page:
    textpage = page.get_textpage()
    if raw.FPDFText_CountChars(textpage) > _ON_A_PAGE:
        raise refusals.too_heavy()
    turned = page.get_rotation()
    words = words_of(textpage, raw, turned, size)
    textpage.close()
    letters = sum(len(w.text) for w in words)
    lines = lines_from(words, number)
    if turned or sum(len(n.words) > 1 for n in lines) < 2:
        return _Page(number, letters, lines)
    tables = [(g, inside) for g in grids(page, raw) if (inside := [w for w in words if g.holds(w)])]
    if not tables:
        return _Page(number, letters, lines)
    taken = {id(w) for _, inside in tables for w in inside}
    return _Page(number, letters, lines_from((w for w in words if id(w) not in taken), number), tables)


def _has_picture(page: Any, raw: Any) -> bool:
    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _sheets(pages: list[_Page], size: tuple[float, float]) -> Iterator[Sheet]:
    edges = running([p.lines for p in pages], size[1])
    body = [[n for n in p.lines if id(n) not in edges] for p in pages]
    usual = measure((n for lines in body for n in lines), size[0])
    flow = _Flow(usual)
    for page, lines in zip(pages, body, strict=True):
        heads = [Sheet(n.text, "header", page=page.number) for n in page.lines if id(n) in edges]
        if page.number == 1:  # later they follow the page, so as not to cut a paragraph in two
            yield from heads
        yield from flow.page(page, lines)
        yield from heads if page.number > 1 else ()
    yield from flow.end()


class _Flow:
    """Makes sheets of a page's lines and tables; a block stays open until something else begins."""

    def __init__(self, usual: Measure) -> None:
        self._usual = usual
        self._open: Block | None = None
        self._indents: list[float] = []

    def page(self, page: _Page, lines: list[TextLine]) -> Iterator[Sheet]:
        tables = sorted(page.tables, key=lambda t: -t[0].rows[-1])
        index = 0
        while index < len(lines) or tables:
            if tables and (index >= len(lines) or tables[0][0].rows[-1] > lines[index].middle):
                yield from self.end()
                yield from self._ruled(*tables.pop(0), page.number)
                continue
            count = 0
            if len(_parts(lines[index])) > 1:
                until = tables[0][0].rows[-1] if tables else 0.0
                table = [n for n in lines[index : index + 200] if n.middle > until]
                columns, count = columns_of(table, 0)
            if count:
                yield from self.end()
                for row in rows_of(lines[index : index + count], columns):
                    yield self._row([*row], columns, page.number)
            else:
                yield from self._line(lines[index])
            index += count or 1

    def _line(self, line: TextLine) -> Iterator[Sheet]:
        if self._open and self._open.takes(line, self._usual):
            return
        yield from self.end()
        if len(parts := _parts(line)) > 2:
            yield Sheet("", "row", cells=tuple(p.text for p in parts), page=line.page)
        else:
            self._open = block(line)

    def end(self) -> Iterator[Sheet]:
        """The open block, if there is one."""
        done, self._open = self._open, None
        if done is None:
            return
        page = done.last.page
        if done.marker:
            yield Sheet(done.text, "item", self._level(done), marker=done.marker, page=page)
        elif self._usual.is_heading(done.last):
            self._indents.clear()
            yield Sheet(done.text, "heading", self._usual.heading_level(done.last), page=page)
        else:
            yield Sheet(done.text, page=page)

    def _level(self, item: Block) -> int:
        while self._indents and self._indents[-1] > item.text_left - 6:
            self._indents.pop()
        self._indents.append(item.text_left)
        return len(self._indents) - 1

    def _ruled(self, grid: Grid, words: list[Word], page: int) -> Iterator[Sheet]:
        for row in grid.cells(words):
            cells = []
            for cell, right in zip(row, grid.columns[1:], strict=True):
                lines = lines_from(cell, page)
                cells.append(paragraphs(lines, right - 4, self._usual.leading))
            yield Sheet("", "row", cells=tuple(cells), page=page)

    def _row(self, row: list[list[TextLine]], columns: list[float], page: int) -> Sheet:
        edges = [*columns[1:], self._usual.right]
        cells = [paragraphs(parts, edge, self._usual.leading) for parts, edge in zip(row, edges, strict=True)]
        filled = [c for c in cells if c]
        if len(filled) == 2 and filled[0].endswith(":"):
            return Sheet(" ".join(filled), page=page)
        return Sheet("", "row", cells=tuple(cells), page=page)


def _parts(line: TextLine) -> list[TextLine]:
    """The parts of a line that may be columns: a list marker is none by itself."""
    parts = line.segments
    return parts[1:] if len(parts) == 2 and len(parts[0].words) == 1 and begins(line)[0] else parts
