"""Who takes a thing on, where the words are about the thing: "Det gjør Kari", "Innkalling – Kari"."""

from __future__ import annotations

import re

from tracker.minutes.agents import behind_colon, trailing
from tracker.minutes.people import Mention
from tracker.minutes.sentences import Piece
from tracker.minutes.subjects import Clause, Subject, light, subjects
from tracker.minutes.vocabulary import Words

LONGEST_CLIPPED = 70
_SOMEBODY = {"person", "role", "unknown", "group"}
_WORD = re.compile(r"[^\W\d_]+")
_VERBAL_NOUN = re.compile(r"(?P<stem>[^\W\d_]{3,})ing(?:en|a|er|ar)?")


def entrusted(piece: Piece, mentions: list[Mention], words: Words) -> Clause | None:
    """ "Ansvaret for vaktlista legges til Kari", "Oppgaven med å skaffe premier går til Kari og Per"."""
    lead = (
        words.grammar(r"(?:{the_task})\s(?:for|med|om)\s(?:(?:å|at)\s)?").match(piece.low)
        if mentions
        else None
    )
    given = (
        words.grammar(r"(?<!\w)(?:{entrusts})(?!\w)|:(?=\s)").search(piece.low, lead.end()) if lead else None
    )
    if not lead or not given:
        return None
    whom = _named_at(given.end(), piece, mentions)
    if whom is None or given.start() <= lead.end():
        return None
    verb = _WORD.match(piece.low, lead.end())
    found = words.infinitives.get(verb.group()) if verb and lead.group().endswith("å ") else None
    rest = (verb.end() if found and verb else lead.end(), given.start())
    return Clause(
        "entrusted", 0, len(piece.text), found.infinitive if found else "", rest, whom, noun=not found
    )


def answers(piece: Piece, mentions: list[Mention], words: Words) -> Subject | None:
    """Who takes on what the sentence before said: "Det gjør Kari.", "Dette ordner Kari og Per."."""
    said = (
        words.grammar(r"(?:(?:{this})\s(?:{takes_it})|(?:{the_task})\s(?:{entrusts}))\s").match(piece.low)
        if mentions
        else None
    )
    whom = _named_at(said.end() - 1, piece, mentions) if said else None
    if whom is None:
        return None
    small = (
        words.those("taking_over")
        | words.those("particles")
        | words.those("adverbs")
        | words.those("contributor")
    )
    left = [w for w in _WORD.findall(piece.low[whom.end :]) if w not in small]
    return whom if len(left) <= 4 else None


def asked_who(piece: Piece, words: Words) -> Clause | None:
    """ "Hvem bestiller lokalet?": what whoever is named next is to do."""
    match = words.grammar(r"(?:{who})\s(?:(?P<modal>kan|skal|vil|må)\s)?(?P<verb>[^\W\d_]+)(?=\s\S)").match(
        piece.low
    )
    if not match or not piece.text.endswith("?"):
        return None
    verb = (words.infinitives if match["modal"] else words.present).get(match["verb"])
    if verb is None or light(verb.infinitive, piece.low, match.end(), words):
        return None
    return Clause(
        "answered", 0, len(piece.text), verb.infinitive, (match.end(), len(piece.text.rstrip("? ")))
    )


def clipped(
    piece: Piece, mentions: list[Mention], words: Words, lead: Piece | None = None
) -> tuple[Subject, int] | None:
    """The people behind a line without a verb, and where the thing to do ends: "Innkalling – Kari".

    `lead` is what stands above: below "Oppgavefordeling" also "Mat: Kari", which elsewhere tells who speaks.
    """
    if not mentions or len(piece.text) > LONGEST_CLIPPED or mentions[0].start == 0:
        return None
    shared = lead is not None and words.pattern("shared_out").search(lead.low) is not None
    found = trailing(piece, mentions) or behind_colon(piece, words, mentions)
    if found is None or not found[0].kinds <= {"person", "role"} or piece.text[found[0].end :].strip(" .)"):
        return None
    said = _WORD.findall(piece.low[: found[1]])
    if not said or any(w in words.present or w in words.participles for w in said):
        return None
    works = any(names_work(w, words) for w in said) and said[0] not in words.those("spoken_of")
    return found if works or shared else None


def names_work(word: str, words: Words) -> bool:
    """Whether a noun stands for what is done: "innkalling", "vasking", "innkjøp"."""
    if word in words.those("spoken_of"):
        return False
    if word in words.noun_verbs or word in words.those("bare_nouns") or word in words.those("work_nouns"):
        return True
    verbal = _VERBAL_NOUN.fullmatch(word)
    verb = words.infinitives.get(f"{verbal['stem']}e") if verbal else None
    return verb is not None and not verb.weak


def _named_at(at: int, piece: Piece, mentions: list[Mention]) -> Subject | None:
    for group in subjects(mentions, piece.text):
        if 0 <= group.start - at <= 2 and not piece.text[at : group.start].strip():
            return group if group.kinds <= _SOMEBODY else None
    return None
