"""A pasted list of people: from lines to a preview, and from the preview to the register.

Takes what people have: cells from a spreadsheet (tabs), semicolons or commas, with or without a line of
headings, and what Outlook copies («Lien, Sigurd <sigurd@…>; …»).
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from tracker.models import Body, Person
from tracker.rules.access import Office
from tracker.services import people

MOST_LINES = 500
ENTRY = re.compile(r"(?P<name>[^<>;]*?)\s*<(?P<email>[^<>\s]+@[^<>\s]+)>\s*(?:;|,(?=\s)|$)")
HEADINGS = {
    "name": ("navn", "namn", "name", "person"),
    "email": ("e-post", "epost", "e-postadresse", "mail", "e-mail", "email"),
    "title": ("tittel", "rolle", "stilling", "title"),
    "employer": ("kommune", "arbeidsgiver", "arbeidsgjevar", "organisasjon", "virksomhet", "employer"),
}
USUAL = ("name", "title", "employer")


class Outcome(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    KNOWN = "known"  # in the register already
    CHANGED = "changed"  # in the register, and what is missing there is filled in
    DOUBTFUL = "doubtful"  # of the same name as others, and it can't be told whether it is one of them
    NO_NAME = "no_name"
    BAD_ADDRESS = "bad_address"
    TAKEN = "taken"  # the address is somebody else's
    TWICE = "twice"  # the same person further up


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a list. `known`: who it is in the register; `other`: whose address it is, or who else is
    of that name; `fills`: what the register lacks and the line has (names of `Details`)."""

    name: str
    email: str = ""
    title: str = ""
    employer: str = ""
    outcome: Outcome = Outcome.NEW
    known: Person | None = None
    other: str = ""
    fills: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        return self.outcome in (Outcome.NEW, Outcome.KNOWN, Outcome.CHANGED)


def preview(session: Session, organisation_id: int, text: str) -> list[Line]:
    """The people of a pasted list, each with what will become of it."""
    everyone = people.everyone(session, organisation_id)
    seen: list[Line] = []
    for line in _read(text):
        seen.append(_settle(line, everyone, seen))
    return seen


def add(
    session: Session,
    lines: list[Line],
    organisation_id: int,
    body: Body | None,
    office: Office,
    today: date,
    sure: Container[int] = (),
) -> int:
    """Put the usable lines in the register, and in `body` if there is one; gives how many.

    `sure`: places of doubtful lines that somebody has said are new people all the same.
    """
    usable = [
        line
        for place, line in enumerate(lines)
        if line.usable or (line.outcome is Outcome.DOUBTFUL and place in sure)
    ]
    for line in usable:
        person = line.known or people.add_person(
            session, organisation_id, line.name, email=line.email, title=line.title, employer=line.employer
        )
        if line.known is not None:
            for name in line.fills:
                setattr(person, name, getattr(line, name))
        if body is not None:
            people.add_to_body(session, body, person, today, office)
    session.flush()
    return len(usable)


def _settle(line: Line, everyone: list[Person], above: list[Line]) -> Line:
    """What becomes of a line. Two of a name are one person only while nothing speaks against it."""
    if line.email and not people.ADDRESS.fullmatch(line.email):
        return replace(line, outcome=Outcome.BAD_ADDRESS)
    if not line.name:
        return replace(line, outcome=Outcome.NO_NAME)
    for other in above:
        same_address = bool(line.email) and line.email.lower() == other.email.lower()
        if same_address or (people.same_name(line.name, other.name) and not (line.email and other.email)):
            return replace(line, outcome=Outcome.TWICE)
    for person in everyone:
        if line.email and (person.email or "").lower() == line.email.lower():
            if people.same_name(person.name, line.name):
                return _known(line, person)
            return replace(line, outcome=Outcome.TAKEN, other=person.name)
    same = [person for person in everyone if people.same_name(person.name, line.name)]
    if len(same) == 1 and not (line.email and same[0].email):
        return _known(line, same[0])
    if same:
        others = ", ".join(" ".join(filter(None, (p.name, p.title, p.email))) for p in same[:3])
        return replace(line, outcome=Outcome.DOUBTFUL, other=others)
    return line


def _known(line: Line, person: Person) -> Line:
    fills = tuple(
        name for name in ("email", "title", "employer") if getattr(line, name) and not getattr(person, name)
    )
    outcome = Outcome.CHANGED if fills else Outcome.KNOWN
    return replace(line, outcome=outcome, known=person, fills=fills)


def _read(text: str) -> list[Line]:
    order: tuple[str, ...] = USUAL
    found: list[Line] = []
    for raw in text.splitlines():
        entries = list(ENTRY.finditer(raw))
        if entries:
            found += [Line(_upright(entry["name"]), email=entry["email"]) for entry in entries]
            continue
        cells = _cells(raw)
        if not any(cells):
            continue
        headings = [_heading(cell) for cell in cells]
        if "name" in headings:  # nobody is called «Navn»; columns we have no use for are left out
            order = tuple(h or "" for h in headings)
            continue
        found.append(_line(cells, order))
    return found[:MOST_LINES]


def _cells(raw: str) -> list[str]:
    separator = next((mark for mark in ("\t", ";", ",") if mark in raw), None)
    cells = [cell.strip(' "\u00a0') for cell in (raw.split(separator) if separator else [raw])]
    if separator is None and (address := re.search(r"\S+@\S+", raw)):
        return [raw.replace(address[0], "").strip(), address[0]]
    return cells


def _line(cells: list[str], order: tuple[str, ...]) -> Line:
    """The cells by their headings; where those don't fit, an address is known by its @."""
    values = {"name": "", "email": "", "title": "", "employer": ""}
    if "email" not in order or len(cells) != len(order) or "@" not in (cells[order.index("email")] or "@"):
        values["email"] = next((cell for cell in cells if "@" in cell), "")
        cells = [cell for cell in cells if "@" not in cell]
        order = tuple(name for name in order if name != "email")
    for name, cell in zip(order, cells, strict=False):
        if name:
            values[name] = cell
    return Line(
        name=" ".join(values["name"].split()),
        email=values["email"].removeprefix("mailto:").strip("<>"),
        title=values["title"],
        employer=values["employer"],
    )


def _heading(cell: str) -> str:
    word = cell.casefold().strip(":")
    return next((name for name, words in HEADINGS.items() if word in words), "")


def _upright(name: str) -> str:
    """«Lien, Sigurd» as «Sigurd Lien», without quotes."""
    last, comma, first = (part.strip(" \"'") for part in name.strip(" ,;\"'").partition(","))
    return " ".join(f"{first} {last}".split()) if comma and first else last
