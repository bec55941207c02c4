"""Every sentence that says something, with where it stands: the case, the block, the item, the message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from datetime import date

from tracker.minutes.blocks import BlockKind, Row, Section
from tracker.minutes.cases import Outline
from tracker.minutes.messages import Thread
from tracker.minutes.sentences import Paragraph, Piece, sentences
from tracker.minutes.values import value_object


@value_object
class Statement:
    """One sentence in its place.

    `section` is the index of its case (-1 outside), `item` the number of its paragraph or row, `first`
    whether it begins that; `anchor` is the day it was written, `sender` who wrote it, `lead` the
    label of its block or else the title of its case, `previous` the sentence before it in the same item.
    """

    piece: Piece
    section: int
    item: int
    anchor: date
    block: BlockKind = "discussion"
    kind: str = "text"
    level: int = 0
    first: bool = True
    type: str = "other"
    decided: bool = False
    restricted: bool = False
    row: Row | None = None
    sender: str | None = None
    later: bool = False
    lead: Piece | None = None
    asides: tuple[Piece, ...] = ()
    previous: Statement | None = field(default=None, compare=False)

    @property
    def binding(self) -> bool:
        """Whether what stands here was decided or listed to be done, not only talked about."""
        return self.block in ("decision", "actions") or self.row is not None


def walk(outline: Outline, thread: Thread, anchor: date, writer: str | None = None) -> list[Statement]:
    """Every statement of the document outside its head, in order. `writer` is who "jeg" is in minutes."""
    found = _walk(outline, thread, anchor)
    if found and found[0].sender is None and writer:
        found = [replace(s, sender=writer) for s in found]
    chained: list[Statement] = []
    for statement in found:
        before = chained[-1] if chained else None
        same = before is not None and (statement.item, statement.section) == (before.item, before.section)
        chained.append(replace(statement, previous=before) if same else statement)
    return chained


def _walk(outline: Outline, thread: Thread, anchor: date) -> list[Statement]:
    if thread.is_mail and not outline.sections:
        return list(_of_thread(thread, anchor))
    found: list[Statement] = []
    item = 0
    for index, section in enumerate(outline.sections):
        for statement in _of_section(section, index, anchor, item):
            found.append(statement)
            item = max(item, statement.item)
        item += 1
    for paragraph in outline.tail if outline.sections else []:
        found += _of_paragraph(paragraph, -1, item, anchor)
        item += 1
    if not outline.sections:
        for paragraph in outline.head:
            found += _of_paragraph(paragraph, -1, item, anchor)
            item += 1
    return found


def _of_paragraph(paragraph: Paragraph, section: int, item: int, anchor: date) -> list[Statement]:
    return [
        Statement(piece, section, item, anchor, kind=paragraph.kind, level=paragraph.level, first=n == 0)
        for n, piece in enumerate(sentences(paragraph.piece))
    ]


def _of_section(section: Section, index: int, anchor: date, item: int) -> Iterator[Statement]:
    restricted, decided = section.restricted is not None, section.decided
    for block, paragraph in ((b, _by_columns(p)) for b, p in section.paragraphs()):
        item += 1
        pieces = list(sentences(paragraph.piece))
        for number, piece in enumerate(pieces):
            until = pieces[number + 1].start if number + 1 < len(pieces) else paragraph.piece.end + 200
            since = piece.start if number else 0
            yield Statement(
                piece,
                index,
                item,
                anchor,
                "actions" if "[" in paragraph.marker and block.kind == "discussion" else block.kind,
                paragraph.kind,
                paragraph.level,
                number == 0,
                section.type,
                decided,
                restricted,
                lead=block.label or section.title,
                asides=tuple(a for a in paragraph.asides if since <= a.start < until),
            )
    for row in section.rows:
        item += 1
        for number, piece in enumerate(sentences(row.content)):
            yield Statement(
                piece,
                index,
                item,
                anchor,
                "discussion",
                "row",
                0,
                number == 0,
                section.type,
                decided,
                restricted,
                row,
            )


def _of_thread(thread: Thread, anchor: date) -> Iterator[Statement]:
    item = 0
    for message in thread.messages:
        if message.role == "quoted":
            continue
        sender = message.sender.text.strip(" ,;") if message.sender else None
        for paragraph in message.paragraphs:
            item += 1
            for number, piece in enumerate(sentences(paragraph.piece)):
                yield Statement(
                    piece,
                    -1,
                    item,
                    message.sent or anchor,
                    "discussion",
                    paragraph.kind,
                    paragraph.level,
                    number == 0,
                    sender=sender,
                    later=message.role == "later",
                )


def _by_columns(paragraph: Paragraph) -> Paragraph:
    """A row of a table that has no headings: its longest cell, with the others beside it."""
    filled = [c for c in paragraph.cells if c.text]
    if len(filled) < 2:
        return paragraph
    said = max(filled, key=lambda c: len(c.text))
    return replace(paragraph, piece=said, asides=tuple(c for c in filled if c is not said))


def by_section(statements: list[Statement]) -> dict[int, list[Statement]]:
    """The statements of each section, in order."""
    found: dict[int, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.section, []).append(statement)
    return found
