"""The words of a language, from words/*.toml: vocabulary is data, grammar is code.

Norwegian minutes mix bokmål and nynorsk, so both are always read together; the document's own language
comes first where the two differ ("legge" or "leggje"). English is read alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

_KEYS = re.compile(r"\{([a-z_]+(?:,[a-z_]+)*)\}")
WORDS = Path(__file__).with_name("words")
_TOGETHER = {"nb": ("nb", "nn"), "nn": ("nn", "nb"), "en": ("en",)}


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that can stand for a task. `weak`: only with a date or in a decision (to speak, to attend)."""

    infinitive: str
    weak: bool = False


class Words:
    """Everything the grammar asks of a language. Made once per language by `words`."""

    def __init__(self, language: str, raws: list[dict[str, Any]]) -> None:
        self.language = language
        self._raws = raws
        self.months: dict[str, int] = self._table("calendar", "months")
        self.weekdays: dict[str, int] = self._table("calendar", "weekdays")
        self.numbers: dict[str, int] = self._table("calendar", "numbers")
        self.ordinals: dict[str, int] = self._table("calendar", "ordinals")
        self.units: dict[str, int] = self._table("calendar", "units")
        self.feasts: dict[str, str] = self._table("calendar", "feasts")
        self.noun_verbs: dict[str, str] = self._table("noun_verbs")
        self.definite: dict[str, str] = self._table("definite")
        self.indefinite: dict[str, str] = self._table("indefinite")
        self.twins: dict[str, str] = self._table("twins")
        self.say: dict[str, str] = self._table("say")
        self.month_names: list[str] = next(r["months_short"]["names"] for r in raws if "months_short" in r)

    def _table(self, *path: str) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for raw in self._raws:
            table: Any = raw
            for key in path:
                table = table.get(key, {})
            merged = {**table, **merged}
        return merged

    @cached_property
    def _phrases(self) -> dict[str, tuple[str, ...]]:
        keys = {k for raw in self._raws for k in raw["phrases"]}
        return {
            key: tuple(dict.fromkeys(p for raw in self._raws for p in raw["phrases"].get(key, ())))
            for key in keys
        }

    def every(self, key: str) -> tuple[str, ...]:
        """The phrases under `key`, the document's language first."""
        return self._phrases[key]

    @cache  # noqa: B019  (one Words per language lives as long as the program)
    def those(self, key: str) -> frozenset[str]:
        """The phrases under `key`, for asking whether a word is one of them."""
        return frozenset(self._phrases[key])

    @cache  # noqa: B019
    def either(self, *keys: str) -> str:
        """A regular expression (no group) for any phrase under `keys`, the longest first."""
        phrases = {p for key in keys for p in self._phrases[key]}
        return _alternatives(phrases)

    @cache  # noqa: B019
    def pattern(self, *keys: str) -> Phrases:
        """Any phrase under `keys`, between word boundaries."""
        return Phrases({p for key in keys for p in self._phrases[key]})

    @cache  # noqa: B019
    def grammar(self, template: str) -> re.Pattern[str]:
        """`template` compiled, where "{due,to}" stands for any phrase under these keys."""
        return re.compile(_KEYS.sub(lambda m: self.either(*m[1].split(",")), template))

    @cached_property
    def complements(self) -> dict[str, re.Pattern[str]]:
        """Light verb → the words that make a task of it ("ta" → "kontakt", "opp" …), if any do."""
        return {
            verb: re.compile(rf"(?<!\w)(?:{_alternatives(near)})(?!\w)" if near else r"(?!)")
            for verb, near in self._of_verbs("complements").items()
        }

    @cached_property
    def idle(self) -> dict[str, re.Pattern[str]]:
        """Verb → the words that, right behind it, make no task of it ("trekke" → "seg")."""
        return {
            verb: re.compile(rf"\s+(?:{_alternatives(behind)})(?!\w)")
            for verb, behind in self._of_verbs("idle").items()
        }

    def _of_verbs(self, table: str) -> dict[str, tuple[str, ...]]:
        merged: dict[str, tuple[str, ...]] = {}
        for raw in self._raws:
            for verb, phrases in raw.get(table, {}).items():
                merged[verb] = (*merged.get(verb, ()), *phrases)
        return merged

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, bool]]:
        rows = []
        for raw in self._raws:
            for line in raw["verbs"]["table"].split("\n"):
                parts = line.split()
                if len(parts) >= 3:
                    rows.append((parts[0], parts[1], parts[2], "+" in parts))
        return rows

    @cached_property
    def present(self) -> dict[str, Verb]:
        """ "sender" → sende."""
        return _first((row[1], Verb(row[0], row[3])) for row in self._rows)

    @cached_property
    def infinitives(self) -> dict[str, Verb]:
        """ "sende" → itself."""
        return _first((row[0], Verb(row[0], row[3])) for row in self._rows)

    @cached_property
    def participles(self) -> dict[str, Verb]:
        """ "sendt" → sende."""
        return _first((row[2], Verb(row[0], row[3])) for row in self._rows)

    @cached_property
    def passives(self) -> dict[str, Verb]:
        """ "sendes", "sendast" → sende. Those that settle a thing ("godkjennes") are left out."""
        if self.language == "en":
            return {}
        settled = {w for raw in self._raws for w in raw["verbs"].get("settled", ())}
        forms = [(inf + end, Verb(inf, weak)) for inf, _, _, weak in self._rows for end in ("s", "st")]
        forms += [(inf[:-1] + "ast", Verb(inf, weak)) for inf, _, _, weak in self._rows if inf.endswith("e")]
        return {form: verb for form, verb in _first(forms).items() if form not in settled}

    @cached_property
    def must_be(self) -> dict[str, Verb]:
        """ "flyttes" → flytte: the passives that settle a thing, and leave it to do behind "må"."""
        settled = {w for raw in self._raws for w in raw["verbs"].get("settled", ())}
        forms = [(inf + end, Verb(inf, weak)) for inf, _, _, weak in self._rows for end in ("s", "st")]
        forms += [(inf[:-1] + "ast", Verb(inf, weak)) for inf, _, _, weak in self._rows if inf.endswith("e")]
        never = self.those("decided_alone")
        return {form: verb for form, verb in _first(forms).items() if form in settled and form not in never}

    @cached_property
    def settling(self) -> frozenset[str]:
        """The infinitives of passives that settle a thing: "vert utsett" leaves nothing to do."""
        settled = {w for raw in self._raws for w in raw["verbs"].get("settled", ())}
        return frozenset(inf for inf, _, _, _ in self._rows if {inf + "s", inf[:-1] + "ast"} & settled)

    @cached_property
    def imperatives(self) -> dict[str, Verb]:
        """ "send" → sende, for the verbs listed (many imperatives look like nouns)."""
        listed = {w for raw in self._raws for w in raw["verbs"].get("imperatives", ())}
        if self.language == "en":
            return {w: self.infinitives[w] for w in listed if w in self.infinitives}
        return _first((inf[:-1] if inf[:-1] in listed else inf, Verb(inf, weak))
                      for inf, _, _, weak in self._rows if inf[:-1] in listed or inf in listed)  # fmt: skip


