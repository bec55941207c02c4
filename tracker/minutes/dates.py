"""The grammar of dates: every way minutes write a day, a range, a week or a period.

Day comes before month. A day without year is the next such day after the meeting; a period runs to its
last day, a week to its Sunday, a weekday points forward (docs: DOMAIN, "Dates that trip programs").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from tracker.minutes.vocabulary import Words

Kind = Literal["day", "range", "week", "period", "weekday", "relative", "feast"]
_YEAR = r"(?:19|20)\d\d"
_DASH = r"(?:-|–|—)"
_RECENT = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Found:
    """A date phrase at `start`–`end` of the text searched. `first` to `last` are the days it spans.

    `weekday` is the weekday the text gives it (0 Monday), `year_given` whether it says a year, `passed`
    whether a day without year was just over when the text was written (then it may be meant backwards).
    """

    start: int
    end: int
    first: date
    last: date
    kind: Kind
    year_given: bool = False
    weekday: int | None = None
    passed: bool = False

    @property
    def wrong_weekday(self) -> bool:
        return self.weekday is not None and self.weekday != self.first.weekday()

    @property
    def past_first(self) -> date:
        """The same day a year earlier, for a day without year that is meant backwards."""
        return _safe(self.first.year - 1, self.first.month, self.first.day) or self.first


def easter(year: int) -> date:
    """Easter Sunday (Meeus, Jones and Butcher's rule)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def public_holiday(day: date) -> str | None:
    """The Norwegian public holiday on `day`, or None.

    The reader's own, since `tracker.rules.workdays` loads a package that takes longer than a whole reading.
    """
    fixed = {(1, 1): "første nyttårsdag", (5, 1): "første mai", (5, 17): "grunnlovsdagen",
             (12, 25): "første juledag", (12, 26): "andre juledag"}  # fmt: skip
    moving = {-3: "skjærtorsdag", -2: "langfredag", 0: "første påskedag", 1: "andre påskedag",
              39: "Kristi himmelfartsdag", 49: "første pinsedag", 50: "andre pinsedag"}  # fmt: skip
    return fixed.get((day.month, day.day)) or moving.get((day - easter(day.year)).days)


def find(low: str, words: Words, anchor: date) -> list[Found]:
    """Every date phrase in `low` (lower case), in order; where phrases overlap the earlier rule wins."""
    grammar = _grammar(words.language)
    if not grammar.hint.search(low):
        return []
    taken: list[Found] = []
    for pattern, reading in grammar.rules:
        for match in pattern.finditer(low):
            if any(match.start() < t.end and t.start < match.end() for t in taken):
                continue
            found = reading(match, words, anchor)
            if found:
                taken.append(found)
    return sorted(taken, key=lambda f: f.start)


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def year_of(digits: str) -> int:
    """A year of two or four digits."""
    year = int(digits)
    return year if year > 99 else 2000 + year if year < 80 else 1900 + year


def _forward(month: int, day: int, anchor: date) -> tuple[date, bool] | None:
    """The next such day from `anchor` on, and whether the last one is only just over."""
    for year in range(anchor.year, min(anchor.year + 9, 9999)):
        found = _safe(year, month, day)
        if found and found >= anchor:
            before = _safe(year - 1, month, day)
            return found, before is not None and anchor - before < _RECENT
    return None


def _day(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month = words.months[match["month"]]
    weekday = words.weekdays.get(match["weekday"] or "")
    return _one(match, int(match["day"]), month, match["year"], weekday, anchor)


def _one(
    match: re.Match[str], day: int, month: int, year: str | None, weekday: int | None, anchor: date
) -> Found | None:
    end = match.end()
    if year:
        said = _safe(year_of(year), month, day)
        return said and Found(match.start(), end, said, said, "day", year_given=True, weekday=weekday)
    next_one = _forward(month, day, anchor)
    if not next_one:
        return None
    when, passed = next_one
    return Found(match.start(), end, when, when, "day", weekday=weekday, passed=passed)


def _numeric(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    before = match.string[max(0, match.start() - 12) : match.start()].rstrip()
    if before.endswith(
        ("§", "kr", "kl", "kl.", "klokka", "klokken", "sak", "nr", "nr.", "pkt", "pkt.", "ps", "/")
    ):
        return None
    weekday = words.weekdays.get(match["weekday"] or "")
    alone = match.group().strip() == match.string.strip()
    led = weekday is not None or alone or bool(_LED.search(before))
    if not year and not led and not (match["sep"] == "." and match["stop"]):
        return None
    return _one(match, day, month, year, weekday, anchor)


_LED = re.compile(r"(?:^|\W)(?:innen|innan|den|til|før|frist|senest|seinast|by|dato|fra|frå|og|–|-)\s*:?$")


def _iso(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    said = _safe(int(match["y"]), int(match["m"]), int(match["d"]))
    return said and Found(match.start(), match.end(), said, said, "day", year_given=True)


def _range(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month = words.months[match["month2"]]
    first_month = words.months[match["month"]] if match["month"] else month
    year = match["year2"] or match["year"]
    last = _one(match, int(match["day2"]), month, year, None, anchor)
    if not last:
        return None
    first = _safe(last.first.year - (first_month > month), first_month, int(match["day"]))
    if not first or first > last.first or (last.first - first).days > 60:
        return None
    weekday = words.weekdays.get(match["weekday"] or "")
    return replace(last, first=first, last=last.first, kind="range", weekday=weekday, year_given=bool(year))


def _week(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    number, last = int(match["week"]), int(match["week2"] or match["week"])
    years = [int(match["year"])] if match["year"] else [anchor.year, anchor.year + 1]
    for year in years:
        try:
            monday = date.fromisocalendar(year, number, 1)
            sunday = date.fromisocalendar(year, max(last, number), 7)
        except ValueError:
            continue
        if match["year"] or sunday >= anchor:
            given = bool(match["year"])
            return Found(match.start(), match.end(), monday, sunday, "week", year_given=given)
    return None


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _month(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month = words.months[match["month"]]
    if match["year"]:
        year = int(match["year"])
    else:
        year = anchor.year + (month < anchor.month)
    first, last = date(year, month, 1), _month_end(year, month)
    return _part(match, first, last, words)


def _part(match: re.Match[str], first: date, last: date, words: Words) -> Found:
    lead = match["lead"] or ""
    if re.fullmatch(words.either("middle_of"), lead):
        first = last = first + timedelta(days=14)
    elif re.fullmatch(words.either("start_of"), lead):
        last = first + timedelta(days=9)
    elif re.fullmatch(words.either("end_of"), lead):
        first = last
    given = bool(match.groupdict().get("year"))
    return Found(match.start(), match.end(), first, last, "period", year_given=given)


def _this(match: re.Match[str], words: Words, anchor: date) -> Found:
    """ "utgangen av måneden", "i løpet av året", "innen utgangen av uka"."""
    unit = match["unit"]
    if unit in words.those("month_word"):
        first, last = anchor.replace(day=1), _month_end(anchor.year, anchor.month)
    elif unit in words.those("year_word"):
        year = int(match["year"] or anchor.year)
        first, last = date(year, 1, 1), date(year, 12, 31)
    else:
        first = anchor - timedelta(days=anchor.weekday())
        last = first + timedelta(days=6)
    return _part(match, first, last, words)


def _quarter(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    half = match["half"] is not None
    number = words.ordinals.get(match["number"]) or int(match["number"].rstrip(".") or 0)
    length = 6 if half else 3
    if not 1 <= number <= 12 // length:
        return None
    year = int(match["year"]) if match["year"] else anchor.year
    last = _month_end(year, number * length)
    if not match["year"] and last < anchor:
        last = _month_end(year + 1, number * length)
    first = date(last.year, last.month - length + 1, 1)
    return _part(match, first, last, words)


def _ordinal(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month, wanted = words.months[match["month"]], words.weekdays[match["weekday"]]
    year = int(match["year"]) if match["year"] else anchor.year + (month < anchor.month)
    count = words.ordinals[match["ordinal"]]
    if count == -1:
        day = _month_end(year, month)
        day -= timedelta(days=(day.weekday() - wanted) % 7)
    else:
        day = date(year, month, 1)
        day += timedelta(days=(wanted - day.weekday()) % 7 + 7 * (count - 1))
    return Found(match.start(), match.end(), day, day, "day", year_given=bool(match["year"]))


def _feast(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    rule = words.feasts[match["feast"]]
    for year in (anchor.year, anchor.year + 1):
        if rule.startswith("easter"):
            day = easter(year) + timedelta(days=int(rule[6:]))
        else:
            day = date(year, int(rule[:2]), int(rule[3:]))
        if day >= anchor:
            return Found(match.start(), match.end(), day, day, "feast")
    return None


def _weekday(match: re.Match[str], words: Words, anchor: date) -> Found:
    wanted = words.weekdays[match["weekday"]]
    day = anchor + timedelta(days=(wanted - anchor.weekday() - 1) % 7 + 1)
    return Found(match.start("weekday"), match.end(), day, day, "weekday")


def _ahead(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    count = words.numbers.get(match["count"]) or int(match["count"] if match["count"].isdigit() else 0)
    day = anchor + timedelta(days=min(count, 400) * words.units[match["unit"]])
    return Found(match.start(), match.end(), day, day, "relative")


def _near(match: re.Match[str], words: Words, anchor: date) -> Found:
    said = match.group()
    if re.fullmatch(words.either("next_week", "this_week"), said):
        monday = anchor - timedelta(days=anchor.weekday())
        monday += timedelta(days=7 if re.fullmatch(words.either("next_week"), said) else 0)
        return Found(match.start(), match.end(), monday, monday + timedelta(days=6), "week")
    shift = 1 if said in words.those("tomorrow") else -1 if said in words.those("yesterday") else 0
    day = anchor + timedelta(days=shift)
    return Found(match.start(), match.end(), day, day, "relative")


Reading = Callable[[re.Match[str], Words, date], Found | None]


@dataclass(frozen=True)
class _Grammar:
    hint: re.Pattern[str]
    rules: tuple[tuple[re.Pattern[str], Reading], ...]


@cache
def _grammar(language: str) -> _Grammar:
    from tracker.minutes.vocabulary import words as vocabulary  # noqa: PLC0415  (one per language)

    return _Grammar(_hint(vocabulary(language)), tuple(_rules(vocabulary(language))))


def _names(table: dict[str, object]) -> str:
    return "|".join(re.escape(name) for name in sorted(table, key=lambda n: (-len(n), n)))


def _hint(words: Words) -> re.Pattern[str]:
    keys = ("next_week", "this_week", "tomorrow", "today", "yesterday", "end_of", "middle_of", "within")
    tables = "|".join(_names(dict(t)) for t in (words.months, words.weekdays, words.feasts, words.units))
    return re.compile(rf"\d|(?<!\w)(?:{words.either(*keys)}|{tables})(?!\w)")


def _rules(words: Words) -> Iterator[tuple[re.Pattern[str], Reading]]:
    month, weekday = _names(dict(words.months)), _names(dict(words.weekdays))
    the = rf"(?:(?:{words.either('the')})\s+)?"
    lead_day = rf"(?:(?P<weekday>{weekday})\s*,?\s+)?{the}"
    day, tail = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?", rf"(?:\s*,?\s*(?P<year>{_YEAR}))?(?!\w)"
    to = rf"\s*(?:{_DASH}|(?:{words.either('to', 'and')})\s)\s*"
    part = words.either("end_of", "middle_of", "start_of", "within")
    lead_in = rf"(?:{words.either('due', 'from')}|i|in|by|til|over|etter|of)"
    units, numbers = _names(dict(words.units)), _names(dict(words.numbers))
    yield re.compile(r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?![\d-])"), _iso
    yield (
        re.compile(
            rf"(?<![\w./]){lead_day}{day}\.?\s?(?P<month>{month})?\.?(?:\s+(?P<year>{_YEAR}))?{to}"
            rf"(?:(?:{weekday})\s+)?{the}(?P<day2>[0-3]?\d)\.?\s?(?P<month2>{month})(?!\w)\.?"
            rf"(?:\s*(?P<year2>{_YEAR}))?"
        ),
        _range,
    )
    yield re.compile(rf"(?<![\w./]){lead_day}{day}\.?\s*(?P<month>{month})(?!\w)\.?{tail}"), _day
    english = rf"(?:(?P<weekday>{weekday}),?\s+)?(?P<month>{month})\s+{day}(?!\w){tail}"
    if words.language == "en":
        yield re.compile(rf"(?<!\w){english}"), _day
    yield (
        re.compile(
            rf"(?<![\w./,§-]){lead_day}(?P<day>[0-3]?\d)(?P<sep>[./])(?P<month>[01]?\d)"
            rf"(?:[./-](?P<year>{_YEAR}|\d\d)(?!\d))?(?P<stop>\.?)(?![\w/]|[-–]\d)"
        ),
        _numeric,
    )
    yield (
        re.compile(
            rf"(?<!\w)(?:{words.either('week')})\.?\s*(?P<week>[0-5]?\d)(?!\d)(?:\s*{_DASH}\s*(?P<week2>[0-5]?\d)(?!\d))?"
            rf"(?:\s*[(,]?\s*(?P<year>{_YEAR})\)?)?"
        ),
        _week,
    )
    yield (
        re.compile(
            rf"(?<!\w)(?P<lead>{part})?\s*(?P<number>[1-4]\.?|{_names(dict(words.ordinals))})\s*"
            rf"(?:(?:{words.either('quarter')})|(?P<half>{words.either('half_year')}))(?!\w){tail}"
        ),
        _quarter,
    )
    ordinal = _names(dict(words.ordinals))
    yield (
        re.compile(
            rf"(?<!\w)(?P<ordinal>{ordinal})\s+(?P<weekday>{weekday})\s+(?:i|in|of)\s+(?P<month>{month}){tail}"
        ),
        _ordinal,
    )
    yield (
        re.compile(
            rf"(?<!\w)(?:{words.either('due', 'to')}|innen)\s+(?P<feast>{_names(dict(words.feasts))})(?!\w)"
        ),
        _feast,
    )
    unit = words.either("month_word", "year_word", "week_word")
    yield re.compile(rf"(?<!\w)(?P<lead>{part})\s+(?P<unit>{unit})(?!\w)(?:\s+(?P<year>{_YEAR}))?"), _this
    yield re.compile(rf"(?<!\w)(?:(?P<lead>{part})|{lead_in})\s+(?P<month>{month})(?!\w){tail}"), _month
    near = words.either("next_week", "this_week", "tomorrow", "today", "yesterday")
    yield re.compile(rf"(?<!\w)(?:{near})(?!\w)"), _near
    yield (
        re.compile(
            rf"(?<!\w)(?:{words.either('weekday_prefix')})\s+(?:{words.either('coming')})?\s*(?P<weekday>{weekday})(?!\w)"
        ),
        _weekday,
    )
    yield (
        re.compile(
            rf"(?<!\w)(?:om|innen|innan|within|in)\s+(?P<count>\d{{1,3}}|{numbers})\s+(?P<unit>{units})(?!\w)"
        ),
        _ahead,
    )


_TIME = r"(?P<{0}>[01]?\d|2[0-4])(?:[.:]?(?P<{1}>[0-5]\d))?"


@cache
def _clock(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    from tracker.minutes.vocabulary import words as vocabulary  # noqa: PLC0415

    lead = vocabulary(language).either("clock")
    to = rf"(?:\s*{_DASH}\s*|\s+(?:til|to)\s+)(?:(?:{lead})\s*)?"
    said = rf"(?<!\w)(?:{lead})\s*{_TIME.format('h', 'm')}(?!\d)(?:{to}{_TIME.format('h2', 'm2')}(?!\d))?"
    bare = rf"(?<![\d.:/-])(?P<h>[01]?\d|2[0-3])[.:](?P<m>[0-5]\d)\s*{_DASH}\s*(?P<h2>[01]?\d|2[0-3])[.:](?P<m2>[0-5]\d)(?![\d.])"
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
