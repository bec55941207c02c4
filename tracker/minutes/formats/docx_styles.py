"""What a Word paragraph is, by its style and its own properties: heading, list item, table of contents."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tracker.minutes.formats.docx_lists import W, value, whole

if TYPE_CHECKING:
    from lxml import etree

_HEADING = re.compile(r"(?:heading|overskrift)\s*([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|innhold|inh)\s*[1-9]$", re.IGNORECASE)
_CHAIN = 12


@dataclass(frozen=True, slots=True)
class Look:
    """`heading` is its level, 0 outermost; `list` the id of the list it is in, "" for none."""

    heading: int | None = None
    list: str = ""
    list_level: int = 0
    is_contents: bool = False


class Styles:
    """The styles of a document. Each may rest on another."""

    def __init__(self, root: etree._Element | None) -> None:
        found = [] if root is None else root.iter(W + "style")
        self._styles = {s.get(W + "styleId", ""): s for s in found}
        self._looks: dict[str, Look] = {}
        self._normal = next(
            (n for n, s in self._styles.items() if s.get(W + "default") and s.get(W + "type") == "paragraph"),
            "",
        )

    def look(self, properties: etree._Element | None) -> Look:
        """What a paragraph with these properties is."""
        style = "" if properties is None else value(properties, "pStyle")
        look = self._of_style(style or self._normal)
        return look if properties is None else _with(look, properties)

    def _of_style(self, name: str) -> Look:
        if name not in self._looks:
            look = Look()
            for style in reversed(self._chain(name)):
                look = _named(look, value(style, "name"))
                properties = style.find(W + "pPr")
                look = look if properties is None else _with(look, properties)
            self._looks[name] = look
        return self._looks[name]

    def _chain(self, name: str) -> list[etree._Element]:
        chain: list[etree._Element] = []
        while name in self._styles and len(chain) < _CHAIN:
            chain.append(self._styles[name])
            name = value(chain[-1], "basedOn")
        return chain


def _named(look: Look, name: str) -> Look:
    if found := _HEADING.match(name):
        return replace(look, heading=int(found[1]) - 1)
    if name.lower() in ("title", "tittel"):
        return replace(look, heading=0)
    if _CONTENTS.match(name):
        return replace(look, is_contents=True)
    return look


def _with(look: Look, properties: etree._Element) -> Look:
    outline = value(properties, "outlineLvl")
    if outline:
        look = replace(look, heading=whole(outline) if whole(outline) < 9 else None)
    numbered = properties.find(W + "numPr")
    if numbered is None:
        return look
    name, level = value(numbered, "numId"), value(numbered, "ilvl")
    name = name or look.list
    return replace(
        look, list="" if name == "0" else name, list_level=min(whole(level), 8) if level else look.list_level
    )
