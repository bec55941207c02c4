"""What a form of words may mean: the entries behind it, and which of them a sentence means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tracker.minutes.sentences import lowered
from tracker.minutes.vocabulary import words

MentionKind = Literal["person", "role", "group", "organisation", "pronoun", "nobody", "unknown"]


@dataclass(frozen=True, slots=True)
class Entry:
    kind: MentionKind
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """All that one form of words means; `exact` gives the name that is written just so."""

    kind: MentionKind
    names: tuple[str, ...]
    exact: dict[str, str]


def tokens_of(form: str) -> tuple[str, ...]:
    return tuple(t.rstrip(".") for t in lowered(form).split())


@cache
def offices_in(language: str) -> tuple[tuple[str, ...], ...]:
    """The words of every office, in each form that a sentence gives it."""
    return tuple(tokens_of(r + end) for r in words(language).every("roles") for end in ("", "en", "n", "a"))


def meaning(entries: Iterable[Entry], capital: bool) -> Meant | None:
    """What a form means: people before offices and groups, those before organisations; capitals tell."""
    best = [e for e in entries if e.kind == "person"] if capital else []
    best = best or [e for e in entries if e.kind not in ("person", "organisation")]
    best = best or [e for e in entries if e.kind == "organisation" and capital]
    if not best:
        return None
    names = tuple(dict.fromkeys(n for e in best for n in e.names))
    return Meant(best[0].kind, names, {lowered(n): n for n in reversed(names)})
