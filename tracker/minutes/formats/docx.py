"""Word documents: paragraphs, lists and tables in the order they are read in, as Word shows them.

Read from the XML itself: python-docx passes over content controls, text boxes, hyperlinks in older files and
inserted text. What was deleted with tracked changes is not shown, what was inserted is. Nothing outside the
file is followed, and macros are never looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.minutes.document import Document, Sheet, compose
from tracker.minutes.formats import refusals
from tracker.minutes.formats.archive import Archive
from tracker.minutes.formats.blocks import Blocks
from tracker.minutes.formats.docx_lists import Lists, W, is_simple, value, whole
from tracker.minutes.formats.docx_styles import Styles
from tracker.minutes.formats.plain import loose

if TYPE_CHECKING:
    from lxml import etree

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_LINK = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_ID = "{" + _OFFICE + "relationships}id"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_GONE = frozenset(
    [W + n for n in ("del", "moveFrom", "instrText", "delInstrText", "fldData", "pPr", "rt", "sdtPr")]
    + [_FALLBACK]
)
_MADE = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_CHARACTERS = {W + k: v for k, v in _MADE.items()}


def read(content: bytes, name: str) -> Document:  # noqa: ARG001 - every format is called alike
    """The document in a docx file."""
    archive = Archive(content)
    links = _links(archive, "")
    main = links.get("officeDocument", ["word/document.xml"])[0]
    root = archive.xml(main)
    if root is None or root.tag != W + "document":
        raise refusals.damaged()
    walk = _Walk(archive, main)
    walk.heads(root)
    walk.blocks_of(root)
    return compose(walk.blocks.sheets, format="docx", title=_title(archive))


class _Walk:
    """A way through the document's XML; `blocks` takes what it meets."""

    def __init__(self, archive: Archive, main: str) -> None:
        self._archive = archive
        self._links = _links(archive, main)
        self._styles = Styles(archive.xml(self._part("styles", "word/styles.xml")))
        self._lists = Lists(archive.xml(self._part("numbering", "word/numbering.xml")))
        self.blocks = Blocks()

    def _part(self, kind: str, otherwise: str) -> str:
        return self._links.get(kind, [otherwise])[0]

    def heads(self, root: etree._Element) -> None:
        """The page header, once, before the text: it often says whose minutes these are."""
        seen: set[str] = set()
        for reference in root.iter(W + "headerReference"):
            part = self._links.get(reference.get(_ID, ""), [""])[0]
            head = self._archive.xml(part) if len(seen) < 20 else None
            for paragraph in [] if head is None else head.iter(W + "p"):
                text = " ".join(_text(paragraph).split())
                if text and text not in seen:
                    self.blocks.add(Sheet(text, "header"))
                seen.add(text)

    def blocks_of(self, element: etree._Element) -> None:
        """Paragraphs and tables below `element`, whatever they are wrapped in."""
        for child in element:
            if child.tag == W + "p":
                self._paragraph(child)
            elif child.tag == W + "tbl":
                self.blocks.open_table()
                self.blocks_of(child)
                self.blocks.close_table()
            elif child.tag == W + "tr":
                self._row(child)
            elif child.tag == W + "tc":
                properties = child.find(W + "tcPr")
                wide = 1 if properties is None else whole(value(properties, "gridSpan"))
                self.blocks.open_cell(wide)
                self.blocks_of(child)
                self.blocks.close_cell()
            elif child.tag not in _GONE:
                self.blocks_of(child)

    def _row(self, row: etree._Element) -> None:
        properties = row.find(W + "trPr")
        if properties is not None and properties.find(W + "del") is not None:
            return
        self.blocks.open_row()
        before = 0 if properties is None else whole(value(properties, "gridBefore"))
        for _ in range(min(before, 20)):
            self.blocks.open_cell()
            self.blocks.close_cell()
        self.blocks_of(row)
        self.blocks.close_row()

    def _paragraph(self, paragraph: etree._Element) -> None:
        self.blocks.add(*self._lines(paragraph, _text(paragraph)))
        for box in paragraph.iter(W + "txbxContent"):
            if _is_outermost(box, paragraph):
                self.blocks_of(box)

    def _lines(self, paragraph: etree._Element, text: str) -> list[Sheet]:
        properties = paragraph.find(W + "pPr")
        look = self._styles.look(properties)
        marker = self._lists.marker(look.list, look.list_level) if look.list and text.strip() else None
        if marker and not is_simple(marker):
            text, marker = f"{marker} {text.lstrip()}", None
        first, *rest = [part for part in text.split("\n") if part.strip()] or [""]
        if look.is_contents:
            return [Sheet(first, "header")]
        if look.heading is not None:
            words = f"{marker} {first}" if marker and marker != "-" else first
            return [Sheet(words, "heading", look.heading), *loose("\n".join(rest))]
        if marker:
            return [Sheet(first, "item", look.list_level, marker=marker), *loose("\n".join(rest))]
        return loose("\n".join([first, *rest]))


def _text(paragraph: etree._Element) -> str:
    """The words of a paragraph, but those of its text boxes, deleted ones and hidden ones."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag in (W + "t", _MATH):
            parts.append(element.text or "")
        elif tag in _CHARACTERS:
            parts.append(_CHARACTERS[tag])
        elif tag not in _GONE and tag != W + "txbxContent" and not _is_hidden(element):
            stack.extend(reversed(element))
    return "".join(parts)


def _is_hidden(element: etree._Element) -> bool:
    properties = element.find(W + "rPr") if element.tag == W + "r" else None
    hidden = None if properties is None else properties.find(W + "vanish")
    return hidden is not None and hidden.get(W + "val", "1") not in ("0", "false", "off")


def _is_outermost(box: etree._Element, paragraph: etree._Element) -> bool:
    """Whether a text box is this paragraph's own, shown, and not the copy for older programs."""
    for above in box.iterancestors():
        if above is paragraph:
            return True
        if above.tag in _GONE or above.tag == W + "txbxContent":
            return False
    return False


def _links(archive: Archive, part: str) -> dict[str, list[str]]:
    """What a part refers to inside the file, by kind ("styles") and by id. External links are left out."""
    folder, _, name = part.rpartition("/")
    root = archive.xml(f"{folder}/_rels/{name}.rels".lstrip("/"))
    found: dict[str, list[str]] = {}
    for link in [] if root is None else root.iter(_LINK):
        if link.get("TargetMode") == "External":
            continue
        target = link.get("Target", "")
        place = target.lstrip("/") if target.startswith("/") or not folder else f"{folder}/{target}"
        for key in (link.get("Type", "").rpartition("/")[2], link.get("Id", "")):
            found.setdefault(key, []).append(place)
    return found


def _title(archive: Archive) -> str | None:
    core = archive.xml("docProps/core.xml")
    title = None if core is None else core.findtext(_TITLE)
    return " ".join(title.split())[:300] or None if title else None
