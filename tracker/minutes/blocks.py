"""The blocks inside a case, Behandling, Vedtak, Tiltak: what they hold and where one ends unlabelled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tracker.minutes.sentences import Paragraph, Piece

BlockKind = Literal["discussion", "decision", "proposal", "actions"]
KINDS: dict[str, BlockKind] = {
    "decision_label": "decision", "proposal_label": "proposal",
    "discussion_label": "discussion", "action_label": "actions",
}  # fmt: skip


@dataclass(slots=True)
class Block:
    """Some paragraphs under one label; `inline` when the first stands on the label's own line."""

    kind: BlockKind = "discussion"
    label: Piece | None = None
    paragraphs: list[Paragraph] = field(default_factory=list)
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of cases or tasks: its cells by what they hold.

    `above` is the owner in the row that this one goes on with (no number, no owner of its own).
    """

    content: Piece
    owner: Piece | None
    due: Piece | None
    paragraph: Paragraph
    status: Piece | None = None
    above: Piece | None = None


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


_FIRST_POINT = re.compile(r"(?:1|a|i)[.)]\s", re.IGNORECASE)


def ends_block(block: Block, paragraph: Paragraph) -> bool:
    """Whether what was decided ends before `paragraph`, though no label says so."""
    if block.kind == "discussion" or not block.paragraphs:
        return False
    last = block.paragraphs[-1]
    if block.kind == "proposal":
        return last.kind == "item" and paragraph.kind != "item"
    if block.inline:
        opened = block.paragraphs[0].text
        opens_list = opened.endswith(":") or _FIRST_POINT.match(opened) or paragraph.marker[:1] in ("1", "2")
        return not (paragraph.kind == "item" and (opens_list or last.kind == "item"))
    listed = last.kind == "item" and block.kind == "decision"
    return paragraph.gap > 0 and paragraph.kind != "item" and listed


PROPOSED = re.compile(
    r"(?:\w+s\s+)?(?:forslag|framlegg|innstilling|tilråding)(?:\s+(?:til|fra|frå)\s[^:]{2,60})?:\s"
    r"|.{0,90}(?:forslag|framlegg|innstilling|tilråding)\b[^:]{0,60}:$"
)
"""What is put forward and not decided: "Kari Moe (H) fremmet følgende tilleggsforslag:"."""
_RECOMMENDED = re.compile(r"innstilling|tilråding til ")
_CARRIED = re.compile(r"vedtatt|vedteke|enstemmig|samrøystes|tiltrådt")


def adopt_recommendation(section: Section) -> None:
    """A recommendation that was carried, in a case without Vedtak, is what was decided."""
    if section.decided:
        return
    proposed = [b for b in section.blocks if b.kind == "proposal" and b.label and b.paragraphs]
    wanted = [b for b in proposed if b.label and _RECOMMENDED.search(b.label.low)]
    said = " ".join(p.low for b in section.blocks if b.kind == "discussion" for p in b.paragraphs)
    if wanted and _CARRIED.search(said):
        wanted[-1].kind = "decision"
