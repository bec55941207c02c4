"""The days of the calendar page: what happens when, as a list by months and as the weeks of one month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import groupby

from tracker.models import Meeting, Task
from tracker.rules.workdays import holiday_name

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting, or the deadline of a task, on the day it begins."""

    day: date
    meeting: Meeting | None = None
    task: Task | None = None

    @property
    def last_day(self) -> date:
        return self.meeting.ends_on if self.meeting else self.day

    @property
    def order(self) -> tuple[date, bool, time]:
        """Whole days and deadlines first, then by the clock."""
        starts = self.meeting.starts_at if self.meeting else None
        return self.day, starts is not None, starts or time()


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the month."""

    day: date
    inside: bool
    holiday: str | None
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Week:
    """A row of the month, with its ISO 8601 number."""

    number: int
    days: list[Day]


def entries(meetings: Iterable[Meeting], tasks: Iterable[Task]) -> list[Entry]:
    """Meetings and deadlines together, in the order they come."""
    found = [Entry(meeting.starts_on, meeting=meeting) for meeting in meetings]
    found += [Entry(task.due_on, task=task) for task in tasks if task.due_on is not None]
    return sorted(found, key=lambda entry: entry.order)


def by_month(found: list[Entry]) -> list[tuple[date, list[Entry]]]:
    """The entries under the first day of their month."""
    return [
        (first, list(group)) for first, group in groupby(found, key=lambda entry: entry.day.replace(day=1))
    ]


def asked_for(text: str, today: date) -> date:
    """The first day of the month «2026-03»; of this month when it is something else."""
    match = MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match else today.replace(day=1)


def next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def previous_month(first: date) -> date:
    return (first - ONE_DAY).replace(day=1)


def shown(first: date) -> tuple[date, date]:
    """The first Monday and the last Sunday that the page of a month shows."""
    last = next_month(first) - ONE_DAY
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def weeks(first: date, found: list[Entry]) -> list[Week]:
    """The weeks of a month, Monday first, each day with what goes on then."""
    monday, end = shown(first)
    rows = []
    while monday <= end:
        days = [_day(monday + n * ONE_DAY, first, found) for n in range(7)]
        rows.append(Week(monday.isocalendar().week, days))
        monday += ONE_WEEK
    return rows


def _day(day: date, first: date, found: list[Entry]) -> Day:
    here = [entry for entry in found if entry.day <= day <= entry.last_day]
    return Day(day, (day.year, day.month) == (first.year, first.month), holiday_name(day), here)
