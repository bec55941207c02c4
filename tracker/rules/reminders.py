"""Reminders: which, to whom, when, and why not. Pure; the ledger is passed in.

Default rhythm (DOMAIN.md): on assignment; 7 days before; 1 working day before; overdue 3 working days
after, then weekly, at most 3; then nothing but the secretary's list. Always on a working day: a step
before the deadline moves earlier, one after it later.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from tracker.rules import workdays


class Step(StrEnum):
    """A step of the rhythm, in the order of a task's life."""

    ASSIGNED = "assigned"
    BEFORE = "before"
    DAY_BEFORE = "day_before"
    OVERDUE_1 = "overdue_1"
    OVERDUE_2 = "overdue_2"
    OVERDUE_3 = "overdue_3"

    @property
    def overdue(self) -> bool:
        return self.value.startswith("overdue")


OVERDUE_STEPS = (Step.OVERDUE_1, Step.OVERDUE_2, Step.OVERDUE_3)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a body's people are reminded. 0 leaves a step out."""

    on_assignment: bool = True
    days_before: int = 7
    working_days_before: int = 1
    overdue_after: int = 3  # working days
    overdue_every: int = 7  # days
    overdue_most: int = 3  # 0–3
    hour: time = time(7, 0)  # civil time of the body


@dataclass(frozen=True, slots=True)
class Due:
    """One step and the working day it belongs to."""

    step: Step
    on: date


HORIZON_BEFORE = timedelta(days=60)  # no rhythm reaches further ahead of a deadline
LAPSES = timedelta(days=30)  # a notice this old isn't sent any more
HORIZON_AFTER = timedelta(days=120)  # no notice is sent later than this after a deadline


def steps(due_on: date, rhythm: Rhythm, *, contributor: bool = False) -> list[Due]:
    """The steps of a task with the deadline `due_on`, by day. Contributors get no overdue notices.

    Two steps may share a day (a rhythm of "1 day before" and "1 working day before"); the later one counts.
    """
    found: list[Due] = []
    if rhythm.days_before:
        found.append(Due(Step.BEFORE, workdays.on_or_before(due_on - timedelta(days=rhythm.days_before))))
    if rhythm.working_days_before:
        found.append(Due(Step.DAY_BEFORE, workdays.add(due_on, -rhythm.working_days_before)))
    if not contributor and rhythm.overdue_after:
        first = workdays.add(due_on, rhythm.overdue_after)
        for number, step in enumerate(OVERDUE_STEPS[: rhythm.overdue_most]):
            on = workdays.on_or_after(first + timedelta(days=rhythm.overdue_every * number))
            found.append(Due(step, on))
    return sorted(found, key=lambda due: due.on)


def current_step(due_on: date, rhythm: Rhythm, today: date, *, contributor: bool = False) -> Due | None:
    """The step that counts `today`: the latest that has come, while it still is true.

    After days of downtime a missed step thus goes once, and one that a later step has replaced does not.
    A notice that couldn't go for a month doesn't: the task has been on the secretary's list for as long.
    """
    come = [due for due in steps(due_on, rhythm, contributor=contributor) if due.on <= today]
    if not come or (not come[-1].step.overdue and today > due_on):  # "one day left" is no longer true
        return None
    if come[-1].step.overdue and today > come[-1].on + LAPSES:
        return None
    return come[-1]


def first_reminder(due_on: date, rhythm: Rhythm, today: date, *, contributor: bool = False) -> date | None:
    """The day after `today` that a reminder before the deadline comes, if any."""
    ahead = steps(due_on, rhythm, contributor=contributor)
    return next((due.on for due in ahead if due.on > today and not due.step.overdue), None)


def due_step(
    due_on: date,
    rhythm: Rhythm,
    *,
    assigned_on: date,
    today: date,
    sent: Collection[tuple[Step, date]],
    contributor: bool = False,
) -> Due | None:
    """The step that should go out `today`, or None. Nothing goes on a day when nobody works.

    A step on or before the day of assignment is covered by the assignment mail. `sent` holds the
    (step, day) pairs already in the ledger.
    """
    if not workdays.is_working_day(today):
        return None
    due = current_step(due_on, rhythm, today, contributor=contributor)
    if due is None or due.on <= assigned_on or (due.step, due.on) in sent:
        return None
    return due


def escalated(due_on: date, rhythm: Rhythm, today: date) -> bool:
    """Whether every overdue notice has had its day: now only the secretary's list shows the task."""
    notices = [due for due in steps(due_on, rhythm) if due.step.overdue]
    return today > due_on and (not notices or today > notices[-1].on)


def paused(pause_from: date | None, pause_until: date | None, today: date) -> bool:
    """Whether a person's pause (both days included) covers `today`."""
    if pause_from is None and pause_until is None:
        return False
    return (pause_from or date.min) <= today <= (pause_until or date.max)
