"""The words for meetings and gatherings ("IPR-møtet", "vinteraktivitetsdagen"), and their plain form."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from tracker.minutes.vocabulary import Words, words

_PLAIN_DAYS = tuple(
    day + end
    for day in (
        "uke", "veke", "hver", "kvar", "virke", "yrke", "hellig", "helg", "fri", "arbeids", "burs", "fødsels",
        "jule", "påske", "pinse", "nyttårs", "himmelfarts", "mid", "formid", "ettermid", "nasjonal",
        "første", "merke", "sju", "skole", "skule", "barnehage", "dug",
    )
    for end in ("dag", "dagen", "dager", "dagar")
)  # fmt: skip
"""Days that are no gathering: "virkedag", "ettermiddag", "nasjonaldagen"."""


@cache
def _noun_pattern(language: str) -> re.Pattern[str]:
    vocabulary = words(language)
    nouns, bodies = vocabulary.either("event_nouns"), vocabulary.either("meeting_bodies")
    return re.compile(rf"(?<!\w)(?:[\w/]+(?:-\s?|–)?)?(?:{nouns})(?!\w)|(?<!\w)(?:{bodies})(?!\w)")


def noun_in(low: str, vocabulary: Words) -> list[re.Match[str]]:
    """The words for meetings and gatherings in `low`."""
    return list(_nouns(low, vocabulary))


@lru_cache(maxsize=64)  # the steps of reading ask for the same sentence one after the other
def _nouns(low: str, vocabulary: Words) -> tuple[re.Match[str], ...]:
    found = _noun_pattern(vocabulary.language).finditer(low)
    return tuple(m for m in found if _is_event_noun(m.group(), vocabulary))


def _is_event_noun(noun: str, vocabulary: Words) -> bool:
    plain = re.sub(r"[-–\s].*", "", noun) if noun.endswith(("dag", "dagen")) else noun
    if plain in vocabulary.weekdays or (plain.endswith(("dag", "dagen")) and plain not in ("dag", "dagen")):
        return not plain.endswith(_PLAIN_DAYS) and len(plain) > 7
    return plain not in ("dag", "dagen", "tur", "turen", "ting", "forum", "forumet", "innlegg", "rødt")


def base(noun: str) -> str:
    """A noun without its definite ending: "ipr- møtet" → "ipr-møte", "samlinga" → "samling"."""
    noun = re.sub(r"\s*[-–]\s*", "-", noun.strip())
    for ending, plain in words("nb").indefinite.items():
        if noun.endswith(ending):
            return noun[: -len(ending)] + plain
    return noun


def kind_of(noun: str, vocabulary: Words) -> str:
    """Whether a noun names a meeting, a gathering or a conference."""
    for kind in ("gathering", "conference"):
        if re.search(rf"(?:{vocabulary.either(kind)})$", noun):
            return kind
    return "meeting"
