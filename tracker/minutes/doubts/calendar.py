"""Doubts about meetings and gatherings: moved or doubled, wrong weekday, without date, time or place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from tracker.minutes.doubts.ask import ask, count_in_words, day_in_words, short_days
from tracker.minutes.draft import Choice, Draft, Edit, Event, Question, Task
from tracker.minutes.events import Found
from tracker.minutes.findings import Findings
from tracker.minutes.proposals import REQUIRED

_APART = timedelta(days=150)


def doubled(found: Findings, draft: Draft) -> Iterator[Question]:
    """POSSIBLE_DUPLICATE: two gatherings of one kind with the same plan, on different days."""
    dated = [f for f in found.events if f.event.start and f.event.kind == "gathering"]
    dated.sort(key=lambda f: f.event.start or "")
    for first, second in pairwise(dated):
        if _days(second.event)[0] - _days(first.event)[0] <= _APART and _alike(first, second, found):
            yield _doubled(found, draft, first, second)


def _days(event: Event) -> tuple[date, date]:
    start = event.start or "2000-01-01"
    return date.fromisoformat(start[:10]), date.fromisoformat((event.end or start)[:10])


def _alike(first: Found, second: Found, found: Findings) -> bool:
    """Whether two of three hold: both lunch to lunch, prepared by the same people, one names the other."""
    if not (first.noun.endswith(second.noun) or second.noun.endswith(first.noun)):
        return False
    lunch = bool(first.event.assumed and second.event.assumed)
    people = [
        {o for m in found.made if m.event and m.event.event.id == f.event.id for o in m.task.owners}
        for f in (first, second)
    ]
    numbers = [found.outline.sections[f.section].number if f.section >= 0 else None for f in (first, second)]
    refers = any(
        s.section == b.section
        and n
        and re.search(rf"\b(?:{found.words.either('see_case')})\s+sak\s+{re.escape(n)}\b", s.piece.low)
        for s in found.statements
        for n, b in ((numbers[0], second), (numbers[1], first))
    )
    return lunch + bool(people[0] & people[1]) + refers >= 2


def _doubled(found: Findings, draft: Draft, first: Found, second: Found) -> Question:
    old, new = first.event, second.event
    if second.event.span < first.event.span:
        old, new = new, old
    tasks = [t for t in draft.tasks if t.event == old.id]
    what = (
        new.title.split(" for ")[0].lower() if old.title == new.title else old.title.split(" for ")[0].lower()
    )
    name = found.words.definite.get(what, what + "en")
    when, then = short_days(old.start or "", old.end), short_days(new.start or "", new.end)
    moved = (Edit(old.id, "skip", value=True), *(Edit(t.id, "skip", value=True) for t in tasks))
    ids = ", ".join(t.id.upper() for t in tasks)
    count = count_in_words(len(tasks)).capitalize()
    return ask(
        found,
        "POSSIBLE_DUPLICATE",
        "must-resolve",
        f"Er {name} {when} flyttet til {then}?",
        new.span,
        why="Opplegget er det samme, men datoene er ulike.",
        quotes=(old.span,),
        blocks=(old.id, *(t.id for t in tasks)),
        choices=(
            Choice(
                "Ja, den er flyttet",
                "moved",
                f"Én samling i kalenderen, {then}. {count} oppgaver for {when} faller bort.",
                moved,
            ),
            Choice(
                "Nei, det er to samlinger",
                "two",
                f"Begge kommer i kalenderen.{f' Oppgave {ids} beholdes.' if tasks else ''}",
            ),
        ),
    )


def weekdays(found: Findings, draft: Draft) -> Iterator[Question]:
    """WEEKDAY_MISMATCH: the weekday and the date of an event don't fit."""
    names = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
    for one in found.events:
        if not one.when or not one.when.wrong_weekday or not one.event.start:
            continue
        day, said = one.when.first, one.when.weekday or 0
        shift = (said - day.weekday()) % 7
        near = day + timedelta(days=shift if shift <= 3 else shift - 7)
        again = found.text.count(found.evidence(one.event.span)) > 1 or _said_again(found, one)
        edits = [Edit(one.event.id, "start", near.isoformat() + one.event.start[10:])]
        edits += [
            Edit(t.id, "due.date", near.isoformat())
            for t in draft.tasks
            if t.due.event == one.event.id and t.due.date == day.isoformat()
        ]
        yield ask(
            found,
            "WEEKDAY_MISMATCH",
            "must-resolve",
            f"Er {_the(one.event.title, found)} {day_in_words(day)} eller {day_in_words(near)}?",
            one.event.span,
            why=f"Referatet sier {names[said]}, men {day.day}. er en {names[day.weekday()]}.",
            suggested=day.isoformat() if again else None,
            choices=(
                Choice(day_in_words(day).capitalize(), day.isoformat(), "Datoen stemmer, ukedagen er feil."),
                Choice(
                    day_in_words(near).capitalize(),
                    near.isoformat(),
                    "Ukedagen stemmer, datoen er feil.",
                    tuple(edits),
                ),
            ),
            blocks=(one.event.id, *(t.id for t in draft.tasks if t.due.event == one.event.id)),
        )


def _said_again(found: Findings, one: Found) -> bool:
    """Whether the date stands a second time in the text, without the weekday."""
    if not one.when:
        return False
    words = one.sentence.low[one.when.start : one.when.end].split()
    bare = " ".join(words[1:])
    return found.text.lower().count(bare) > 1


