"""Who does what in one sentence: the phrasings of tasks, as grammar over the vocabulary.

What a clause holds is in subjects.py. Whether it is a task is decided in tasks.py, from where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from tracker.minutes.people import Mention, People
from tracker.minutes.sentences import Piece
from tracker.minutes.subjects import Clause, Subject, light, subjects
from tracker.minutes.vocabulary import Verb, Words, words

_JOINT = re.compile(r"[\s,;–-]*(?:\s(?:og|men|mens|and|but|så))?[\s,]*$")
_EDGES = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + ",;–-"
_WORD_BEFORE = re.compile(r"(?:.*[\W\d_])?(?P<verb>[^\W\d_]+)\s+$", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]+")
_NO_VERBS = frozenset((
    "be", "have", "ifølge", "ifølgje", "not", "også", "ikke", "the", "a",
    "an", "this", "that", "his", "her", "their", "our", "all", "need", "like", "prefer",
    "appreciate", "love", "want", "know", "think", "mean", "come", "seem",
))  # fmt: skip
_IF = frozenset(("hvis", "dersom", "viss", "om", "if", "når"))
_UNLESS = re.compile(r",?\s(?:og|men|and|but)\s(?:hvis|dersom|viss|if)\s")
_NEGATED = re.compile(r"\s*(?:ikke|ikkje|not)\b")
_SOMEBODY = {"person", "unknown", "role", "group"}
_CONDITION = re.compile(r"(?:^|\W)(?:om|hvis|dersom|når|viss|if|whether|when|etter at|før)\s*$")


@dataclass(frozen=True)
class _Frames:
    infinitive: re.Pattern[str]
    noun: re.Pattern[str]
    offer: re.Pattern[str]
    word: re.Pattern[str]
    helped: re.Pattern[str]
    skip: re.Pattern[str]


@cache
def _frames(language: str) -> _Frames:
    w = words(language)
    adverbs = rf"(?:(?:{w.either('adverbs')})\s+)*"
    verb = rf"\s+{adverbs}(?P<verb>[^\W\d_]+)"
    return _Frames(
        re.compile(rf"(?P<frame>{w.either('frame_infinitive')}){verb}"),
        re.compile(rf"(?P<frame>{w.either('frame_noun')})\s+(?!å\s)"),
        re.compile(rf"(?P<frame>{w.either('frame_offer')}){verb}"),
        re.compile(r"(?P<verb>[^\W\d_]+)"),
        re.compile(rf"(?:{w.either('frame_infinitive')})\s+(?:{w.either('contributor')})\s"),
        re.compile(
            rf"(?:\s*\([^()]{{0,80}}\))?(?:\s(?:og|and)\sco\b\.?|\sm\.?\s?fl\.?(?=\s))?(?:\s(?:{w.either('contributor')})\s[\w-]+(?:\s(?:og|and)\s[\w-]+)?(?=\s))?(?:\s(?:i|fra|frå|hos|ved)\s[\w.-]+(?:\s(?:as|asa|sa|il|iks|kommune|skole|skule|vgs))?(?=\s))?(?:,\s[^,.;:]{{2,60}},)?(?:,?\s*(?:som|who)\s+|\s*){adverbs}"
        ),
    )


def with_subject(piece: Piece, people: People, mentions: list[Mention]) -> list[Clause]:
    """The clauses of `piece` that name who does it."""
    vocabulary = people.vocabulary
    found: list[Clause] = []
    for subject, enclosed in _named_behind(subjects(mentions, piece.text), piece.text):
        lead = piece.low[max(0, subject.start - 24) : subject.start]
        if lead.endswith(_HELPING) and vocabulary.grammar(r"(?<!\w)(?:{contributor})\s+$").search(lead):
            continue
        if lead.endswith(_IF_BEFORE) and (polite := _politely(piece, subject, lead, vocabulary)):
            found.append(polite)
            continue
        if _CONDITION.search(lead) or vocabulary.grammar(r"(?<!\w)(?:{opinion})\s+$").search(lead):
            continue
        clause = (
            _requested(piece, subject, vocabulary)
            or _direct(piece, subject, vocabulary, enclosed)
            or _inverted(piece, subject, mentions, vocabulary)
            or _later(piece, subject, mentions, vocabulary)
        )
        if clause:
            found.append(clause)
    return _bounded(found, piece)


_HELPING = ("med ", "frå ", "fra ", "av ", "with ", "from ")
_IF_BEFORE = ("om ", "hvis ", "dersom ", "viss ", "if ")
_PLEASE = re.compile(
    r"(?:^|[\W])(?:fint|flott|bra|supert|kjekt|greit|great|good|nice)\s(?:om|hvis|dersom|viss|if)\s$"
)
_CAN = re.compile(r"\s(?:kan|vil|can|could)\s(?P<verb>[^\W\d_]+)(?=\s\S)")


def _politely(piece: Piece, subject: Subject, lead: str, vocabulary: Words) -> Clause | None:
    """ "Fint om Inger kan rydde i menyen"."""
    match = _CAN.match(piece.low, subject.end) if _PLEASE.search(lead) else None
    verb = vocabulary.infinitives.get(match["verb"]) if match else None
    if not match or not verb or verb.weak or not subject.kinds <= {"person", "role"}:
        return None
    if len(lead.split()) > 3 or light(verb.infinitive, piece.low, match.end(), vocabulary):
        return None
    rest = (match.end(), len(piece.low))
    return Clause("request", 0, len(piece.low), verb.infinitive, rest, subject, modal=True)


def _named_behind(groups: list[Subject], text: str) -> list[tuple[Subject, bool]]:
    """`groups` less committees whose people are named right behind, and whether a subject stands so.

    "Turkomiteen (Inger og Per) skal …": Inger and Per answer, and the parenthesis ends before the verb.
    """
    kept: list[tuple[Subject, bool]] = []
    for one in groups:
        inside = text[one.start - 2 : one.start] == " (" and text[one.end : one.end + 1] == ")"
        committee = bool(kept) and kept[-1][0].kinds == {"group"} and kept[-1][0].end == one.start - 2
        if inside and committee and one.kinds <= {"person", "unknown"}:
            kept[-1] = (one, True)
        else:
            kept.append((one, False))
    return kept


def _bounded(found: list[Clause], piece: Piece) -> list[Clause]:
    """Each clause ends where the next begins."""
    out = []
    for index, clause in enumerate(found):
        end = found[index + 1].begin if index + 1 < len(found) else len(piece.text)
        last = max(_joint(piece.text, end), clause.rest[0])
        unless = _UNLESS.search(piece.low, clause.rest[0], last)
        last = unless.start() if unless and unless.start() > clause.rest[0] + 2 else last
        out.append(replace(clause, end=last, rest=(clause.rest[0], last)))
    return out


def _joint(text: str, end: int) -> int:
    """Where the blanks, commas and the "og" or "men" before `end` begin."""
    last_word = text[:end].rstrip(_EDGES).rpartition(" ")
    found = _JOINT.search(text, len(last_word[0].rstrip(_EDGES)), end)
    return found.start() if found else end


def _direct(piece: Piece, subject: Subject, vocabulary: Words, enclosed: bool) -> Clause | None:
    """ "Inger sender …", "Inger skal sende …", "Inger har ansvaret for …"."""
    frames = _frames(vocabulary.language)
    low = piece.low
    skipped = frames.skip.match(low, subject.end + enclosed)
    at = skipped.end() if skipped else subject.end
    if at == subject.end or _gap_breaks(low[subject.end : at]):
        return None
    match = frames.noun.match(low, at)
    if match:
        return Clause("ansvar", subject.start, len(low), "", (match.end(), len(low)), subject, noun=True)
    for rule, pattern in (("offer", frames.offer), ("modal", frames.infinitive)):
        match = pattern.match(low, at)
        if match and not _NEGATED.match(low, match.end("frame")):
            clause = _modal(match, subject, subject.start, low, vocabulary, rule)
            if clause:
                return clause
    if helped := _helped(frames.helped.match(low, at), subject, low, vocabulary):
        return helped
    if vocabulary.language == "en" and (doing := _progressive(low, at, subject, vocabulary)):
        return doing
    match = frames.word.match(low, at)
    verb = vocabulary.present.get(match["verb"]) if match else None
    if match and verb is None and subject.kinds <= {"person", "role"}:
        verb = _unlisted(match["verb"], low, match.end(), vocabulary)
    if (
        not match
        or not verb
        or match["verb"] in vocabulary.those("roles")
        or _NEGATED.match(low, match.end())
        or light(verb.infinitive, low, match.end(), vocabulary)
    ):
        return None
    following = frames.word.match(low, match.end() + 1)
    if verb.infinitive in ("ha", "have") and following and following["verb"] in vocabulary.participles:
        return None
    return Clause(
        "subject",
        subject.start,
        len(low),
        verb.infinitive,
        (match.end(), len(low)),
        subject,
        verb.weak and verb.infinitive not in vocabulary.complements,
    )


_DOING = re.compile(r"(?:is|are)\s+(?:still\s+|now\s+)?(?P<stem>[^\W\d_]+)ing(?!\w)")


def _progressive(low: str, at: int, subject: Subject, vocabulary: Words) -> Clause | None:
    """ "Jill is doing the cakes"."""
    match = _DOING.match(low, at)
    stem = match["stem"] if match else ""
    verb = next((v for s in (stem, f"{stem}e", stem[:-1]) if (v := vocabulary.infinitives.get(s))), None)
    if not match or verb is None or verb.weak or light(verb.infinitive, low, match.end(), vocabulary):
        return None
    return Clause("subject", subject.start, len(low), verb.infinitive, (match.end(), len(low)), subject)


def _unlisted(said: str, low: str, at: int, vocabulary: Words) -> Verb | None:
    """A verb that no list has, of somebody listed, in a short sentence: "Karin glaserer kransene"."""
    form = len(said) >= 6 and said.endswith(("er", "ar")) and said not in vocabulary.those("states")
    if vocabulary.language == "en" or not form or len(low) > 110:
        return None
    infinitive = said[:-1] if said.endswith("er") else f"{said[:-2]}e"
    return Verb(infinitive) if re.match(r"\s+(?!at\b|om\b|seg\b|som\b)[^\W\d_]{2,}", low[at:]) else None


def _helped(frame: re.Match[str] | None, subject: Subject, low: str, vocabulary: Words) -> Clause | None:
    """ "Leder skal i samarbeid med Inger legge fram …": the verb comes after who helps."""
    for word in _WORDS.finditer(low, frame.end(), frame.end() + 60) if frame else ():
        if verb := vocabulary.infinitives.get(word.group()):
            rest = (word.end(), len(low))
            return Clause("modal", subject.start, len(low), verb.infinitive, rest, subject, modal=True)
    return None


def _requested(piece: Piece, subject: Subject, vocabulary: Words) -> Clause | None:
    """ "Styret ber Inger om å sende …", "AU bad sekretæren sende …", "The board asked Ann to send …"."""
    low = piece.low
    lead = low[max(0, subject.start - 40) : subject.start]
    if not vocabulary.grammar(r"(?<!\w)(?:{request})\s+(?:(?:også|derfor|då|da)\s+)?$").search(lead):
        return None
    asked = vocabulary.grammar(r"\s+(?:(?:{request_to})\s+)?(?P<verb>[^\W\d_]+)")
    match = asked.match(low[subject.end :])
    if not match:
        return None
    to = re.search(r"(?:å|to)\s+[^\W\d_]+$", match.group())
    verb = vocabulary.infinitives.get(match["verb"])
    if verb is None and not (to and re.search(r"[^\W\d_]{3,}[ea]$", match["verb"])):
        return None
    at = subject.end + match.end()
    return Clause(
        "request",
        subject.start,
        len(low),
        verb.infinitive if verb else match["verb"],
        (at, len(low)),
        subject,
        modal=True,
    )


def _later(piece: Piece, subject: Subject, mentions: list[Mention], vocabulary: Words) -> Clause | None:
    """ "Inger hadde ikke tallene, men sender dem": the verb that counts comes after "men" or "og"."""
    if not subject.kinds <= {"person", "role", "pronoun"} or subject.start > 14:
        return None
    end = min((m.start for m in mentions if m.start > subject.end), default=len(piece.low))
    for match in re.finditer(
        r"(?:,\s*|\s)(?:men|og|but|and)\s+(?:(?P<modal>skal|vil|will|would|må)\s+)?(?P<verb>[^\W\d_]+)(?!\w)",
        piece.low[subject.end : end + 1],
    ):
        framed = _frames(vocabulary.language).infinitive.match(piece.low, subject.end + match.start("verb"))
        clause = framed and _modal(framed, subject, subject.start, piece.low, vocabulary, "modal")
        if clause and not match["modal"]:
            return clause
        table = vocabulary.infinitives if match["modal"] else vocabulary.present
        verb = table.get(match["verb"])
        at = subject.end + match.end()
        if not verb or verb.weak or light(verb.infinitive, piece.low, at, vocabulary):
            continue
        if _NEGATED.match(piece.low, at):
            continue
        return Clause("later", subject.start, len(piece.low), verb.infinitive, (at, len(piece.low)), subject)
    return None


def _gap_breaks(gap: str) -> bool:
    return ":" in gap or ";" in gap


def _modal(
    match: re.Match[str], subject: Subject, begin: int, low: str, vocabulary: Words, rule: str
) -> Clause | None:
    said = match["verb"]
    verb = vocabulary.infinitives.get(said)
    if verb is None:
        passive = vocabulary.passives.get(said)
        english = vocabulary.language == "en" and match["frame"] != "can" and subject.kinds <= _SOMEBODY
        norwegian = re.search(r"[^\W\d_]{3,}[ea]$", said) and match["frame"] not in ("vil", "kan")
        if passive or not (english or norwegian) or said in _NO_VERBS:
            return None
        verb = Verb(said)
    promised = match["frame"].endswith((" å", "d to", "s to")) and match["frame"] not in (
        "is to",
        "has to",
        "needs to",
    )
    if not promised and light(verb.infinitive, low, match.end(), vocabulary):
        return None
    weak = verb.weak and match["frame"] in ("vil", "will")
    rest = (match.end(), len(low))
    return Clause(
        rule, begin, len(low), verb.infinitive, rest, subject, weak, rule == "modal", rule == "offer"
    )


def _inverted(piece: Piece, subject: Subject, mentions: list[Mention], vocabulary: Words) -> Clause | None:
    """ "Til neste møte lager Inger …", "Innen fredag skal Inger sende …"."""
    if not subject.kinds <= {"person", "role", "unknown", "group"} and piece.low[
        subject.start : subject.end
    ] not in vocabulary.those("i"):
        return None
    before = _WORD_BEFORE.match(piece.low, 0, subject.start)
    begin = before.start("verb") if before else 0
    if not before or begin < 4 or ":" in piece.low[begin - 2 : begin]:
        return None
    said = before["verb"]
    first = piece.low[:begin].split()
    if (first[:1] and first[0] in _IF) or (
        len(first) == 1 and first[0] not in vocabulary.those("adverbs") | vocabulary.those("this")
    ):
        return None  # "Møtet takker Inger": the one word before the verb is who does it
    if any(0 <= begin - m.end <= 2 and m.kind != "organisation" for m in mentions):
        return None
    if said in ("skal", "må", "vil", "shall", "must", "will"):
        follow = piece.low[subject.end : subject.end + 60]
        after = re.match(r"\s+(?P<verb>[^\W\d_]+)", follow)
        if after and after["verb"] not in vocabulary.infinitives:
            after = re.match(r"\s+[^\W\d_]+\s+(?P<verb>[^\W\d_]+)", follow)
        verb = vocabulary.infinitives.get(after["verb"]) if after else None
        if not after or not verb:
            return None
        at = subject.end + after.end()
        if verb.infinitive in ("ha", "have") and light(verb.infinitive, piece.low, at, vocabulary):
            return None
        return Clause(
            "inverted",
            subject.start,
            len(piece.low),
            verb.infinitive,
            (at, len(piece.low)),
            subject,
            verb.weak,
            modal=True,
        )
    verb = vocabulary.present.get(said)
    if not verb or verb.weak or light(verb.infinitive, piece.low, subject.end, vocabulary):
        return None
    return Clause(
        "inverted",
        0,
        len(piece.low),
        verb.infinitive,
        (subject.end, len(piece.low)),
        subject,
        lead=(0, begin),
    )
