"""The grammar of dates: every way minutes write a day, a range, a week or a period. Day before month."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache

from tracker.minutes import date_readings as readings
from tracker.minutes.date_readings import Found, year_of
from tracker.minutes.vocabulary import Words, words_in

__all__ = ["Found", "Times", "find", "times", "year_of"]

UNKNOWN = date(1900, 1, 1)
"""The anchor when nobody knows when the minutes were written: then only dates with a year are read."""

_YEAR = r"(?:19|20)\d\d"
_NEAR = ("next_week", "this_week", "tomorrow", "today", "yesterday")
_DASH = r"(?:-|–|—)"


def find(low: str, words: Words, anchor: date) -> list[Found]:
    """Every date phrase in `low` (lower case), in order; where phrases overlap the earlier rule wins."""
    return list(_found(low, words, anchor))


@lru_cache(maxsize=64)  # the steps of reading ask for the same sentence one after the other
def _found(low: str, words: Words, anchor: date) -> tuple[Found, ...]:
    said = _grammar(words.language).said_in(low)
    if not said:
        return ()
    taken: list[Found] = []
    covered = bytearray(len(low))
    for rule in _grammar(words.language).rules:
        if not rule.needs <= said:
            continue
        for match in rule.pattern.finditer(low):
            begin, end = match.span()
            if 1 in covered[begin:end]:
                continue
            found = rule.reading(match, words, anchor)
            if found:
                taken.append(found)
                covered[found.start : found.end] = b"\1" * (found.end - found.start)
    if anchor == UNKNOWN:
        taken = [found for found in taken if found.year_given]
    return tuple(sorted(taken, key=lambda f: f.start))


Reading = Callable[[re.Match[str], Words, date], Found | None]


@dataclass(frozen=True)
class _Grammar:
    """The rules, each with the kinds of words it needs; and which words are of which kind."""

    kinds: dict[str, frozenset[str]]
    rules: tuple[_Rule, ...]

    def said_in(self, low: str) -> set[str]:
        """The kinds of the words in `low`: most sentences hold none, and few rules apply to the others."""
        tokens = words_in(low)
        said = {kind for kind, some in self.kinds.items() if not some.isdisjoint(tokens)}
        return said | {"digit"} if _DIGIT.search(low) else said


class _Rule:
    """A form of date: the kinds of words it needs, its pattern (compiled when first needed), its reading."""

    def __init__(self, needs: str, pattern: str, reading: Reading) -> None:
        self.needs = frozenset(needs.split())
        self._pattern = pattern
        self.reading = reading

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self._pattern)


_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")


@cache
def _grammar(language: str) -> _Grammar:
    from tracker.minutes.vocabulary import words as vocabulary  # noqa: PLC0415  (one per language)

    rules = tuple(_Rule(*rule) for rule in _rules(vocabulary(language)))
    return _Grammar(_kinds(vocabulary(language)), rules)


def _names(table: dict[str, object]) -> str:
    return "|".join(re.escape(name) for name in sorted(table, key=lambda n: (-len(n), n)))


def _kinds(words: Words) -> dict[str, frozenset[str]]:
    """For each kind of word a rule may need, one word of each of its phrases: the longest."""
    kinds: dict[str, Iterable[str]] = {
        "month": words.months,
        "weekday": words.weekdays,
        "feast": words.feasts,
        "unit": words.units,
        "week": words.every("week"),
        "quarter": (*words.every("quarter"), *words.every("half_year"), "q"),
        "this": [p for key in ("month_word", "year_word", "week_word") for p in words.every(key)],
        "year": words.every("end_of") + words.every("within"),
        "near": [p for key in _NEAR for p in words.every(key)],
    }
    return {
        kind: frozenset(max(_WORD.findall(p), key=len) for p in phrases) for kind, phrases in kinds.items()
    }


def _rules(words: Words) -> Iterator[tuple[str, str, Reading]]:
    """Each with the kinds of words it needs, in the order in which they are tried."""
    month, weekday = _names(dict(words.months)), _names(dict(words.weekdays))
    the = rf"(?:(?:{words.either('the')})\s+)?"
    lead_day = rf"(?:(?P<weekday>{weekday})\s*,?\s+)?{the}"
    day, tail = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?", rf"(?:\s*,?\s*(?P<year>{_YEAR}))?(?!\w)"
    to = rf"\s*(?:{_DASH}|(?:{words.either('to', 'and')})\s)\s*"
    part = words.either("end_of", "middle_of", "start_of", "within")
    lead_in = rf"(?:{words.either('due', 'from')}|i|in|by|til|over|etter|of)"
    units, numbers = _names(dict(words.units)), _names(dict(words.numbers))
    yield "digit", r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?![\d-])", readings.read_iso
    yield (
        "digit month",
        rf"(?<![\w./]){lead_day}{day}\.?\s?(?P<month>{month})?\.?(?:\s+(?P<year>{_YEAR}))?{to}"
        rf"(?:(?:{weekday})\s+)?{the}(?P<day2>[0-3]?\d)\.?\s?(?P<month2>{month})(?!\w)\.?"
        rf"(?:\s*(?P<year2>{_YEAR}))?",
        readings.read_span,
    )
    yield (
        "digit month",
        rf"(?<![\w./]){lead_day}{day}\.?\s*(?:of\s)?(?P<month>{month})(?!\w)\.?{tail}",
        readings.read_day,
    )
    english = rf"(?:(?P<weekday>{weekday}),?\s+)?(?P<month>{month})\s+{day}(?!\w){tail}"
    if words.language == "en":
        yield "digit month", rf"(?<!\w){english}", readings.read_day
    yield (
        "digit",
        rf"(?<![\w./,§-]){lead_day}(?P<from>[0-3]?\d)\.?\s?(?:{_DASH}|og)\s?(?P<day>[0-3]?\d)(?P<sep>[./])(?P<month>[01]?\d)"
        rf"(?:[./-](?P<year>{_YEAR}|\d\d)(?!\d))?(?P<stop>\.?)(?![\w/]|[-–]\d)",
        readings.read_numeric_span,
    )
    yield (
        "digit",
        rf"(?<![\w./,§-]){lead_day}(?P<day>[0-3]?\d)(?P<sep>[./])(?P<month>[01]?\d)"
        rf"(?:[./-](?P<year>{_YEAR}|\d\d)(?!\d))?(?P<stop>\.?)(?![\w/]|[-–]\d)",
        readings.read_numeric,
    )
    yield (
        "week digit",
        rf"(?<!\w)(?:{words.either('week')})\.?\s*(?P<week>[0-5]?\d)(?!\d)(?:\s*{_DASH}\s*(?P<week2>[0-5]?\d)(?!\d))?"
        rf"(?:\s*[(,]?\s*(?P<year>{_YEAR})\)?)?",
        readings.read_week,
    )
    yield (
        "quarter",
        rf"(?<!\w)(?P<lead>{part})?\s*(?P<number>[1-4]\.?|{_names(dict(words.ordinals))})\s*"
        rf"(?:(?:{words.either('quarter')})|(?P<half>{words.either('half_year')}))(?!\w){tail}",
        readings.read_quarter,
    )
    yield (
        "quarter",
        rf"(?<!\w)(?P<lead>{part})?\s*q(?P<number>[1-4])(?P<half>(?!))?(?!\w){tail}",
        readings.read_quarter,
    )
    ordinal = _names(dict(words.ordinals))
    yield (
        "weekday month",
        rf"(?<!\w)(?P<ordinal>{ordinal})\s+(?P<weekday>{weekday})\s+(?:i|in|of)\s+(?P<month>{month}){tail}",
        readings.read_ordinal,
    )
    yield (
        "feast",
        rf"(?<!\w)(?:{words.either('due', 'to')}|innen)\s+(?P<feast>{_names(dict(words.feasts))})(?!\w)",
        readings.read_feast,
    )
    unit = words.either("month_word", "year_word", "week_word")
    yield (
        "this",
        rf"(?<!\w)(?P<lead>{part})\s+(?P<unit>{unit})(?!\w)(?:\s+(?P<year>{_YEAR}))?",
        readings.read_this,
    )
    yield (
        "year",
        rf"(?<!\w)(?P<lead>{words.either('end_of', 'within')})\s+(?P<year>{_YEAR})(?!\w)",
        readings.read_year,
    )
    yield (
        "month",
        rf"(?<!\w)(?:(?P<lead>{part})|{lead_in})\s+(?P<month>{month})(?!\w){tail}",
        readings.read_month,
    )
    near = words.either(*_NEAR)
    yield "near", rf"(?<!\w)(?:{near})(?!\w)", readings.read_near
    yield (
        "weekday",
        rf"(?<!\w)(?:{words.either('weekday_prefix')})\s+(?:{words.either('coming')})?\s*(?P<weekday>{weekday})(?!\w)",
        readings.read_weekday,
    )
    yield (
        "unit",
        rf"(?<!\w)(?:om|innen|innan|within|in)\s+(?P<count>\d{{1,3}}|{numbers})\s+(?P<unit>{units})(?!\w)",
        readings.read_ahead,
    )


_TIME = r"(?P<{0}>[01]?\d|2[0-4])(?:[.:]?(?P<{1}>[0-5]\d))?"


@cache
def _clock(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    from tracker.minutes.vocabulary import words as vocabulary  # noqa: PLC0415

    lead = vocabulary(language).either("clock")
    to = rf"(?:\s*{_DASH}\s*|\s+(?:til|to)\s+)(?:(?:{lead})\s*)?"
    said = rf"(?<!\w)(?:{lead})\s*{_TIME.format('h', 'm')}(?!\d)(?:{to}{_TIME.format('h2', 'm2')}(?!\d))?"
    clock = r"(?P<h{0}>[01]?\d|2[0-3])[.:](?P<m{0}>[0-5]\d)"
    bare = rf"(?<![\d.:/-]){clock.format('')}\s*{_DASH}\s*{clock.format(2)}(?![\d.])"
    return re.compile(said), re.compile(bare)


@dataclass(frozen=True, slots=True)
class Times:
    """Hours of the day as "HH:MM", and where they stand."""

    start: str
    end: str | None
    span: tuple[int, int]


def times(low: str, language: str) -> Times | None:
    """The first "kl. 14.00 – 15.30" in `low`, or bare "14:00-15:30"."""
    for pattern in _clock(language):
        match = pattern.search(low)
        if match:
            begin = _hour(match["h"], match["m"])
            end = _hour(match["h2"], match["m2"]) if match["h2"] else None
            if begin and (end or not match["h2"]):
                return Times(begin, end, match.span())
    return None


def _hour(hour: str, minute: str | None) -> str | None:
    number = int(hour)
    return f"{number:02d}:{minute or '00'}" if number <= 23 else None
