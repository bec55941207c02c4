"""Which lines open a case: numbered by the body, numbered by hand, or only set off by their looks.

A document is read by the strongest kind it uses throughout; the weaker ones then only end a block. A list of
the cases at the top (saksliste) opens nothing: its numbers come again, or nothing stands between its lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tracker.minutes.layout import BLOCK_LABELS, HEAD_LABELS, is_name, label
from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import Words, words

Strength = Literal["case", "numbered", "styled"]
LONGEST_TITLE = 140


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that may open a case. `body` follows the title on the line ("Økonomi: Kari orienterte")."""

    strength: Strength
    number: str | None
    title: Piece
    body: Piece
    form: tuple[str | int | bool, ...]
    count: int = 0


@dataclass(slots=True)
class Headings:
    """The places (in the list of paragraphs) of lines that open cases, and of those that look like it."""

    opening: dict[int, Heading]
    looks: set[int]


def find(paragraphs: list[Paragraph], vocabulary: Words, only_cases: bool = False) -> Headings:
    """What opens a case in `paragraphs`; in a mail only numbers that a body gives (`only_cases`)."""
    by_case = _kept(_candidates(paragraphs, lambda p: _case(p, vocabulary)), paragraphs, vocabulary)
    styled = _candidates(paragraphs, lambda p: _styled(p, vocabulary))
    looks = {at for at, _ in styled} | {
        at for at, p in enumerate(paragraphs) if _is_name_above(p, vocabulary)
    }
    if by_case or only_cases:
        return Headings(dict(by_case), looks)
    numbered = _sequence(_without_agenda(_candidates(paragraphs, _numbered), paragraphs), paragraphs)
    if numbered:
        return Headings(dict(numbered), looks)
    parts = _sequence(_without_agenda(_candidates(paragraphs, _decimal), paragraphs), paragraphs)
    if len(parts) > 2:
        return Headings(dict(parts), looks)
    top = _top_level([(at, h) for at, h in styled if not _belongs_to_head(h, paragraphs[at], vocabulary)])
    return Headings(dict(top), looks)


Candidates = list[tuple[int, Heading]]


def _candidates(paragraphs: list[Paragraph], reading: Callable[[Paragraph], Heading | None]) -> Candidates:
    found = ((at, reading(paragraph)) for at, paragraph in enumerate(paragraphs))
    return [(at, heading) for at, heading in found if heading]


@cache
def _case_patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    case = words(language).either("case")
    number = (
        r"(?P<no>\d{1,4}\s?/\s?\d{1,4}|(?:19|20)\d\d[-–]\d{1,3}|\d{1,3}\s?[-–.]\s?(?:(?:19|20)\d\d|\d\d)(?![\d.])"
        r"|\d{1,3}(?:\.\d{1,2})?|[a-h](?=[ :.)–-]))"
    )
    prefix = r"(?:[a-zæøå]{1,6}[ -])?"
    named = (
        rf"(?:#+\s*)?{prefix}(?:{case})\s*(?:nr\.?|no\.?|number)?\s*[:.]?\s*{number}(?![\w/])\s*[:.)–—-]*\s*"
    )
    bare = r"(?P<no>\d{1,3}/(?:\d{2}|\d{4})(?![\w/.-])|(?:19|20)\d\d/\d{1,3}(?=[):.]))\s*[):.–—-]*\s*"
    return re.compile(named), re.compile(bare)


def _case(paragraph: Paragraph, vocabulary: Words) -> Heading | None:
    """ "Sak 4/22 Title", "PS 18/22: Title", "Sak 3 – Title", "18/22 Title"."""
    if paragraph.cells or paragraph.kind in ("header", "quoted"):
        return None
    named, bare = _case_patterns(vocabulary.language)
    by_name = named.match(paragraph.low)
    match = by_name or bare.match(paragraph.low)
    if not match:
        return None
    title = paragraph.piece.sub(match.end(), len(paragraph.text))
    glued = match.group().rstrip() == match.group()
    if title.text and (
        (title.text[0].islower() and match.group().rstrip()[-1:].isalnum())
        or (glued and match.group()[-1:].isdigit())
    ):
        return None
    number = re.sub(r"\s", "", match["no"])
    first = re.match(r"\d+", number)
    title, body = (title.sub(0, 0), title) if _is_said(title, vocabulary) else _parted(title)
    form = (bool(by_name), paragraph.kind == "item", paragraph.kind == "heading", paragraph.bold)
    return Heading("case", number, title, body, form, int(first[0]) if first else 0)


