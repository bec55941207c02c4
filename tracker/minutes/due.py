"""The deadline in a sentence or a cell: which words say it, what rule they are, and the day they come to.

A deadline that hangs on a meeting keeps the meeting and the offset in days, so that it moves along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from tracker.minutes import dates
from tracker.minutes.draft import Due, DueKind
from tracker.minutes.event_nouns import base, noun_in
from tracker.minutes.events import Found
from tracker.minutes.sentences import Piece
from tracker.minutes.values import value_object
from tracker.minutes.vocabulary import Words, words

_KINDS: dict[str, DueKind] = {
    "week": "week",
    "period": "relative",
    "weekday": "relative",
    "relative": "relative",
    "feast": "fuzzy",
}


@value_object
class Deadline:
    """A deadline and the words that say it (places in the piece it was read from)."""

    due: Due
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The events of the document, for deadlines that hang on them."""

    events: tuple[Found, ...]
    day: date | None
    vocabulary: Words

    def next_meeting(self) -> Found | None:
        """The meeting the text calls the next one, else the first meeting named that isn't a gathering."""
        named = [f for f in self.events if self.vocabulary.pattern("next_meeting").search(self._lead(f))]
        named = named or [
            f for f in self.events if re.search(r"(?:neste|next)\s+\S*(?:møte|meeting)", self._lead(f))
        ]
        named = named or [f for f in self.events if f.event.title in ("Møte", "Meeting")]
        if named:
            return named[0]
        planned = [f for f in self.events if f.event.start and f.noun in ("møte", "meeting", "styremøte")]
        return min(planned, key=lambda f: f.event.start or "") if planned else None

    def _lead(self, found: Found) -> str:
        return found.sentence.low[: max(40, found.event.span[1] - found.sentence.start)]

    def on(self, day: date) -> Found | None:
        """The event that falls on `day`."""
        for found in self.events:
            start = found.event.start
            if start and start[:10] <= day.isoformat() <= (found.event.end or start)[:10]:
                return found
        return None

    def only(self, when: dates.Found) -> Found | None:
        """The event that falls on a day, or the one meeting of a month: "møtet i mars"."""
        if when.kind != "period":
            return self.on(when.first)
        first, last = when.first.isoformat(), when.last.isoformat()
        inside = [f for f in self.events if f.event.start and first <= f.event.start[:10] <= last]
        meetings = [f for f in inside if f.event.kind == "meeting"]
        return meetings[0] if len(meetings) == 1 else None

    def named(self, noun: str, section: int) -> Found | None:
        """The event a bare noun means: of the same name, in the same case first, the earliest."""
        wanted = base(noun)
        same = [
            f
            for f in self.events
            if f.event.start and (f.noun == wanted or (f.noun.endswith(wanted) and wanted != "møte"))
        ]
        here = [f for f in same if f.section == section]
        pool = here or same
        return min(pool, key=lambda f: f.event.start or "") if pool else None


def read(
    piece: Piece, begin: int, calendar: Calendar, section: int, anchor: date, invites: bool = False
) -> Deadline | None:
    """The deadline in `piece` from `begin` on. `invites`: the date of what is called in to is no deadline."""
    vocabulary = calendar.vocabulary
    low = piece.low[begin:]
    found = dates.find(low, vocabulary, anchor)
    for reading in (
        _next_meeting,
        _relative_to_event,
        _just_before,
        _triggered,
        _at_meeting,
        _period,
        _fuzzy,
    ):
        if invites and reading is _at_meeting:
            continue
        deadline = reading(low, found, calendar, section)
        if deadline:
            span = (begin + deadline.span[0], begin + deadline.span[1])
            due = Due(
                deadline.due.date,
                piece.text[span[0] : span[1]],
                deadline.due.kind,
                deadline.due.event,
                deadline.due.days,
            )
            return Deadline(due, span)
    return None


def of_cell(cell: Piece, calendar: Calendar, section: int, anchor: date) -> Due:
    """The deadline in a cell of a column Frist: any date in it is one."""
    text = cell.text or None
    if not text or not re.search(r"\w", text):
        return Due(text=text)
    deadline = read(cell, 0, calendar, section, anchor)
    if deadline:
        due = deadline.due
        return Due(due.date, text, due.kind, due.event, due.days)
    alone = _DAY_LAST.search(cell.low)
    said = dates.find(cell.low, calendar.vocabulary, anchor)
    for found in said or (dates.find(alone[1], calendar.vocabulary, anchor) if alone else ()):
        kind = _KINDS.get(found.kind, "explicit")
        return Due(found.last.isoformat(), text, kind)
    return Due(text=text)


