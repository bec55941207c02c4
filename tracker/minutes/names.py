"""Who is meant: people and bodies known beforehand, and names, roles and initials resolved against them all.

A name is never guessed: where two people fit, both are given and a question asks; where nobody fits, the
words stand as written.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody the register knows. `aliases` are other ways of writing the name ("Kari R", "KBH")."""

    name: str
    role: str | None = None
    organisation: str | None = None
    aliases: tuple[str, ...] = ()
    email: str | None = None


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A body (utvalg, råd) the register knows, with its other names ("IPRet", "AU")."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before reading: the people and bodies of the register."""

    people: tuple[KnownPerson, ...] = ()
    bodies: tuple[KnownBody, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`. Keys it doesn't know are ignored."""

        def fields(row: dict[str, Any], kind: type) -> dict[str, Any]:
            known = {k: v for k, v in row.items() if k in kind.__dataclass_fields__}  # type: ignore[attr-defined]
            return {**known, "aliases": tuple(row.get("aliases") or ())}

        people = tuple(KnownPerson(**fields(p, KnownPerson)) for p in data.get("people", ()))
        return cls(people, tuple(KnownBody(**fields(b, KnownBody)) for b in data.get("bodies", ())))
