"""What corrected minutes change in the register, and what of it stands as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time
from typing import Any

from tracker.minutes.draft import Due, Event
from tracker.models import Assignment, Meeting
from tracker.services.cards import Change, EventCard, TaskCard
from tracker.services.earlier import Pair


def names(parts: Iterable[Assignment]) -> list[str]:
    return [part.person.name for part in parts]


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def due_words(due: Due) -> tuple[object, ...]:
    """A deadline as the document words it, whatever the event it hangs on is called in that draft."""
    return due.date, due.text, due.kind, due.days


def as_registered(event: Event, pair: Pair[Meeting, Event]) -> Event:
    """The event with what the document says as before as it stands in the register."""
    row, before = pair.row, pair.before
    if before is None:
        return event
    kept: dict[str, Any] = {}
    if before.title == event.title:
        kept["title"] = row.title
    if (before.start, before.end) == (event.start, event.end):
        kept["start"], kept["end"] = _moment(row.starts_on, row.starts_at), _moment(row.ends_on, row.ends_at)
    if before.place == event.place:
        kept["place"] = row.place
    return replace(event, **kept)


def event_changes(card: EventCard) -> tuple[Change, ...]:
    """What accepting the card changes of the meeting in the register."""
    row = card.known
    if row is None:
        return ()
    was = (row.starts_on, row.starts_at, row.ends_on, row.ends_at)
    becomes = (card.starts_on, card.starts_at, card.ends_on, card.ends_at)
    found = [
        Change(name, before, after)
        for name, before, after in (
            ("title", row.title, card.event.title),
            ("place", row.place, card.event.place),
        )
        if (before or "") != (after or "")
    ]
    return (*((Change("when", row.starts_on, card.starts_on),) if was != becomes else ()), *found)


def _moment(day: date, at: time | None) -> str:
    return f"{day.isoformat()}T{at:%H:%M}" if at else day.isoformat()


def task_changes(card: TaskCard, due_on: date | None) -> tuple[Change, ...]:
    """What accepting the card, with a deadline on that day, changes of the task in the register."""
    row = card.known
    if row is None:
        return ()
    rows = (
        ("what", row.what, card.what),
        ("owners", listed(names(row.owners)), listed(card.owners)),
        ("contributors", listed(names(row.contributors)), listed(card.contributors)),
        ("due", row.due_on, due_on),
    )
    return tuple(Change(name, before, after) for name, before, after in rows if before != after)