_WORD = re.compile(r"[^\W\d_]+")
_LONG = 2000
"""The words of a shorter text are kept: a sentence, say, of which every step of reading asks."""


class Phrases:
    """Some phrases between word boundaries, looked for only in a text that has a word of one of them."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = frozenset(phrases)
        longest = {max(_WORD.findall(p), key=len, default="") for p in self._phrases}
        self._words = longest if all(longest) else None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{_alternatives(self._phrases)})(?!\w)")

    def search(self, low: str, begin: int = 0, end: int | None = None) -> re.Match[str] | None:
        """The first of the phrases in `low` (lower case) from `begin` on, before `end`."""
        if not self._may_stand_in(low):
            return None
        return self._pattern.search(low, begin, len(low) if end is None else end)

    def match(self, low: str, begin: int = 0) -> re.Match[str] | None:
        """The phrase at `begin`."""
        return self._pattern.match(low, begin) if self._may_stand_in(low) else None

    def finditer(self, low: str) -> Iterator[re.Match[str]]:
        """Every phrase in `low`, in order."""
        return self._pattern.finditer(low) if self._may_stand_in(low) else iter(())

    def _may_stand_in(self, low: str) -> bool:
        return not self._words or len(low) > _LONG or not self._words.isdisjoint(words_in(low))


@lru_cache(maxsize=256)  # the steps of reading ask for the same sentence one after the other
def words_in(low: str) -> frozenset[str]:
    """The words of `low`, without digits."""
    return frozenset(_WORD.findall(low))


def _first(pairs: Any) -> dict[str, Verb]:
    table: dict[str, Verb] = {}
    for form, verb in pairs:
        table.setdefault(form, verb)
    return table


def _alternatives(phrases: Iterable[str]) -> str:
    """The phrases as one tree of letters, so that a place in a text is compared with each letter only once.

    Where one phrase begins another, the longer is tried first.
    """
    tree: dict[str, Any] = {}
    for phrase in phrases:
        node = tree
        for letter in phrase:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branches(tree)


def _branches(tree: dict[str, Any]) -> str:
    stem = ""
    while len(tree) == 1 and "" not in tree:
        ((letter, tree),) = tree.items()
        stem += _written(letter)
    ways = [_written(letter) + _branches(tree[letter]) for letter in sorted(tree) if letter]
    if not ways:
        return stem
    return f"{stem}(?:{'|'.join(ways)}){'?' if '' in tree else ''}"


def _written(letter: str) -> str:
    return r"\s+" if letter == " " else re.escape(letter)


@cache
def _raw(name: str) -> dict[str, Any]:
    return tomllib.loads((WORDS / f"{name}.toml").read_text("utf-8"))


@cache
def words(language: str) -> Words:
    """The vocabulary for minutes written in `language` ("nb", "nn" or "en")."""
    return Words(language, [_raw(name) for name in _TOGETHER[language]])
