"""Working days in Norway: not Saturday, Sunday or a public holiday, nor 24 and 31 December.

The 24th and 31st are no public holidays, yet nobody works in these bodies then.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)


@cache
def _holidays(year: int) -> dict[date, str]:
    from holidays.countries.norway import Norway  # noqa: PLC0415 - loads every country, 0.3 s

    return dict(Norway(years=year, language="no"))


def holiday_name(day: date) -> str | None:
    """What the public holiday on `day` is called (bokmål), or None."""
    return _holidays(day.year).get(day)


def is_working_day(day: date) -> bool:
    """Whether people in a Norwegian office work on `day`."""
    if day.weekday() >= 5 or (day.month == 12 and day.day in (24, 31)):
        return False
    return day not in _holidays(day.year)


def on_or_before(day: date) -> date:
    """`day` itself if it is a working day, else the last one before it."""
    while not is_working_day(day):
        day -= ONE_DAY
    return day


def on_or_after(day: date) -> date:
    """`day` itself if it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


def add(day: date, count: int) -> date:
    """The working day `count` working days after `day` (before it when negative). `count` 0 gives `day`."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day
