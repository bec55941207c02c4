"""Who does what in one sentence: the phrasings of tasks, as grammar over the vocabulary.

A clause names its subject (who), its verb in the infinitive and the rest of the words (what). Whether a
clause is a task is decided in tasks.py, from where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from tracker.minutes.people import Mention, People
from tracker.minutes.sentences import Piece
from tracker.minutes.vocabulary import Verb, Words, words


@dataclass(frozen=True, slots=True)
class Subject:
    """One or more people side by side ("Inger og Per", "KBH/TS")."""

    mentions: tuple[Mention, ...]

    @property
    def start(self) -> int:
        return self.mentions[0].start

    @property
    def end(self) -> int:
        return self.mentions[-1].end

    @property
    def kinds(self) -> set[str]:
        return {m.kind for m in self.mentions}


@dataclass(frozen=True, slots=True)
class Clause:
    """A subject and what it does. `begin`–`end` is the clause in the sentence, `rest` the words after the verb.

    `modal` is true for skal, må, bes …; `offer` for tilbyr; `noun` when `rest` names a thing to answer for
    ("har ansvaret for program") and there is no verb.
    """

    rule: str
    begin: int
    end: int
    verb: str
    rest: tuple[int, int]
    subject: Subject | None = None
    weak: bool = False
    modal: bool = False
    offer: bool = False
    noun: bool = False
    lead: tuple[int, int] | None = None


_JOIN = re.compile(r"\s*(?:,|/|&|\bog\b|\band\b|\bsamt\b)\s*|\s*,\s*(?:og|and)\s+")
_NEGATED = re.compile(r"\s*(?:ikke|ikkje|not)\b")
_CONDITION = re.compile(r"(?:^|\W)(?:om|hvis|dersom|når|viss|if|whether|when|etter at|før)\s*$")


def subjects(mentions: list[Mention], text: str) -> list[Subject]:
    """Mentions joined where only "og", a comma or a slash stands between them."""
    groups: list[list[Mention]] = []
    for mention in mentions:
        if groups and mention.kind == "role" and _is_title(groups[-1][-1], mention, text):
            continue
        if groups and _JOIN.fullmatch(text[groups[-1][-1].end : mention.start]):
            groups[-1].append(mention)
        else:
            groups.append([mention])
    return [Subject(tuple(g)) for g in groups]


def _is_title(person: Mention, role: Mention, text: str) -> bool:
    """Whether a role right behind a name and a comma says who the person is ("Kari Moe, ordfører i …")."""
    return person.kind == "person" and text[person.end : role.start].strip() == ","


@dataclass(frozen=True)
class _Frames:
    infinitive: re.Pattern[str]
    noun: re.Pattern[str]
    offer: re.Pattern[str]
    word: re.Pattern[str]
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
        re.compile(rf"(?:\s*\([^()]{{0,80}}\))?(?:,\s[^,.;:]{{2,60}},)?\s*(?:(?:som|who)\s+)?{adverbs}"),
    )


def light(verb: str, low: str, at: int, vocabulary: Words) -> bool:
    """Whether a light verb ("tar", "gir") lacks the word that would make a task of it ("kontakt")."""
    near = vocabulary.complements.get(verb)
    if near is None:
        return False
    window = low[at : at + 50]
    return not any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", window) for word in near)


def with_subject(piece: Piece, people: People, mentions: list[Mention]) -> list[Clause]:
    """The clauses of `piece` that name who does it."""
    vocabulary = people.vocabulary
    found: list[Clause] = []
    for subject in subjects(mentions, piece.text):
        lead = piece.low[max(0, subject.start - 24) : subject.start]
        if _CONDITION.search(lead) or re.search(rf"(?<!\w)(?:{vocabulary.either('opinion')})\s+$", lead):
            continue
        clause = _direct(piece, subject, vocabulary) or _inverted(piece, subject, vocabulary)
        if clause:
            found.append(clause)
    return _bounded(found, piece)


def _bounded(found: list[Clause], piece: Piece) -> list[Clause]:
    """Each clause ends where the next begins."""
    out = []
    for index, clause in enumerate(found):
        end = found[index + 1].begin if index + 1 < len(found) else len(piece.text)
        last = len(re.sub(r"[\s,;–-]*(?:\s(?:og|men|mens|and|but|så))?[\s,]*$", "", piece.text[:end]))
        last = max(last, clause.rest[0])
        out.append(replace(clause, end=last, rest=(clause.rest[0], last)))
    return out


def _direct(piece: Piece, subject: Subject, vocabulary: Words) -> Clause | None:
    """ "Inger sender …", "Inger skal sende …", "Inger har ansvaret for …"."""
    frames = _frames(vocabulary.language)
    low = piece.low
    skipped = frames.skip.match(low, subject.end)
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
    match = frames.word.match(low, at)
    verb = vocabulary.present.get(match["verb"]) if match else None
    if (
        not match
        or not verb
        or _NEGATED.match(low, match.end())
        or light(verb.infinitive, low, match.end(), vocabulary)
    ):
        return None
    following = frames.word.match(low, match.end() + 1)
    if verb.infinitive in ("ha", "have") and following and following["verb"] in vocabulary.participles:
        return None
    return Clause(
        "subject", subject.start, len(low), verb.infinitive, (match.end(), len(low)), subject, verb.weak
    )


def _gap_breaks(gap: str) -> bool:
    return ":" in gap or ";" in gap


def _modal(
    match: re.Match[str], subject: Subject, begin: int, low: str, vocabulary: Words, rule: str
) -> Clause | None:
    said = match["verb"]
    verb = vocabulary.infinitives.get(said)
    if verb is None:
        passive = vocabulary.passives.get(said)
        if (
            passive
            or not re.search(r"[^\W\d_]{3,}e$", said)
            or match["frame"] in ("vil", "kan", "will", "to", "can")
        ):
            return None
        verb = Verb(said)
    if light(verb.infinitive, low, match.end(), vocabulary):
        return None
    weak = verb.weak and match["frame"] in ("vil", "will")
    rest = (match.end(), len(low))
    return Clause(
        rule, begin, len(low), verb.infinitive, rest, subject, weak, rule == "modal", rule == "offer"
    )


def _inverted(piece: Piece, subject: Subject, vocabulary: Words) -> Clause | None:
    """ "Til neste møte lager Inger …", "Innen fredag skal Inger sende …"."""
    if not subject.kinds <= {"person", "role", "unknown", "group"}:
        return None
    before = re.search(r"(?P<verb>[^\W\d_]+)\s+$", piece.low[: subject.start])
    if not before or before.start() < 4 or ":" in piece.low[: before.start()][-2:]:
        return None
    said = before["verb"]
    if said in ("skal", "må", "vil", "shall", "must", "will"):
        follow = piece.low[subject.end : subject.end + 60]
        after = re.match(r"\s+(?P<verb>[^\W\d_]+)", follow)
        if after and after["verb"] not in vocabulary.infinitives:
            after = re.match(r"\s+[^\W\d_]+\s+(?P<verb>[^\W\d_]+)", follow)
        verb = vocabulary.infinitives.get(after["verb"]) if after else None
        if not after or not verb:
            return None
        at = subject.end + after.end()
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
        lead=(0, before.start()),
    )


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


def opening(piece: Piece, vocabulary: Words) -> tuple[Verb, int] | None:
    """The infinitive or imperative that `piece` begins with ("Å" before it left out), and where it ends."""
    match = re.match(r"(?:(?:todo|to do|tiltak|å|husk å|to)\s*:?\s+)?([^\W\d_]+)(?!\w)", piece.low)
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


def passive(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "Framlegget sendes kommunene", "Det inviteres til …", "vert sendt", "må avklares"."""
    low = piece.low
    invite = vocabulary.every("passive_invite") and re.match(
        rf"(?:{vocabulary.either('passive_invite')})(?!\w)", low
    )
    if invite:
        said = invite.group().split()
        verb = next(
            (vocabulary.passives[w] for w in said if w in vocabulary.passives), Verb(vocabulary.say["invite"])
        )
        at = invite.end() - len(said[-1])
        return Clause("passive", 0, len(low), verb.infinitive, (at, len(low)))
    for match in re.finditer(
        r"(?<!\w)(?P<aux>(?:vert|blir|skal|må|bør|vil|skal bli|will be|shall be|is to be)\s+)?(?P<verb>[^\W\d_]+)(?!\w)",
        low,
    ):
        verb = _passive_verb(match, vocabulary)
        if verb and match.start() and not light_passive(verb, low, match.end(), vocabulary):
            return Clause(
                "passive", 0, len(low), verb.infinitive, (match.end(), len(low)), lead=(0, match.start())
            )
    return None


