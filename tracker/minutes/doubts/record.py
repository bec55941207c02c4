"""Doubts about the record itself: years, numbers, decisions, who was there, what must not be shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from tracker.minutes import dates
from tracker.minutes.cases import Section
from tracker.minutes.doubts.ask import ask, day_in_words, listed, short
from tracker.minutes.draft import Choice, Decision, Draft, Edit, Question, Span, Task
from tracker.minutes.findings import Findings
from tracker.minutes.statements import Statement, by_section


def of_the_date(found: Findings, draft: Draft) -> Iterator[Question]:
    """YEAR_INFERRED, YEAR_MISSING, WEEKDAY_MISMATCH of the meeting's own date."""
    head = found.head
    if head.day_piece is None:
        return
    span = head.day_piece.span
    if head.missing_year or head.day is None:
        yield ask(found, "YEAR_MISSING", "must-resolve", "Hvilket år var møtet?", span,
                  why="Referatet sier ikke året, og ingenting annet i det gjør.")  # fmt: skip
    elif head.inferred:
        yield ask(found, "YEAR_INFERRED", "info", f"Møtet er satt til {day_in_words(head.day)}. Stemmer det?", span,
                  why=f"{head.inferred[:1].upper()}{head.inferred[1:]}.",
                  choices=(Choice("Ja", head.day.isoformat()),), suggested=head.day.isoformat())  # fmt: skip
    if head.wrong_weekday and head.day:
        near = _weekday_near(head.day, head.wrong_weekday.weekday or 0)
        yield ask(found, "WEEKDAY_MISMATCH", "must-resolve", f"Var møtet {day_in_words(head.day)}?", span,
                  why="Ukedagen i referatet passer ikke til datoen.",
                  choices=(Choice(day_in_words(head.day), head.day.isoformat()),
                           Choice(day_in_words(near), near.isoformat(), edits=(Edit("meeting", "date", near.isoformat()),))))  # fmt: skip


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
    anchor = found.head.day or date(2000, 1, 1)
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
        Choice(day_in_words(day, weekday=False), day.isoformat(), "Datoen rettes der den står annerledes.",
               tuple(e for span, other in same if other != day for e in _year_edits(draft, span, other, day)))
        for day in sorted(years, key=lambda d: (d != right, d))
    )  # fmt: skip
    name = f"Sak {section.number}" if section.number else "Saken"
    best = right or years[0]
    return ask(
        found, "YEAR_TYPO", "must-resolve", f"Gjelder {name[:1].lower()}{name[1:]} {day_in_words(best, weekday=False)}?", wrong,
        why=f"Samme dato står med to årstall: {listed([str(d.year) for d in years])}."
        + (" Et møte kan ikke behandle noe som er senere enn møtet." if right else ""),
        quotes=tuple(s for s, _ in same if s != wrong), choices=choices, suggested=right.isoformat() if right else None,
        blocks=(section.id,) if section.id else (),
    )  # fmt: skip


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
    for case, number, year in split:
        if year == usual or count < 2:
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
            found, "CASE_NO_YEAR", "must-resolve", f"Er «sak {case.number}» sak {new}?", span,
            why=f"De andre sakene i møtet har nummer med /{usual}.",
            choices=(Choice(f"Ja, sak {new}", new, "Nummeret rettes på saken, vedtakene og oppgavene.", edits),
                     Choice(f"Nei, behold {case.number}", case.number or "", "Saken beholder nummeret.")),
            suggested=new, blocks=(case.id, *(r.id for r in rows if r.case_id == case.id)),
        )  # fmt: skip


def missing_decisions(found: Findings, draft: Draft) -> Iterator[Question]:
    """DECISION_MISSING: cases without Vedtak in minutes that otherwise have one for each case."""
    cases = found.outline.cases
    decided = [c for c in cases if c.decided]
    missing = [
        c
        for c in cases
        if not c.decided and c.type != "any-other-business" and not c.restricted and not c.rows
    ]
    if not missing or len(decided) < 2 or len(decided) * 2 < len(cases):
        return
    spans = [c.heading.span for c in missing if c.heading]
    names = listed([f"{c.number}" for c in missing])
    yield ask(found, "DECISION_MISSING", "review", f"Sak {names} har ikke noe vedtak i referatet. Skal det stå et?", spans[0],
              why="De andre sakene har vedtak.", quotes=tuple(spans[1:]),
              choices=(Choice("Nei, det ble ikke gjort vedtak", "none"),
                       Choice("Ja, jeg legger det inn", "add", "Du skriver vedtaket slik det ble gjort.")))  # fmt: skip


