"""Doubts about the record itself: years, numbers of cases, who was there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from tracker.minutes import dates
from tracker.minutes.blocks import Section
from tracker.minutes.doubts.ask import ask, day_in_words, listed
from tracker.minutes.draft import Case, Choice, Decision, Draft, Edit, Question, Span, Task
from tracker.minutes.findings import Findings
from tracker.minutes.statements import Statement, by_section


def of_the_date(found: Findings, _draft: Draft) -> Iterator[Question]:
    """YEAR_INFERRED, YEAR_MISSING, WEEKDAY_MISMATCH of the meeting's own date."""
    head = found.head
    if head.day_piece is None:
        text = "Når var møtet?"
        why = "Referatet sier ingen dato. Frister uten årstall kan ikke regnes ut."
        yield ask(found, "DATE_MISSING", "must-resolve", text, (0, 0), why=why)
        return
    span = head.day_piece.span
    if head.missing_year or head.day is None:
        yield ask(
            found,
            "YEAR_MISSING",
            "must-resolve",
            "Hvilket år var møtet?",
            span,
            why="Referatet sier ikke året, og ingenting annet i det gjør.",
        )
    elif head.inferred:
        yield ask(
            found,
            "YEAR_INFERRED",
            "info",
            f"Møtet er satt til {day_in_words(head.day)}. Stemmer det?",
            span,
            why=f"{head.inferred[:1].upper()}{head.inferred[1:]}.",
            choices=(Choice("Ja", head.day.isoformat()),),
            suggested=head.day.isoformat(),
        )
    if head.wrong_weekday and head.day:
        near = _weekday_near(head.day, head.wrong_weekday.weekday or 0)
        yield ask(
            found,
            "WEEKDAY_MISMATCH",
            "must-resolve",
            f"Var møtet {day_in_words(head.day)}?",
            span,
            why="Ukedagen i referatet passer ikke til datoen.",
            choices=(
                Choice(day_in_words(head.day), head.day.isoformat()),
                Choice(
                    day_in_words(near), near.isoformat(), edits=(Edit("meeting", "date", near.isoformat()),)
                ),
            ),
        )


def _weekday_near(day: date, weekday: int) -> date:
    shift = (weekday - day.weekday()) % 7
    return day + timedelta(days=shift if shift <= 3 else shift - 7)


def year_typos(found: Findings, draft: Draft) -> Iterator[Question]:
    """YEAR_TYPO: the same day with two years in one case, or minutes approved that are from later."""
    grouped = by_section(found.statements)
    for index, section in enumerate(found.outline.sections):
        places = _dated_places(found, section, grouped.get(index, []))
        by_day: dict[tuple[int, int], list[tuple[Span, date]]] = {}
        for span, day in places:
            by_day.setdefault((day.month, day.day), []).append((span, day))
        for same in by_day.values():
            years = sorted({d for _, d in same})
            if len(years) > 1:
                yield _year_typo(found, draft, section, same, years)


def _dated_places(found: Findings, section: Section, statements: list[Statement]) -> list[tuple[Span, date]]:
    pieces = ([section.title] if section.title else []) + [s.piece for s in statements]
    anchor = found.head.day or dates.UNKNOWN
    return [
        ((piece.start + f.start, piece.start + f.end), f.first)
        for piece in pieces
        for f in dates.find(piece.low, found.words, anchor)
        if f.kind == "day" and f.year_given
    ]


def _year_typo(
    found: Findings,
    draft: Draft,
    section: Section,
    same: list[tuple[Span, date]],
    years: list[date],
) -> Question:
    past = [d for d in years if found.head.day and d <= found.head.day]
    right = past[-1] if len(past) == 1 else None
    wrong = next((s for s, d in same if d != right), same[0][0])
    choices = tuple(
        Choice(
            day_in_words(day, weekday=False),
            day.isoformat(),
            "Datoen rettes der den står annerledes.",
            tuple(e for span, other in same if other != day for e in _year_edits(draft, span, other, day)),
        )
        for day in sorted(years, key=lambda d: (d != right, d))
    )
    name = f"Sak {section.number}" if section.number else "Saken"
    best = right or years[0]
    return ask(
        found,
        "YEAR_TYPO",
        "must-resolve",
        f"Gjelder {name[:1].lower()}{name[1:]} {day_in_words(best, weekday=False)}?",
        wrong,
        why=f"Samme dato står med to årstall: {listed([str(d.year) for d in years])}."
        + (" Et møte kan ikke behandle noe som er senere enn møtet." if right else ""),
        quotes=tuple(s for s, _ in same if s != wrong),
        choices=choices,
        suggested=right.isoformat() if right else None,
        blocks=(section.id,) if section.id else (),
    )


