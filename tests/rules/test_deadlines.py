"""Deadlines as rules: what date they give, what is offered, what may be asked for."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.rules.deadlines import DueKind, DueRule, due_date, extensions, suggest

GATHERING = date(2022, 3, 14)


@pytest.mark.parametrize(
    ("rule", "start", "due_on"),
    [
        (DueRule(DueKind.DATE, on=date(2022, 2, 1)), None, date(2022, 2, 1)),
        (DueRule(DueKind.DATE, on=date(2022, 2, 1)), GATHERING, date(2022, 2, 1)),
        (DueRule(DueKind.EVENT, days=-14), GATHERING, date(2022, 2, 28)),
        (DueRule(DueKind.EVENT, days=3), GATHERING, date(2022, 3, 17)),
        (DueRule(DueKind.EVENT, days=-5, working=True), GATHERING, date(2022, 3, 7)),
        (DueRule(DueKind.EVENT, days=-14), None, None),  # the gathering has no date yet
        (DueRule(DueKind.NEXT_MEETING), date(2022, 2, 7), date(2022, 2, 7)),
        (DueRule(DueKind.NEXT_MEETING), None, None),
        (DueRule(), GATHERING, None),
    ],
)
def test_a_rule_gives_a_date(rule: DueRule, start: date | None, due_on: date | None) -> None:
    assert due_date(rule, start) == due_on


def test_a_task_that_prepares_a_gathering_is_offered_two_weeks_and_one_week_before() -> None:
    offers = suggest(GATHERING, None, date(2022, 1, 17))
    assert [(offer.on, offer.reason, offer.days) for offer in offers] == [
        (date(2022, 2, 28), "two-weeks-before", -14),
        (date(2022, 3, 7), "week-before", -7),
    ]


def test_otherwise_the_last_working_day_before_the_next_meeting_is_offered() -> None:
    offers = suggest(None, date(2022, 4, 19), date(2022, 3, 1))  # the first day after Easter
    assert [(offer.on, offer.reason) for offer in offers] == [(date(2022, 4, 13), "before-next-meeting")]


def test_without_anything_to_hang_on_two_weeks_are_offered() -> None:
    assert [offer.on for offer in suggest(None, None, date(2022, 4, 1))] == [date(2022, 4, 19)]


def test_nothing_that_has_passed_is_offered() -> None:
    assert all(
        offer.on > date(2022, 3, 3) for offer in suggest(GATHERING, date(2022, 3, 2), date(2022, 3, 3))
    )


def test_more_time_lies_after_today_and_after_the_deadline_on_days_when_people_work() -> None:
    offers = extensions(date(2022, 2, 1), [date(2022, 2, 7)], date(2022, 1, 25))
    assert [(offer.on, offer.weeks, offer.before) for offer in offers] == [
        (date(2022, 2, 4), 0, date(2022, 2, 7)),
        (date(2022, 2, 8), 1, None),
        (date(2022, 2, 15), 2, None),
    ]
    overdue = extensions(date(2022, 2, 1), [], date(2022, 4, 7))
    assert [offer.on for offer in overdue] == [date(2022, 4, 19), date(2022, 4, 21)]
