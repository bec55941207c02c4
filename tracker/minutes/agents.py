"""Who, where the sentence puts people elsewhere than first: labels, parentheses, "av …", "sammen med …"."""

from __future__ import annotations

import re

from tracker.minutes.impersonal import opening
from tracker.minutes.layout import role_pattern
from tracker.minutes.people import Mention, People
from tracker.minutes.sentences import Piece
from tracker.minutes.subjects import Clause, Subject, light, subjects
from tracker.minutes.vocabulary import Verb, Words


def labelled(
    piece: Piece, people: People, mentions: list[Mention], listed: bool, item: bool
) -> Clause | None:
    """ "Inger: sende ut programmet" at the beginning; without a verb only in a list of things to do."""
    groups = subjects(mentions, piece.text)
    if not groups or groups[0].start != 0:
        return None
    subject = groups[0]
    colon = re.match(r"\s*(?:\([^()]{0,40}\)\s*)?(?::|[–—-]\s)\s*", piece.low[subject.end :])
    if not colon:
        return _told(piece, people, subject) if item else None
    at = subject.end + colon.end()
    lead = opening(piece.sub(at, len(piece.text)), people.vocabulary) or present(piece, at, people)
    if lead:
        return Clause(
            "label", 0, len(piece.text), lead[0].infinitive, (at + lead[1], len(piece.text)), subject
        )
    if listed and at < len(piece.text):
        return Clause("label", 0, len(piece.text), "", (at, len(piece.text)), subject, noun=True)
    return None


def _told(piece: Piece, people: People, subject: Subject) -> Clause | None:
    """ "@inger sende ut programmet": an infinitive right behind the name, in a list."""
    word = re.compile(r"\s+(?:å\s+)?([^\W\d_]+)(?=\s\S)").match(piece.low, subject.end)
    verb = people.vocabulary.infinitives.get(word[1]) if word else None
    if word is None or verb is None or not subject.kinds <= {"person", "unknown", "role"}:
        return None
    if light(verb.infinitive, piece.low, word.end(), people.vocabulary):
        return None
    return Clause("label", 0, len(piece.text), verb.infinitive, (word.end(), len(piece.text)), subject)


def present(piece: Piece, at: int, people: People) -> tuple[Verb, int] | None:
    """ "Skigruppa: Plukker søppel": the verb in the present tense, and where it ends."""
    match = re.match(r"[^\W\d_]+", piece.low[at:])
    verb = people.vocabulary.present.get(match.group()) if match else None
    if (
        not match
        or not verb
        or verb.weak
        or light(verb.infinitive, piece.low, at + match.end(), people.vocabulary)
    ):
        return None
    return verb, match.end()


def trailing(piece: Piece, mentions: list[Mention], listed: bool = False) -> tuple[Subject, int] | None:
    """The people behind a task: "Bestille rom (Inger)", "Vaktlister – Per, senest fredag", set off by a gap.

    And where the task ends before them. `listed`: also behind a comma ("Samle bilag, Per.").
    """
    for pattern in (_BEHIND_GAP, _BEHIND_DASH, _IN_PARENTHESIS, *((_BEHIND_COMMA,) if listed else ())):
        for match in pattern.finditer(piece.text):
            found = _people_at(match.end(), piece, mentions)
            if not found:
                continue
            after = piece.text[found.end :]
            fits: object
            if pattern is _BEHIND_COMMA and after.strip(" .") and not _DATED.match(after):
                continue
            if pattern is _IN_PARENTHESIS:
                titled = any(
                    m.end <= match.start() and not piece.text[m.end : match.start()].strip() for m in mentions
                )
                ends = re.match(
                    r"\??(?:(?:,|\s(?:innen|før|senest|frist|by|innan|seinast)\s)[^()]{0,30})?[)\]](?P<rest>.*)$",
                    after,
                )
                fits = ends and not titled and len(ends["rest"].strip(" .:;")) <= 40
            else:
                fits = re.match(r"\??[\s.:;!]*$|\s*[,(–—-]", after)
            if fits:
                return found, match.start()
    return None


