"""How well a reading fits a gold list: found, missed and made up, by the words of the evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.minutes.document import open_document
from tracker.minutes.draft import Draft
from tracker.minutes.reader import read

COVER, SPARE = 0.6, 0.25
"""A proposal fits a gold row when it has so much of the row's words and the row is so much of its own."""


@dataclass(slots=True)
class Score:
    """Rows found, wanted and proposed of one kind, over any number of documents."""

    found: int = 0
    wanted: int = 0
    said: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.found / (self.wanted + self.said) if self.wanted + self.said else 1.0

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f} ({self.found} found of {self.wanted}, {self.said} proposed)"


def words(text: str | None) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"\w+", (text or "").lower()) if len(w) > 2 or w.isdigit())


def fits(gold: dict[str, Any], offers: Iterable[str]) -> float:
    """How well the better of a proposal's texts covers the better of the gold row's; 0 when it doesn't."""
    best = 0.0
    for wanted in {
        words(gold.get("evidence") or gold.get("what")),
        words(gold.get("what") or gold.get("text")),
    }:
        for offer in map(words, offers):
            both = len(wanted & offer)
            if both and both >= COVER * len(wanted) and both >= SPARE * len(offer):
                best = max(best, both / len(wanted) + both / len(offer))
    return best


def pairs(
    gold: list[dict[str, Any]], said: list[Any], worth: Callable[[dict[str, Any], Any], float]
) -> dict[int, int]:
    """The best one-to-one matching, greedily: place in `gold` → place in `said`."""
    scores = sorted(
        ((worth(g, s), i, j) for i, g in enumerate(gold) for j, s in enumerate(said)), reverse=True
    )
    taken: dict[int, int] = {}
    for score, i, j in scores:
        if score > 0 and i not in taken and j not in taken.values():
            taken[i] = j
    return taken


def tally(score: Score, gold: list[dict[str, Any]], said: list[Any], matched: dict[int, int]) -> None:
    """Count; an optional gold row is neither missed nor made up."""
    optional = [i for i, g in enumerate(gold) if g.get("optional")]
    spared = sum(i in matched for i in optional)
    score.found += len(matched) - spared
    score.wanted += len(gold) - len(optional)
    score.said += len(said) - spared


def of_folder(
    folder: Path, saved: Callable[[str], bytes] | None = None, suffix: str = "txt"
) -> dict[str, Score]:
    """The scores of the reader over every document with a gold list in `folder`.

    `saved` makes another format, with the ending `suffix`, of each text first.
    """
    total = {kind: Score() for kind in ("tasks with owner", "decisions", "events", "meeting date")}
    for path in sorted(folder.glob("*.gold.json")):
        gold = json.loads(path.read_text("utf-8"))
        source = path.with_name(path.name.replace(".gold.json", ".txt"))
        content = saved(source.read_text("utf-8")) if saved else source.read_bytes()
        _add(total, gold, read(open_document(content, source.with_suffix(f".{suffix}").name)))
    return total


def _add(total: dict[str, Score], gold: dict[str, Any], draft: Draft) -> None:
    people = {p["key"]: p["name"] for p in gold.get("people", [])}

    def same(row: dict[str, Any], task: Any) -> float:
        names = [words(people.get(k, k)) for k in [*row.get("owners", []), *row.get("collaborators", [])]]
        said = [words(n) for n in (*task.owners, *task.contributors)]
        known = any(n and (n <= s or (s and s <= n)) for n in names for s in said)
        return fits(row, (task.evidence, task.what)) if known else 0.0

    wanted = [a for a in gold["actions"] if a.get("owners")]
    owned = [t for t in draft.tasks if t.owners or t.contributors]
    tally(total["tasks with owner"], wanted, owned, pairs(wanted, owned, same))
    decided = list(draft.decisions)
    tally(total["decisions"], gold["decisions"], decided,
          pairs(gold["decisions"], decided, lambda g, d: fits(g, (d.evidence, d.text))))  # fmt: skip
    dated = [e for e in gold["events"] if e.get("start")]
    events = [e for e in draft.events if e.start]
    tally(total["events"], dated, events,
          pairs(dated, events, lambda g, e: float(g["start"][:10] == (e.start or "")[:10])))  # fmt: skip
    day = (gold.get("meeting") or {}).get("date")
    if day:
        total["meeting date"].wanted += 1
        total["meeting date"].said += 1
        total["meeting date"].found += draft.meeting.date == day
