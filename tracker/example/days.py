"""The days of the example, all counted from today, and how they are written in its minutes."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date

from tracker.rules import workdays

ROMJUL = {(12, day) for day in range(21, 32)} | {(1, 1), (1, 2), (1, 3)}
PATTERNS = {"lang": "EEEE d. MMMM y", "dag": "EEEE d. MMMM", "dato": "d. MMMM y", "kort": "d. MMMM"}


class Day(date):
    """A day that texts can ask for: `{m1:lang}`, `{m1:dag}`, `{m1:dato}`, `{m1:kort}`, else ISO."""

    def __format__(self, spec: str) -> str:
        return format_date(self, PATTERNS[spec], locale="nb") if spec else self.isoformat()


def days(today: date) -> dict[str, Day]:
    """Name → day. m0–m4: meetings of utvalget, k0–k2: of nettverket, g1 and g2: the gathering.

    m3 was held on the last working day: its minutes wait for review. m4 and k2 are to come. The rest are
    deadlines, named by how they stand today. All are working days.
    """
    latest = _meeting_before(today - timedelta(weeks=4))
    other = _meeting_before(min(today - timedelta(weeks=6), latest - timedelta(weeks=1)))
    past = {
        "m0": _meeting_before(today - timedelta(weeks=15)),
        "k0": _meeting_before(today - timedelta(weeks=12)),
        "m1": _meeting_before(today - timedelta(weeks=10)),
        "k1": other,
        "m2": latest,
        "m3": workdays.add(today, -1),
    }
    next_meeting = _meeting_from(today + timedelta(weeks=4, days=3))
    first = _gathering(max(today + timedelta(weeks=6), next_meeting + timedelta(weeks=1)))
    coming = {
        "k2": _meeting_from(today + timedelta(days=12)),
        "m4": next_meeting,
        "g1": first,
        "g2": first + timedelta(days=1),
        "week": _last_of_week(today),
        "next_week": _within_week(today + timedelta(weeks=1)),
        "later": workdays.on_or_after(today + timedelta(days=24)),
        "far": workdays.on_or_after(today + timedelta(days=52)),
        "seminar": _mid_week(today + timedelta(weeks=8)),
    }
    deadlines = {
        "long_over": workdays.add(past["m1"], 9),
        "was_early": workdays.add(past["m1"], 14),
        "was": workdays.add(past["m1"], 21),
        "was_lately": workdays.add(today, -9),
        "over": workdays.add(today, -11),
        "just_over": workdays.add(today, -4),
    }
    every = past | coming | deadlines
    return {name: Day(day.year, day.month, day.day) for name, day in every.items()}


def _people_meet(day: date) -> bool:
    """Whether bodies meet on such a day: a working day, and not between Christmas and New Year."""
    return workdays.is_working_day(day) and (day.month, day.day) not in ROMJUL


def _meeting_before(day: date) -> date:
    while not _people_meet(day):
        day -= workdays.ONE_DAY
    return day


def _meeting_from(day: date) -> date:
    while not _people_meet(day):
        day += workdays.ONE_DAY
    return day


def _gathering(day: date) -> date:
    """The first day from `day` that people can meet on, the day after too, and working days two and three
    weeks before, when things must be ready."""
    while not (
        all(_people_meet(day + timedelta(days=n)) for n in (0, 1))
        and all(workdays.is_working_day(day + timedelta(days=n)) for n in (-14, -21))
    ):
        day += workdays.ONE_DAY
    return day


def _last_of_week(today: date) -> date:
    """The last working day left of this week; on a weekend the first one after it."""
    sunday = today + timedelta(days=6 - today.weekday())
    last = workdays.on_or_before(sunday)
    return last if last >= today else workdays.on_or_after(today)


def _within_week(day: date) -> date:
    """A working day in the week of `day`: Wednesday, or the one nearest before or after it."""
    monday = day - timedelta(days=day.weekday())
    every = [monday + timedelta(days=n) for n in (2, 1, 0, 3, 4)]
    return next(filter(workdays.is_working_day, every))


def _mid_week(day: date) -> date:
    """A Tuesday, Wednesday or Thursday that is a working day, from `day` on."""
    while day.weekday() not in (1, 2, 3) or not _people_meet(day):
        day += workdays.ONE_DAY
    return day