def _year_edits(draft: Draft, span: Span, old: date, new: date) -> Iterator[Edit]:
    said = draft.text[span[0] : span[1]]
    fixed = said.replace(str(old.year), str(new.year))
    for case in draft.cases:
        if case.span[0] <= span[0] < case.span[1]:
            yield Edit(case.id, "title", case.title.replace(said, fixed))
    for decision in draft.decisions:
        if decision.span[0] <= span[0] < decision.span[1]:
            yield Edit(decision.id, "text", decision.text.replace(said, fixed))


def case_numbers(found: Findings, draft: Draft) -> Iterator[Question]:
    """CASE_NO_YEAR: a number whose year differs from that of its neighbours."""
    split = [(c, *c.number.partition("/")[::2]) for c in draft.cases if c.number and "/" in c.number]
    years = Counter(year for _, _, year in split)
    if len(years) < 2:
        return
    usual, count = years.most_common(1)[0]
    for at, (case, number, year) in enumerate(split):
        if year == usual or count < 2 or not _fits(number, usual, split[max(0, at - 1) : at + 2]):
            continue
        new = f"{number}/{usual}"
        rows: list[Task | Decision] = [*draft.tasks, *draft.decisions]
        edits = (
            Edit(case.id, "number", new),
            *(Edit(r.id, "case", new) for r in rows if r.case_id == case.id),
        )
        heading = next(s.heading.span for s in found.outline.cases if s.id == case.id and s.heading)
        said = re.match(r"\D*\d+\s?/\s?\d+", found.evidence(heading))
        span = (heading[0], heading[0] + said.end()) if said else heading
        yield ask(
            found,
            "CASE_NO_YEAR",
            "must-resolve",
            f"Er «sak {case.number}» sak {new}?",
            span,
            why=f"De andre sakene i møtet har nummer med /{usual}.",
            choices=(
                Choice(f"Ja, sak {new}", new, "Nummeret rettes på saken, vedtakene og oppgavene.", edits),
                Choice(f"Nei, behold {case.number}", case.number or "", "Saken beholder nummeret."),
            ),
            suggested=new,
            blocks=(case.id, *(r.id for r in rows if r.case_id == case.id)),
        )


def _fits(number: str, year: str, near: list[tuple[Case, str, str]]) -> bool:
    """Whether a number would stand in order between its neighbours of `year`."""
    if not number.isdigit():
        return False
    around = [int(n) for _, n, y in near if y == year and n.isdigit()]
    return bool(around) and all(0 < abs(int(number) - n) <= len(near) for n in around)


def attendance(found: Findings, draft: Draft) -> Iterator[Question]:
    """ATTENDANCE_UNCLEAR, ATTENDANCE_PARTIAL."""
    listed_ = [p for p in draft.people if p.attendance == "present"]
    if found.roster.unclear and listed_:
        yield ask(
            found,
            "ATTENDANCE_UNCLEAR",
            "review",
            f"Møtte alle {len(listed_)} på listen?",
            found.roster.unclear,
            why="Kolonnene for forfall og vara er tomme. Listen kan være de innkalte.",
            choices=(Choice("Ja, alle møtte", "all"), Choice("Nei, jeg retter listen", "edit")),
        )
    partial = [p for p in found.roster.people if p.partial]
    if partial:
        names = listed([p.name for p in partial])
        yield ask(
            found,
            "ATTENDANCE_PARTIAL",
            "info",
            f"{names} var bare til stede i en del av møtet.",
            partial[0].partial or (0, 0),
            quotes=tuple(p.partial for p in partial[1:] if p.partial),
        )
