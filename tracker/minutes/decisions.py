"""Decision points: what stands under Vedtak, and what the words themselves say was decided."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cache

from tracker.minutes.blocks import Block, Section
from tracker.minutes.cases import Outline
from tracker.minutes.deciding import decides, elects, holds_office, is_bare, is_short, label_end
from tracker.minutes.draft import Decision
from tracker.minutes.making import Made
from tracker.minutes.sentences import Paragraph, Piece, sentences
from tracker.minutes.statements import Statement, by_section
from tracker.minutes.vocabulary import Words


def read(outline: Outline, statements: list[Statement], text: str, words: Words) -> list[Decision]:
    """Every decision point in document order, each once however often it is printed."""
    found: list[Decision] = []
    grouped = by_section(statements)
    opening = [s for p in outline.head if outline.sections for s in sentences(p.piece)]
    found += [
        _decision(_Point(p, rule="opening"), None, text, words) for p in opening if _opens_meeting(p, words)
    ]
    for index, section in enumerate(outline.sections):
        points = _in_blocks(section, words)
        if not points or not _is_formal(section):
            points = _with_spoken(points, _by_words(grouped.get(index, []), words, section), words)
        if not points and section.title and decides(section.title, words.language):
            points = [_Point(section.title, rule="title")]  # "1. Referat fra forrige møte ok"
        seen: set[str] = set()
        for point in points:
            plain = re.sub(r"\W+", " ", point.piece.low).strip()
            if plain and (plain not in seen or is_bare(point.piece, words.language)):
                seen.add(plain)
                found.append(_decision(point, section, text, words))
    if not outline.sections:
        loose = grouped.get(-1, [])
        found += [_decision(p, None, text, words) for p in _by_words(loose, words)]
    return [replace(d, id=f"v{n}") for n, d in enumerate(found, 1)]


@dataclass(frozen=True, slots=True)
class _Point:
    """The words of a decision; `topic` is what they were about where they say only how it went."""

    piece: Piece
    block: Block | None = None
    topic: str = ""
    rule: str = "block"


def _opens_meeting(piece: Piece, words: Words) -> bool:
    """ "Innkalling og dagsorden ble godkjent" before the first case."""
    return words.pattern("opening_matters").search(piece.low) is not None and decides(piece, words.language)


def _is_formal(section: Section) -> bool:
    """Whether a case keeps what was said (Behandling) apart from what was decided (Vedtak)."""
    if section.heading is None or section.type == "any-other-business":
        return False
    return any(b.kind == "decision" and not b.inline for b in section.blocks) or any(
        b.kind in ("discussion", "proposal") and b.label for b in section.blocks
    )


def _with_spoken(points: list[_Point], spoken: list[_Point], words: Words) -> list[_Point]:
    """`points` and what else was decided in the text, less what only says the same again near by."""
    ordered = sorted(points, key=lambda p: p.piece.start)
    starts = [p.piece.start for p in ordered]
    said = [_content(p.piece, words) for p in ordered]
    kept = list(ordered)
    for one in spoken:
        own, at = _content(one.piece, words), bisect_right(starts, one.piece.start)
        near = range(max(0, at - NEAR), min(len(ordered), at + NEAR))
        inside = at > 0 and one.piece.start < ordered[at - 1].piece.end
        if not inside and not any(len(own & said[n]) * 2 > len(own) for n in near):
            kept.append(one)
    return sorted(kept, key=lambda p: p.piece.start)


NEAR = 20
"""A sentence is compared with so many decisions before and behind it: long cases stay linear."""


def _content(piece: Piece, words: Words) -> frozenset[str]:
    """The words that tell what was decided, without those that tell that it was."""
    outcome = (words.those(key) for key in ("settled_done", "elected", "vote", "approval", "groups", "to"))
    return frozenset(re.findall(r"\w{4,}", piece.low)).difference(*outcome)


MOST_OFFICES = 1200
"""A list of offices longer than so many characters is a register, not an election."""
_VOTE_ONLY = re.compile(r"(?:enst\w*|samrøystes|vedtatt|godkjent mot|rett utskrift|votering)\b.{0,60}")


def _in_blocks(section: Section, words: Words) -> list[_Point]:
    found: list[_Point] = []
    for block in section.blocks:
        if block.kind != "decision":
            continue
        top = min((p.level for p in block.paragraphs if p.kind == "item"), default=0)
        points = [p for p in block.paragraphs if _is_point(p, top, words) and not p.cells]
        said = [p for p in points if not _VOTE_ONLY.fullmatch(p.low)] or points
        found += [_Point(p.piece, block, _topic(section, p.piece, words)) for p in said]
    return found


def _topic(section: Section, piece: Piece, words: Words) -> str:
    bare = section.title is not None and is_bare(piece, words.language)
    return section.title.text.strip("*: .") if section.title and bare else ""


def _is_point(paragraph: Paragraph, top: int, words: Words) -> bool:
    if words.grammar(r"(?:{owner_label,due_label})\s*:").match(paragraph.low):
        return False
    if paragraph.kind == "item":
        return paragraph.level <= top
    return len(paragraph.text) > 3 and not paragraph.text.endswith(":")


def _by_words(statements: list[Statement], words: Words, section: Section | None = None) -> list[_Point]:
    """Sentences that decide by their words: "Vedtak: …" in a cell, "Tatt til orientering", "vi ble enige"."""
    found: list[_Point] = []
    offices: list[Statement] = []
    title = section.title.low if section and section.title else ""
    elections = bool(words.pattern("election_title").search(title))
    for at, statement in enumerate(statements):
        piece, previous = statement.piece, statement.previous
        if statement.type == "proposals" or statement.block in ("proposal", "actions"):
            continue
        label = label_end(piece.low, words.language)
        if statement.first and elects(piece, words.language):
            offices.append(statement)
            continue
        offices_before, offices = offices, []
        if label and not piece.text.endswith("?"):
            found.append(_Point(piece.sub(label, len(piece.text)), rule="label"))
        elif (office := elections and holds_office(piece, words.language)) or decides(
            piece, words.language, formal=section is not None
        ):
            leans = previous and is_short(piece) and not office
            bare = leans and previous and not previous.piece.text.endswith("?")
            if not (bare and found and previous and found[-1].piece.end >= previous.piece.end):
                topic = _topic(section, piece, words) if section and not bare else ""
                whole = _joined(previous.piece, piece) if bare and previous else piece
                if piece.text.endswith(":"):
                    whole = _with_list(whole, statements[at + 1 :], words)
                found.append(_Point(whole, topic=topic, rule="bare" if bare else "words"))
            continue
        found += _elected(offices_before, found)
    found += _elected(offices, found)
    return [p for p in found if p.piece.text]


def _elected(offices: list[Statement], found: list[_Point]) -> list[_Point]:
    """Lines that give people their offices, as one decision: "Leder: …", "Nestleder: …"."""
    if len(offices) < 2:
        return []
    first, last = offices[0].piece, offices[-1].piece
    lead = found[-1].piece if found and found[-1].piece.text.endswith(":") else None
    if lead and first.start - lead.end < 20:
        first = found.pop().piece
    if last.end - first.start > MOST_OFFICES:
        return []
    whole = first
    for one in (s.piece for s in offices):
        whole = _joined(whole, one) if one.start > whole.start else whole
    return [_Point(whole, rule="offices")]


def _with_list(lead: Piece, after: list[Statement], words: Words) -> Piece:
    """ "Følgende ble bestemt:" and the list below it, as one decision."""
    for statement in after:
        long = statement.piece.end - lead.start > MOST_OFFICES
        if statement.kind != "item" or long or decides(statement.piece, words.language):
            break
        lead = _joined(lead, statement.piece)
    return lead


def _joined(first: Piece, second: Piece) -> Piece:
    """Two sentences of one paragraph as one: "Laget søker om 2000 kr. Innvilget."."""
    gap = " " * (second.start - first.start - len(first.text))
    return Piece(first.text + gap + second.text, first.low + gap + second.low, first.start, first.line)


def _decision(point: _Point, section: Section | None, text: str, words: Words) -> Decision:
    piece = point.piece
    kind = _kind(piece.low, words)
    if kind != "substantive" and point.block:
        first, *more = [*sentences(piece)] or [piece]
        settled = _kind(first.low, words) == kind and not any(decides(p, words.language) for p in more)
        piece = first if settled else piece
    begin, end = piece.span
    said = re.sub(r"\s+", " ", piece.text).strip()
    said = f"{point.topic}: {said}" if point.topic else said
    return Decision(
        "", section.number if section else None, section.id if section else None, said,
        kind, _vote(piece, point.block, section, words), kind == "substantive", text[begin:end], (begin, end),
        point.rule,
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
