"""Decision points: what stands under Vedtak, and what the words themselves say was decided."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from functools import cache

from tracker.minutes.blocks import Block, Section
from tracker.minutes.cases import Outline
from tracker.minutes.draft import Decision
from tracker.minutes.making import Made
from tracker.minutes.sentences import Paragraph, Piece, sentences
from tracker.minutes.statements import Statement, by_section
from tracker.minutes.vocabulary import Words


def read(outline: Outline, statements: list[Statement], text: str, words: Words) -> list[Decision]:
    """Every decision point in document order, each once however often it is printed."""
    found: list[Decision] = []
    grouped = by_section(statements)
    for index, section in enumerate(outline.sections):
        pieces = _in_blocks(section, words)
        if not pieces:
            pieces = [(p, None) for p in _by_words(grouped.get(index, []), words)]
        seen: set[str] = set()
        for piece, block in pieces:
            plain = re.sub(r"\W+", " ", piece.low).strip()
            if plain and plain not in seen:
                seen.add(plain)
                found.append(_decision(piece, block, section, text, words))
    if not outline.sections:
        loose = grouped.get(-1, [])
        found += [_decision(p, None, None, text, words) for p in _by_words(loose, words, spoken=True)]
    return [replace(d, id=f"v{n}") for n, d in enumerate(found, 1)]


_VOTE_ONLY = re.compile(r"(?:enst\w*|samrøystes|vedtatt|godkjent mot|rett utskrift|votering)\b.{0,60}")


def _in_blocks(section: Section, words: Words) -> list[tuple[Piece, Block | None]]:
    found: list[tuple[Piece, Block | None]] = []
    for block in section.blocks:
        if block.kind != "decision":
            continue
        top = min((p.level for p in block.paragraphs if p.kind == "item"), default=0)
        points = [p for p in block.paragraphs if _is_point(p, top, words) and not p.cells]
        said = [p for p in points if not _VOTE_ONLY.fullmatch(p.low)] or points
        found += [(p.piece, block) for p in said]
    return found


def _is_point(paragraph: Paragraph, top: int, words: Words) -> bool:
    if words.grammar(r"(?:{owner_label,due_label})\s*:").match(paragraph.low):
        return False
    if paragraph.kind == "item":
        return paragraph.level <= top
    return len(paragraph.text) > 3 and not paragraph.text.endswith(":")


def _by_words(statements: list[Statement], words: Words, spoken: bool = False) -> list[Piece]:
    """Sentences that decide by their words: "Vedtak: …" in a cell, "Tatt til orientering", "vi ble enige"."""
    found = []
    labelled = words.grammar(r"(?:{decision_label})\s*:\s*")
    approval, decided = words.pattern("approval", "briefing"), words.pattern("decided")
    acted = words.grammar(
        r"(?:[a-zæøå]*(?:{groups})|[a-zæøå]+(?:forumet|komiteen))\s+(?:\w+\s)?(?:{decides})(?!\w)"
    )
    for statement in statements:
        piece = statement.piece
        if piece.text.endswith("?") or statement.type == "proposals":
            continue
        label = labelled.match(piece.low)
        if label:
            found.append(piece.sub(label.end(), len(piece.text)))
        elif (
            (not spoken and acted.match(piece.low))
            or (not spoken and len(piece.text) < 160 and approval.search(piece.low))
            or decided.search(piece.low)
        ):
            found.append(piece)
    return [p for p in found if p.text]


def _decision(
    piece: Piece, block: Block | None, section: Section | None, text: str, words: Words
) -> Decision:
    kind = _kind(piece.low, words)
    if kind != "substantive":
        first = next(sentences(piece), piece)
        piece = first if _kind(first.low, words) == kind else piece
    begin, end = piece.span
    said = re.sub(r"\s+", " ", piece.text).strip()
    return Decision(
        "", section.number if section else None, section.id if section else None, said,
        kind, _vote(piece, block, section, words), kind == "substantive", text[begin:end], (begin, end),
    )  # fmt: skip


def _kind(low: str, words: Words) -> str:
    if words.pattern("briefing").search(low):
        return "briefing"
    short = len(list(sentences(Piece(low, low, 0)))) <= 2
    if short and words.pattern("approval").search(low):
        return "approval"
    return "substantive"


@cache
def _votes(words: Words) -> re.Pattern[str]:
    return re.compile("|".join(sorted(words.every("vote"), key=len, reverse=True)))


def _vote(piece: Piece, block: Block | None, section: Section | None, words: Words) -> str | None:
    """How the vote went, from the label ("Vedtak (samrøystes)") or the words beside the decision."""
    vote = _votes(words)
    places = [piece.low] + ([block.label.low] if block and block.label else [])
    if section:
        places += [r.content.low for r in section.rows if r.content.start <= piece.start < r.content.end]
    for place in places:
        match = vote.search(place)
        if match:
            return match.group()
    return None


def follow(made: list[Made], points: list[Decision]) -> list[Made]:
    """`made`, each task with the decision point it stands in."""
    starts = [p.span[0] for p in points]
    linked = []
    for one in made:
        at = bisect_right(starts, one.task.span[0]) - 1
        inside = at >= 0 and one.task.span[0] < points[at].span[1]
        linked.append(replace(one, task=replace(one.task, decision=points[at].id)) if inside else one)
    return linked
