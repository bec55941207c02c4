"""Who, where the sentence puts people elsewhere than first: labels, parentheses, "av …", "sammen med …"."""

from __future__ import annotations

import re

from tracker.minutes.clauses import Clause, Subject, subjects
from tracker.minutes.impersonal import opening
from tracker.minutes.layout import role_pattern
from tracker.minutes.people import Mention, People
from tracker.minutes.sentences import Piece


def labelled(piece: Piece, people: People, mentions: list[Mention], listed: bool) -> Clause | None:
    """ "Inger: sende ut programmet" at the beginning; without a verb only in a list of things to do."""
    groups = subjects(mentions, piece.text)
    if not groups or groups[0].start != 0:
        return None
    subject = groups[0]
    colon = re.match(r"\s*(?:\([^()]{0,40}\)\s*)?(?::|[–—-]\s)\s*", piece.low[subject.end :])
    if not colon:
        return None
    at = subject.end + colon.end()
    lead = opening(piece.sub(at, len(piece.text)), people.vocabulary)
    if lead:
        return Clause(
            "label", 0, len(piece.text), lead[0].infinitive, (at + lead[1], len(piece.text)), subject
        )
    if listed and at < len(piece.text):
        return Clause("label", 0, len(piece.text), "", (at, len(piece.text)), subject, noun=True)
    return None


def trailing(piece: Piece, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """The people in a parenthesis at the end: "Bestille rom (Inger)". And where the task ends before it."""
    for pattern in (_IN_PARENTHESIS, _BEHIND_DASH):
        match = pattern.search(piece.text)
        found = match and _only_people(match.start(1), match.end(1), piece, mentions)
        if match and found:
            return found, match.start()
    return None


_IN_PARENTHESIS = re.compile(r"\(([^()]{2,80}?)\??\)[\s.:;]*$")
_BEHIND_DASH = re.compile(r"(?:\s[–—-]+>?\s|\s{3,}|\s(?:→|->)\s)(\S[^–—()→]{1,60}?)\??[\s.:;!]*$")
_AFTER_COLON = re.compile(r"([^:()]{3,70}):\s+(?=\S)")


def _only_people(begin: int, end: int, piece: Piece, mentions: list[Mention]) -> Subject | None:
    """The people named from `begin` to `end`, if nothing else stands there."""
    inside = [m for m in mentions if m.start >= begin and m.end <= end]
    groups = subjects(inside, piece.text)
    if len(groups) != 1 or groups[0].start != begin or groups[0].end != end:
        return None
    return groups[0] if groups[0].kinds <= {"person", "unknown", "role", "group", "nobody"} else None


def behind_colon(piece: Piece, people: People, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """ "Vaktliste: Inger, senest fredag": the people, and where the task ends before them."""
    match = _AFTER_COLON.match(piece.text)
    if not match or role_pattern(people.vocabulary.language).fullmatch(match[1].lower()):
        return None
    for group in subjects(mentions, piece.text):
        if group.start == match.end() and re.match(
            r"\s*(?:\([^()]*\)\s*)?(?:[.,;]|$)", piece.text[group.end :]
        ):
            if group.kinds <= {"person", "unknown", "role"}:
                return group, match.end(1)
    return None


def owner_label(piece: Piece, people: People, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """ "Ansvar: Inger", "Ansvarlig her er Inger": the people, and where the label begins."""
    vocabulary = people.vocabulary
    match = vocabulary.grammar(r"(?<!\w)(?:(?:{owner_label})\s*:|(?:{owner_here})(?!\w))\s*(?=\S)").search(
        piece.low
    )
    if not match:
        return None
    groups = [g for g in subjects(mentions, piece.text) if g.start == match.end()]
    return (groups[0], match.start()) if groups else None


def agent(piece: Piece, people: People, mentions: list[Mention], begin: int) -> Subject | None:
    """Who does what a passive says: "utarbeides av Kari"."""
    for group in subjects(mentions, piece.text):
        lead = piece.low[max(begin, group.start - 12) : group.start]
        by = people.vocabulary.grammar(r"(?<!\w)(?:{agent})\s+$").search(lead)
        if group.start >= begin and by:
            return group
    return None


def contributors(
    piece: Piece, begin: int, people: People, mentions: list[Mention]
) -> tuple[Subject, tuple[int, int]] | None:
    """ "i samarbeid med Per og Kari" from `begin` on: the people, and the words to leave out of the task."""
    match = people.vocabulary.pattern("contributor").search(piece.low, begin)
    if not match:
        return None
    for group in subjects(mentions, piece.text):
        if match.end() <= group.start <= match.end() + 2:
            return group, (match.start(), group.end)
    return None