_IN_PARENTHESIS = re.compile(r"[(\[](?=[@\w])")
_BEHIND_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_BEHIND_DASH = re.compile(r"(?<=\S)\s(?:(?:[–—-]+>?|=>|→|➔)\s|v?/\s?|(?=@))(?=\S)")
_DATED = re.compile(r",?\s(?:innen|før|senest|frist|by|innan|seinast|uke|veke|snarest|\d)")
_BEHIND_COMMA = re.compile(r"(?<=[^\W\d_]{3}),\s(?=\w)")
_WRITTEN = re.compile(r"([^\W\d_]{3,}(?:[ /-][^\W\d_]{2,}){0,2})\s*(?:[.,;]|$)")
_AFTER_COLON = re.compile(r"([^:()]{3,70}):\s+(?=\S)")


def named_loosely(piece: Piece, initials: bool) -> tuple[Subject, int] | None:
    """ "Fix the import (Oliwier)": single names that no list has, behind a task that is clearly one.

    In a list of things to do also `initials`: "Sende ut oversikt (PL) i uke 34".
    """
    match = _LOOSE.search(piece.text) or (_INITIALS.search(piece.text) if initials else None)
    if not match:
        return None
    mentions = [
        Mention(m.start() + match.start(1), m.end() + match.start(1), "unknown", (m.group(),), m.group())
        for m in re.finditer(r"[^\W\d_][\w-]+", match[1])
        if m.group()[0].isupper()
    ]
    return Subject(tuple(mentions)), match.start()


_NAME = r"[A-ZÆØÅÁ][a-zæøåáéöäüčđŋšŧž-]+"
_INITIALS = re.compile(r"\(([A-ZÆØÅ]{2,4}(?:(?:,\s|/|\s\+\s)[A-ZÆØÅ]{2,4})*)\)(?:[\s.]*$|\s[^()]{3,30}$)")
_LOOSE = re.compile(rf"\(({_NAME}(?:(?:,\s|\s(?:og|and|&|\+)\s|/){_NAME})*)\??\)[\s.]*$")


def _people_at(begin: int, piece: Piece, mentions: list[Mention]) -> Subject | None:
    """The people that are named at `begin`."""
    for group in subjects(mentions, piece.text):
        if group.start == begin:
            return group if group.kinds <= {"person", "unknown", "role", "group"} else None
    return None


def behind_colon(piece: Piece, words: Words, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """ "Vaktliste: Inger, senest fredag": the people, and where the task ends before them."""
    match = _AFTER_COLON.match(piece.text)
    if not match or role_pattern(words.language).fullmatch(match[1].lower()):
        return None
    for group in subjects(mentions, piece.text):
        if group.start == match.end() and re.match(
            r"\s*(?:\([^()]*\)\s*)?(?:[.,;–]|-\s|$)", piece.text[group.end :]
        ):
            return (group, match.end(1)) if group.kinds <= {"person", "unknown", "role", "group"} else None
    return None


def owner_label(piece: Piece, people: People, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """ "Ansvar: Inger", "Ansvarlig her er Inger": the people, and where the label begins."""
    vocabulary = people.vocabulary
    if done := vocabulary.pattern("owner_behind").match(piece.low):
        by = _people_at(done.end() + 1, piece, mentions)
        return (by, 0) if by else None
    labelled = vocabulary.grammar(
        r"(?<!\w)(?:(?:{owner_label})\s*:|(?:{owner_here})(?!\w)|(?<=[–—(,-]\s)(?:{owner_label})(?=\s)|(?<=\()(?:{owner_label})(?=\s))\s*(?=\S)"
    )
    said = vocabulary.pattern("owner_label", "owner_here").search(piece.low)
    match = labelled.search(piece.low, said.start()) if said else None
    if not match:
        alone = re.match(r"\((?=[^()]{2,50}\)(?:[\s.]*$|\s+\S))", piece.text)
        if alone and not re.search(r"\)[\s.]*$", piece.text):
            behind = piece.low[piece.low.find(")") + 1 :]
            alone = alone if vocabulary.pattern("still_open").search(behind) else None
        found = _people_at(1, piece, mentions) if alone else None
        return (found, 0) if found and re.match(r"\s*[,)]", piece.text[found.end :]) else None
    groups = [g for g in subjects(mentions, piece.text) if g.start == match.end()]
    if groups:
        return groups[0], match.start()
    written = _WRITTEN.match(piece.text, match.end()) if "ansv" in match.group() else None
    if not written or written[1].lower() in vocabulary.those("nobody") | vocabulary.infinitives.keys():
        return None
    return Subject((Mention(*written.span(1), "unknown", (written[1],), written[1]),)), match.start()


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
