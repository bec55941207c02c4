"""Web pages and mails in HTML: what a person would see of them, without scripts, styles and pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.minutes.document import Document, LineKind, Sheet, compose
from tracker.minutes.formats import refusals
from tracker.minutes.formats.blocks import Blocks
from tracker.minutes.formats.plain import loose
from tracker.minutes.formats.text import decoded

if TYPE_CHECKING:
    from lxml import etree

_GONE_TAGS = """
script style head title template noscript svg math iframe object embed audio video canvas
select option textarea button input datalist map
"""
_BREAKING_TAGS = """
p div section article main header footer aside nav address figure figcaption form fieldset legend details
summary dl dt dd ul ol li table caption thead tbody tfoot tr td th h1 h2 h3 h4 h5 h6 blockquote pre hr br
body html center menu dir
"""
_GONE = frozenset(_GONE_TAGS.split())
_BREAKING = frozenset(_BREAKING_TAGS.split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_HEADING = re.compile("h[1-6]")
_BLANKS = re.compile(r"[ \t\r\n\f]+")


def read(content: bytes, name: str) -> Document:  # noqa: ARG001 - every format is called alike
    """The document in an HTML file."""
    if len(content) > 5 * refusals.CHARACTERS:
        raise refusals.too_long()
    root = _parsed(decoded(content))
    title = None if root is None else root.findtext(".//title")
    title = " ".join(title.split())[:300] if title else ""
    return compose(sheets_in(root), format="html", title=title or None)


def sheets(markup: str) -> list[Sheet]:
    """The lines of some HTML."""
    return sheets_in(_parsed(markup))


def _parsed(markup: str) -> etree._Element | None:
    from lxml import etree, html  # noqa: PLC0415 - costs a text file nothing

    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but comments, say
        return None
    except (etree.LxmlError, ValueError, AssertionError) as error:
        full = getattr(error, "code", 0) == etree.ErrorTypes.ERR_NO_MEMORY
        raise (refusals.too_heavy() if full else refusals.damaged()) from error


def sheets_in(root: etree._Element | None) -> list[Sheet]:
    """The lines below an element."""
    walk = _Walk()
    if root is not None:
        walk.through(root)
    return walk.blocks.sheets


class _Walk:
    """A way through the tree, without recursion: `_words` gathers what will be the next line."""

    def __init__(self) -> None:
        self.blocks = Blocks()
        self._words: list[str] = []
        self._lists: list[list[int]] = []
        self._marker = ""
        self._heading: int | None = None
        self._quoted = 0
        self._kept = 0

    def through(self, root: etree._Element) -> None:
        stack: list[tuple[etree._Element, bool]] = [(root, False)]
        while stack:
            element, done = stack.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if done:
                self._leave(tag)
                self._say(element.tail)
                continue
            if tag in _GONE or not tag or _is_hidden(element):
                self._say(element.tail)
                continue
            self._enter(tag, element)
            self._say(element.text)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
            if len(stack) > 2_000_000:
                raise refusals.too_heavy()
        self._flush()

    def _say(self, text: str | None) -> None:
        if text:
            self._words.append(text if self._kept else _BLANKS.sub(" ", text))

    def _enter(self, tag: str, element: etree._Element) -> None:
        if tag not in _BREAKING:
            return
        self._flush(keep_marker=tag in ("p", "div"))
        if tag in ("ul", "ol", "menu", "dir"):
            self._lists.append([_number(element.get("start"), 1) if tag == "ol" else 0])
        elif tag == "li":
            self._marker = self._next_marker()
        elif _HEADING.fullmatch(tag):
            self._heading = int(tag[1]) - 1
        elif tag == "table":
            self.blocks.open_table()
        elif tag == "tr":
            self.blocks.close_row()
            self.blocks.open_row()
        elif tag in ("td", "th"):
            self.blocks.open_cell(_number(element.get("colspan"), 1), _number(element.get("rowspan"), 1))
        elif tag == "blockquote":
            self._quoted += 1
        elif tag == "pre":
            self._kept += 1

    def _leave(self, tag: str) -> None:
        if tag not in _BREAKING:
            return
        self._flush(keep_marker=tag == "br")
        if tag in ("ul", "ol", "menu", "dir"):
            self._lists.pop()
        elif tag == "li":
            self._marker = ""
        elif _HEADING.fullmatch(tag):
            self._heading = None
        elif tag == "table":
            self.blocks.close_table()
        elif tag == "tr":
            self.blocks.close_row()
        elif tag in ("td", "th"):
            self.blocks.close_cell()
        elif tag == "blockquote":
            self._quoted -= 1
        elif tag == "pre":
            self._kept -= 1

    def _next_marker(self) -> str:
        if not self._lists or not self._lists[-1][0]:
            return "-"
        self._lists[-1][0] += 1
        return f"{self._lists[-1][0] - 1}."

    def _flush(self, *, keep_marker: bool = False) -> None:
        text = "".join(self._words)
        self._words.clear()
        if not text.strip():
            self._marker = self._marker if keep_marker else ""
            return
        if self._marker:
            self.blocks.add(Sheet(text, "item", max(len(self._lists) - 1, 0), marker=self._marker))
            self._marker = ""
        elif self._heading is not None:
            self.blocks.add(Sheet(text, "heading", self._heading))
        elif self._quoted:
            kind: LineKind = "quoted"
            self.blocks.add(*(Sheet(t, kind, self._quoted - 1) for t in text.split("\n") if t.strip()))
        else:
            self.blocks.add(*loose(text))


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style")
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or (bool(style) and bool(_HIDDEN.search(style or "")))
    )


def _number(text: str | None, otherwise: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else otherwise
