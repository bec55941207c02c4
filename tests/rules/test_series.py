"""A rule gives the days of a year's meetings, and says on which of them nobody meets."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.rules.series import MOST, DayOff, Series, series_days

NEW_YEAR, NEW_YEARS_EVE = date(2027, 1, 1), date(2027, 12, 31)
MONDAY, TUESDAY, THURSDAY, SATURDAY = 0, 1, 3, 5


def days(*rule: int | None, summer_off: bool = True) -> list[str]:
    weekday, interval, position = rule
    assert weekday is not None
    assert interval is not None
    found = series_days(Series(NEW_YEAR, NEW_YEARS_EVE, weekday, interval, position, summer_off))
    return [f"{one.day:%d.%m}{' ' + one.off if one.off else ''}" for one in found]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ((MONDAY, 1, 1), "04.01 01.02 01.03 05.04 03.05 07.06 05.07 summer 02.08 06.09 04.10 01.11 06.12"),
        ((MONDAY, 2, 4), "25.01 22.03 24.05 26.07 summer 27.09 22.11"),
        ((THURSDAY, 3, -1), "28.01 29.04 29.07 summer 28.10"),
    ],
    ids=["the first Monday", "the fourth Monday, every other month", "the last Thursday of a quarter"],
)
def test_the_nth_weekday_of_a_month(rule: tuple[int, int, int], expected: str) -> None:
    assert " ".join(days(*rule)) == expected


def test_every_so_many_weeks_with_holidays_marked_not_moved() -> None:
    found = days(MONDAY, 4, None)
    assert found[:4] == ["04.01", "01.02", "01.03", "29.03 holiday"]  # the second day of Easter
    assert len(found) == 13


def test_the_days_before_christmas_and_new_year_are_no_meeting_days() -> None:
    assert series_days(Series(date(2027, 12, 24), NEW_YEARS_EVE, 4))[0].off is DayOff.HOLIDAY
    assert [one.off for one in series_days(Series(NEW_YEAR, date(2027, 1, 9), SATURDAY))] == [
        DayOff.WEEKEND,
        DayOff.WEEKEND,
    ]


def test_july_can_be_kept() -> None:
    assert "06.07" in days(TUESDAY, 1, 1, summer_off=False)


def test_only_days_within_the_period_and_not_without_end() -> None:
    inside = Series(date(2027, 2, 2), date(2027, 5, 2), MONDAY, 1, 1)
    assert [one.day for one in series_days(inside)] == [date(2027, 3, 1), date(2027, 4, 5)]
    assert series_days(Series(NEW_YEARS_EVE, NEW_YEAR, MONDAY)) == []
    assert len(series_days(Series(NEW_YEAR, date(2040, 1, 1), MONDAY))) == MOST