def _is_said(piece: Piece, vocabulary: Words) -> bool:
    """Whether what follows a number is no title but what was said: it has a verb near its beginning."""
    tokens = piece.low.split()
    ends = piece.text.rstrip()[-1:] in ".!" and len(tokens) > 2
    if len(tokens) <= 5:
        return ends and tokens[1] in vocabulary.present
    near = any(t in vocabulary.present or t in vocabulary.passives for t in tokens[1:5])
    return ends and (near or len(piece.text) > LONGEST_TITLE)


def _numbered(paragraph: Paragraph) -> Heading | None:
    """ "1. Godkjenning av innkalling", "2) Økonomi", "3 Eventuelt"."""
    if paragraph.cells or paragraph.kind not in ("item", "heading", "text") or paragraph.level > 1:
        return None
    piece, marker = paragraph.piece, paragraph.marker
    if paragraph.kind != "item":
        typed = re.match(
            r"(?:punkt|pkt\.?)?\s*(\d{1,2})(?:[.):](?!\d)|/(?=\s)|\s(?=[A-ZÆØÅ]))\s*(?=\S)",
            piece.text,
            re.IGNORECASE,
        )
        if not typed:
            return None
        marker, piece = typed[1], piece.sub(typed.end(), len(piece.text))
    count = re.fullmatch(r"\(?(\d{1,2})[.)]?", marker)
    title, body = _parted(piece)
    if not count or not _is_title(title):
        return None
    form = (paragraph.kind == "heading", paragraph.level, paragraph.bold)
    return Heading("numbered", None, title, body, form, int(count[1]))


_PART = re.compile(r"(\d{1,2})\.(\d{1,2})\.?:?\s+(?=[A-ZÆØÅ])")


def _decimal(paragraph: Paragraph) -> Heading | None:
    """ "8.1 Godkjenning av referat": the number of the meeting, or of a part, before that of the case."""
    match = (
        _PART.match(paragraph.text) if paragraph.kind in ("heading", "text") and not paragraph.cells else None
    )
    if not match:
        return None
    title, body = _parted(paragraph.piece.sub(match.end(), len(paragraph.text)))
    if not _is_title(title):
        return None
    return Heading("numbered", f"{match[1]}.{match[2]}", title, body, (int(match[1]),), int(match[2]))


def _styled(paragraph: Paragraph, vocabulary: Words) -> Heading | None:
    """A line set as a heading, all bold, in capitals, or short with a colon at its end."""
    if paragraph.cells or paragraph.kind in ("header", "quoted"):
        return None
    text = paragraph.text
    bare = text.rstrip(": ")
    shouted = text.isupper() and len(re.findall(r"[^\W\d_]", text)) >= 4 and paragraph.kind == "text"
    set_off = paragraph.kind == "heading" or shouted or (paragraph.bold and paragraph.kind != "item")
    led = paragraph.kind == "text" and text.endswith(":") and len(text) < 60 and text.count(" ") < 7
    if not (set_off or led) or not bare or len(text) > LONGEST_TITLE or text.endswith((".", ",", ";")):
        return None
    if label(paragraph.piece, vocabulary, BLOCK_LABELS) or is_name(bare, vocabulary):
        return None
    rank = 0 if paragraph.kind == "heading" else 1 if set_off else 2
    title = paragraph.piece.sub(0, len(bare))
    nothing = paragraph.piece.sub(len(text), len(text))
    return Heading("styled", None, title, nothing, (rank, paragraph.level if rank == 0 else 0))


def _is_name_above(paragraph: Paragraph, vocabulary: Words) -> bool:
    """ "Kari Moe:" alone on a line heads what she is to do."""
    text = paragraph.text
    return paragraph.kind == "text" and text.endswith(":") and is_name(text[:-1], vocabulary)


def _parted(piece: Piece) -> tuple[Piece, Piece]:
    """The title of a heading and what is said after its colon on the same line."""
    colon = re.match(r"([^:.]{3,80}):\s+(?=\S)", piece.text)
    end = len(piece.text)
    if colon and (end > LONGEST_TITLE or piece.text.rstrip()[-1:] in ".!?"):
        return piece.sub(0, colon.end(1)), piece.sub(colon.end(), end)
    return piece, piece.sub(end, end)


