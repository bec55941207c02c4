"""Doubts about what was decided: cases without decision, proposals, tasks outside any decision."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.minutes.doubts.ask import ask, day_in_words, listed, short
from tracker.minutes.draft import Choice, Draft, Edit, Question
from tracker.minutes.findings import Findings


def missing_decisions(found: Findings, draft: Draft) -> Iterator[Question]:
    """DECISION_MISSING: cases without Vedtak in minutes that otherwise have one for each case."""
    cases = found.outline.cases
    decided = [c for c in cases if c.decided]
    settled = {d.case_id for d in draft.decisions}
    missing = [
        c
        for c in cases
        if not c.decided and c.type != "any-other-business" and not c.restricted and not c.rows
    ]
    missing = [c for c in missing if c.id not in settled]
    if not missing or len(decided) < 2 or len(decided) < 2 * len(missing):
        return
    spans = [c.heading.span for c in missing if c.heading]
    names = listed([f"{c.number}" for c in missing])
    yield ask(
        found,
        "DECISION_MISSING",
        "review",
        f"Sak {names} har ikke noe vedtak i referatet. Skal det stå et?",
        spans[0],
        why="De andre sakene har vedtak.",
        quotes=tuple(spans[1:]),
        choices=(
            Choice("Nei, det ble ikke gjort vedtak", "none"),
            Choice("Ja, jeg legger det inn", "add", "Du skriver vedtaket slik det ble gjort."),
        ),
    )


def undecided(found: Findings, draft: Draft) -> Iterator[Question]:
    """FUTURE_DECISION: what a proposal for a later meeting would decide is not decided yet."""
    for statement in found.statements:
        if statement.type != "proposals" or (not statement.first and statement.level):
            continue
        wording = found.words.pattern("would_decide").search(statement.piece.low)
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
        yield ask(
            found,
            "FUTURE_DECISION",
            "review",
            f"Skal «{short(statement.piece.text, 50)}» først avgjøres{later}?",
            statement.piece.span,
            why="Det står som forslag til sak, ikke som vedtak. Ingen oppgave lages av det.",
            choices=(
                Choice("Ja, det er bare et forslag", "proposal", "Saken settes opp som forslag."),
                Choice(
                    "Nei, det er vedtatt",
                    "decided",
                    "Du legger inn vedtaket selv.",
                    (Edit(proposal.id, "skip", value=True),) if proposal else (),
                ),
            ),
            suggested="proposal",
        )


def other_business(found: Findings, draft: Draft) -> Iterator[Question]:
    """DECISION_IN_EVENTUELT: obligations taken on without a case of their own."""
    cases = [c for c in found.outline.cases if c.type != "any-other-business"]
    if sum(c.decided for c in cases) * 3 < len(cases) * 2:
        return  # a body that seldom writes Vedtak has not forgotten it here
    for section in found.outline.cases:
        if section.type != "any-other-business" or section.decided or not section.title:
            continue
        tasks = [t for t in draft.tasks if t.case_id == section.id]
        if not tasks:
            continue
        title = section.title.text.strip("* ")
        yield ask(
            found,
            "DECISION_IN_EVENTUELT",
            "review",
            f"Er det som ble avtalt under {title} vedtatt?",
            tasks[0].span,
            why=f"Oppgavene under {title} står uten vedtak.",
            quotes=tuple(t.span for t in tasks[1:]),
            choices=(
                Choice("Ja, behold oppgavene", "keep"),
                Choice(
                    "Nei, ta det opp i neste møte",
                    "drop",
                    "Oppgavene hoppes over.",
                    tuple(Edit(t.id, "skip", value=True) for t in tasks),
                ),
            ),
        )


def outside(found: Findings, draft: Draft) -> Iterator[Question]:
    """OUTSIDE_DECISION_BLOCK: an instruction to nobody, in the discussion of a case that has a decision."""
    for task in draft.tasks:
        if "outside-decision" in task.tags:
            yield ask(
                found,
                "OUTSIDE_DECISION_BLOCK",
                "review",
                f"Skal «{short(task.what, 60)}» følges opp?",
                task.span,
                why="Det står i omtalen av saken, ikke i vedtaket.",
                choices=(
                    Choice("Ja, behold oppgaven", "keep"),
                    Choice("Nei, hopp over", "skip", "", (Edit(task.id, "skip", value=True),)),
                ),
            )
