"""A document as the reader sees it: one text, and its lines with their places in it.

`open_document` turns the bytes of a file into a `Document`; the formats live in `tracker/minutes/formats/`.
The text is what the secretary sees beside the proposals, so nothing is added to it that the document does
not say, except what layout says without words: table cells are joined by tabs, list items begin with "- ".

For every line and cell, `document.text[line.start : line.end] == line.text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from tracker.minutes.values import value_object

LineKind = Literal["text", "heading", "item", "row", "header", "quoted"]


@value_object
class Cell:
    """One cell of a table row: its words and their place in `Document.text`; empty cells have one too."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@value_object
class Line:
    """One line: a paragraph, heading, list item or table row. No line is blank.

    `start` is the place of its first character in `Document.text` (leading white space left out),
    `level` the depth of a list item, heading or quotation (0 outermost), `cells` the cells of a row,
    `marker` the list marker as written ("-", "1.", "a)"), which is not part of `text`.
    kind "header" is a running page header or footer, "quoted" is quoted history of an e-mail.
    """

    text: str
    start: int
    kind: LineKind = "text"
    level: int = 0
    cells: tuple[Cell, ...] = ()
    marker: str = ""
    page: int | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@value_object
class Sheet:
    """One line as a format gives it, before it has a place: `cells` for a row, else `text`.

    White space in it is of no meaning (a line break makes a Sheet of its own). A cell of several
    paragraphs has them joined by "; ".
    """

    text: str = ""
    kind: LineKind = "text"
    level: int = 0
    cells: tuple[str, ...] = ()
    marker: str = ""
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document's text and lines. `sent` is the date of a mail (ISO), `title` what the file calls itself.

    `format` is one of txt, md, html, docx, odt, pdf, eml; `pages` is known for pdf only.
    """

    text: str
    lines: tuple[Line, ...]
    format: str = "txt"
    pages: int | None = None
    title: str | None = None
    sent: str | None = None


def compose(sheets: Iterable[Sheet], **about: Any) -> Document:
    """The lines of a format (docx, html, pdf) laid out as one text, each with its place."""
    from tracker.minutes.formats.layout import lay_out  # noqa: PLC0415 - it builds on the classes above

    text, lines = lay_out(sheets)
    return Document(text, lines, **about)


def from_text(text: str, **about: Any) -> Document:
    """Plain text or Markdown: recognises list markers, headings, tab rows and Markdown table rows.

    The text stays as it is, but for line breaks (all become "\\n") and characters that no text has.
    """
    from tracker.minutes.formats.plain import cleaned, lines_of  # noqa: PLC0415 - as above

    text = cleaned(text)
    return Document(text, lines_of(text), **about)


def open_document(content: bytes, name: str) -> Document:
    """The document in `content`; `name` is its file name, a hint only (the bytes decide).

    Raises UnreadableDocument, with a sentence that says what to do, when it can't be read.
    """
    from tracker.minutes.formats.kinds import opened  # noqa: PLC0415 - as above

    return opened(content, name)