def light_passive(verb: Verb, low: str, at: int, vocabulary: Words) -> bool:
    return light(verb.infinitive, low, at, vocabulary)


def _passive_verb(match: re.Match[str], vocabulary: Words) -> Verb | None:
    aux = (match["aux"] or "").strip()
    if aux in ("vert", "blir", "skal bli", "will be", "shall be", "is to be"):
        return vocabulary.participles.get(match["verb"])
    if aux in ("bør", "vil"):
        return None
    return vocabulary.passives.get(match["verb"])


def to_agenda(piece: Piece, vocabulary: Words) -> Clause | None:
    """ "En presentasjon må inn som punkt på møtene": somebody has to put it there."""
    if not vocabulary.every("to_agenda"):
        return None
    match = re.search(rf"(?<!\w)(?:{vocabulary.either('to_agenda')})(?!\w)", piece.low)
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


def trailing(piece: Piece, people: People, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """The people in a parenthesis at the end: "Bestille rom (Inger)". And where the task ends before it."""
    match = re.search(r"\(([^()]{2,80})\)[\s.:;]*$", piece.text)
    if not match:
        return None
    inside = [m for m in mentions if m.start >= match.start(1) and m.end <= match.end(1)]
    groups = subjects(inside, piece.text)
    if len(groups) != 1 or groups[0].start != match.start(1) or groups[0].end != match.end(1):
        return None
    return groups[0], match.start()


def owner_label(piece: Piece, people: People, mentions: list[Mention]) -> tuple[Subject, int] | None:
    """ "Ansvar: Inger", "Ansvarlig her er Inger": the people, and where the label begins."""
    vocabulary = people.vocabulary
    match = re.search(
        rf"(?<!\w)(?:(?:{vocabulary.either('owner_label')})\s*:|{vocabulary.either('owner_here')}(?!\w))\s*(?=\S)",
        piece.low,
    )
    if not match:
        return None
    groups = [g for g in subjects(mentions, piece.text) if g.start == match.end()]
    return (groups[0], match.start()) if groups else None


def agent(piece: Piece, people: People, mentions: list[Mention], begin: int) -> Subject | None:
    """Who does what a passive says: "utarbeides av Kari"."""
    for group in subjects(mentions, piece.text):
        lead = piece.low[max(begin, group.start - 12) : group.start]
        by = re.search(rf"(?<!\w)(?:{people.vocabulary.either('agent')})\s+$", lead)
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
