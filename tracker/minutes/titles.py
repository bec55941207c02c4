"""Titles that people hold: the single offices in a role, and whose title it is when a place tells."""

from __future__ import annotations

import re

from tracker.minutes.sentences import lowered
from tracker.minutes.vocabulary import Words

_PLACE = re.compile(r"\s(?:i|for|på|frå|fra|of|in)\s+(?P<place>[A-ZÆØÅ][\w-]+(?:\s[A-ZÆØÅ][\w-]+)?)")


def offices(role: str) -> list[str]:
    """The single offices in a role as written: "Ordfører (leder IPR)" → ordfører, leder ipr."""
    low = re.sub(r"\b(?:konst|fung|konstituert|fungerende|kst|ass)\.?\s+", "", lowered(role))
    return [part.strip() for part in re.split(r"[,/();]|\s(?:og|and)\s", low) if part.strip()]


def bases(role: str, vocabulary: Words) -> set[str]:
    """The offices of a role, and those that they begin with ("leder ipr" → "leder")."""
    return set(offices(role)) | {
        r for o in offices(role) for r in vocabulary.every("roles") if o.startswith(r + " ")
    }


def at_place(
    text: str, end: int, holders: tuple[str, ...], organisations: dict[str, str]
) -> tuple[tuple[str, ...], int] | None:
    """Who holds a title, ending at `end`, that its place tells ("Ordføreren i Sundet"), and where it ends.

    Without anybody listed for the place: no names, only where the words end.
    """
    match = _PLACE.match(text, end)
    if not match:
        return None
    place = lowered(match["place"])
    local = tuple(
        n for n in holders if lowered(organisations.get(n, "")).split(" ")[0] == place.split(" ")[0]
    )
    known = any(lowered(o).split(" ")[0] == place.split(" ")[0] for o in organisations.values())
    return (local, match.end()) if local or not known else None