def undecided(found: Findings, draft: Draft) -> Iterator[Question]:
    """FUTURE_DECISION: what a proposal for a later meeting would decide is not decided yet."""
    for statement in found.statements:
        if statement.type != "proposals" or not statement.first and statement.level:
            continue
        wording = re.search(r"(?<!\w)(?:overføres|tas ut|bevilges|vedtas|godkjennes|innføres|opprettes|settes av|løyvast|overførast)(?!\w)",
                            statement.piece.low)  # fmt: skip
        if not wording:
            continue
        proposal = next(
            (p for p in draft.agenda_proposals if p.span[0] <= statement.piece.start < p.span[1]), None
        )
        later = (
            f" i møtet {day_in_words(proposal.for_date, weekday=False)}"
            if proposal and proposal.for_date
            else " i et senere møte"
        )
        yield ask(found, "FUTURE_DECISION", "review", f"Skal «{short(statement.piece.text, 50)}» først avgjøres{later}?",
                  statement.piece.span, why="Det står som forslag til sak, ikke som vedtak. Ingen oppgave lages av det.",
                  choices=(Choice("Ja, det er bare et forslag", "proposal", "Saken settes opp som forslag."),
                           Choice("Nei, det er vedtatt", "decided", "Du legger inn vedtaket selv.",
                                  (Edit(proposal.id, "skip", value=True),) if proposal else ())), suggested="proposal")  # fmt: skip


def other_business(found: Findings, draft: Draft) -> Iterator[Question]:
    """DECISION_IN_EVENTUELT: obligations taken on without a case of their own."""
    if not any(c.decided for c in found.outline.cases):
        return
    for section in found.outline.cases:
        tasks = [t for t in draft.tasks if t.case_id == section.id]
        if section.type != "any-other-business" or section.decided or not tasks or not section.title:
            continue
        title = section.title.text.strip("* ")
        yield ask(found, "DECISION_IN_EVENTUELT", "review", f"Er det som ble avtalt under {title} vedtatt?", tasks[0].span,
                  why=f"Under {title} er det {len(tasks)} oppgave{'r' if len(tasks) > 1 else ''}, men ikke noe vedtak.",
                  quotes=tuple(t.span for t in tasks[1:]),
                  choices=(Choice("Ja, behold oppgavene", "keep"),
                           Choice("Nei, ta det opp i neste møte", "drop", "Oppgavene hoppes over.",
                                  tuple(Edit(t.id, "skip", value=True) for t in tasks))))  # fmt: skip


def outside(found: Findings, draft: Draft) -> Iterator[Question]:
    """OUTSIDE_DECISION_BLOCK: an instruction to nobody, in the discussion of a case that has a decision."""
    for task in draft.tasks:
        if "outside-decision" in task.tags:
            yield ask(found, "OUTSIDE_DECISION_BLOCK", "review", f"Skal «{short(task.what, 60)}» følges opp?", task.span,
                      why="Det står i omtalen av saken, ikke i vedtaket.",
                      choices=(Choice("Ja, behold oppgaven", "keep"),
                               Choice("Nei, hopp over", "skip", "", (Edit(task.id, "skip", value=True),))))  # fmt: skip


def attendance(found: Findings, draft: Draft) -> Iterator[Question]:
    """ATTENDANCE_UNCLEAR, ATTENDANCE_PARTIAL."""
    listed_ = [p for p in draft.people if p.attendance == "present"]
    if found.roster.unclear and listed_:
        yield ask(found, "ATTENDANCE_UNCLEAR", "review", f"Møtte alle {len(listed_)} på listen?", found.roster.unclear,
                  why="Kolonnene for forfall og vara er tomme. Listen kan være de innkalte.",
                  choices=(Choice("Ja, alle møtte", "all"), Choice("Nei, jeg retter listen", "edit")))  # fmt: skip
    for person in found.roster.people:
        if person.partial:
            yield ask(
                found,
                "ATTENDANCE_PARTIAL",
                "info",
                f"{person.name} var bare til stede i en del av møtet.",
                person.partial,
            )


