"""What layout says without words: labels ("Tid: …"), table columns, names that stand alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tracker.minutes.sentences import Paragraph, Piece
from tracker.minutes.vocabulary import WORDS, Words, words

HEAD_LABELS = (
    "place", "date", "present", "absent", "also_present", "chair_label", "secretary_label",
)  # fmt: skip
BLOCK_LABELS = ("decision_label", "proposal_label", "discussion_label", "action_label")
END_LABELS = ("next_label", "end_label")
COLUMNS = (
    "column_name", "column_role", "column_organisation", "column_initials", "column_case", "column_content",
    "column_owner", "column_due", "column_status", "present", "absent", "stand_in_column",
    "substitute_column",
)  # fmt: skip

NAME = re.compile(
    r"[^\W\d_a-zæøåäöé][\w'’-]*(?:\s(?:von|van|de|af|den|der))?(?:\s[^\W\d_a-zæøåäöé](?:[\w'’-]*\.?))"
    r"(?:\s[^\W\d_a-zæøåäöé][\w'’-]*\.?){0,3}"
)
"""Two to five capitalised words: what a full name looks like."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label at the beginning of a line: which, and what follows it on the line."""

    key: str
    label: Piece
    rest: Piece


@cache
def _labels(language: str, keys: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    vocabulary = words(language)
    meaning: dict[str, str] = {}
    for key in keys:
        for phrase in vocabulary.every(key):
            meaning.setdefault(re.sub(r"\s+", " ", phrase), key)
    # the parenthesis of "Vedtak (samrøystes):" belongs to the label
    pattern = rf"({vocabulary.either(*keys)})(?!\w)\s*(?:\(([^)]{{0,80}})\))?\s*([:;]|$|[–—-]\s)"
    return re.compile(pattern), meaning


def label(piece: Piece, vocabulary: Words, keys: tuple[str, ...]) -> Label | None:
    """The label that `piece` begins with, of the kinds `keys`, if it begins with one."""
    pattern, meaning = _labels(vocabulary.language, keys)
    match = pattern.match(piece.low)
    if not match:
        return None
    key = meaning[re.sub(r"\s+", " ", match[1])]
    return Label(key, piece.sub(0, match.end()), piece.sub(match.end(), len(piece.text)))


def columns(row: Paragraph, vocabulary: Words) -> dict[str, int]:
    """Which column holds what, if `row` is the heading of a table, else nothing."""
    found: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        name = re.sub(r"\s+(?:pr|per)\.?\s.*$", "", cell.low.rstrip(" :")).strip()
        for key in COLUMNS:
            if name and key not in found and name in vocabulary.those(key):
                found[key] = index
                break
        if not {"column_owner", "column_due"} & found.keys() and "/" in name:
            both = [next((k for k in ("column_owner", "column_due") if p.strip() in vocabulary.those(k)), "")
                    for p in name.split("/")]  # fmt: skip
            found |= dict.fromkeys(both, index) if len(set(both)) == 2 and all(both) else {}
    found = _with_text(_with_owner(found, row, vocabulary), row, vocabulary)
    named = len([c for c in row.cells if c.text])
    return found if len(found) >= 2 and len(found) * 2 >= named else {}


def _with_owner(found: dict[str, int], row: Paragraph, vocabulary: Words) -> dict[str, int]:
    """`found` with the column of owners, where its heading may mean another ("Hvem", "Aksjon")."""
    listed = found.keys() & {"column_content", "column_due", "column_case"}
    if "column_owner" in found or not listed:
        return found
    said = {key: row.cells[at].low.strip(" :") for key, at in found.items()}
    if said.get("column_name") in vocabulary.those("column_owner"):
        return {
            **{k: at for k, at in found.items() if k != "column_name"},
            "column_owner": found["column_name"],
        }
    last = len(row.cells) - 1
    for at in range(last, 0, -1):
        if row.cells[at].low.strip(" :") not in vocabulary.those("column_action"):
            continue
        rest = {key: place for key, place in found.items() if place != at}
        return {**rest, "column_owner": at} if rest else found
    return found


def _with_text(found: dict[str, int], row: Paragraph, vocabulary: Words) -> dict[str, int]:
    """`found` with the column that tells most as its content: "Tekst" beside "Punkt"."""
    at = found.get("column_content", -1)
    if at < 0 or row.cells[at].low.strip(" :") not in vocabulary.those("column_point"):
        return found
    for other in range(at + 1, len(row.cells)):
        if other not in found.values() and row.cells[other].low.strip(" :") in vocabulary.those(
            "column_content"
        ):
            return {"column_case": at, **found, "column_content": other}
    return found


def is_name(text: str, vocabulary: Words) -> bool:
    """Whether `text` as a whole looks like a person's full name."""
    if not NAME.fullmatch(text):
        return False
    low = text.lower()
    if low.split()[0] in given_names():
        return True
    return not any(w in _not_in_names(vocabulary.language) for w in low.split())


def is_single_name(text: str, vocabulary: Words) -> bool:
    """Whether `text`, one of a list of people, is a first name alone ("Samira", "Kristin L")."""
    if not re.fullmatch(r"[^\W\d_a-zæøåäöé][\w'’-]+(?:\s[^\W\d_a-zæøåäöé][\w'’-]*\.?){0,3}", text):
        return False
    low = text.lower()
    taken = vocabulary.those("groups") | vocabulary.those("group_roles") | vocabulary.those("nobody")
    return low not in taken and not any(w in _not_in_names(vocabulary.language) for w in low.split())


@cache
def _not_in_names(language: str) -> frozenset[str]:
    vocabulary = words(language)
    taken = {
        w
        for key in ("roles", "organisation_nouns", "body_nouns", "event_nouns", "case")
        for w in vocabulary.every(key)
    }
    return frozenset(taken | {"prosjekt", "plan", "sak", "rådhus", "kommunehus"})


@cache
def given_names() -> frozenset[str]:
    """Common given names in lower case."""
    import tomllib  # noqa: PLC0415

    return frozenset(tomllib.loads((WORDS / "given_names.toml").read_text("utf-8"))["names"].split())


def is_given(low: str) -> bool:
    """Whether a word in lower case is a given name, alone or joined of two ("Anne-Lise")."""
    first, dash, second = low.partition("-")
    return low in given_names() or (bool(dash) and {first, second} <= given_names())


@cache
def role_pattern(language: str) -> re.Pattern[str]:
    """Any role, as it stands in a list of people ("ordfører", "konst. rådmann")."""
    return re.compile(rf"(?<!\w)(?:{words(language).either('roles')}|{ROLE_ENDING})(?:en|n|a)?(?!\w)")


ROLE_ENDING = (
    r"[a-zæøå-]{0,40}(?:leder|leiar|ansvarlig|ansvarleg|sjef|direktør|sekretær|rådgiver|rådgjevar|konsulent"
    r"|koordinator|kontakt|representant|repr\.?|medlem|medlemm|mester|meister|ordfører|ordførar|inspektør"
    r"|rektor|styrer|styrar|formann|kasserer|kasserar|revisor|fører|førar|manager|officer|partner|lead)"
)
"""How a title ends that no list has ("idrettsfaglig leder", "ungdomsrepr.", "plansjef")."""
