"""What minutes remark on earlier cases and tasks: done, not to be done, still open, or by another day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from tracker.minutes import dates
from tracker.minutes.cases import Outline
from tracker.minutes.draft import StatusUpdate
from tracker.minutes.making import Made
from tracker.minutes.statements import Statement
from tracker.minutes.vocabulary import Words

NEAR = 40
"""How many characters after «ny frist» its date may begin."""
_NUMBER = re.compile(r"(?<![\w/])\d{1,3}/\d{2,4}(?!\w)")
_KINDS = ("new_due", "still_open", "done", "postponed", "dropped")
_STATUS = {"new_due": "postponed", "still_open": "open"}


def status_updates(
    outline: Outline, statements: list[Statement], words: Words, text: str
) -> list[StatusUpdate]:
    """Remarks on earlier cases: in a case that follows up, and elsewhere where an item names another case."""
    found: list[StatusUpdate] = []
    items: dict[int, list[Statement]] = {}
    for statement in statements:
        items.setdefault(statement.item, []).append(statement)
    for item in items.values():
        first = item[0]
        number = (
            _NUMBER.search(first.piece.low) if first.type == "earlier" or "/" in first.piece.low[:8] else None
        )
        own = outline.sections[first.section].number if first.section >= 0 else None
        elsewhere = number is not None and number.start() < 6 and own is not None and number.group() != own
        if first.type != "earlier" and not elsewhere:
            continue
        row = first.row
        whole = " ".join(s.piece.low for s in item) + (f" {row.due.low}" if row and row.due else "")
        said = next((kind for kind in _KINDS if words.pattern(kind).search(whole)), None)
        if said is None:
            continue
        begin, end = first.piece.start, item[-1].piece.end
        found.append(
            StatusUpdate(
                "",
                number.group() if number else own if row else None,
                _STATUS.get(said, said),
                text[begin:end],
                (begin, end),
                _new_due(whole, words, first.anchor) if said in ("new_due", "postponed") else None,
            )
        )
    return [replace(u, id=f"u{n}") for n, u in enumerate(found, 1)]


def still_to_do(made: list[Made], updates: list[StatusUpdate]) -> list[Made]:
    """`made` without what the minutes say is done or not to be done."""
    over = [u.span for u in updates if u.status in ("done", "dropped")]
    return [m for m in made if not any(a <= m.task.span[0] and m.task.span[1] <= b for a, b in over)]


def _new_due(whole: str, words: Words, anchor: date) -> str | None:
    """The day that a task is put off to, as an ISO date."""
    for said in words.grammar(r"(?<!\w)(?:{new_due,postponed})(?!\w)").finditer(whole):
        for day in dates.find(whole, words, anchor):
            if 0 <= day.start - said.end() <= NEAR and day.last > anchor:
                return day.last.isoformat()
    return None
