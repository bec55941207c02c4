"""Words side by side in a piece: where one ends, whether they touch, how many make a name."""

from __future__ import annotations

import re

from tracker.minutes.sentences import BROKEN

_JOINED = re.compile(rf" {{0,2}}|{BROKEN} *")


def end_of(token: re.Match[str]) -> int:
    """Where a token ends, without the full stop of the sentence."""
    stop = token.group().endswith(".") and len(token.group()) > 2
    return token.end() - stop


def adjacent(tokens: list[re.Match[str]], text: str, at: int, length: int) -> bool:
    """Whether so many tokens from `at` on touch, with nothing but a blank or a line break between."""
    for index in range(at, at + length - 1):
        gap = text[tokens[index].end() : tokens[index + 1].start()]
        if gap != " " and not _JOINED.fullmatch(gap):
            return False
    return True


def name_length(tokens: list[re.Match[str]], text: str, at: int) -> int:
    """How many tokens from `at` on look like one name (capitalised, side by side, at most four)."""
    count = 0
    while at + count < len(tokens) and count < 4:
        token = tokens[at + count].group()
        if not token[0].isupper() or (count and not adjacent(tokens, text, at + count - 1, 2)):
            break
        count += 1
        if token.endswith(".") and len(token) > 2:
            break
    return count
