"""The days of a series of meetings («Møteplan 2027»): every so many weeks, or the nth weekday of a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules import workdays

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)
MOST = 60  # days in a series


class DayOff(StrEnum):
    """Why nobody meets on a day of the series."""

    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    SUMMER = "summer"


@dataclass(frozen=True, slots=True)
class Series:
    """A rule from `first` to `last`, both included. `weekday` 0 is Monday.

    `position` None: every `interval` weeks; else the nth such weekday of every `interval` months (-1 is the
    last), reckoned from the month of `first`. `summer_off`: no meetings in July.
    """

    first: date
    last: date
    weekday: int
    interval: int = 1
    position: int | None = None
    summer_off: bool = True


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """A day that the rule gives, and why it should be left out, if it should."""

    day: date
    off: DayOff | None = None


def series_days(series: Series) -> list[SeriesDay]:
    """The days of the series, at most MOST, those that fall on days off marked, not moved."""
    found: list[SeriesDay] = []
    for day in _weekly(series) if series.position is None else _monthly(series, series.position):
        if day > series.last or len(found) == MOST:
            break
        if day >= series.first:
            found.append(SeriesDay(day, _off(day, series)))
    return found


def _weekly(series: Series) -> Iterator[date]:
    day = series.first + ONE_DAY * ((series.weekday - series.first.weekday()) % 7)
    while day <= series.last:
        yield day
        day += ONE_WEEK * max(series.interval, 1)


def _monthly(series: Series, position: int) -> Iterator[date]:
    month = series.first.replace(day=1)
    while month <= series.last:
        yield _nth(month, series.weekday, position)
        for _month in range(max(series.interval, 1)):
            month = _next_month(month)


def _nth(month: date, weekday: int, position: int) -> date:
    """The nth weekday of a month; the last one for -1. There are always four."""
    if position < 0:
        last = _next_month(month) - ONE_DAY
        return last - ONE_DAY * ((last.weekday() - weekday) % 7)
    return month + ONE_DAY * ((weekday - month.weekday()) % 7) + ONE_WEEK * (position - 1)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _off(day: date, series: Series) -> DayOff | None:
    if series.summer_off and day.month == 7:
        return DayOff.SUMMER
    if workdays.is_working_day(day):
        return None
    return DayOff.WEEKEND if day.weekday() >= 5 and not workdays.holiday_name(day) else DayOff.HOLIDAY
