"""What is to be done, as one phrase that reads without the document: verb first, no person, no deadline."""

from __future__ import annotations

import re
from datetime import date

from tracker.minutes.draft import Event
from tracker.minutes.event_nouns import base, noun_in
from tracker.minutes.sentences import Piece, lowered
from tracker.minutes.vocabulary import Words

_EDGES = ' .,;:!?–—-"»'
_DOUBLED = re.compile(r"\b(\w{3,}+)(?: \w{2,6})? \1\b")
_LOOSE_SIGN = re.compile(r" ([,.;:)])")
_LOOSE_END = re.compile(r", ?(?:og|som|men|and)? ?$")
_LOOSE_JOINT = re.compile(r" (?:og|and|,)$")
_FOLLOWING = re.compile(r"((?:^|[\s,])(?:og|and)\s+(?:så\s+|deretter\s+)?)([^\W\d_]+)")


def phrase(
    verb: str, piece: Piece, rest: tuple[int, int], cuts: list[tuple[int, int]], vocabulary: Words
) -> str:
    """`verb` and the words of `rest` without `cuts`, tidied."""
    text = _without(piece.text, rest, [*cuts, *_asides(piece, rest, vocabulary)])
    text = tidy(text)
    text = _infinitives(text, vocabulary)
    if verb.startswith("ta ") or not verb:
        return capital(f"{verb} {text}".strip())
    return capital(f"{verb} {text}".strip(_EDGES))


def _without(text: str, rest: tuple[int, int], cuts: list[tuple[int, int]]) -> str:
    kept, at = [], rest[0]
    for begin, end in sorted(cuts):
        if begin >= rest[1] or end <= at:
            continue
        kept.append(text[at : max(at, begin)])
        at = max(at, end)
    kept.append(text[at : rest[1]] if at < rest[1] else "")
    return " ".join(part.strip() for part in kept if part.strip())


def _asides(piece: Piece, rest: tuple[int, int], vocabulary: Words) -> list[tuple[int, int]]:
    """ "(se sak 4/22)" and "fra lunsj til lunsj": said elsewhere, or no part of what is to be done."""
    asides = vocabulary.grammar(r"\((?:{see_case})\s[^()]{0,60}\)|(?<!\w)(?:(?:{from})\s+)?(?:{lunch})(?!\w)")
    found = asides.finditer(piece.low[rest[0] : rest[1]])
    return [(rest[0] + m.start(), rest[0] + m.end()) for m in found]


def tidy(text: str) -> str:
    """Spaces, doubled words and loose ends put right; the quote keeps them as written."""
    text = " ".join(text.split())
    text = _DOUBLED.sub(r"\1", text)
    text = _LOOSE_SIGN.sub(r"\1", text)
    text = _LOOSE_END.sub("", text.strip())
    text = _LOOSE_JOINT.sub("", text)
    return text.strip(_EDGES if text.count("(") == text.count(")") else _EDGES + "()")


def _infinitives(text: str, vocabulary: Words) -> str:
    """ "… og gir beskjed" → "… og gi beskjed": the verbs after the first follow it into the infinitive."""

    def change(match: re.Match[str]) -> str:
        verb = vocabulary.present.get(match[2])
        return (
            f"{match[1]}{verb.infinitive}"
            if verb and match[2] not in vocabulary.infinitives
            else match.group()
        )

    return _FOLLOWING.sub(change, text) if "og" in text or "and" in text else text


def capital(text: str) -> str:
    """`text` with a capital letter first."""
    return text[:1].upper() + text[1:]


def short_dates(event: Event, vocabulary: Words) -> str:
    """ "22.–23. februar" for an event of several days, "7. februar" for one."""
    if not event.start:
        return ""
    first = date.fromisoformat(event.start[:10])
    last = date.fromisoformat((event.end or event.start)[:10])
    if vocabulary.language == "en":
        month = vocabulary.month_names[last.month - 1]
        return f"{first.day} {month}" if first == last else f"{first.day}–{last.day} {month}"
    month = vocabulary.month_names[last.month - 1]
    if first == last:
        return f"{first.day}. {month}"
    if first.month == last.month:
        return f"{first.day}.–{last.day}. {month}"
    return f"{first.day}. {vocabulary.month_names[first.month - 1]}–{last.day}. {month}"


def event_name(event: Event, noun: str, vocabulary: Words, definite: bool = True) -> str:
    """The event in a phrase: "fagsamlingen 14.–15. mars"."""
    name = _low_first(re.split(r"\s(?:for|i)\s", event.title)[0])
    if definite:
        for plain, said in vocabulary.definite.items():
            if noun.endswith(plain) and name.endswith(plain):
                name = name[: len(name) - len(plain)] + said
                break
    return f"{name} {short_dates(event, vocabulary)}".strip()


def _low_first(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def is_bare(what: str, vocabulary: Words) -> bool:
    """Whether a phrase is too short to stand alone ("Lage program")."""
    tokens = lowered(what).split()
    return any(t in vocabulary.those("bare_nouns") for t in tokens[1:]) and len(tokens) <= 6


def with_event(what: str, event: Event, noun: str, vocabulary: Words, near: bool) -> str:
    """`what` with the event it belongs to named in full."""
    low = lowered(what)
    for match in noun_in(low, vocabulary):
        said = base(match.group())
        if not (noun.endswith(said) or said.endswith(noun)):
            continue
        tail = re.match(
            r"\s*(?:(?:fra|frå|den|from|,)\s*)*(?:\d[\d\s./–-]*)?(?:\.?\s*(?:–|-|til|og)\s*)?(?:[\d.\s–-]*[^\W\d_]*)?",
            low[match.end() :],
        )
        dated = bool(re.match(r"[\s,]*(?:(?:fra|frå|den|from)\s+)?\d", low[match.end() :]))
        end = match.end() + (_date_end(low[match.end() :], vocabulary) if dated and tail else 0)
        article = re.search(r"(?:en|ei|eit|et|a)\s+$", what[: match.start()])
        begin = article.start() if article else match.start()
        definite = base(match.group()) != match.group()
        return capital(tidy(what[:begin] + event_name(event, noun, vocabulary, definite) + what[end:]))
    if near and is_bare(what, vocabulary):
        towards = set(lowered(what).split()) & vocabulary.those("to_nouns")
        return f"{what} {vocabulary.say['to' if towards else 'for']} {event_name(event, noun, vocabulary)}"
    return what


def _date_end(low: str, vocabulary: Words) -> int:
    from tracker.minutes import dates  # noqa: PLC0415  (avoids a cycle at start)

    found = dates.find(low, vocabulary, date(2000, 1, 1))
    return found[0].end if found and found[0].start < 12 else 0
