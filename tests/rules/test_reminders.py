"""The rhythm: which reminder, to whom, when, and why not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tracker.rules import workdays
from tracker.rules.reminders import (
    Due,
    Rhythm,
    Step,
    current_step,
    due_step,
    escalated,
    first_reminder,
    paused,
    steps,
)

USUAL = Rhythm()
LONG_AGO = date(2020, 1, 1)
B, D, O1, O2, O3 = Step.BEFORE, Step.DAY_BEFORE, Step.OVERDUE_1, Step.OVERDUE_2, Step.OVERDUE_3


def day(written: str) -> date:
    return date.fromisoformat(written)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        # the example on the settings page (UI.md § 4.12)
        ("2022-02-01", ["2022-01-25", "2022-01-31", "2022-02-04", "2022-02-11", "2022-02-18"]),
        # Easter: 7 days before the Wednesday after it, and notices that step over the holidays
        ("2022-04-20", ["2022-04-13", "2022-04-19", "2022-04-25", "2022-05-02", "2022-05-09"]),
        ("2022-04-11", ["2022-04-04", "2022-04-08", "2022-04-19", "2022-04-26", "2022-05-03"]),
        # Christmas: nobody is written to on the 24th, 25th, 26th or 31st
        ("2021-12-31", ["2021-12-23", "2021-12-30", "2022-01-05", "2022-01-12", "2022-01-19"]),
        ("2021-12-22", ["2021-12-15", "2021-12-21", "2021-12-28", "2022-01-04", "2022-01-11"]),
        # a deadline on a Sunday
        ("2022-02-06", ["2022-01-28", "2022-02-04", "2022-02-09", "2022-02-16", "2022-02-23"]),
    ],
)
def test_the_usual_rhythm(due_on: str, expected: list[str]) -> None:
    found = steps(day(due_on), USUAL)
    assert [due.step for due in found] == [B, D, O1, O2, O3]
    assert [due.on for due in found] == [day(written) for written in expected]


def test_contributors_get_no_overdue_notices() -> None:
    assert [due.step for due in steps(day("2022-02-01"), USUAL, contributor=True)] == [B, D]


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        (Rhythm(days_before=0), [D, O1, O2, O3]),
        (Rhythm(working_days_before=0), [B, O1, O2, O3]),
        (Rhythm(overdue_after=0), [B, D]),
        (Rhythm(overdue_most=1), [B, D, O1]),
        (Rhythm(overdue_most=0), [B, D]),
        (Rhythm(days_before=2, working_days_before=5), [D, B, O1, O2, O3]),  # by day, not by name
    ],
)
def test_a_body_may_leave_steps_out_or_turn_them_round(rhythm: Rhythm, expected: list[Step]) -> None:
    assert [due.step for due in steps(day("2022-02-01"), rhythm)] == expected


def sent_on(due_on: str, mornings: list[str], assigned_on: str = "2022-01-17", **more: bool) -> list[str]:
    """Live through these mornings: what goes when."""
    ledger: set[tuple[Step, date]] = set()
    gone = []
    for morning in mornings:
        due = due_step(
            day(due_on), USUAL, assigned_on=day(assigned_on), today=day(morning), sent=ledger, **more
        )
        if due:
            ledger.add((due.step, due.on))
            gone.append(f"{morning} {due.step}")
    return gone


def every_day(first: str, last: str) -> list[str]:
    days = (day(last) - day(first)).days + 1
    return [(day(first) + timedelta(days=number)).isoformat() for number in range(days)]


def test_a_task_that_nobody_answers_for() -> None:
    assert sent_on("2022-02-01", every_day("2022-01-17", "2022-06-01")) == [
        "2022-01-25 before",
        "2022-01-31 day_before",
        "2022-02-04 overdue_1",
        "2022-02-11 overdue_2",
        "2022-02-18 overdue_3",
    ]


def test_after_downtime_a_missed_step_goes_once_and_a_replaced_one_not_at_all() -> None:
    assert sent_on("2022-02-01", ["2022-01-27"]) == ["2022-01-27 before"]
    assert sent_on("2022-02-01", ["2022-01-24", "2022-01-31", "2022-02-01"]) == ["2022-01-31 day_before"]
    assert sent_on("2022-02-01", ["2022-02-01"]) == ["2022-02-01 day_before"]  # still true on the day
    assert sent_on("2022-02-01", ["2022-02-02", "2022-02-03"]) == []  # "one day left" is not, after it
    assert sent_on("2022-02-01", ["2022-02-14", "2022-02-15"]) == ["2022-02-14 overdue_2"]
    assert sent_on("2022-02-01", ["2022-03-14", "2022-03-15"]) == ["2022-03-14 overdue_3"]


def test_a_notice_that_could_not_go_for_a_month_is_the_secretarys() -> None:
    due_on = day("2022-02-01")  # the last notice is due on 18 February
    assert current_step(due_on, USUAL, day("2022-03-20")) == Due(O3, day("2022-02-18"))
    assert current_step(due_on, USUAL, day("2022-03-21")) is None


def test_nothing_goes_on_a_day_when_nobody_works() -> None:
    assert sent_on("2022-04-11", every_day("2022-04-14", "2022-04-18"), assigned_on="2022-03-01") == []


def test_a_task_given_late_is_reminded_of_only_after_the_news_of_it() -> None:
    assert sent_on("2022-02-01", every_day("2022-01-28", "2022-02-05"), assigned_on="2022-01-28") == [
        "2022-01-31 day_before",
        "2022-02-04 overdue_1",
    ]
    assert sent_on("2022-02-01", every_day("2022-01-31", "2022-02-05"), assigned_on="2022-01-31") == [
        "2022-02-04 overdue_1"
    ]


def test_a_moved_deadline_gives_new_reminders_and_no_step_goes_twice() -> None:
    ledger = {(B, day("2022-01-25")), (D, day("2022-01-31"))}
    moved = day("2022-02-11")
    due = due_step(moved, USUAL, assigned_on=LONG_AGO, today=day("2022-02-04"), sent=ledger)
    assert due == Due(B, day("2022-02-04"))
    same = due_step(day("2022-02-01"), USUAL, assigned_on=LONG_AGO, today=day("2022-01-31"), sent=ledger)
    assert same is None


def test_the_secretarys_list_takes_over_after_the_last_notice() -> None:
    assert not escalated(day("2022-02-01"), USUAL, day("2022-02-18"))
    assert escalated(day("2022-02-01"), USUAL, day("2022-02-19"))
    assert not escalated(day("2022-02-01"), Rhythm(overdue_most=0), day("2022-02-01"))
    assert escalated(day("2022-02-01"), Rhythm(overdue_most=0), day("2022-02-02"))


def test_the_news_of_a_task_says_when_the_first_reminder_comes() -> None:
    assert first_reminder(day("2022-02-01"), USUAL, day("2022-01-17")) == day("2022-01-25")
    assert first_reminder(day("2022-02-01"), USUAL, day("2022-01-25")) == day("2022-01-31")
    assert first_reminder(day("2022-02-01"), USUAL, day("2022-01-31")) is None


@pytest.mark.parametrize(
    ("first", "last", "today", "rests"),
    [
        (None, None, "2022-02-21", False),
        ("2022-02-21", "2022-02-25", "2022-02-20", False),
        ("2022-02-21", "2022-02-25", "2022-02-21", True),
        ("2022-02-21", "2022-02-25", "2022-02-25", True),
        ("2022-02-21", "2022-02-25", "2022-02-26", False),
        (None, "2022-02-25", "2022-01-01", True),
        ("2022-02-21", None, "2030-01-01", True),
    ],
)
def test_a_pause_holds_on_both_its_days(first: str | None, last: str | None, today: str, rests: bool) -> None:
    assert paused(first and day(first), last and day(last), day(today)) is rests


def test_every_step_of_every_deadline_of_a_year_falls_on_a_working_day_and_in_order() -> None:
    for number in range(366):
        found = steps(day("2024-01-01") + timedelta(days=number), USUAL)
        assert all(workdays.is_working_day(due.on) for due in found)
        assert [due.on for due in found] == sorted(due.on for due in found)
