"""Words in a piece: where one ends, which touch, how many make a name, which look like a group."""

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


_LONG_WORD = 60
_GROUP = re.compile(
    r"[a-zæøå]{3,}(?:styret|rådet)|\w*(?:komit[eé](?:en|ene|er)?|[a-zæøå]{2,}kom|utvalget|utvalet|gruppa|gruppen|gruppene|[a-zæøå]{4,}(?:kontaktene|kontakter|lærerne|lærarane|trenerne|trenarane|representantene)|[a-zæøå]{3,}(?:koordinatorene|koordinatorane|lederne|leiarane|ansvarlige|ansvarlege)|nemnda|etaten|etat"
    r"|[a-zæøå]{3,}(?:tjenesten|tenesta)|avdelingen|avdelinga|teamet|kontoret|ledelsen|leiinga|foreningen|klubben|partners)"
)


def is_group(word: str) -> bool:
    """Whether a word in lower case names a group by its ending ("banekomiteen")."""
    return len(word) < _LONG_WORD and _GROUP.fullmatch(word) is not None


def is_handle(text: str, start: int) -> bool:
    """Whether a word is a name as chats write it: "@inger"."""
    return start > 0 and text[start - 1] == "@" and (start == 1 or text[start - 2] in " (/")
