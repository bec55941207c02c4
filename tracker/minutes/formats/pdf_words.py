"""The words of a PDF page with their places, and the lines they form. Units are points, y grows upwards.

PDFium gives characters in the order they were drawn and marks where words end. Asking for the box of the
first and last character of each word only is what makes this quick; a page has hundreds of words, so what is
done for each of them is written out in one place.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable
from itertools import pairwise
from operator import itemgetter, sub
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
    """Words beside each other, from left to right. `words` are all of them only where some stand apart.

    Of other lines the first two are kept: a long document has hundreds of thousands.
    """

    __slots__ = ("_cuts", "_segments", "height", "left", "middle", "page", "right", "text", "words")

    def __init__(self, words: list[Word], page: int) -> None:
        texts, lefts, rights, lows, highs = zip(*words, strict=True)
        self.page = page
        self.text = " ".join(texts)
        self.left: float = lefts[0]
        self.right: float = max(rights)
        self.middle = words[0].middle
        self.height: float = max(map(sub, highs, lows))
        wide = 0.8 * self.height
        self._cuts = [n for n, gap in enumerate(map(sub, lefts[1:], rights), 1) if gap > wide]
        self._segments: list[TextLine] = []
        self.words = words if self._cuts else words[:2]

    @property
    def segments(self) -> list[TextLine]:
        """The parts of this line that stand further apart than words do."""
        if not self._cuts:
            return [self]
        if not self._segments:
            edges = [0, *self._cuts, len(self.words)]
            self._segments = [TextLine(self.words[a:b], self.page) for a, b in pairwise(edges)]
        return self._segments


def words_of(textpage: Any, raw: Any, turned: int, size: tuple[float, float]) -> list[Word]:
    """The words of a page that is shown turned by `turned` degrees. `raw` is pypdfium2.raw."""
    words: list[Word] = []
    letters = _letters(textpage, raw)
    halved = _HALF.search(letters) is not None
    handle, ask = textpage.raw, raw.FPDFText_GetLooseCharBox
    boxes = (raw.FS_RECTF * 2)()  # of the first and the last character: left, top, right, bottom
    first, last = ctypes.pointer(boxes[0]), ctypes.pointer(boxes[1])
    sides = memoryview(boxes).cast("B").cast("f").tolist
    for found in _WORD.finditer(letters):
        begin, end = found.span(1)
        if not (ask(handle, begin, first) and ask(handle, end - 1, last)):
            continue
        said, hyphen = found.groups()
        if "\x00" in said:
            said = said.replace("\x00", "")
            if not said:
                continue
        if halved:
            said = _whole(said)
        left, high, right, low, left_of_last, high_of_last, right_of_last, low_of_last = sides()
        box = (
            left_of_last if left_of_last < left else left,
            right_of_last if right_of_last > right else right,
            low_of_last if low_of_last < low else low,
            high_of_last if high_of_last > high else high,
        )
        words.append(Word(said + "-" if hyphen else said, *(_turned(box, turned, size) if turned else box)))
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
    for word in sorted(words, key=lambda w: -w[3] - w[4]):
        low, high = word[3], word[4]
        height, place = high - low, (low + high) / 2
        if lines and middle - place < 0.4 * (tall if tall > height else height):
            lines[-1].append(word)
        else:
            lines.append([word])
            middle, tall = place, height
    return [TextLine(sorted(line, key=itemgetter(1)), page) for line in lines]


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
