"""Clauses that name nobody: infinitives, imperatives, passives, "må inn som punkt"."""

from __future__ import annotations

import re

from tracker.minutes.sentences import Piece
from tracker.minutes.subjects import Clause, light
from tracker.minutes.vocabulary import Verb, Words

_OPENING = re.compile(
    r"(?:(?:todo|to do|tiltak|å|husk å|to|(?:aksjon(?:spunkt)?|action|oppgave|oppgåve|tiltak)\s?\d*(?=:))"
    r"\s*:?\s+)?([^\W\d_]+)(?!\w)"
)


def opening(piece: Piece, vocabulary: Words) -> tuple[Verb, int] | None:
    """The infinitive or imperative that `piece` begins with ("Å" before it left out), and where it ends."""
    match = _OPENING.match(piece.low)
    if not match:
        return None
    verb = vocabulary.infinitives.get(match[1]) or vocabulary.imperatives.get(match[1])
    if (
        not verb
        or light(verb.infinitive, piece.low, match.end(), vocabulary)
        or not piece.low[match.end() :].strip(" .!")
    ):
        return None
    return (verb, match.end())


def behind_topic(piece: Piece, vocabulary: Words) -> tuple[Verb, int] | None:
    """The infinitive behind a topic and a colon: "Stoler: sjekke pris"."""
    topic = re.match(r"[^:]{2,40}:\s+", piece.low)
    lead = opening(piece.sub(topic.end(), len(piece.text)), vocabulary) if topic else None
    return (lead[0], topic.end() + lead[1]) if topic and lead else None


def passive(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "Framlegget sendes kommunene", "Det inviteres til …", "vert sendt", "må avklares"."""
    low = piece.low
    invite = vocabulary.every("passive_invite") and vocabulary.pattern("passive_invite").match(low)
    if invite:
        said = invite.group().split()
        verb = next(
            (vocabulary.passives[w] for w in said if w in vocabulary.passives), Verb(vocabulary.say["invite"])
        )
        at = invite.end() - len(said[-1])
        return Clause("passive", 0, len(low), verb.infinitive, (at, len(low)))
    for match in re.finditer(
        r"(?<!\w)(?P<aux>(?:vert|blir|skal bli|skal|må|bør|vil"
        r"|will be|shall be|is to be|are to be|to be|must be)\s+)?(?P<verb>[^\W\d_]+)(?!\w)",
        low,
    ):
        said_verb = _passive_verb(match, vocabulary)
        if said_verb and match.start() and not light(said_verb.infinitive, low, match.end(), vocabulary):
            return Clause(
                "passive", 0, len(low), said_verb.infinitive, (match.end(), len(low)), lead=(0, match.start())
            )
    return None


def obliged(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "Sanden må skiftes", "Det må lagast ny liste": a passive that obliges, whoever does it."""
    for match in vocabulary.grammar(
        r"(?<!\w)(?:{must})\s(?:(?:{adverbs})\s)*(?P<aux>bli\s)?(?P<verb>[^\W\d_]+)(?!\w)"
    ).finditer(piece.low):
        if vocabulary.pattern("subordinate").search(piece.low, 0, match.start()):
            return None
        if vocabulary.pattern("habit").search(piece.low, match.end()):
            return None
        verbs = vocabulary.participles if match["aux"] else vocabulary.passives
        verb = verbs.get(match["verb"])
        if verb is None and not match["aux"] and match.group().startswith("må "):
            verb = vocabulary.must_be.get(match["verb"])
        if verb and not verb.weak and not light(verb.infinitive, piece.low, match.end(), vocabulary):
            return Clause(
                "passive",
                0,
                len(piece.low),
                verb.infinitive,
                (match.end(), len(piece.low)),
                modal=True,
                lead=(0, match.start()),
            )
    return None


def ours(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "Vi må snakke med rådet", "I mars skal vi planlegge møtet": the meeting takes it on, nobody in it."""
    match = vocabulary.grammar(
        r"(?<!\w)(?:(?:{we})\s(?:{must})|(?:{must})\s(?:{we}))\s(?:(?:{adverbs})\s)*(?P<verb>[^\W\d_]+)(?!\w)"
    ).search(piece.low)
    verb = vocabulary.infinitives.get(match["verb"]) if match else None
    if not match or not verb or light(verb.infinitive, piece.low, match.end(), vocabulary):
        return None
    if vocabulary.pattern("subordinate").search(piece.low, 0, match.start()):
        return None
    if verb.weak and verb.infinitive not in vocabulary.complements:
        return None
    begin = match.start() if match.start() < 3 else 0
    return Clause("infinitive", begin, len(piece.low), verb.infinitive, (match.end(), len(piece.low)))


def ordered(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "Det innhentes tilbud", "Stoffet oversendes redaksjonen": what the meeting lets be done."""
    if len(piece.text) > 160:
        return None
    for match in re.finditer(r"(?<!\w)([a-zæøå]{3,}(?:es|as|ast))(?!\w)", piece.low):
        verb = vocabulary.passives.get(match[1])
        if verb is None or verb.weak or not match.start() or "(" in piece.low[: match.start()]:
            continue
        if vocabulary.pattern("subordinate", "recurring", "customary").search(piece.low, 0, match.end()):
            return None
        if light(verb.infinitive, piece.low, match.end(), vocabulary):
            continue
        return Clause(
            "passive",
            0,
            len(piece.low),
            verb.infinitive,
            (match.end(), len(piece.low)),
            lead=(0, match.start()),
        )
    return None


def shortened(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "Vurderes nærmere på årsmøtet", "Lage kontrakt med revisor": a sentence that begins with its verb."""
    match = re.match(r"([^\W\d_]+)(?=\s[^\W\d_])", piece.low)
    if not match or not piece.text[0].isupper() or len(piece.text) > 120:
        return None
    verb = vocabulary.passives.get(match[1])
    if verb is None and vocabulary.language != "en":
        verb = vocabulary.infinitives.get(match[1])
    if verb is None or verb.weak or light(verb.infinitive, piece.low, match.end(), vocabulary):
        return None
    return Clause("infinitive", 0, len(piece.low), verb.infinitive, (match.end(), len(piece.low)))


def _passive_verb(match: re.Match[str], vocabulary: Words) -> Verb | None:
    aux = (match["aux"] or "").strip()
    if aux in (
        "vert",
        "blir",
        "skal bli",
        "will be",
        "shall be",
        "is to be",
        "are to be",
        "to be",
        "must be",
    ):
        said = match["verb"]
        verb = vocabulary.participles.get(said) or vocabulary.participles.get(said[:-1])
        return None if verb and verb.infinitive in vocabulary.settling else verb
    if aux in ("bør", "vil"):
        return None
    return vocabulary.passives.get(match["verb"])


def to_agenda(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "En presentasjon må inn som punkt på møtene": somebody has to put it there."""
    if not vocabulary.every("to_agenda"):
        return None
    match = vocabulary.pattern("to_agenda").search(piece.low)
    if not match or match.start() < 3:
        return None
    last = match.group().split()[-1]
    return Clause(
        "agenda",
        0,
        len(piece.low),
        vocabulary.say["to_agenda"],
        (match.end() - len(last), len(piece.low)),
        lead=(0, match.start()),
    )
