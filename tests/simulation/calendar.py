"""The Norwegian calendar, once more and by other means than the product's: for the oracle alone."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)


@cache
def easter_sunday(year: int) -> date:
    """By the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def free_days(year: int) -> frozenset[date]:
    """Public holidays (lov om helligdager § 2, lov om 1 og 17 mai), and 24 and 31 December."""
    fixed = [(1, 1), (5, 1), (5, 17), (12, 24), (12, 25), (12, 26), (12, 31)]
    moving = [-3, -2, 0, 1, 39, 49, 50]
    easter = easter_sunday(year)
    return frozenset(
        [date(year, month, day) for month, day in fixed]
        + [easter + timedelta(days=offset) for offset in moving]
    )


def works(day: date) -> bool:
    """Whether people are at work."""
    return day.isoweekday() <= 5 and day not in free_days(day.year)


def no_later(day: date) -> date:
    """The day itself, or the working day before it."""
    while not works(day):
        day -= ONE_DAY
    return day


def no_earlier(day: date) -> date:
    """The day itself, or the working day after it."""
    while not works(day):
        day += ONE_DAY
    return day


def count(day: date, working_days: int) -> date:
    """So many working days after the day; before it when negative."""
    direction = ONE_DAY if working_days > 0 else -ONE_DAY
    left = abs(working_days)
    while left:
        day += direction
        left -= works(day)
    return day
