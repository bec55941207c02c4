"""The kinds of doubt, each a function from what was found to questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracker.minutes.doubts import calendar, content, decisions, people, record, tasks
from tracker.minutes.draft import Draft, Question
from tracker.minutes.findings import Findings

Kind = Callable[[Findings, Draft], Iterator[Question]]

KINDS: tuple[Kind, ...] = (
    record.of_the_date,
    record.year_typos,
    record.case_numbers,
    decisions.missing_decisions,
    decisions.undecided,
    decisions.other_business,
    decisions.outside,
    record.attendance,
    content.protected,
    content.remarks,
    content.wishes,
    content.ending,
    people.leaders,
    people.ambiguous,
    people.strangers,
    people.groups,
    people.audiences,
    calendar.doubled,
    calendar.weekdays,
    calendar.changed,
    calendar.newly_dated,
    calendar.incomplete,
    calendar.collisions,
    tasks.unanswered,
    tasks.vague,
    tasks.offers,
)
