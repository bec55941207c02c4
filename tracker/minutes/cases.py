"""The cases (saker) of the minutes, and the blocks inside them: Behandling, Vedtak, Tiltak."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from tracker.minutes.draft import Noise
from tracker.minutes.layout import BLOCK_LABELS, END_LABELS, columns, is_name, label
from tracker.minutes.sentences import Paragraph, Piece, sentences
from tracker.minutes.vocabulary import Words, words

BlockKind = Literal["discussion", "decision", "proposal", "actions"]
_KINDS: dict[str, BlockKind] = {
    "decision_label": "decision", "proposal_label": "proposal",
    "discussion_label": "discussion", "action_label": "actions",
}  # fmt: skip


@dataclass(slots=True)
class Block:
    """Some paragraphs under one label. `note` is what a parenthesis in the label says ("samrøystes")."""

    kind: BlockKind = "discussion"
    label: Piece | None = None
    paragraphs: list[Paragraph] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of cases or tasks: its cells by what they hold."""

    content: Piece
    owner: Piece | None
    due: Piece | None
    paragraph: Paragraph


@dataclass(slots=True)
class Section:
    """A case with its blocks and table rows; `number` as written. Without heading: outside all cases."""

    number: str | None = None
    title: Piece | None = None
    heading: Piece | None = None
    type: str = "other"
    blocks: list[Block] = field(default_factory=lambda: [Block()])
    rows: list[Row] = field(default_factory=list)
    restricted: str | None = None
    id: str | None = None

    @property
    def decided(self) -> bool:
        return any(b.kind == "decision" and b.paragraphs for b in self.blocks)

    def paragraphs(self) -> Iterator[tuple[Block, Paragraph]]:
        for block in self.blocks:
            for paragraph in block.paragraphs:
                yield block, paragraph


@dataclass(slots=True)
class Outline:
    """The document in parts: what stands before the cases, the cases, and what stands after them."""

    head: list[Paragraph] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    tail: list[Paragraph] = field(default_factory=list)
    noise: list[Noise] = field(default_factory=list)

    @property
    def cases(self) -> list[Section]:
        return [s for s in self.sections if s.heading]


@dataclass(frozen=True, slots=True)
class _Heading:
    number: str
    title: Piece
    style: tuple[str, bool]


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    case = words(language).either("case")
    number = r"(?P<no>\d{1,4}\s?/\s?\d{1,4}|\d{1,3})"
    named = rf"(?:[a-zæøå]{{1,6}}[ -])?(?:{case})\s*(?:nr\.?|no\.?)?\s*:?\s*{number}(?![\w/])\s*[:.–—-]*\s*"
    bare = r"(?P<no>\d{1,3}/(?:\d{2}|\d{4}))(?![\w/.-])\s*[:.–—-]*\s*"
    return re.compile(named), re.compile(bare)


def _heading(paragraph: Paragraph, vocabulary: Words) -> _Heading | None:
    """A heading of a case: "Sak 4/22 Title", "PS 18/22: Title", "18/22 Title"."""
    if paragraph.cells or paragraph.kind in ("header", "quoted"):
        return None
    named, bare = _patterns(vocabulary.language)
    match = named.match(paragraph.low) or bare.match(paragraph.low)
    if not match:
        return None
    title = paragraph.piece.sub(match.end(), len(paragraph.text))
    glued = match.group().rstrip() == match.group()
    if title.text and (
        (title.text[0].islower() and match.group().rstrip()[-1:].isdigit())
        or (glued and match.group()[-1:].isdigit())
    ):
        return None
    return _Heading(re.sub(r"\s", "", match["no"]), title, (paragraph.kind, paragraph.bold))


def outline(paragraphs: list[Paragraph], vocabulary: Words) -> Outline:
    """The parts of the document, from its lines."""
    found = Outline()
    section: Section | None = None
    last: _Heading | None = None
    table: dict[str, int] = {}
    for paragraph in paragraphs:
        if paragraph.kind == "header" or (section and _is_page_header(paragraph, vocabulary)):
            found.noise.append(Noise("page-header", paragraph.piece.span))
            continue
        if paragraph.cells:
            heading = columns(paragraph, vocabulary)
            if heading:
                table = heading if _holds_cases(heading) else {}
            if table:
                section = section if heading else _add_row(paragraph, table, found, section)
                continue
        heading_here = _heading(paragraph, vocabulary)
        if heading_here and (last is None or _follows(last, heading_here, section)):
            section = Section(
                heading_here.number, heading_here.title if heading_here.title.text else None, paragraph.piece
            )
            found.sections.append(section)
            last = heading_here
        elif section is None:
            found.head.append(paragraph)
        else:
            _add(section, paragraph, vocabulary)
    for case in found.sections:
        _finish(case, vocabulary)
    _cut_tail(found, vocabulary)
    return found


def _holds_cases(table: dict[str, int]) -> bool:
    wanted = ("column_case", "column_content", "column_owner", "column_due")
    return "column_owner" in table or sum(k in table for k in wanted) >= 2


def _is_page_header(paragraph: Paragraph, vocabulary: Words) -> bool:
    """A short line with the organisation's name and no sentence, in the middle of the text."""
    text = paragraph.low
    if paragraph.kind != "text" or len(text) > 80 or text.endswith((".", ":", "?", "!", ",")):
        return re.fullmatch(r"(?:side|page)\s+\d+(?:\s*(?:av|/|of)\s*\d+)?|\d{1,3}", text) is not None
    names = vocabulary.pattern("organisation_nouns").search(text)
    verbs = any(w in vocabulary.present or w in vocabulary.participles for w in text.split())
    return bool(names) and not verbs and not re.search(r"\d", text) and text.count(" ") <= 7