def changed(found: Findings, _draft: Draft) -> Iterator[Question]:
    """DATE_CHANGED: the text or a later message moves an event."""
    for one in found.events:
        if one.was and one.event.start and one.was.start:
            old = tuple(Edit(one.event.id, f, getattr(one.was, f)) for f in ("start", "end"))
            yield ask(
                found,
                "DATE_CHANGED",
                "review" if one.moved else "must-resolve",
                f"Er {_the(one.event.title, found)} flyttet til {day_in_words(one.event.start)}?",
                one.event.span,
                why=f"Det står at den er flyttet fra {day_in_words(one.was.start)}."
                if one.moved
                else f"Først står det {day_in_words(one.was.start)}. En senere melding sier noe annet.",
                quotes=(one.was.span,),
                suggested=one.event.start,
                blocks=(one.event.id,),
                choices=(
                    Choice(
                        "Ja, den er flyttet",
                        one.event.start,
                        f"{day_in_words(one.event.start).capitalize()} i kalenderen.",
                    ),
                    Choice(
                        "Nei, behold den første datoen",
                        one.was.start,
                        f"{day_in_words(one.was.start).capitalize()} i kalenderen.",
                        old,
                    ),
                ),
            )


def newly_dated(found: Findings, _draft: Draft) -> Iterator[Question]:
    """DATE_CHANGED: an event is said to be moved, not from when: what stands in the calendar may be old."""
    for one in found.events:
        if one.moved and not one.was and one.event.start:
            yield ask(
                found,
                "DATE_CHANGED",
                "review",
                f"Har {_the(one.event.title, found)} fått ny dato, {day_in_words(one.event.start)}?",
                one.event.span,
                why="Det står at datoen er endret. En eldre dato kan stå i kalenderen.",
                suggested=one.event.start,
                blocks=(one.event.id,),
                choices=(
                    Choice(
                        "Ja, bruk den nye datoen",
                        one.event.start,
                        f"{day_in_words(one.event.start).capitalize()} i kalenderen.",
                    ),
                    Choice("Nei, la den bli ute", "skip", "", (Edit(one.event.id, "skip", value=True),)),
                ),
            )


def incomplete(found: Findings, _draft: Draft) -> Iterator[Question]:
    """REGISTRATION_REQUIRED, DATE_MISSING, EVENT_TIME_MISSING, EVENT_PLACE_TBD."""
    for one in found.events:
        event = one.event
        if event.registration == REQUIRED:
            span = one.registered or event.span
            yield ask(
                found,
                "REGISTRATION_REQUIRED",
                "review",
                f"Når er påmeldingsfristen til {event.title}, og hvem tar imot?",
                span,
                why="Referatet sier at påmelding er nødvendig, men ikke når eller til hvem.",
                choices=(
                    Choice(
                        "Uten påmelding i systemet",
                        "none",
                        "Du tar imot på annen måte.",
                        (Edit(event.id, "registration", None),),
                    ),
                    Choice("Jeg setter fristen", "set"),
                ),
            )
        if not event.start:
            yield ask(found, "DATE_MISSING", "info", f"{event.title} mangler dato.", event.span)
            continue
    dated = [f.event for f in found.events if f.event.start]
    yield from _lacking(found, "EVENT_TIME_MISSING", "klokkeslett",
                        [e for e in dated if "T" not in (e.start or "") or "time" in e.assumed])  # fmt: skip
    yield from _lacking(found, "EVENT_PLACE_TBD", "sted", [e for e in dated if not e.place])


def _lacking(found: Findings, code: str, what: str, events: list[Event]) -> Iterator[Question]:
    """One remark on all that lack a time or place, however many they are."""
    if not events:
        return
    first = events[0]
    said = f"{first.title} {day_in_words(first.start or '')} mangler {what}."
    many = f"{count_in_words(len(events)).capitalize()} møter og samlinger mangler {what}."
    yield ask(
        found, code, "info", said if len(events) == 1 else many, first.span,
        quotes=tuple(e.span for e in events[1:]),
    )  # fmt: skip


def collisions(found: Findings, draft: Draft) -> Iterator[Question]:
    """EVENT_COLLISION: a deadline in the middle of a gathering of several days."""
    for event in draft.events:
        if not event.start or not event.end or event.end[:10] == event.start[:10]:
            continue
        for task in draft.tasks:
            if (
                task.due.date
                and event.start[:10] <= task.due.date <= event.end[:10]
                and event.id not in (task.due.event, task.event)
            ):
                yield ask(
                    found,
                    "EVENT_COLLISION",
                    "info",
                    f"Fristen {day_in_words(task.due.date)} faller på {_the(event.title, found)}.",
                    _due_span(found, task),
                )


def _due_span(found: Findings, task: Task) -> tuple[int, int]:
    at = found.text.find(task.due.text or "", *task.span) if task.due.text else -1
    return (at, at + len(task.due.text or "")) if at >= 0 else task.span


def _low(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _the(title: str, found: Findings) -> str:
    """ "Innspillsmøte om havna" → "innspillsmøtet om havna"."""
    first, _, rest = _low(title).partition(" ")
    for plain, said in found.words.definite.items():
        if first.endswith(plain):
            first = first[: len(first) - len(plain)] + said
            break
    return f"{first} {rest}".strip()
