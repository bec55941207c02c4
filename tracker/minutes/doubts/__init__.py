"""The kinds of doubt, each a function from what was found to questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracker.minutes.doubts import calendar, people, record, tasks
from tracker.minutes.draft import Draft, Question
from tracker.minutes.findings import Findings

Kind = Callable[[Findings, Draft], Iterator[Question]]

KINDS: tuple[Kind, ...] = (
    record.of_the_date,
    record.year_typos,
    record.case_numbers,
    record.missing_decisions,
    record.undecided,
    record.other_business,
    record.outside,
    record.attendance,
    record.protected,
    record.remarks,
    people.leaders,
    people.ambiguous,
    people.strangers,
    people.groups,
    people.audiences,
    calendar.doubled,
    calendar.weekdays,
    calendar.changed,
    calendar.incomplete,
    calendar.collisions,
    tasks.unanswered,
    tasks.vague,
    tasks.offers,
)
