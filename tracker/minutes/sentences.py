"""The document's lines as pieces that the grammar can match: cleaned, lower-cased, cut into sentences.

Cleaning keeps every character's place: what is taken away becomes a space. So a match in a piece is a
place in the document, and evidence stays verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tracker.minutes import margins
from tracker.minutes.document import Cell, Document, Line
from tracker.minutes.draft import Span
from tracker.minutes.values import value_object

LONGEST = 1500
"""A sentence is cut here at the latest: nobody writes longer ones, and matching stays linear."""

BROKEN = "\u2003"
"""Where a line was broken: white space, and yet no gap that the writer set."""
_BLANKS = {ord("\n"): BROKEN} | {ord(c): " " for c in "*\t\r\u00a0\u00ad\u200b\u2009\u202f\ufeff\x0b\x0c"}
_LEADERS = re.compile(r"\.{4,}")
_END = re.compile(r"(?<![.!?;])[.!?;]++[\"»”)\]]*+(?=\s)")
_NUMBER_BEFORE = re.compile(r"(?:^|[\s(.–-])\d{1,2}$")
_ABBREVIATIONS = frozenset(
    [
        "pr",
        "kl",
        "nr",
        "jf",
        "ca",
        "bl",
        "f.eks",
        "feks",
        "evt",
        "ev",
        "inkl",
        "ekskl",
        "st",
        "ang",
        "vedr",
        "mht",
        "mv",
        "m.m",
        "osv",
        "dvs",
        "o.l",
        "t.o.m",
        "f.o.m",
        "konst",
        "ass",
        "tlf",
        "init",
        "red",
        "kr",
        "mill",
        "mrd",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "okt",
        "nov",
        "des",
        "resp",
        "pkt",
        "kap",
        "art",
        "offl",
        "fvl",
        "saksnr",
        "adm",
        "dr",
        "no",
        "etc",
        "e.g",
        "i.e",
        "mr",
        "mrs",
        "ms",
        "vs",
        "gnr",
        "bnr",
        "s",
        "u.off",
        "d.å",
        "t.d",
        "frk",
        "kom",
        "forb",
        "avd",
    ]
)


@value_object
class Piece:
    """Some words and their place. `text` is cleaned, `low` is the same in lower case."""

    text: str
    low: str
    start: int
    line: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def span(self) -> Span:
        return (self.start, self.end)

    def sub(self, begin: int, end: int) -> Piece:
        """The part from `begin` to `end` (places in this piece) without surrounding blanks."""
        part = self.text[begin:end]
        left = len(part) - len(part.lstrip())
        part = part.strip()
        begin += left
        return Piece(part, self.low[begin : begin + len(part)], self.start + begin, self.line)


@value_object
class Paragraph:
    """One line of the document as a piece, with what layout says about it.

    `gap` is how many blank lines stand before it, in formats where those are the writer's own;
    `asides` what stands beside it in columns (margins.py).
    """

    piece: Piece
    kind: str
    level: int = 0
    cells: tuple[Piece, ...] = ()
    marker: str = ""
    bold: bool = False
    gap: int = 0
    asides: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        return self.piece.text

    @property
    def low(self) -> str:
        return self.piece.low

    @property
    def index(self) -> int:
        return self.piece.line


def lowered(text: str) -> str:
    """`text` in lower case with as many characters as before."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def piece(text: str, start: int, line: int = 0) -> Piece:
    """`text` at `start`, cleaned."""
    clean = text.translate(_BLANKS)
    if "...." in clean:
        clean = _LEADERS.sub(lambda dots: " " * len(dots.group()), clean)
    stripped = clean.strip()
    start += len(clean) - len(clean.lstrip())
    return Piece(stripped, lowered(stripped), start, line)


def paragraphs(document: Document) -> list[Paragraph]:
    """The document's lines, those that a line break cut in two put together again."""
    runs: list[list[Line]] = []
    lines, asides = margins.parted(document)
    width = _wrap_width(lines, document.text)
    for line in lines:
        before = runs[-1][-1] if runs else None
        if before and _goes_on(before, line, document.text, width, asides):
            runs[-1].append(line)
        else:
            runs.append([line])
    own_gaps = document.format in ("txt", "md", "eml")
    found: list[Paragraph] = []
    end = 0
    for run in runs:
        gap = document.text.count("\n", end, run[0].start) - 1 if own_gaps else 0
        beside = [place for line in run for place in asides.get(line.start, ())]
        found.append(_paragraph(run, len(found), document.text, max(0, gap), beside))
        end = run[-1].end
    return [p for p in found if p.text or p.cells]