def _follows(last: _Heading, new: _Heading, section: Section | None) -> bool:
    """Whether `new` begins the next case, or only refers to one (as a list of earlier cases does)."""
    if not last.number.partition("/")[0].isdigit():
        return True
    before, after = (int(h.number.partition("/")[0]) for h in (last, new))
    if section and section.type == "earlier" and new.style[0] == "item":
        return False
    if after == before + 1:
        return True
    same_style = new.style[0] == last.style[0] or new.style[0] == "heading"
    if after <= before:
        return False
    return same_style or bool(new.title.text)


def _add_row(paragraph: Paragraph, table: dict[str, int], found: Outline, section: Section | None) -> Section:
    """Put a table row under its case: a new one when the number changes."""

    def cell(key: str) -> Piece | None:
        index = table.get(key, -1)
        return paragraph.cells[index] if 0 <= index < len(paragraph.cells) else None

    number, content = cell("column_case"), cell("column_content")
    if content is None:
        used = set(table.values())
        free = [c for i, c in enumerate(paragraph.cells) if i not in used and c.text]
        content = free[0] if free else number or paragraph.piece
    said = re.search(r"\d{1,4}(?:/\d{1,4})?", number.text) if number else None
    if section is None or (said and said.group() != section.number):
        title = _row_title(content)
        section = Section(said.group() if said else None, title, number if said else None)
        found.sections.append(section)
        if said and title:
            content = content.sub(title.end - content.start, len(content.text))
            content = content.sub(len(content.text) - len(content.text.lstrip(" .:*")), len(content.text))
    section.rows.append(Row(content, cell("column_owner"), cell("column_due"), paragraph))
    return section


def _row_title(content: Piece) -> Piece | None:
    """The first sentence of a row that opens a case."""
    first = next(sentences(content), None)
    return first.sub(0, len(first.text.rstrip(". "))) if first else None


def _add(section: Section, paragraph: Paragraph, vocabulary: Words) -> None:
    if (
        section.title is None
        and not label(paragraph.piece, vocabulary, BLOCK_LABELS)
        and len(paragraph.text) < 160
    ):
        section.title = paragraph.piece
        section.type = _type(section, vocabulary)
        return
    if section.type == "other" and section.title:
        section.type = _type(section, vocabulary)
    opening = label(paragraph.piece, vocabulary, BLOCK_LABELS)
    if opening and _opens(opening.label, opening.rest, paragraph):
        section.blocks.append(Block(_KINDS[opening.key], opening.label))
        if not opening.rest.text:
            return
        paragraph = Paragraph(opening.rest, paragraph.kind, paragraph.level, (), paragraph.marker)
    section.blocks[-1].paragraphs.append(paragraph)


def _opens(labelled: Piece, rest: Piece, paragraph: Paragraph) -> bool:
    """A label opens a block when it stands alone or ends in a colon; "Orientering – …" is a sentence."""
    return not rest.text or labelled.text.rstrip().endswith(":") or paragraph.kind == "heading"


def _type(section: Section, vocabulary: Words) -> str:
    low = section.title.low if section.title else ""
    for kind, key in (
        ("any-other-business", "other_business"),
        ("proposals", "forward_title"),
        ("earlier", "earlier_title"),
        ("approval", "approval_title"), ("briefing", "briefing_title"),
    ):  # fmt: skip
        if re.match(rf"(?:{vocabulary.either(key)})(?!\w)", low):
            return kind
    return "other"


def _finish(section: Section, vocabulary: Words) -> None:
    section.type = _type(section, vocabulary)
    pattern = vocabulary.pattern("restricted")
    texts = [p.piece for _, p in section.paragraphs()] + [r.content for r in section.rows]
    texts += [section.title] if section.title else []
    for piece in texts:
        match = pattern.search(piece.low)
        if match:
            sentence = next((s for s in sentences(piece) if pattern.search(s.low)), piece)
            section.restricted = sentence.text.rstrip(". ")
            return


def _cut_tail(found: Outline, vocabulary: Words) -> None:
    """What ends the last case isn't part of it: next meeting, attachments, signatures, the disclaimer."""
    if not found.sections:
        return
    last = found.sections[-1]
    rows = list(last.paragraphs())
    for index, (_, paragraph) in enumerate(rows):
        if _ends_cases(paragraph, len(rows) - index, vocabulary):
            tail = [p for _, p in rows[index:]]
            found.tail = tail + found.tail
            gone = {id(p) for p in tail}
            for block in last.blocks:
                block.paragraphs = [p for p in block.paragraphs if id(p) not in gone]
            return


def _ends_cases(paragraph: Paragraph, left: int, vocabulary: Words) -> bool:
    if paragraph.kind == "item" or paragraph.cells:
        return False
    ending = label(paragraph.piece, vocabulary, END_LABELS)
    if ending or vocabulary.pattern("end_label").match(paragraph.low):
        return True
    if re.match(rf"(?:{vocabulary.either('next_meeting', 'next_label')})(?!\w)", paragraph.low):
        return True
    if re.match(r"(?:neste|next)\s+\S*(?:møte|meeting)\b.{0,40}:", paragraph.low):
        return True
    if re.match(r"\S*møte:\s", paragraph.low):
        return True
    return _is_signature(paragraph, left, vocabulary)


def _is_signature(paragraph: Paragraph, left: int, vocabulary: Words) -> bool:
    names = [n.strip(" ,") for n in re.split(r"\s{3,}", paragraph.text)]
    return left <= 12 and all(is_name(n, vocabulary) for n in names)
