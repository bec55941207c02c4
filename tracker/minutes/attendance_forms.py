"""Forms of lists of people that no label opens: signs behind names, sentences, a body and its members."""

from __future__ import annotations

import re

from tracker.minutes.attendance_table import Attendee
from tracker.minutes.draft import Attendance
from tracker.minutes.layout import is_name, is_single_name, role_pattern
from tracker.minutes.sentences import Piece
from tracker.minutes.vocabulary import Words

_MARK = re.compile(r"(?P<name>[^,;:]{3,40}?)\s+(?P<mark>[+xX✓–-])$")
_WERE = re.compile(
    r"(?P<who>.{5,300}?)\s(?:var|er|møtte|deltok|deltar|was|were)\s?"
    r"(?:til ?sted?e|til stades|med|med på møtet|med på møte|på møtet|møtte fram|present)?[\s.]*$"
)
_MET = re.compile(
    r"(?:(?:fra|frå)\s[^:,.]{2,40}\s|følgende\s|disse\s)?(?:møtte|deltok)\s(?=[A-ZÆØÅ])", re.IGNORECASE
)
_BODY = re.compile(r"(?P<body>[^:,;()]{2,40}):\s+(?=[A-ZÆØÅ])")
_CLASS = re.compile(r"(?P<of>\d{1,2}\.?\s?(?:[A-Za-zÆØÅ]\b|klasse|trinn|trinnet)?)\s*[:–-]?\s+(?=[A-ZÆØÅ])")
_SHORT = re.compile(r"[A-ZÆØÅ]{2,4}")
_NAMES = re.compile(r"\s*(?:[,;+]|\s(?:og|and|samt)\s)\s*")


def marked(piece: Piece, words: Words) -> Attendee | None:
    """ "Kari Moe   +": who has a sign behind the name."""
    match = _MARK.fullmatch(piece.text)
    if not match or not is_name(match["name"], words):
        return None
    attendance: Attendance = "absent" if match["mark"] in "-–" else "present"
    return Attendee(match["name"], (piece.start, piece.start + match.end("name")), None, None, attendance)


def unlabelled(piece: Piece, words: Words) -> tuple[Attendance, Piece] | None:
    """The people in "Kari og Per var til stede", "Fra styret møtte Kari Moe", "Styret: Kari Moe, Per Li"."""
    text = piece.text
    if (were := _WERE.fullmatch(text)) and _all_named(were["who"], words, single=True):
        return "present", piece.sub(0, were.end("who"))
    if met := _MET.match(text):
        return "present", piece.sub(met.end(), len(text))
    body = _BODY.match(text)
    if body and _all_named(text[body.end() :], words, single=False):
        return "mentioned", piece
    return None


def of_office(said: str, words: Words) -> bool:
    """Whether `said` is an office and nothing else ("Leder")."""
    return role_pattern(words.language).fullmatch(said.lower().strip(" :.–-")) is not None


def initials_of(said: str, name: str) -> bool:
    """Whether `said` are the initials of `name` ("KM", "Kari Moe")."""
    if not _SHORT.fullmatch(said):
        return False
    first = [word[0].upper() for word in re.split(r"[\s-]", name) if word]
    return said[0] == first[0] and (said[-1] in first or len(first) == 1)


def equated(bare: str) -> tuple[str, str | None]:
    """ "Kari Moe = KM" as the name and the initials."""
    name, _, said = bare.partition(" = ")
    return (name, said) if said and initials_of(said, name) else (bare, None)


def without_class(bare: str) -> tuple[str, str | None]:
    """ "1A: Kari Moe" and "1A Kari Moe" as the name and what she is there for."""
    match = _CLASS.match(bare)
    return (bare[match.end() :], match["of"].strip()) if match else (bare, None)


def of_place(bare: str, words: Words) -> tuple[str, str | None]:
    """ "Kari Moe v/Fotballgruppa", "Kari Moe fra Sundet" as the name and where she is from."""
    match = re.fullmatch(r"(?P<name>[^/]{3,40}?)\s(?:v/\s?|fra\s|frå\s)(?P<of>[^,;]{2,40})", bare)
    if match and is_name(match["name"], words):
        return match["name"], match["of"].strip()
    return bare, None


def by_slash(text: str, words: Words) -> bool:
    """Whether people are set apart by strokes ("Kari/Per/Tuva")."""
    parts = [p.strip() for p in text.split("/")]
    return len(parts) > 1 and all(is_name(p, words) or is_single_name(p, words) for p in parts)


def _all_named(said: str, words: Words, *, single: bool) -> bool:
    bare = [re.sub(r"\s*\([^()]*\)", "", part).strip(" .") for part in _NAMES.split(said)]
    named = [n for n in bare if is_name(n, words) or (single and is_single_name(n, words))]
    return bool(bare) and len(named) == len(bare) and (not single or len(bare) > 1)
