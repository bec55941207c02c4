"""Working days in Norway, Easter, Christmas and the seventeenth of May."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.rules import workdays


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2022, 2, 1), True),  # a Tuesday
        (date(2022, 2, 5), False),  # Saturday
        (date(2022, 2, 6), False),  # Sunday
        (date(2022, 4, 13), True),  # Wednesday before Easter
        (date(2022, 4, 14), False),  # skjærtorsdag
        (date(2022, 4, 15), False),  # langfredag
        (date(2022, 4, 18), False),  # second day of Easter
        (date(2022, 5, 17), False),
        (date(2022, 5, 26), False),  # Kristi himmelfartsdag
        (date(2021, 12, 24), False),  # no public holiday, yet nobody works
        (date(2021, 12, 31), False),
        (date(2021, 12, 27), True),
        (date(2022, 1, 3), True),
    ],
)
def test_who_works_when(day: date, works: bool) -> None:
    assert workdays.is_working_day(day) is works


def test_holidays_are_named_in_bokmal() -> None:
    assert workdays.holiday_name(date(2022, 4, 14)) == "Skjærtorsdag"
    assert workdays.holiday_name(date(2022, 2, 1)) is None


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        (date(2022, 2, 1), 0, date(2022, 2, 1)),
        (date(2022, 2, 1), 3, date(2022, 2, 4)),
        (date(2022, 2, 4), 1, date(2022, 2, 7)),
        (date(2022, 2, 7), -1, date(2022, 2, 4)),
        (date(2022, 4, 19), -1, date(2022, 4, 13)),  # back over Easter
        (date(2022, 4, 13), 1, date(2022, 4, 19)),
        (date(2022, 2, 5), 1, date(2022, 2, 7)),  # from a Saturday
        (date(2021, 12, 23), 2, date(2021, 12, 28)),  # over Christmas
    ],
)
def test_counting_in_working_days(day: date, count: int, result: date) -> None:
    assert workdays.add(day, count) == result


def test_the_nearest_working_day() -> None:
    assert workdays.on_or_before(date(2022, 4, 17)) == date(2022, 4, 13)
    assert workdays.on_or_after(date(2022, 4, 14)) == date(2022, 4, 19)
    assert workdays.on_or_before(date(2022, 2, 1)) == workdays.on_or_after(date(2022, 2, 1))
