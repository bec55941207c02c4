"""The minutes as they stand, in blocks for the page, with the words marked that something was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tracker.minutes.document import Line, from_text
from tracker.services.cards import Card, State
from tracker.services.review import Review

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """Words that belong to a card: its id, how it stands ("open", "used", "answered"), its place."""

    card: str
    look: str
    span: Span
    label: str


@dataclass(slots=True)
class Piece:
    """A run of text with the marks that cover it.

    `ends` are the marks whose last words these are; `anchors` the cards that are first marked here.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    ends: tuple[Mark, ...] = ()
    anchors: tuple[str, ...] = ()

    @property
    def look(self) -> str:
        """The strongest look of the marks: a question before an answer before a use."""
        looks = [mark.look for mark in self.marks]
        return next((look for look in ("open", "used", "answered", "noise") if look in looks), "")


@dataclass(slots=True)
class Block:
    """A heading, paragraph, list item (with its level) or table row (with its cells)."""

    kind: str
    pieces: list[Piece] = field(default_factory=list)
    cells: list[list[Piece]] = field(default_factory=list)
    level: int = 0


@dataclass(slots=True)
class Group:
    """Blocks of one kind in a row: a table, a list, or single blocks."""

    kind: str
    blocks: list[Block]


def groups(review: Review) -> list[Group]:
    """The text of the minutes for the page."""
    marks = _marks(review)
    starts = sorted(marks, key=lambda mark: mark.span)
    found: list[Group] = []
    passed = 0
    live: list[Mark] = []
    for line in from_text(review.draft.text).lines:
        live = [mark for mark in live if mark.span[1] > line.start]
        while passed < len(starts) and starts[passed].span[0] < line.end:
            if starts[passed].span[1] > line.start:
                live.append(starts[passed])
            passed += 1
        block = _block(line, live)
        if found and found[-1].kind == block.kind and block.kind in ("row", "item"):
            found[-1].blocks.append(block)
        else:
            found.append(Group(block.kind, [block]))
    _anchor(found)
    return found


def _anchor(found: list[Group]) -> None:
    """Give each card one anchor, at its first words (ids on a page are unique)."""
    seen: set[str] = set()
    for group in found:
        for block in group.blocks:
            for piece in (*block.pieces, *(piece for cell in block.cells for piece in cell)):
                fresh = dict.fromkeys(
                    mark.card for mark in piece.marks if mark.card and mark.card not in seen
                )
                piece.anchors = tuple(fresh)
                seen.update(fresh)


def _block(line: Line, marks: list[Mark]) -> Block:
    if line.kind == "row":
        cells = [list(_pieces(cell.text, cell.start, marks)) for cell in line.cells]
        return Block("row", cells=cells)
    return Block(line.kind, pieces=list(_pieces(line.text, line.start, marks)), level=line.level)


def _pieces(text: str, start: int, marks: list[Mark]) -> Iterator[Piece]:
    """`text`, cut where a mark begins or ends."""
    end = start + len(text)
    here = [mark for mark in marks if mark.span[0] < end and mark.span[1] > start]
    cuts = sorted({start, end, *(place for mark in here for place in mark.span if start < place < end)})
    for first, last in pairwise(cuts):
        over = tuple(mark for mark in here if mark.span[0] <= first and last <= mark.span[1])
        yield Piece(
            text[first - start : last - start],
            over,
            ends=tuple(mark for mark in over if mark.card and mark.span[1] == last),
        )


def _marks(review: Review) -> list[Mark]:
    found: list[Mark] = []

    def add(card: Card, span: Span, look: str) -> None:
        if span[1] > span[0] and card.state is not State.SKIPPED:
            found.append(Mark(card.id, look, span, card_label(card.id)))

    for question in review.must_resolve:
        look = "answered" if question.settled else "open"
        for span in (question.question.span, *question.question.quotes):
            add(question, span, look)
    for task in review.tasks:
        add(task, task.task.span, "used")
    for event in review.events:
        add(event, event.event.span, "used")
    for status in review.statuses:
        add(status, status.update.span, "used")
    for decision in review.decisions:
        add(decision, decision.decision.span, "used")
    for noise in review.draft.noise:
        found.append(Mark("", "noise", noise.span, ""))
    return list(dict.fromkeys(found))


def card_label(card: str) -> str:
    """What a card is called beside its words: «O8», «V4», «M1», «?1»."""
    return f"?{card[1:]}" if card.startswith("q") else card.upper()
