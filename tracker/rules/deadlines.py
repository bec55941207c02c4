"""EVERY deadline computation: from a rule to a date, what to suggest, and what a person may ask for.

A deadline is a rule, not only a date: "14 days before the gathering" follows the gathering when it moves.
Pure: dates in, dates out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules import workdays


class DueKind(StrEnum):
    """What a deadline hangs on."""

    DATE = "date"  # a date of its own
    EVENT = "event"  # so many days from a meeting or gathering (negative: before it)
    NEXT_MEETING = "next_meeting"  # the next meeting of the body
    NONE = "none"  # without deadline; taken up at a meeting


@dataclass(frozen=True, slots=True)
class DueRule:
    """A deadline as a rule. `days` counts from the event's first day; `working` counts working days."""

    kind: DueKind = DueKind.NONE
    on: date | None = None
    days: int = 0
    working: bool = False


def due_date(rule: DueRule, event_start: date | None = None) -> date | None:
    """The date that `rule` gives. `event_start`: first day of the meeting it hangs on (None: not known)."""
    if rule.kind is DueKind.DATE:
        return rule.on
    if rule.kind in (DueKind.EVENT, DueKind.NEXT_MEETING) and event_start is not None:
        if rule.working:
            return workdays.add(event_start, rule.days)
        return event_start + timedelta(days=rule.days)
    return None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A deadline to offer: the date, why it is offered, and the event and offset it follows."""

    on: date
    reason: str  # "two-weeks-before", "week-before", "before-next-meeting", "next-meeting"
    days: int = 0
    from_event: bool = False


def suggest(event_start: date | None, next_meeting: date | None, after: date) -> list[Suggestion]:
    """Deadlines worth offering for a task without one, soonest first; all lie after the day `after`.

    For a task that prepares an event: two weeks and one week before it. Otherwise the last working day
    before the body's next meeting. Never a day when nobody works.
    """
    offers: list[Suggestion] = []
    if event_start is not None:
        for days, reason in ((-14, "two-weeks-before"), (-7, "week-before")):
            day = workdays.on_or_before(event_start + timedelta(days=days))
            if day > after:
                offers.append(Suggestion(day, reason, days=(day - event_start).days, from_event=True))
    if next_meeting is not None and next_meeting > after:
        day = workdays.add(next_meeting, -1)
        if day > after and all(offer.on != day for offer in offers):
            offers.append(Suggestion(day, "before-next-meeting"))
    if not offers:
        offers.append(Suggestion(workdays.on_or_after(after + timedelta(days=14)), "in-two-weeks"))
    return sorted(offers, key=lambda offer: offer.on)


@dataclass(frozen=True, slots=True)
class Extension:
    """A new deadline to offer somebody who needs more time. `before` is the meeting it comes just before."""

    on: date
    weeks: int = 0
    before: date | None = None


def extensions(due_on: date | None, next_meetings: Iterable[date], today: date) -> list[Extension]:
    """Up to three later deadlines: the last working day before the next meeting, and one and two weeks on.

    All later than both today and the present deadline; never a weekend or public holiday.
    """
    start = max(due_on or today, today)
    offers: dict[date, Extension] = {}
    for meeting in sorted(next_meetings):
        day = workdays.add(meeting, -1)
        if day > start:
            offers[day] = Extension(day, before=meeting)
            break
    for weeks in (1, 2):
        day = workdays.on_or_after(start + timedelta(weeks=weeks))
        offers.setdefault(day, Extension(day, weeks=weeks))
    return sorted(offers.values(), key=lambda offer: offer.on)[:3]