_DAY_LAST = re.compile(r"(?:^|[\s,])(\d{1,2}[./]\d{1,2}\.?)$")
"""A day by numbers alone at the end of a cell: "LG/AK 22/3"."""


def behind(piece: Piece, end: int, calendar: Calendar, section: int, anchor: date) -> Deadline | None:
    """The deadline behind the people a task ends with: "(Inger, 19/6)", "Per, senest uka før"."""
    found = read(piece, end, calendar, section, anchor)
    enclosed = re.match(r",\s*([^()]{3,30})\)", piece.text[end:])
    if found or not enclosed:
        return found
    span = (end + enclosed.start(1), end + enclosed.end(1))
    due = of_cell(piece.sub(*span), calendar, section, anchor)
    return Deadline(due, span) if due.date else None


def _next_meeting(low: str, _found: list[dates.Found], calendar: Calendar, _section: int) -> Deadline | None:
    w = calendar.vocabulary
    if not w.pattern("next_meeting", "coming").search(low):
        return None
    match = w.grammar(
        r"(?:(?<!\w)(?:{due,to}|på|i|at|in|by)\s+)?(?<!\w)(?:{next_meeting}|(?:{coming})\s[a-zæøå-]{2,30}(?:møte|forum))(?!\w)"
    ).search(low)
    if not match:
        return None
    event = calendar.next_meeting()
    day = event.event.start[:10] if event and event.event.start else None
    return Deadline(
        Due(day, None, "next-meeting", event.event.id if event else None, 0 if event else None), match.span()
    )


def _relative_to_event(
    low: str, found: list[dates.Found], calendar: Calendar, section: int
) -> Deadline | None:
    """ "i forkant av IPR-møtet", "senest 14 dager før samlingen", "etter 7. februar"."""
    w = calendar.vocabulary
    for key in ("before_event", "after_event"):
        if not w.pattern(key).search(low):
            continue
        for match in _distance(w.language, key).finditer(low):
            target = _target(low, match.end(), found, calendar, section)
            if not target:
                continue
            event, day, end = target
            days = (
                int(match["count"])
                if (match["count"] or "").isdigit()
                else w.numbers.get(match["count"] or "", 0)
            )
            days *= w.units.get(match["unit"] or "", 1)
            plain = match["count"] is None
            if event is None and (key == "before_event" or not plain):
                continue
            return Deadline(_offset(key, event, day, days, plain), (match.start(), end))
    return None


def _just_before(low: str, _found: list[dates.Found], calendar: Calendar, section: int) -> Deadline | None:
    """ "senest uka før", "ei veke i førevegen": so long before the one gathering that the case is about."""
    w = calendar.vocabulary
    match = _ahead(w.language).search(low)
    events = [f for f in calendar.events if f.section == section and f.event.start] if match else []
    days = {(f.event.start or "")[:10]: f for f in events}
    if not match or len(days) != 1:
        return None
    ((day, event),) = days.items()
    said = match["count"] or "1"
    count = int(said) if said.isdigit() else w.numbers.get(said, 1)
    ahead = count * (w.units.get(match["unit"]) or (7 if match["unit"] in w.those("week") else 1))
    return Deadline(_offset("before_event", event, date.fromisoformat(day), ahead, False), match.span())


@cache
def _ahead(language: str) -> re.Pattern[str]:
    w = words(language)
    unit = "|".join(sorted({*w.units, *w.every("week"), "dagen"}, key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?:(?:{w.either('due')})\s+)?(?:(?P<count>\d{{1,2}}|{'|'.join(w.numbers)})\s+)?(?P<unit>{unit})\s+"
        rf"(?:{w.either('ahead')})(?=\s*(?:[.,;)]|$))"
    )


@cache
def _distance(language: str, key: str) -> re.Pattern[str]:
    w = words(language)
    count = rf"(?:(?P<count>\d{{1,3}}|{'|'.join(w.numbers)})\s+(?P<unit>{'|'.join(w.units)})\s+)?"
    lead = rf"(?:(?:{w.either('due')})\s+)?{count}(?:{w.either(key)})\s+"
    return re.compile(rf"(?<!\w){lead}(?:(?:den|det|the)\s+)?")


def _offset(key: str, event: Found | None, day: date, days: int, plain: bool) -> Due:
    ident = event.event.id if event else None
    if key == "before_event":
        return Due((day - timedelta(days=days)).isoformat(), None, "before-event", ident, -days)
    when = None if plain else (day + timedelta(days=days)).isoformat()
    return Due(when, None, "after-event", ident, None if plain else days)


