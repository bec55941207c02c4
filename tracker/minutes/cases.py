"""The cases (saker) of the minutes, and the blocks inside them: Behandling, Vedtak, Tiltak."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from tracker.minutes.attendance_forms import unlabelled
from tracker.minutes.blocks import (
    KINDS,
    PROPOSED,
    Block,
    Row,
    Section,
    adopt_recommendation,
    ends_block,
)
from tracker.minutes.deciding import decides
from tracker.minutes.draft import Noise
from tracker.minutes.headings import LONGEST_TITLE, Heading, Headings, find
from tracker.minutes.layout import BLOCK_LABELS, END_LABELS, HEAD_LABELS, NAME, columns, is_name, label
from tracker.minutes.sentences import Paragraph, Piece, sentences
from tracker.minutes.vocabulary import Words, words


@dataclass(slots=True)
class Outline:
    """The document in parts: what stands before the cases, the cases, and what stands after them."""

    head: list[Paragraph] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    tail: list[Paragraph] = field(default_factory=list)
    noise: list[Noise] = field(default_factory=list)

    @property
    def introduced(self) -> bool:
        """Whether text without a heading stands between the head and the first case, as section 0."""
        return len(self.sections) > 1 and self.sections[0].heading is None

    @property
    def cases(self) -> list[Section]:
        return [s for s in self.sections if s.heading]


@dataclass(slots=True)
class _Builder:
    """The outline as far as the paragraphs have been taken up."""

    headings: Headings
    vocabulary: Words
    found: Outline = field(default_factory=Outline)
    section: Section | None = None
    table: dict[str, int] = field(default_factory=dict)

    def take(self, at: int, paragraph: Paragraph) -> None:
        heading = self.headings.opening.get(at)
        if paragraph.kind == "header" or (self.section and _is_page_header(paragraph, self.vocabulary)):
            self.found.noise.append(Noise("page-header", paragraph.piece.span))
        elif paragraph.cells and self._takes_row(paragraph):
            pass
        elif heading:
            self._open(heading, paragraph)
        elif self.section is None:
            self.found.head.append(paragraph)
        else:
            for part in _split_labels(paragraph, self.vocabulary):
                _add(self.section, part, at in self.headings.looks, self.vocabulary)

    def _takes_row(self, paragraph: Paragraph) -> bool:
        """Whether a table row belongs to a table of cases or tasks, and is taken up."""
        named = columns(paragraph, self.vocabulary)
        if named:
            self.table = named if _holds_cases(named) else {}
        if not self.table:
            return False
        if not named:
            self.section = _add_row(paragraph, self.table, self.found, self.section)
        return True

    def _open(self, heading: Heading, paragraph: Paragraph) -> None:
        self.table = {}
        title = heading.title if heading.title.text else None
        self.section = Section(heading.number, title, paragraph.piece)
        self.found.sections.append(self.section)
        if heading.body.text:
            rest = Paragraph(heading.body, "text")
            for part in _split_labels(rest, self.vocabulary):
                _add(self.section, part, False, self.vocabulary)


def outline(paragraphs: list[Paragraph], vocabulary: Words, mail: bool = False) -> Outline:
    """The parts of the document, from its lines; a mail without numbered cases is all head."""
    headings = find(paragraphs, vocabulary, only_cases=mail)
    builder = _Builder(headings, vocabulary)
    opening = min(headings.opening, default=len(paragraphs)) if not mail else 0
    end = _head_end(paragraphs, vocabulary, opening) if not mail else len(paragraphs)
    for at, paragraph in enumerate(paragraphs):
        if at == end:
            builder.section = Section()
            builder.found.sections.append(builder.section)
        builder.take(at, paragraph)
    found = builder.found
    for case in found.sections:
        _finish(case, vocabulary)
    _cut_tail(found, vocabulary)
    return found


def _head_end(paragraphs: list[Paragraph], vocabulary: Words, opening: int) -> int:
    """Where the head ends before the heading at `opening`: at the first line that says what was done."""
    begin, listing = 0, True
    if opening < len(paragraphs):  # what stands below the last of its labels
        labelled = [n for n in range(min(opening, 60)) if label(paragraphs[n].piece, vocabulary, HEAD_LABELS)]
        begin = labelled[-1] + 1 if labelled else opening
    for at, paragraph in enumerate(paragraphs[: min(opening, 60)]):
        if at < begin:
            continue
        if begin and (listing := listing and not paragraph.gap):
            continue  # the list below the last label goes on to a blank line
        if begin and (unlabelled(paragraph.piece, vocabulary) or len(NAME.findall(paragraph.text)) > 1):
            continue
        if paragraph.cells:
            if (named := columns(paragraph, vocabulary)) and _holds_cases(named):
                return at
            continue
        block = label(paragraph.piece, vocabulary, BLOCK_LABELS)
        if block and block.key != "discussion_label":
            return at
        if label(paragraph.piece, vocabulary, HEAD_LABELS) or _is_title(paragraph.piece, vocabulary):
            continue
        tokens = re.findall(r"[^\W\d_]+", paragraph.low)
        verbs = sum(w in vocabulary.present or w in vocabulary.participles for w in tokens)
        if (len(tokens) >= 6 and verbs) or (paragraph.text.endswith(".") and len(tokens) >= 8):
            return at
    return len(paragraphs)


def _is_title(piece: Piece, vocabulary: Words) -> bool:
    """Whether a line names the document ("Referat fra møte i …")."""
    return bool(vocabulary.pattern("title_words").match(piece.low))


@cache
def _inner_label(language: str) -> re.Pattern[str]:
    labels = words(language).either("decision_label", "proposal_label", "action_label")
    return re.compile(rf"(?<=[.!?»)\]])\s+(?=(?:{labels})\s*(?:\([^)]{{0,60}}\)\s*)?:)")


def _split_labels(paragraph: Paragraph, vocabulary: Words) -> list[Paragraph]:
    """A paragraph cut before a label in its middle: "… drøftet saken. Vedtak: Godkjent."."""
    if paragraph.cells or ":" not in paragraph.text:
        return [paragraph]
    cuts = [m.end() for m in _inner_label(vocabulary.language).finditer(paragraph.low)
            if paragraph.text[m.end()].isupper()]  # fmt: skip
    if not cuts:
        return [paragraph]
    edges = [0, *cuts, len(paragraph.text)]
    pieces = [paragraph.piece.sub(a, b) for a, b in pairwise(edges)]
    first = replace(paragraph, piece=pieces[0])
    return [first, *(Paragraph(p, "text") for p in pieces[1:])]


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
            rest = content.sub(title.end - content.start, len(content.text))
            rest = rest.sub(len(rest.text) - len(rest.text.lstrip(" .:*")), len(rest.text))
            content = rest if rest.text else content
    owner = cell("column_owner")
    goes_on = number is not None and not number.text and owner is not None and not owner.text
    above = section.rows[-1] if goes_on and section.rows else None
    lent = (above.owner if above.owner and above.owner.text else above.above) if above else None
    section.rows.append(Row(content, owner, cell("column_due"), paragraph, cell("column_status"), lent))
    return section


def _row_title(content: Piece) -> Piece | None:
    """The first sentence of a row that opens a case."""
    first = next(sentences(content), None)
    return first.sub(0, len(first.text.rstrip(". "))) if first else None


def _add(section: Section, paragraph: Paragraph, looks: bool, vocabulary: Words) -> None:
    opening = label(paragraph.piece, vocabulary, BLOCK_LABELS)
    empty = not any(b.paragraphs or b.label for b in section.blocks)
    if section.heading and section.title is None and empty and not opening and _titles(paragraph, vocabulary):
        section.title = paragraph.piece
        section.type = _type(section, vocabulary)
        return
    if section.type == "other" and section.title:
        section.type = _type(section, vocabulary)
    if opening and _opens(opening.label, opening.rest, paragraph):
        inline = bool(opening.rest.text)
        section.blocks.append(Block(KINDS[opening.key], opening.label, inline=inline))
        if not inline:
            return
        paragraph = replace(paragraph, piece=opening.rest)
    elif proposed := PROPOSED.match(paragraph.low):
        section.blocks.append(Block("proposal", paragraph.piece.sub(0, proposed.end())))
        rest = paragraph.piece.sub(proposed.end(), len(paragraph.text))
        if not rest.text:
            return
        paragraph = Paragraph(rest, "text")
    elif looks and not decides(paragraph.piece, vocabulary.language):
        section.blocks.append(Block("discussion", paragraph.piece))
        return
    elif ends_block(section.blocks[-1], paragraph):
        section.blocks.append(Block())
    section.blocks[-1].paragraphs.append(paragraph)


def _titles(paragraph: Paragraph, vocabulary: Words) -> bool:
    """Whether the line below a bare case number is the case's title, not the first thing said in it."""
    text, low = paragraph.text, paragraph.low
    if len(text) >= LONGEST_TITLE or (text.endswith(".") and text.count(" ") > 3):
        return False
    tokens = low.split()
    says = any(t in vocabulary.present for t in tokens[1:3])
    if text.endswith(".") and len(tokens) > 2 and tokens[1] in vocabulary.present:
        return False
    return not (len(tokens) > 4 and (says or decides(paragraph.piece, vocabulary.language)))


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
        if vocabulary.pattern(key).match(low):
            return kind
    return "other"


def _finish(section: Section, vocabulary: Words) -> None:
    adopt_recommendation(section)
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
    if vocabulary.pattern("next_meeting", "next_label").match(paragraph.low):
        return True
    if re.match(r"(?:neste|next)\s+\S*(?:møte|meeting)\b.{0,40}:", paragraph.low):
        return True
    if re.match(r"\S*møte:\s", paragraph.low):
        return True
    return _is_signature(paragraph, left, vocabulary)


def _is_signature(paragraph: Paragraph, left: int, vocabulary: Words) -> bool:
    names = [n.strip(" ,") for n in re.split(r"\s{3,}", paragraph.text)]
    return left <= 12 and all(is_name(n, vocabulary) for n in names)
