"""Later words that set earlier ones right: "det er Kari Moe som tar det, ikke Kari Foss"."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.minutes.findings import Findings
from tracker.minutes.statements import Statement

_IT_IS = re.compile(r"\bdet (?:er|var) (?=\S)")
_NOT = re.compile(r",\s*(?:ikke|ikkje)\s+(?=\S)")


def settle(found: Findings) -> None:
    """Give tasks the owner that a later message says; what was changed is kept for a question."""
    for statement in found.statements:
        pair = _corrected(statement, found) if statement.later else None
        if not pair:
            continue
        right, wrong = pair
        for index, made in enumerate(found.made):
            options = {o for m in made.mentions for o in m.options}
            if {right, wrong} <= options or (made.task.owners == (wrong,) and not made.statement.later):
                said = made.mentions[0].said if made.mentions else wrong
                task = replace(made.task, owners=(right,), names={**made.task.names, right: said})
                found.made[index] = replace(made, task=task)
                found.corrected[made.task.id] = statement.piece.span


def _corrected(statement: Statement, found: Findings) -> tuple[str, str] | None:
    """ "det er X som …, ikke Y" → (X, Y)."""
    it, no = _IT_IS.search(statement.piece.low), _NOT.search(statement.piece.low)
    if not it or not no:
        return None
    at = {m.start: m for m in found.people.mentions(statement.piece)}
    right, wrong = at.get(it.end()), at.get(no.end())
    if right and wrong and len(right.names) == len(wrong.names) == 1:
        return right.names[0], wrong.names[0]
    return None