def protected(found: Findings, draft: Draft) -> Iterator[Question]:
    """RESTRICTED and SENSITIVE_HEALTH: what must not spread."""
    for section in found.outline.sections:
        if not section.restricted:
            continue
        where = found.text.find(section.restricted[:20], section.heading.start if section.heading else 0)
        span = (
            (where, where + len(section.restricted))
            if where >= 0
            else section.heading.span
            if section.heading
            else (0, 0)
        )
        tasks = tuple(t.id for t in draft.tasks if t.case_id == section.id)
        hide = (Edit(section.id, "title", "(unntatt offentlighet)"),) if section.id else ()
        yield ask(found, "RESTRICTED", "must-resolve", f"Skal sak {section.number} skjules for andre enn de ansvarlige?", span,
                  why="Saken er merket unntatt offentlighet.",
                  choices=(Choice("Ja, skjul den", "hide", "Tittel og tekst vises ikke i kalender, e-post, søk og åpne sider.", hide),
                           Choice("Bare teksten er unntatt", "title", "Tittelen «" + (section.title.text if section.title else "") + "» vises.")),
                  suggested="hide", blocks=tasks + ((section.id,) if section.id else ()))  # fmt: skip
    pattern = found.words.pattern("health")
    spans = [
        (s.piece.start + m.start(), s.piece.start + m.end())
        for s in found.statements
        if found.thread.is_mail
        or any(m.kind in ("person", "unknown") for m in found.people.mentions(s.piece))
        for m in pattern.finditer(s.piece.low)
    ]
    if spans:
        yield ask(found, "SENSITIVE_HEALTH", "must-resolve", "Referatet sier noe om helse. Skal det lagres?", spans[0],
                  why="Helseopplysninger skal ikke ligge i registeret, kalenderen eller e-post.", quotes=tuple(spans[1:]),
                  choices=(Choice("Nei, la det bli ute", "leave-out", "Ordene brukes ikke i noe forslag."),
                           Choice("Jeg retter referatet først", "correct")), suggested="leave-out")  # fmt: skip


def remarks(found: Findings, draft: Draft) -> Iterator[Question]:
    """What is worth a mention and no more: noise left out, wishes, attachments, an unofficial text."""
    unofficial = found.words.pattern("unofficial")
    for statement in found.statements:
        match = unofficial.search(statement.piece.low)
        if match:
            span = (statement.piece.start + match.start(), statement.piece.start + match.end())
            yield ask(found, "UNOFFICIAL", "review", "Er dette det endelige referatet?", span,
                      why="Teksten sier at et referat kommer senere. Det kan legges inn da uten at noe dobles.",
                      choices=(Choice("Nei, foreløpig", "draft"), Choice("Ja", "final")), suggested="draft")  # fmt: skip
            break
    for noise in {n.kind: n for n in reversed(draft.noise)}.values():
        code = {"page-header": "PAGE_HEADER_NOISE", "quoted": "QUOTED_TEXT", "footer": "NOISE"}.get(
            noise.kind
        )
        if code:
            text = {"PAGE_HEADER_NOISE": "Sidetopptekst er holdt utenfor.", "QUOTED_TEXT": "Eldre, sitert tekst er holdt utenfor.",
                    "NOISE": "Standardtekst er holdt utenfor."}[code]  # fmt: skip
            yield ask(found, code, "info", text, noise.span)
    yield from _wishes(found, draft)
    end = next(
        (
            dates.times(p.low, found.words.language)
            for p in found.outline.tail
            if re.match(r"møtet (?:slutt|hevet|heva|ble hevet)", p.low)
        ),
        None,
    )
    tail = next(
        (p.piece for p in found.outline.tail if re.match(r"møtet (?:slutt|hevet|heva|ble hevet)", p.low)),
        None,
    )
    if end and tail and draft.meeting.end and end.start != draft.meeting.end:
        yield ask(found, "END_TIME_DIFFERS", "info", f"Møtet sluttet kl. {end.start.replace(':', '.')}, ikke {draft.meeting.end.replace(':', '.')}.",
                  tail.span, choices=(Choice("Bruk det som står sist", end.start, "", (Edit("meeting", "end", end.start),)),))  # fmt: skip


def _wishes(found: Findings, draft: Draft) -> Iterator[Question]:
    taken = {t.span for t in draft.tasks}
    pattern = re.compile(r"(?<!\w)(?:må prøve|må forsøke|burde|ought to)(?!\w)")
    for statement in found.statements:
        match = pattern.search(statement.piece.low)
        if match and statement.piece.span not in taken:
            span = (statement.piece.start + match.start(), statement.piece.end)
            yield ask(found, "NOT_AN_ACTION", "info", "Et ønske i drøftingen, ikke en oppgave.", span)
