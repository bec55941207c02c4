"""A letter's shape: its templates filled in once, with marks where people's words stand.

Most letters of a morning differ in those words alone (a name, a task, a link). Filling the words into a shape
costs a fiftieth of filling in the templates, and gives the same letter to the last character; a test says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

OPEN, CLOSE = "\ue000", "\ue001"  # for private use: templates have none, and words are put in last
_MARK = re.compile(f"{OPEN}(-?\\d+)(?::(\\d+))?{CLOSE}")
LAST = f"{OPEN}-1{CLOSE}"  # stands for the last of the words

Cut = Callable[[str, int], str]


@dataclass(slots=True)
class Words:
    """The words of one letter. `mark` keeps one, and gives what stands for it; nothing stays nothing."""

    kept: list[str] = field(default_factory=list)
    plain: bool = True  # whether each is one line with nothing around it, which a template would tidy up

    def mark(self, word: str) -> str:
        if not word:
            return word
        if word != word.strip() or len(word.splitlines()) > 1:
            self.plain = False
        self.kept.append(word)
        return f"{OPEN}{len(self.kept) - 1}{CLOSE}"


def marked(text: str) -> bool:
    """Whether people's words stand in this text as marks."""
    return OPEN in text


def unmarked(text: str) -> str:
    """Text from outside, without what would look like a mark. (Nobody can see these characters.)"""
    return text.replace(OPEN, "").replace(CLOSE, "")


def shortened(mark: str, room: int) -> str:
    """The mark of the same word, to be cut so that it fits."""
    return mark.replace(CLOSE, f":{room}{CLOSE}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A text in pieces: as they are, or (which word, how much room for it; 0 is any)."""

    pieces: tuple[str | tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> Shape:
        """The pieces of a text with marks."""
        pieces: list[str | tuple[int, int]] = []
        end = 0
        for found in _MARK.finditer(text):
            pieces += [text[end : found.start()], (int(found[1]), int(found[2] or 0))]
            end = found.end()
        return cls((*pieces, text[end:]))

    def filled(self, words: Sequence[str], cut: Cut | None = None) -> str:
        """The text with the words in their places."""
        return "".join(
            [
                piece
                if isinstance(piece, str)
                else cut(words[piece[0]], piece[1])
                if cut and piece[1]
                else words[piece[0]]
                for piece in self.pieces
            ]
        )
