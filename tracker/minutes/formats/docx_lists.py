"""Numbers and bullets of Word lists: Word stores only which list a paragraph is in, and counts when shown."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LEVELS = 9
_PLACE = re.compile("%([1-9])")
_SIMPLE = re.compile(r"[(]?[0-9A-Za-zæøåÆØÅ]{1,5}(?:\.[0-9]{1,3})*[.):]?$")
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is written: its number format, its text ("%1.") and where it starts."""

    form: str = "decimal"
    text: str = "%1."
    start: int = 1


@dataclass(slots=True)
class _List:
    kind: str
    levels: dict[int, Level] = field(default_factory=dict)


class Lists:
    """The lists of a document, and how far each has counted."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = defaultdict(lambda: [None] * LEVELS)
        if numbering is not None:
            kinds = {a.get(W + "abstractNumId", ""): _levels(a) for a in numbering.iter(W + "abstractNum")}
            for num in numbering.iter(W + "num"):
                self._add(num, kinds)

    def _add(self, num: etree._Element, kinds: dict[str, dict[int, Level]]) -> None:
        kind, name = value(num, "abstractNumId"), num.get(W + "numId", "")
        found = _List(kind, dict(kinds.get(kind, {})))
        for change in num.iter(W + "lvlOverride"):
            level = whole(change.get(W + "ilvl"))
            found.levels.update(_levels(change))
            if start := value(change, "startOverride"):
                found.levels[level] = replace(found.levels.get(level, Level()), start=whole(start))
                found.kind = f"{kind}/{name}"
        self._lists[name] = found

    def marker(self, name: str, level: int) -> str | None:
        """What Word writes before the next paragraph of this list; None when it is in no list."""
        found = self._lists.get(name)
        level = min(max(level, 0), LEVELS - 1)
        if found is None:
            return None
        shape = found.levels.get(level, Level())
        if shape.form == "bullet":
            return "-"
        if shape.form == "none":
            return ""
        counts = self._counts[found.kind]
        before = counts[level]
        counts[level] = shape.start if before is None else before + 1
        counts[level + 1 :] = [None] * (LEVELS - level - 1)
        return _PLACE.sub(lambda m: _written(found.levels, counts, int(m[1]) - 1), shape.text).strip()


def is_simple(marker: str) -> bool:
    """Whether a marker only counts ("1.", "a)"); "Sak 4/22" and "§ 3" are words that belong to the text."""
    return bool(_SIMPLE.match(marker)) or not any(c.isalnum() for c in marker)


def value(element: etree._Element, name: str) -> str:
    """The w:val of a child, or nothing."""
    child = element.find(W + name)
    return "" if child is None else child.get(W + "val", "")


def whole(text: str | None) -> int:
    """A number in an attribute; 0 for rubbish."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0


def _levels(element: etree._Element) -> dict[int, Level]:
    return {
        whole(lvl.get(W + "ilvl")): Level(
            value(lvl, "numFmt") or "decimal",
            value(lvl, "lvlText")[:40],
            whole(value(lvl, "start") or "1"),
        )
        for lvl in element.iter(W + "lvl")
    }


def _written(levels: dict[int, Level], counts: list[int | None], level: int) -> str:
    shape = levels.get(level, Level())
    number = counts[level]
    number = shape.start if number is None else number
    if shape.form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) if number > 0 else "0"
        return letter if shape.form == "lowerLetter" else letter.upper()
    if shape.form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman if shape.form == "lowerRoman" else roman.upper()
    return str(number)


def _roman(number: int) -> str:
    written = ""
    for size, sign in _ROMAN if 0 < number < 50 else ():
        written += sign * (number // size)
        number %= size
    return written or str(number)
