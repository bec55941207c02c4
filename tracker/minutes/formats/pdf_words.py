"""The words of a PDF page with their places, and the lines they form. Units are points, y grows upwards.

PDFium gives characters in the order they were drawn and marks where words end. Asking for the box of the
first and last character of each word only is what makes this quick.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_WORD = re.compile("([^\\s\x02\ufffe]+)([\x02\ufffe]?)")
"""U+0002 is PDFium's sign for a hyphen that breaks a word at the end of a line (older: U+FFFE)."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


@dataclass
class TextLine:
    """Words beside each other, from left to right."""

    words: list[Word]
    page: int

    @cached_property
    def text(self) -> str:
        return " ".join(w.text for w in self.words)

    @cached_property
    def left(self) -> float:
        return self.words[0].left

    @cached_property
    def right(self) -> float:
        return max(w.right for w in self.words)

    @cached_property
    def middle(self) -> float:
        return self.words[0].middle

    @cached_property
    def height(self) -> float:
        return max(w.top - w.bottom for w in self.words)

    @cached_property
    def segments(self) -> list[TextLine]:
        """The parts of this line that stand further apart than words do."""
        parts = [[self.words[0]]]
        for before, word in zip(self.words, self.words[1:], strict=False):
            if word.left - before.right > 0.8 * self.height:
                parts.append([])
            parts[-1].append(word)
        return [TextLine(part, self.page) for part in parts]


def words_of(textpage: Any, raw: Any, turned: int, size: tuple[float, float]) -> list[Word]:
    """The words of a page that is shown turned by `turned` degrees. `raw` is pypdfium2.raw."""
    words: list[Word] = []
    handle = textpage.raw
    for found in _WORD.finditer(_letters(textpage, raw)):
        box = _box(handle, raw, found.start(1), found.end(1) - 1)
        letters = found[1].replace("\x00", "")
        if box and letters:
            words.append(Word(_whole(letters) + "-" * bool(found[2]), *_turned(box, turned, size)))
    return words


def _letters(textpage: Any, raw: Any) -> str:
    """The page's characters, each at the index that PDFium knows it by. Unknown ones are "\\0"."""
    count = textpage.count_chars()
    text = str(textpage.get_text_range(0, count)) if count > 0 else ""
    if len(text) == count:  # nothing was left out, so places are indexes: much quicker than asking for each
        return text
    codes = (raw.FPDFText_GetUnicode(textpage, index) for index in range(count))
    return "".join(chr(c) if 0 <= c < 0x110000 else "\x00" for c in codes)


def lines_from(words: Iterable[Word], page: int) -> list[TextLine]:
    """The lines of a page from top to bottom."""
    lines: list[list[Word]] = []
    middle = tall = 0.0
    for word in sorted(words, key=lambda w: -w.bottom - w.top):
        height, place = word.top - word.bottom, word.middle
        if lines and middle - place < 0.4 * max(tall, height):
            lines[-1].append(word)
        else:
            lines.append([word])
            middle, tall = place, height
    return [TextLine(sorted(line, key=lambda w: w.left), page) for line in lines]


def _box(handle: Any, raw: Any, first: int, last: int) -> tuple[float, float, float, float] | None:
    one, other = raw.FS_RECTF(), raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(handle, first, one):
        return None
    if not raw.FPDFText_GetLooseCharBox(handle, last, other):
        return None
    low, high = min(one.bottom, other.bottom), max(one.top, other.top)
    return min(one.left, other.left), max(one.right, other.right), low, high


def _turned(
    box: tuple[float, float, float, float], turned: int, size: tuple[float, float]
) -> tuple[float, float, float, float]:
    """`box` as it is seen. `size` is the page's width and height as shown."""
    left, right, low, high = box
    wide, tall = size
    if turned == 90:
        return low, high, tall - right, tall - left
    if turned == 180:
        return wide - right, wide - left, tall - high, tall - low
    if turned == 270:
        return wide - high, wide - low, left, right
    return box


def _whole(letters: str) -> str:
    """Two halves of a character beyond U+FFFF made one."""
    if any("\ud800" <= c <= "\udfff" for c in letters):
        return letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return letters
