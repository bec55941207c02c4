"""The words of a PDF page with their places, and the lines they form. Units are points, y grows upwards.

PDFium gives characters in the order they were drawn and marks where words end. Asking for the box of the
first and last character of each word only is what makes this quick.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple

_WORD = re.compile("([^\\s\x02\ufffe]+)([\x02\ufffe]?)")
"""U+0002 is PDFium's sign for a hyphen that breaks a word at the end of a line (older: U+FFFE)."""
_HALF = re.compile("[\ud800-\udfff]")

Box = tuple[float, float, float, float]
"""Left, right, bottom, top."""


class Word(NamedTuple):
    """A word and its box. A page holds thousands, so they are tuples."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


class TextLine:
    """Words beside each other, from left to right."""

    def __init__(self, words: list[Word], page: int) -> None:
        self.words = words
        self.page = page
        self.text = " ".join([w.text for w in words])
        self.left = words[0].left
        self.right = max([w.right for w in words])
        self.middle = words[0].middle
        self.height = max([w.top - w.bottom for w in words])

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
    letters = _letters(textpage, raw)
    halved = _HALF.search(letters) is not None
    box = _boxes(textpage.raw, raw)
    for found in _WORD.finditer(letters):
        place = box(found.start(1), found.end(1) - 1)
        said = found[1].replace("\x00", "")
        if place and said:
            said = _whole(said) if halved else said
            words.append(Word(said + "-" if found[2] else said, *_turned(place, turned, size)))
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


def _boxes(handle: Any, raw: Any) -> Callable[[int, int], Box | None]:
    """Asks PDFium for the box around two characters. What it answers in is made once for a page."""
    one, other = raw.FS_RECTF(), raw.FS_RECTF()
    first_answer, last_answer = ctypes.pointer(one), ctypes.pointer(other)
    ask = raw.FPDFText_GetLooseCharBox

    def box(first: int, last: int) -> Box | None:
        if not ask(handle, first, first_answer):
            return None
        if first == last:
            return one.left, one.right, one.bottom, one.top
        if not ask(handle, last, last_answer):
            return None
        low, high = min(one.bottom, other.bottom), max(one.top, other.top)
        return min(one.left, other.left), max(one.right, other.right), low, high

    return box


def _turned(box: Box, turned: int, size: tuple[float, float]) -> Box:
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
    return letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
