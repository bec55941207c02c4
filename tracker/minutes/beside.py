"""Tasks that layout gives somebody: the column Ansvar beside a sentence, the list below a name."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.minutes import agents, clauses, due, impersonal, rows
from tracker.minutes.making import Made, Scene, make, owned, without_tag
from tracker.minutes.people import Mention
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.subjects import Clause, subjects


def of_column(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """A sentence with somebody in the column Ansvar beside it is their task."""
    cells = [a for a in statement.asides if re.search(r"[^\W\d_]", a.text)]
    vocabulary = scene.people.vocabulary
    if not cells or any(a.low.strip(" .") in vocabulary.those("done") for a in cells):
        return None
    dated = [
        a for a in cells if due.of_cell(a, scene.calendar, statement.section, statement.anchor).kind != "none"
    ]
    beside = [a for a in cells if a not in dated] or cells
    subject = rows.owner_of(beside, scene)
    piece, whole = statement.piece, len(statement.piece.text)
    lead = impersonal.opening(piece, vocabulary)
    unheaded = statement.kind == "row" and not (_are_people(beside, scene) and (lead or dated))
    if subject is None or unheaded:
        return None
    kept = [c for c in clauses.with_subject(piece, scene.people, mentions) if c.rule in ("subject", "modal")]
    clause = kept[0] if kept else impersonal.passive(piece, vocabulary)
    if lead:
        clause = Clause("beside", 0, whole, lead[0].infinitive, (lead[1], whole))
    made = make(
        clause or Clause("beside", 0, whole, "", (0, whole), noun=True), statement, mentions, None, scene
    )
    made = owned(made, subject, scene)
    for cell in dated or [a for a in statement.asides if a not in cells]:
        when = due.of_cell(cell, scene.calendar, statement.section, statement.anchor)
        if when.kind != "none" and made.task.due.date is None:
            tags = without_tag(made.task.tags, "no-due") if when.date else made.task.tags
            made = replace(made, task=replace(made.task, due=when, tags=tags))
    return made


def _are_people(cells: list[Piece], scene: Scene) -> bool:
    """Whether cells that no heading explains hold nothing but people who are known."""
    groups = [(c, subjects(scene.people.mentions(c), c.text)) for c in cells]
    return all(
        len(found) == 1
        and not cell.text[: found[0].start].strip()
        and not cell.text[found[0].end :].strip(" .")
        for cell, found in groups
    )


def under_name(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """An item of the list below "Dugnadskomiteen:" or "Kari:" is what they are to do."""
    lead, piece = statement.lead, statement.piece
    if lead is None or statement.kind != "item" or not statement.first or len(lead.text) > 60:
        return None
    named = subjects(scene.people.mentions(lead), lead.text)
    led = scene.people.vocabulary.grammar(r"(?:\s+(?:{list_lead}))?[\s:]*$")
    if len(named) != 1 or named[0].start or not led.match(lead.low, named[0].end):
        return None
    verb = impersonal.opening(piece, scene.people.vocabulary) or agents.present(piece, 0, scene.people)
    if verb is None or any(m.start == 0 for m in mentions):
        return None
    clause = Clause("under", 0, len(piece.text), verb[0].infinitive, (verb[1], len(piece.text)))
    return owned(make(clause, statement, mentions, None, scene), named[0], scene)
