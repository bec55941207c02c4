"""What each form of a date comes to: a match of the grammar read as days.

A day without year is the next such day after the meeting; a period runs to its last day, a week to its
Sunday, a weekday points forward (DOMAIN, "Dates that trip programs").
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from tracker.minutes.event_nouns import noun_in
from tracker.minutes.feasts import easter
from tracker.minutes.values import value_object
from tracker.minutes.vocabulary import Words

_RECENT = timedelta(days=100)
Kind = Literal["day", "range", "week", "period", "weekday", "relative", "feast"]


@value_object
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


def read_day(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month = words.months[match["month"]]
    weekday = words.weekdays.get(match["weekday"] or "")
    return _one(match, int(match["day"]), month, match["year"], weekday, anchor)


def _one(
    match: re.Match[str], day: int, month: int, year: str | None, weekday: int | None, anchor: date
) -> Found | None:
    end = match.end()
    if year:
        said = _safe(year_of(year), month, day)
        return (
            Found(match.start(), end, said, said, "day", year_given=True, weekday=weekday) if said else None
        )
    next_one = _forward(month, day, anchor)
    if not next_one:
        return None
    when, passed = next_one
    return Found(match.start(), end, when, when, "day", weekday=weekday, passed=passed)


def read_numeric(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    before = match.string[max(0, match.start() - 30) : match.start()].rstrip()
    if before.endswith(
        ("§", "kr", "kl", "kl.", "klokka", "klokken", "sak", "nr", "nr.", "pkt", "pkt.", "ps", "/")
    ):
        return None
    weekday = words.weekdays.get(match["weekday"] or "")
    alone = match.group().strip() == match.string.strip()
    timed = match.string.startswith((" kl", ", kl"), match.end())
    led = weekday is not None or alone or timed or bool(_LED.search(before)) or _after_event(before, words)
    led = led or (not before and _opens_with_event(match.string[match.end() : match.end() + 40], words))
    if not year and not led and not (match["sep"] == "." and match["stop"]):
        return None
    return _one(match, day, month, year, weekday, anchor)


def _after_event(before: str, words: Words) -> bool:
    """Whether the words before a date end with what happens then: "aktivitetsdagen 17/10"."""
    last = before.rsplit(None, 1)[-1:]
    return bool(last) and any(noun.end() == len(last[0]) for noun in noun_in(last[0], words))


def _opens_with_event(after: str, words: Words) -> bool:
    """Whether the words behind a date that opens a line say what happens then: "3/6 Sommerfest"."""
    first = after.lstrip(" :–-").split(maxsplit=1)[:1]
    return bool(first) and any(noun.start() == 0 for noun in noun_in(first[0], words))


def read_numeric_span(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    """ "6-8/11", "18.–19.09": days of one month, behind what happens then or a word that leads to dates."""
    last = read_numeric(match, words, anchor)
    if last is None or (last.wrong_weekday and match["year"] is None):
        return None
    first = _safe(last.first.year, last.first.month, int(match["from"]))
    if first is None or not 0 < (last.first - first).days < 21:
        return None
    return replace(last, first=first, kind="range", weekday=None)


_LED = re.compile(
    r"(?:^|\W)(?:before|until|latest|due|til og med"
    r"|innen|innan|den|til|før|frist|senest|seinast|by|dato|fra|frå|og|starter|–|-|er|blir|vert|frist(?:en)?(?:\s[^\W\d_]+){1,3})\s*:?$"
)


def read_iso(match: re.Match[str], _words: Words, _anchor: date) -> Found | None:
    said = _safe(int(match["y"]), int(match["m"]), int(match["d"]))
    return Found(match.start(), match.end(), said, said, "day", year_given=True) if said else None


_BESIDE = re.compile(r"\s(?:og|and)\s")


def read_span(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month = words.months[match["month2"]]
    first_month = words.months[match["month"]] if match["month"] else month
    year = match["year2"] or match["year"]
    last = _one(match, int(match["day2"]), month, year, None, anchor)
    if not last:
        return None
    first = _safe(last.first.year - (first_month > month), first_month, int(match["day"]))
    if not first or first > last.first or (last.first - first).days > 60:
        return None
    if match["month"] and (last.first - first).days > 14 and _BESIDE.search(match.group()):
        return None  # "18. desember og 22. januar" are two days
    weekday = words.weekdays.get(match["weekday"] or "")
    return replace(last, first=first, last=last.first, kind="range", weekday=weekday, year_given=bool(year))


def read_week(match: re.Match[str], _words: Words, anchor: date) -> Found | None:
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


def read_month(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    month = words.months[match["month"]]
    year = int(match["year"]) if match["year"] else anchor.year + (month < anchor.month)
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


def read_this(match: re.Match[str], words: Words, anchor: date) -> Found:
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


def read_year(match: re.Match[str], words: Words, _anchor: date) -> Found:
    """ "innen utgangen av 2023", "i løpet av 2024"."""
    year = int(match["year"])
    return _part(match, date(year, 1, 1), date(year, 12, 31), words)


def read_quarter(match: re.Match[str], words: Words, anchor: date) -> Found | None:
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


def read_ordinal(match: re.Match[str], words: Words, anchor: date) -> Found | None:
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


def read_feast(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    rule = words.feasts[match["feast"]]
    for year in (anchor.year, anchor.year + 1):
        if rule.startswith("easter"):
            day = easter(year) + timedelta(days=int(rule[6:]))
        else:
            day = date(year, int(rule[:2]), int(rule[3:]))
        if day >= anchor:
            return Found(match.start(), match.end(), day, day, "feast")
    return None


def read_weekday(match: re.Match[str], words: Words, anchor: date) -> Found:
    wanted = words.weekdays[match["weekday"]]
    day = anchor + timedelta(days=(wanted - anchor.weekday() - 1) % 7 + 1)
    return Found(match.start("weekday"), match.end(), day, day, "weekday")


def read_ahead(match: re.Match[str], words: Words, anchor: date) -> Found | None:
    count = words.numbers.get(match["count"]) or int(match["count"] if match["count"].isdigit() else 0)
    day = anchor + timedelta(days=min(count, 400) * words.units[match["unit"]])
    return Found(match.start(), match.end(), day, day, "relative")


def read_near(match: re.Match[str], words: Words, anchor: date) -> Found:
    said = match.group()
    if re.fullmatch(words.either("next_week", "this_week"), said):
        monday = anchor - timedelta(days=anchor.weekday())
        monday += timedelta(days=7 if re.fullmatch(words.either("next_week"), said) else 0)
        return Found(match.start(), match.end(), monday, monday + timedelta(days=6), "week")
    shift = 1 if said in words.those("tomorrow") else -1 if said in words.those("yesterday") else 0
    day = anchor + timedelta(days=shift)
    return Found(match.start(), match.end(), day, day, "relative")
