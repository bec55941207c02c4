"""What is put forward for later meetings, registration for events, and events that still lack a date."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.minutes import dates
from tracker.minutes.cases import Outline
from tracker.minutes.draft import AgendaProposal, Event
from tracker.minutes.event_nouns import base
from tracker.minutes.events import MOST, Found
from tracker.minutes.phrasing import capital
from tracker.minutes.statements import Statement
from tracker.minutes.vocabulary import Words

REQUIRED = "required"
"""`Event.registration` when the text demands registration without saying by when; else the ISO date."""


def dated(events: list[Found], statements: list[Statement], words: Words, text: str) -> list[Found]:
    """`events` with what the text says of registration; one without a date is added where it is called in."""
    found = list(events)
    by_item: dict[int, list[Statement]] = {}
    for statement in statements:
        by_item.setdefault(statement.item, []).append(statement)
    for statement in statements:
        said = _registration(statement, words)
        if not said:
            continue
        index = _nearest(found, statement)
        if index is not None and found[index].event.registration in (None, REQUIRED):
            event = replace(found[index].event, registration=said)
            found[index] = replace(found[index], event=event, registered=statement.piece.span)
        elif said == REQUIRED:
            undated = _undated(by_item[statement.item], text)
            if undated and len(found) < MOST:
                found.append(replace(undated, registered=statement.piece.span))
    ordered = sorted(found, key=lambda f: f.event.span[0])
    return [replace(f, event=replace(f.event, id=f"m{n}")) for n, f in enumerate(ordered, 1)]


def _registration(statement: Statement, words: Words) -> str | None:
    """The ISO date that registration closes, "required", or nothing."""
    low = statement.piece.low
    match = words.pattern("registration_due").search(low)
    if match:
        for when in dates.find(low[match.end() :], words, statement.anchor):
            lead = low[match.end() : match.end() + when.start]
            if re.fullmatch(rf"\W*(?:{words.either('due', 'registration_due')}|\s|er|is|den)*\W*", lead):
                return when.last.isoformat()
    return REQUIRED if words.pattern("required_registration").search(low) else None


def _nearest(found: list[Found], statement: Statement) -> int | None:
    """The event of the same item, or for rows and mails the last one named before it in the same part."""
    places = [n for n, f in enumerate(found) if f.event.start and f.section == statement.section]
    before = [n for n in places if found[n].event.span[0] <= statement.piece.start]
    near = [n for n in before if statement.piece.start - found[n].event.span[1] < 250]
    return near[-1] if near else None


def _undated(item: list[Statement], text: str) -> Found | None:
    """An item that calls people in and never says when: its first words are what the event is called."""
    first = item[0].piece
    match = re.match(r"([^–—:.]{4,60}?)\s*(?:[–—:]|\s-\s)", first.text)
    if not match:
        return None
    title = match[1].strip()
    end = re.match(r"[^,.;]*", first.text)
    span = (first.start, first.start + (end.end() if end else len(title)))
    event = Event(
        "", capital(title), None, registration=REQUIRED, evidence=text[span[0] : span[1]], span=span,
        rule="called-in",
    )  # fmt: skip
    return Found(event, base(title.lower()), first, item[0].section, item[0].item)


def agenda(
    outline: Outline, statements: list[Statement], events: list[Found], text: str
) -> list[AgendaProposal]:
    """Cases put forward for a later meeting: the items of "Forslag til saker til …"."""
    found: list[AgendaProposal] = []
    for index, section in enumerate(outline.sections):
        if section.type != "proposals" or not section.title:
            continue
        default = _day_in(section.title.span, events)
        here = [s for s in statements if s.section == index]
        top = min((s.level for s in here if s.kind == "item"), default=0)
        for statement in here:
            if statement.level > top:
                continue
            own = _day_in(statement.piece.span, events)
            if statement.first or (own and own != default):
                title = re.sub(r"\s*\([^()]*\)\??", "", statement.piece.text).strip(" .?")
                span = statement.piece.span
                found.append(
                    AgendaProposal(
                        "",
                        title,
                        own if own and not statement.first else default,
                        text[span[0] : span[1]],
                        span,
                    )
                )
    return [replace(p, id=f"s{n}") for n, p in enumerate(found, 1)]


def _day_in(span: tuple[int, int], events: list[Found]) -> str | None:
    for found in events:
        if span[0] <= found.event.span[0] < span[1] and found.event.start:
            return found.event.start[:10]
    return None
