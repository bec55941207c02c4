"""OpenDocument texts (LibreOffice): paragraphs, headings, lists and tables in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.minutes.document import Document, Sheet, compose
from tracker.minutes.formats import refusals
from tracker.minutes.formats.archive import Archive
from tracker.minutes.formats.blocks import Blocks
from tracker.minutes.formats.docx_lists import whole
from tracker.minutes.formats.plain import MOST_CELLS, loose

if TYPE_CHECKING:
    from lxml import etree

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TEXT, _TABLE, _STYLE = (_NS % n for n in ("office", "text", "table", "style"))
_BOX = _NS % "drawing" + "text-box"
_GONE = frozenset(
    [_TEXT + n for n in ("tracked-changes", "note", "table-of-content", "sequence-decls", "hidden-text")]
    + [_OFFICE + n for n in ("annotation", "forms")]
)
_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def read(content: bytes, name: str) -> Document:  # noqa: ARG001 - every format is called alike
    """The document in an odt file."""
    archive = Archive(content)
    manifest = archive.read("META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise refusals.protected()
    root, meta = archive.xml("content.xml"), archive.xml("meta.xml")
    body = None if root is None else root.find(f".//{_OFFICE}text")
    if root is None or body is None:
        raise refusals.damaged()
    walk = _Walk(root)
    walk.through(body)
    title = None if meta is None else meta.findtext(f".//{_TITLE}")
    return compose(walk.blocks.sheets, format="odt", title=" ".join((title or "").split())[:300] or None)


class _Walk:
    def __init__(self, root: etree._Element) -> None:
        self.blocks = Blocks()
        self._numbered = {
            style.get(_STYLE + "name", "")
            for style in root.iter(_TEXT + "list-style")
            if style.find(_TEXT + "list-level-style-number") is not None
        }

    def through(self, element: etree._Element, depth: int = -1, marker: str = "") -> None:
        """What stands below `element`; `depth` and `marker` are those of the list item it is in."""
        for child in element:
            if child.tag in (_TEXT + "p", _TEXT + "h"):
                self._paragraph(child, depth, marker)
                marker = ""
            elif child.tag == _TEXT + "list":
                self._list(child, depth + 1)
            elif child.tag == _TABLE + "table":
                self.blocks.open_table()
                self.through(child)
                self.blocks.close_table()
            elif child.tag == _TABLE + "table-row":
                self.blocks.open_row()
                self.through(child)
                self.blocks.close_row()
            elif child.tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
                repeated = min(whole(child.get(_TABLE + "number-columns-repeated")) or 1, MOST_CELLS)
                for _ in range(repeated if repeated == 1 or not len(child) else 1):
                    self.blocks.open_cell()
                    self.through(child)
                    self.blocks.close_cell()
            elif child.tag not in _GONE:
                self.through(child, depth, marker)

    def _list(self, element: etree._Element, depth: int) -> None:
        numbered = element.get(_TEXT + "style-name", "") in self._numbered
        number = 0
        for item in element:
            if item.tag == _TEXT + "list-item":
                number = whole(item.get(_TEXT + "start-value")) or number + 1
                self.through(item, depth, f"{number}." if numbered else "-")

    def _paragraph(self, element: etree._Element, depth: int, marker: str) -> None:
        text = _words(element)
        first, *rest = [part for part in text.split("\n") if part.strip()] or [""]
        if element.tag == _TEXT + "h":
            level = max(whole(element.get(_TEXT + "outline-level")) - 1, 0)
            self.blocks.add(Sheet(first, "heading", level), *loose("\n".join(rest)))
        elif marker:
            self.blocks.add(Sheet(first, "item", max(depth, 0), marker=marker), *loose("\n".join(rest)))
        else:
            self.blocks.add(*loose(text))
        for box in element.iter(_BOX):
            self.through(box)


def _words(paragraph: etree._Element) -> str:
    """The words of a paragraph, but those of its text boxes, notes and comments."""
    parts = [paragraph.text or ""]
    stack = list(reversed(paragraph))
    tails: dict[int, str] = {}
    while stack:
        element = stack.pop()
        if id(element) in tails:
            parts.append(tails.pop(id(element)))
            continue
        if element.tag == _TEXT + "tab":
            parts.append("\t")
        elif element.tag == _TEXT + "line-break":
            parts.append("\n")
        elif element.tag == _TEXT + "s":
            parts.append(" ")
        elif element.tag not in _GONE and element.tag != _BOX:
            parts.append(element.text or "")
            tails[id(element)] = element.tail or ""
            stack.append(element)
            stack.extend(reversed(element))
            continue
        parts.append(element.tail or "")
    return "".join(parts)
