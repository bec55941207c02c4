"""Whether a sentence decides by its own words: "Styret vedtok å …", "X ble valgt", "Enighet om at …"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tracker.minutes.sentences import Piece
from tracker.minutes.vocabulary import Phrases, words

_LONGEST_APPROVAL = 160
_VOTES = r"(?:enst|samrøyst|unanim|carried|ok\b)"
_LAST_YEAR = re.compile(r"\b(?:i fjor|last year)\b")
_BARE = 3
"""So many words at most say only how it went ("Enstemmig vedtatt"), not what was decided."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    label: re.Pattern[str]
    acted: re.Pattern[str]
    turned: re.Pattern[str]
    passed: re.Pattern[str]
    settled: re.Pattern[str]
    ended: re.Pattern[str]
    phrase: Phrases
    approval: Phrases
    quality: re.Pattern[str]
    reported: Phrases
    elsewhere: re.Pattern[str]
    office: re.Pattern[str]
    holds: re.Pattern[str]
    outcome: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    w = words(language)
    body = (
        rf"(?:[a-zæøå]*(?:{w.either('groups')})|[a-zæøå]{{2,40}}(?:styret|rådet|tinget|møtet|forumet|komiteen|nemnda"
        rf"|gruppa|gruppen|utvalget|utvalet)|{w.either('assembly')})"
    )
    done, aux, chosen = w.either("settled_done", "elected"), w.either("settled_aux"), w.either("elected")
    return _Patterns(
        label=re.compile(rf"(?:{w.either('decision_label')})\s*:\s*"),
        acted=re.compile(
            rf"(?:(?:på bakgrunn|etter|som følge)[^,.;]{{3,60}}\s)?{body}(?:\s\([^()]{{1,30}}\))?\s"
            rf"(?:[^\W\d_]+\s){{0,2}}?(?:{w.either('decides')})(?!\w)(?!\s(?:videre|vidare|opp)\b)"
        ),
        turned=re.compile(rf"(?<!\w)(?:{w.either('decides_past')})\s(?:[^\W\d_]+\s)?{body}(?!\w)"),
        passed=re.compile(
            rf"(?:{w.either('opening_matters')})(?!\w).{{0,40}}\bok\b[ .!]*$"
            r"|(?:vedtatt|vedteke|besluttet|bestemt)\s(?:at|å)\s"
        ),
        settled=re.compile(rf"(?<!\w)(?:{aux})\s(?:[^\W\d_.]+\.?\s){{0,3}}?(?:{done})(?!\w)"),
        ended=re.compile(
            rf"(?<![\w-])(?:(?:{w.either('settled_done')})\s*(?:[.,!;:)(]|$|(?:{w.either('settled_how')})(?!\w))"
            rf"|(?:{chosen})\s(?:{w.either('elected_to')})(?!\w))"
        ),
        phrase=w.pattern("decided"),
        approval=w.pattern("approval", "briefing"),
        quality=re.compile(rf"(?<=[td])\s+(?!(?:{w.either('settled_how')})(?!\w))[a-zæøå]{{5,}}"),
        reported=w.pattern("reported"),
        elsewhere=re.compile(rf"\s(?:{w.either('agent')})\s(?:{w.either('outsiders')})(?!\w)"),
        outcome=re.compile(
            rf"(?:{w.either('settled_done', 'elected', 'approval', 'briefing', 'decided')})(?!\w)|{_VOTES}"
            rf"|(?:{w.either('this', 'the_proposal')})\s"
        ),
        holds=re.compile(
            rf"(?:ny\s)?(?:{w.either('elected_office')})\s(?:er|blir|ble|vert|vart|is)\s(?=\S)"
            rf"|[^,.:;()]{{2,40}}\s(?:{w.either('holds_office')})\s(?:{w.either('elected_office')})(?!\w)"
        ),
        office=re.compile(
            rf"(?:ny\s|new\s)?(?:{w.either('elected_office')})\s?(?:\([^()]{{1,30}}\)\s?|\d\sår\s?)?[:–-]\s*(?=\S)"
        ),
    )


def label_end(low: str, language: str) -> int:
    """Where the label "Vedtak:" that `low` begins with ends; 0 without one."""
    match = _patterns(language).label.match(low)
    return match.end() if match else 0


def decides(piece: Piece, language: str, *, formal: bool = True) -> bool:
    """Whether `piece` settles something. Not `formal`: in notes without cases, where briefings count not."""
    low = piece.low
    if piece.text.rstrip(" )").endswith("?"):
        return False
    ways = _patterns(language)
    hit = ways.acted.match(low) or ways.turned.search(low)
    if not hit and formal and len(low) < _LONGEST_APPROVAL:
        hit = ways.approval.search(low)
        hit = None if hit and ways.quality.match(low, hit.end()) else hit
    hit = (
        hit
        or ways.passed.match(low)
        or ways.settled.search(low)
        or ways.ended.search(low)
        or ways.phrase.search(low)
    )
    if not hit or ways.reported.search(low, 0, hit.end()) or ways.elsewhere.match(low, hit.end()):
        return False
    return _LAST_YEAR.search(low) is None


def elects(piece: Piece, language: str) -> bool:
    """Whether a line gives somebody an office: "Nestleder: Ann Helen Moe", "Sekretær - Miriam Nes"."""
    office = _patterns(language).office.match(piece.low)
    return bool(office) and piece.text[office.end() : office.end() + 1].isupper()  # type: ignore[union-attr]


def holds_office(piece: Piece, language: str) -> bool:
    """Whether a sentence of a case of elections says who has an office: "Tuva er nestleder"."""
    return len(piece.text) < _LONGEST_APPROVAL and _patterns(language).holds.match(piece.low) is not None


def is_short(piece: Piece) -> bool:
    """Whether `piece` has so few words that it leans on the sentence before it."""
    return len(re.findall(r"[^\W\d_]+", piece.low)) <= _BARE


def is_bare(piece: Piece, language: str) -> bool:
    """Whether `piece` says only how it went ("Enstemmig vedtatt"), and not what was decided."""
    return is_short(piece) and _patterns(language).outcome.match(piece.low) is not None
