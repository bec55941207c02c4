"""The council itself: its names in full and in short, its colour, and the language of those who come new."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.errors import InvalidAnswer
from tracker.language import LANGUAGES
from tracker.models import Organisation
from tracker.rules import colours

LONGEST, LONGEST_SHORT = 200, 60


@dataclass(frozen=True, slots=True)
class Names:
    """What a form holds. An empty `short_name` stands for the name itself, an empty `colour` for ours."""

    name: str
    short_name: str
    language: str
    colour: str = ""


def names(organisation: Organisation) -> Names:
    """The names in use."""
    return Names(organisation.name, organisation.short_name, organisation.language, organisation.colour)


def tidy(given: Names) -> Names:
    """The names as they would be stored and shown, right or wrong."""
    name = " ".join(given.name.split())[:LONGEST]
    short = " ".join(given.short_name.split())[:LONGEST_SHORT]
    colour = given.colour.strip().lower()
    if colour == colours.OWN or not colours.HEX.fullmatch(colour):
        colour = ""
    return Names(name, short or name[:LONGEST_SHORT], given.language, colour)


def checked(given: Names) -> Names:
    """The names as they are stored. Raises InvalidAnswer."""
    if not given.name.strip():
        raise InvalidAnswer("Skriv navnet på rådet eller foreningen.", field="name")
    if given.language not in LANGUAGES:
        raise InvalidAnswer("Velg et språk.", field="language")
    if given.colour and not colours.HEX.fullmatch(given.colour.strip().lower()):
        raise InvalidAnswer("Skriv fargen slik: #0a5566.", field="colour")
    return tidy(given)


def rename(organisation: Organisation, given: Names) -> None:
    """Store the names. Raises InvalidAnswer. Addresses (`slug`) stay, since people have them."""
    new = checked(given)
    organisation.name, organisation.short_name = new.name, new.short_name
    organisation.language, organisation.colour = new.language, new.colour
