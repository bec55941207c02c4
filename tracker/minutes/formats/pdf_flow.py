"""Lines of a PDF put together again as paragraphs, list items and headings; running headers set apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tracker.minutes.formats.markers import split_marker
from tracker.minutes.formats.pdf_tables import NEAR
from tracker.minutes.formats.pdf_words import TextLine

_EDGE = 0.1
"""Running headers and footers stand in the outermost part of the page's height."""
_PAGE_NUMBER = re.compile(r"(?:side|page|s\.)?\s*[0-9]{1,3}\s*(?:(?:av|of|/)\s*[0-9]{1,3})?$", re.IGNORECASE)
_OPENS = re.compile(
    r"(?:sak|case|vedtak|forslag|behandling|handsaming|tid|stad|sted|dato|møte\w*|neste møte|ansvar\w*|frist)"
    r"\b[^:.]{0,40}:|(?:sak|case)\s+[0-9]|vedtak\W*$",
    re.IGNORECASE,
)
_KEEPS_HYPHEN = re.compile(r"(?:og|eller|samt|and|or)\b")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is usual in a document: text height, distance of lines, and where lines end."""

    height: float
    leading: float
    right: float

    def is_heading(self, line: TextLine) -> bool:
        return line.height > 1.15 * self.height and len(line.text) < 200

    def heading_level(self, line: TextLine) -> int:
        return 0 if line.height > 1.4 * self.height else 1


def measure(lines: Iterable[TextLine], width: float) -> Measure:
    """The usual measures of a document's lines."""
    lines = list(lines)
    heights: Counter[float] = Counter()
    for line in lines:
        heights[round(line.height * 2) / 2] += len(line.text)
    height = heights.most_common(1)[0][0] if heights else 12.0
    steps = Counter(
        round(2 * (a.middle - b.middle)) / 2
        for a, b in pairwise(lines)
        if a.page == b.page and 0 < a.middle - b.middle < 2.2 * height
    )
    leading = steps.most_common(1)[0][0] if steps else 1.2 * height
    edge = max((n.right for n in lines), default=width)
    left = min((n.left for n in lines), default=0.0)
    full = sum(n.right > edge - 0.06 * width for n in lines)
    return Measure(height, leading, edge if full >= 3 else max(edge, width - left))


def running(pages: list[list[TextLine]], height: float) -> set[int]:
    """The ids of lines that are running headers or footers: at a page's edge, and on most pages alike."""
    places: dict[str, dict[int, list[TextLine]]] = defaultdict(lambda: defaultdict(list))
    found: set[int] = set()
    for number, lines in enumerate(pages):
        for line in lines[:4] + lines[4:][-4:]:
            if _EDGE * height < line.middle < (1 - _EDGE) * height:
                continue
            if _PAGE_NUMBER.match(line.text):
                found.add(id(line))
            places[_without_number(line.text, number + 1)][number].append(line)
    for alike in places.values():
        heights = Counter(round(n.middle / 6) for rows in alike.values() for n in rows)
        if len(alike) >= 2 and 2 * len(alike) >= len(pages) and heights.most_common(1)[0][1] >= 2:
            found |= {id(line) for rows in alike.values() for line in rows}
    return found


def _without_number(text: str, page: int) -> str:
    """A footer is the same on every page but for the page's number."""
    return " ".join("#" if word == str(page) else word for word in text.split())


@dataclass(slots=True)
class Block:
    """A paragraph, heading or list item that is being put together."""

    text: str
    marker: str
    last: TextLine
    text_left: float
    lines: int = 1

    def takes(self, line: TextLine, usual: Measure) -> bool:
        """Add `line` when it clearly goes on with this block; say whether it did."""
        if not self._goes_on(line, usual):
            return False
        self.text = joined(self.text, line.text)
        self.last, self.lines = line, self.lines + 1
        return True

    def _goes_on(self, line: TextLine, usual: Measure) -> bool:
        last = self.last
        if abs(line.height - last.height) > 0.12 * last.height or begins(line)[0] or _OPENS.match(line.text):
            return False
        lower = line.text[0].islower() and self.text[-1] not in ".:!?;"
        if line.page != last.page:
            return lower
        step = last.middle - line.middle
        if not 0 < step <= 1.25 * max(usual.leading, line.height):
            return False
        slack = 40.0 if self.lines == 1 and not self.marker else NEAR
        lefts = (self.text_left, last.left)
        if not any(-slack <= line.left - left <= NEAR for left in lefts):
            return False
        room = usual.right - last.right
        full = line.words[0].right - line.words[0].left + 0.2 * line.height > room
        return full or (lower and len(last.text) > 40)


def block(line: TextLine) -> Block:
    """The block that begins with this line."""
    marker, offset = begins(line)
    text_left = line.words[1].left if marker and len(line.words) > 1 else line.left
    return Block(line.text[offset:], marker, line, text_left)


def begins(line: TextLine) -> tuple[str, int]:
    """The list marker a line begins with, and where its text begins. Bullets of any shape become "-"."""
    words = line.words
    if words[0].text == "o" and len(words) > 1 and words[1].left - words[0].right > 0.5 * line.height:
        return "-", 2
    marker, offset = split_marker(line.text)
    return (marker if any(c.isalnum() for c in marker) else "-") if marker else "", offset


def joined(text: str, more: str) -> str:
    """Two lines of one paragraph as one. A word that was broken is whole again; "ordfører- og" stays."""
    if len(text) > 1 and text[-1] in "-\u00ad" and text[-2].isalpha() and not _KEEPS_HYPHEN.match(more):
        if text[-1] == "\u00ad" or (more[:1].islower() and not text[-2].isupper()):
            return text[:-1] + more
        if more[:1].isalnum():
            return text + more
    return f"{text} {more}"


def paragraphs(lines: list[TextLine], right: float, leading: float) -> str:
    """The words of a table cell; where a line is left short, a new paragraph begins after "; "."""
    usual = Measure(0, leading, right)
    text, last = "", None
    for line in lines:
        if last is None:
            text = line.text
        else:
            wraps = line.words[0].right - line.words[0].left + 0.2 * line.height > usual.right - last.right
            goes_on = (wraps or line.text[0].islower()) and not begins(line)[0]
            stop = " " if text[-1] in ".:;!?,–-" else "; "
            text = joined(text, line.text) if goes_on else text + stop + line.text[begins(line)[1] :]
        last = line
    return text
