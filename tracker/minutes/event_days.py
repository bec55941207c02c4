"""Which word a day belongs to, and whether something gathers then: no deadline, no past, no start of work."""

from __future__ import annotations

import re

from tracker.minutes import dates
from tracker.minutes.vocabulary import Words

_BEFORE_DATE = 90
_ALL = re.compile(r".+")


def is_no_gathering(low: str, noun: re.Match[str], when: dates.Found, vocabulary: Words) -> bool:
    """Whether the day is no meeting's: work that starts, a hearing that ends, a body that has a case then."""
    if noun.group() in vocabulary.those("no_gathering"):
        return True
    between = low[noun.end() : when.start]
    if vocabulary.pattern("lapses", "period_of").search(between):
        return True
    treated = vocabulary.pattern("treated_in").search(low[: noun.start()])
    return is_body(noun.group(), vocabulary) and treated is not None


def said_before(low: str, when: dates.Found, vocabulary: Words) -> re.Match[str] | None:
    """What a line calls a day with weekday or hours: "Vaffelsalg: lørdag 3. mai kl. 10"."""
    timed = when.weekday is not None or dates.times(low[when.end : when.end + 25], vocabulary.language)
    named = vocabulary.grammar(r"[^\W\d_]{6,}\s(?:{takes_place})\s$").fullmatch(low[: when.start])
    if not (timed or named or when.kind == "range") or when.passed:
        return None
    match = re.match(
        r"(?:[–-]\s)?(?P<what>[^\W\d][^:.,;()]{2,45}?)\s*(?:[:,(–-]\s*)?(?:\b(?:den|på|on)\s+)?$",
        low[: when.start],
    )
    if not match:
        return None
    tokens = re.findall(r"[^\W\d_]+", match["what"])
    happens = vocabulary.those("takes_place") if timed or named else frozenset[str]()
    acts = [t for t in tokens if t in vocabulary.present and t not in happens]
    passive = [t for t in tokens if t in vocabulary.passives and t not in vocabulary.those("takes_place")]
    if (
        acts
        or passive
        or len(tokens) > 6
        or vocabulary.pattern("due", "past_of", "end_label").search(match["what"])
        or re.search(r"(?:frist|ferie)(?:en|n)?\b|deadline|stengt", match["what"])
    ):
        return None
    words_of = vocabulary.grammar(r"\s+(?:{takes_place})(?!\w).*$")
    end = words_of.search(match["what"])
    begin = match.start("what")
    return _ALL.match(low, begin, begin + end.start() if end else match.end("what"))


def nearest(
    nouns: list[re.Match[str]], when: dates.Found, low: str, vocabulary: Words
) -> re.Match[str] | None:
    """The noun a date belongs to: the last one before it, near enough; a body only as "i rådet 3. mai"."""
    before = [n for n in nouns if n.end() <= when.start and when.start - n.end() < _BEFORE_DATE]
    plain = [n for n in before if not is_body(n.group(), vocabulary)]
    if plain:
        return plain[-1]
    bodies = [
        n for n in before if re.search(r"(?<!\w)(?:i|til|på|in|to)\s+$", low[: n.start()]) or n.start() == 0
    ]
    if bodies:
        return bodies[-1]
    after = [n for n in nouns if when.end <= n.start() < when.end + 25 and not is_body(n.group(), vocabulary)]
    return after[0] if after else None


def is_body(noun: str, vocabulary: Words) -> bool:
    return noun in vocabulary.those("meeting_bodies")


def is_deadline(low: str, when: dates.Found, vocabulary: Words) -> bool:
    lead = low[max(0, when.start - 30) : when.start].rstrip(" :")
    return bool(vocabulary.grammar(r"(?<!\w)(?:{due,registration_due,after_event,negation})$").search(lead))


def is_past(low: str, noun: re.Match[str], when: dates.Found, vocabulary: Words) -> bool:
    lead = low[max(0, noun.start() - 60) : noun.start()]
    said = vocabulary.pattern("past_of").search(lead) or re.search(r"\b(?:i fjor|last year)\b", low)
    return bool(said) or (
        when.passed and not when.year_given and vocabulary.pattern("happened").search(low) is not None
    )