_WRAPPED = 4
"""So many lines that go on in lower case below show that the text is broken at a fixed width."""


def _wrap_width(lines: list[Line], text: str) -> int:
    """The width at which a text is broken into lines, or 0 when its lines are whole paragraphs."""
    lengths = [
        len(first.text)
        for first, second in pairwise(lines)
        if _adjacent(first, second, text) and second.text[0].islower() and len(first.text) > 25
    ]
    if len(lengths) < _WRAPPED:
        return 0
    lengths.sort()
    return lengths[-1 - len(lengths) // 20]


def _adjacent(before: Line, line: Line, text: str) -> bool:
    if line.kind != "text" or before.kind not in ("text", "item") or not line.text or not before.text:
        return False
    return line.start - before.end <= 120 and text.count("\n", before.end, line.start) <= 1


def _goes_on(before: Line, line: Line, text: str, width: int, asides: margins.Asides) -> bool:
    """Whether `line` belongs to the sentence before it; what stands beside the lines parts the entries."""
    stopped = before.text.rstrip("*_ ")[-1:] in ".:!?;"
    if line.start in asides and stopped:
        return False
    if before.start in asides and line.start not in asides and not stopped:
        return _adjacent(before, line, text)
    return _continues(before, line, text, width)


def _continues(before: Line, line: Line, text: str, width: int) -> bool:
    """Whether `line` goes on with the sentence that `before` begins."""
    if not _adjacent(before, line, text):
        return False
    stopped = before.text.rstrip("*_ ")[-1:] in ".:!?;"
    if line.text[0].islower():
        return not stopped and len(before.text) > 25
    first = line.text.split(maxsplit=1)[0]
    full = width and len(before.text) + 1 + len(first) > width and len(before.text) <= width + 10
    return bool(full) and not first.endswith(":") and (before.end - before.start) > 40


def _paragraph(run: list[Line], index: int, text: str, gap: int, beside: list[tuple[int, int]]) -> Paragraph:
    first, last = run[0], run[-1]
    raw = text[first.start : last.end]
    for begin, end in beside:
        inside = raw[max(0, begin - first.start) : max(0, end - first.start)]
        raw = raw[: begin - first.start] + " " * len(inside) + raw[begin - first.start + len(inside) :]
    asides = tuple(piece(text[a:b], a, index) for a, b in beside)
    cells = tuple(_cell(c, index) for c in first.cells)
    bold = raw.startswith(("**", "__")) and raw.rstrip().endswith(("**", "__"))
    whole = piece(raw, first.start, index)
    return Paragraph(whole, first.kind, first.level, cells, first.marker, bold, gap, asides)


def _cell(cell: Cell, index: int) -> Piece:
    return piece(cell.text, cell.start, index)


def sentences(source: Piece) -> Iterator[Piece]:
    """The sentences of `source`, in order."""
    begin = 0
    text = source.text
    for match in _END.finditer(text):
        if match.start() - begin < LONGEST and not _ends(text, match):
            continue
        yield from _bounded(source, begin, match.end())
        begin = match.end()
    yield from _bounded(source, begin, len(text))


def _bounded(source: Piece, begin: int, end: int) -> Iterator[Piece]:
    while end - begin > LONGEST:
        cut = source.text.rfind(" ", begin + LONGEST // 2, begin + LONGEST)
        cut = cut if cut > begin else begin + LONGEST
        yield source.sub(begin, cut)
        begin = cut
    part = source.sub(begin, end)
    if part.text:
        yield part


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether the stop is the end of a sentence, and not of an abbreviation, initial, date or number."""
    if match.group()[0] in "!?;":
        return True
    follower = text[match.end() : match.end() + 4].lstrip()[:1]
    if follower.islower() or (
        follower.isdigit() and _NUMBER_BEFORE.search(text[max(0, match.start() - 4) : match.start()])
    ):
        return False
    if follower in "–-":
        return False
    word = text[max(0, match.start() - 12) : match.start()].rsplit(None, 1)[-1:] or [""]
    last = word[0].lower().lstrip('(«"')
    if last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()):
        return False
    return not (
        _NUMBER_BEFORE.search(text[max(0, match.start() - 4) : match.start()])
        and _month_follows(text, match.end())
    )


_MONTH = re.compile(r"\s*(?:jan|feb|mar|apr|mai|jun|jul|aug|sep|okt|nov|des)", re.IGNORECASE)


def _month_follows(text: str, at: int) -> bool:
    return bool(_MONTH.match(text[at : at + 8]))
