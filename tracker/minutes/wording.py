"""The words of a task from its clause: passives turned round, bare phrases completed."""

from __future__ import annotations

import re

from tracker.minutes import phrasing
from tracker.minutes.sentences import Piece
from tracker.minutes.subjects import Clause
from tracker.minutes.vocabulary import Words

Cuts = list[tuple[int, int]]


def of_clause(clause: Clause, piece: Piece, cuts: Cuts, before: Piece | None, words: Words) -> str:
    """What is to be done, as an infinitive phrase. `before` is the sentence before it in the same item."""
    rest = phrasing.phrase("", piece, clause.rest, cuts, words)
    if clause.noun:
        return _of_noun(rest, words)
    if clause.lead and clause.rule in ("passive", "agenda", "inverted", "row"):
        return _turned(clause, rest, piece, words)
    what = phrasing.phrase(clause.verb, piece, clause.rest, cuts, words)
    return _completed(what, clause, rest, piece, before, words)


def _of_noun(rest: str, words: Words) -> str:
    """ "har ansvaret for program" → "Lage program": the verb that goes with the noun."""
    first = re.match(r"\s*(?:et\s+|en\s+|eit\s+|ein\s+)?(\w+)", rest.lower())
    head = first[1] if first else ""
    said = rest if rest[1:2].isupper() else rest[:1].lower() + rest[1:]
    verb = words.noun_verbs.get(head) or ("" if head in words.infinitives else words.say["follow_up"])
    return phrasing.capital(f"{verb} {said}".strip())


def _turned(clause: Clause, rest: str, piece: Piece, words: Words) -> str:
    """ "Planen sendes ut på høring" → "Sende ut planen på høring"."""
    said = piece.text[clause.rest[0] : clause.rest[1]].lstrip()
    rest = rest if said[:1].isupper() else rest[:1].lower() + rest[1:]
    particle = rest.split(" ")[0]
    verb = clause.verb
    if particle in words.those("particles") and particle not in words.those("to") and particle != "over":
        verb, rest = f"{verb} {particle}", rest[len(particle) :]
    return phrasing.capital(phrasing.tidy(f"{verb} {_object(piece, clause, words)} {rest}"))


def _object(piece: Piece, clause: Clause, words: Words) -> str:
    """What a passive is about: the words before it, without relative clause, helping verb and "det"."""
    if clause.rule == "inverted" or not clause.lead:
        return ""
    said = piece.text[clause.lead[0] : clause.lead[1]]
    said = re.sub(r",\s(?:slik\s)?som\b.*$", "", said).strip(" ,")
    helping = rf"\s+(?:skal|må|vil|kan|shall|must|will|{words.either('adverbs')})$"
    while re.search(helping, said, flags=re.IGNORECASE):
        said = re.sub(helping, "", said, flags=re.IGNORECASE)
    if said.lower() in words.those("this"):
        return ""
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]


def _completed(what: str, clause: Clause, rest: str, piece: Piece, before: Piece | None, words: Words) -> str:
    """A phrase without object gets one from the words before it."""
    if rest.lower().strip(" .") not in words.those("this") | {""} and len(what.split()) > 1:
        return what
    waits = re.search(
        rf"(?:{words.either('waits')})\s+(?:\w+\s+)?(på|for)\s+([^,.;]+)", piece.low[: clause.begin]
    )
    if waits:
        about = piece.text[waits.start(2) : waits.end(2)].strip()
        return f"{phrasing.capital(clause.verb)} {waits[1]} {about}"
    about = before.text.rstrip(" .!") if before else piece.text[: clause.begin].strip(" :,–-")
    return f"{phrasing.capital(what.strip(' .'))}: {about}" if about else what


def with_topic(what: str, topic: str, words: Words) -> str:
    """A phrase that doesn't say about what, with what it is about: "Gi tilbakemelding (Budsjett 2027)"."""
    vague = what.lower().split()[-1:] and what.lower().split()[-1] in words.those("vague_nouns")
    return f"{what} ({topic})" if topic and vague and len(what.split()) <= 3 else what