def _target(
    low: str, at: int, found: list[dates.Found], calendar: Calendar, section: int
) -> tuple[Found | None, date, int] | None:
    """The event or day that stands at `at`, and where its words end."""
    for noun in noun_in(low, calendar.vocabulary):
        if at <= noun.start() <= at + 1:
            dated = next((f for f in found if 0 <= f.start - noun.end() <= 4), None)
            event = calendar.on(dated.first) if dated else calendar.named(noun.group(), section)
            if event and event.event.start:
                return event, date.fromisoformat(event.event.start[:10]), dated.end if dated else noun.end()
            if base(noun.group()) == "møte" and calendar.day:
                return None, calendar.day, noun.end()
    for when in found:
        if when.start == at:
            return calendar.on(when.first), when.first, when.end
    return None


def _triggered(low: str, found: list[dates.Found], calendar: Calendar, _section: int) -> Deadline | None:
    """ "innen 20.11.26", "ny frist 1. oktober", "må være inne 15. desember"."""
    pattern = calendar.vocabulary.grammar(
        r"(?<!\w)(?:(?:{due})|(?:{deadline_said})(?:\s[^\W\d_]+){0,3}?)\s*:?\s*(?:(?:den|the)\s+)?$"
    )
    for when in found:
        lead = low[max(0, when.start - 40) : when.start]
        match = pattern.search(lead)
        inside = when.kind in ("feast", "relative") and pattern.match(
            low[when.start : when.start + 12].split(" ", maxsplit=1)[0]
        )
        if match or inside:
            begin = when.start - (len(lead) - match.start() if match else 0)
            return Deadline(_due(when, calendar), (begin, when.end))
    return None


def _due(when: dates.Found, _calendar: Calendar) -> Due:
    kind = _KINDS.get(when.kind, "explicit")
    return Due(when.last.isoformat(), None, kind)


def _at_meeting(low: str, found: list[dates.Found], calendar: Calendar, _section: int) -> Deadline | None:
    """ "legger fram utkast på møtet 2. november", "til representantskapet 7. desember"."""
    for noun in noun_in(low, calendar.vocabulary):
        lead = re.search(r"(?<!\w)(?:på|til|i|in|at|for)\s+(?:det|den|the)?\s*$", low[: noun.start()])
        dated = next((f for f in found if 0 <= f.start - noun.end() <= 4), None)
        event = calendar.only(dated) if dated else None
        if lead and dated and event and event.event.start:
            return Deadline(
                Due(event.event.start[:10], None, "event", event.event.id, 0), (lead.start(), dated.end)
            )
    return None


_CLOSES = re.compile(r"[\s.!)]*$")
"""What may stand behind "i dag" where it is a deadline, and not how things are nowadays."""


def _period(low: str, found: list[dates.Found], calendar: Calendar, _section: int) -> Deadline | None:
    """A week, period or day that stands by itself and is no event's date."""
    nouns = noun_in(low, calendar.vocabulary)
    for when in found:
        if when.kind in ("week", "period", "feast", "relative", "weekday"):
            if when.kind == "relative" and calendar.day and when.last <= calendar.day:
                at_once = when.last == calendar.day and _CLOSES.match(low, when.end)
                if not at_once:
                    continue
            lead = re.search(r"(?<!\w)(?:i|in)\s+$", low[: when.start])
            return Deadline(_due(when, calendar), (lead.start() if lead else when.start, when.end))
        owned = any(0 <= when.start - n.end() < 40 for n in nouns)
        of_past = re.search(r"(?:fra|frå|from|av|of|datert)\s+(?:den\s+)?$", low[: when.start])
        if (
            when.kind == "day"
            and not owned
            and not of_past
            and not when.passed
            and (not calendar.day or when.first > calendar.day)
        ):
            lead = re.search(r"(?<!\w)(?:den|til|på)\s+$", low[: when.start])
            return Deadline(_due(when, calendar), (lead.start() if lead else when.start, when.end))
    return None


def _fuzzy(low: str, _found: list[dates.Found], calendar: Calendar, _section: int) -> Deadline | None:
    kinds: tuple[tuple[str, DueKind], ...] = (("fuzzy", "fuzzy"), ("recurring", "recurring"))
    for key, kind in kinds:
        match = calendar.vocabulary.pattern(key).search(low)
        if match:
            return Deadline(Due(None, None, kind), match.span())
    return None