def _is_title(piece: Piece) -> bool:
    text = piece.text
    if not text or len(text) > 110 or text[0].islower():
        return False
    return text[-1:] not in ".,;!" or (text[-1:] == "." and len(text) < 50 and text.count(" ") < 6)


def _has_content(found: Candidates, n: int, paragraphs: list[Paragraph]) -> bool:
    at, heading = found[n]
    following = found[n + 1][0] if n + 1 < len(found) else len(paragraphs)
    return bool(heading.body.text) or following > at + 1


def _without_agenda(found: Candidates, paragraphs: list[Paragraph]) -> Candidates:
    """`found` without runs of lines of one form, nothing between, whose numbers come again further down."""
    if len({_key(heading) for _, heading in found}) == 1:
        return found  # "1." before every case: nothing tells which come again
    kept: Candidates = []
    last = {_key(heading): n for n, (_, heading) in enumerate(found)}
    begin = 0
    while begin < len(found):
        end = begin + 1
        form = found[begin][1].form
        while (
            end < len(found) and found[end][1].form == form and not _has_content(found, end - 1, paragraphs)
        ):
            end += 1
        run = found[begin:end]
        again = sum(last[_key(h)] >= end for _, h in run)
        if len(run) < 2 or again * 2 < len(run):
            kept += run
        begin = end
    return kept


def _key(heading: Heading) -> str:
    return heading.number or str(heading.count)


def _kept(found: Candidates, paragraphs: list[Paragraph], vocabulary: Words) -> Candidates:
    """The case headings among the candidates: a line that only refers to another case is none."""
    found = _without_agenda(found, paragraphs)
    if not found:
        return []
    usual = Counter(h.form for _, h in found).most_common(1)[0][0]
    earlier = re.compile(rf"(?:{vocabulary.either('earlier_title')})(?!\w)")
    kept: Candidates = []
    seen: set[str] = set()
    for at, heading in found:
        last = kept[-1][1] if kept else None
        listed = heading.form[1] and (heading.form != usual or (last and earlier.match(last.title.low)))
        if last and (heading.number in seen or (listed and heading.count != last.count + 1)):
            continue
        if (
            last
            and heading.form != usual
            and not 0 < heading.count - last.count <= 3
            and (not heading.title.text or heading.count < last.count)
        ):
            continue
        seen.add(heading.number or "")
        kept.append((at, heading))
    return kept


def _sequence(found: Candidates, paragraphs: list[Paragraph]) -> Candidates:
    """The run 1, 2, 3 … that goes through the document; nothing if it is only a list."""
    best: Candidates = []
    for form in dict.fromkeys(h.form for _, h in found):
        chosen: Candidates = []
        same = [(at, heading) for at, heading in found if heading.form == form]
        if len(same) > 2 and all(heading.count == 1 for _, heading in same):
            chosen, found = same, []  # a list whose numbers were lost: "1." before every case
        for at, heading in found:
            wanted = chosen[-1][1].count + 1 if chosen else None
            if heading.form == form and (heading.count == wanted if wanted else heading.count <= 1):
                chosen.append((at, heading))
        filled = sum(_has_content(chosen, n, paragraphs) for n in range(len(chosen)))
        if len(chosen) >= 2 and filled * 2 >= len(chosen) and len(chosen) > len(best):
            best = chosen
    return best


def _top_level(found: Candidates) -> Candidates:
    """The highest level of styled headings that is used more than once."""
    levels = Counter(h.form for _, h in found)
    used = sorted(form for form, times in levels.items() if times >= 2)
    if not used:
        return []
    return [(at, h) for at, h in found if h.form == used[0]]


def _belongs_to_head(heading: Heading, paragraph: Paragraph, vocabulary: Words) -> bool:
    """Whether a heading names the whole document or a list of its head, and so opens no case."""
    low = heading.title.low
    if label(paragraph.piece, vocabulary, HEAD_LABELS):
        return True
    named = vocabulary.grammar(r"(?:{agenda_heading,title_words,present,absent,also_present})(?!\w)")
    return bool(named.match(low)) or bool(re.search(r"\d{4}", low))
