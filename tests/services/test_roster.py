"""What people paste, and who comes out of it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tracker.rules.access import Office
from tracker.services import people, roster
from tracker.services.roster import Outcome

LINES: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    ("Ola Nordmann", [("Ola Nordmann", "", "", "")]),
    ("Ola Nordmann ola@moland.example", [("Ola Nordmann", "ola@moland.example", "", "")]),
    (
        "Ola Nordmann; ordfører; Moland kommune; ola@moland.example",
        [("Ola Nordmann", "ola@moland.example", "ordfører", "Moland kommune")],
    ),
    ("Ola Nordmann, ordfører, Moland", [("Ola Nordmann", "", "ordfører", "Moland")]),
    ("ola@moland.example\tOla Nordmann\tordfører", [("Ola Nordmann", "ola@moland.example", "ordfører", "")]),
    (
        "Navn\tE-post\tKommune\nOla Nordmann\tola@moland.example\tMoland\nKari Moe\t\tMoland",
        [("Ola Nordmann", "ola@moland.example", "", "Moland"), ("Kari Moe", "", "", "Moland")],
    ),
    (
        "Kommune;Navn;Rolle;Telefon\nMoland;Ola Nordmann;Ordfører;12345678",
        [("Ola Nordmann", "", "Ordfører", "Moland")],
    ),
    (
        "Navn;Tittel;E-post\nOla Nordmann, ola@moland.example",
        [("Ola Nordmann", "ola@moland.example", "", "")],
    ),
    ("Nordmann, Ola <ola@moland.example>", [("Ola Nordmann", "ola@moland.example", "", "")]),
    (
        "Nordmann, Ola <ola@moland.example>; Moe, Kari <kari@moland.example>;",
        [("Ola Nordmann", "ola@moland.example", "", ""), ("Kari Moe", "kari@moland.example", "", "")],
    ),
    ('"Ola Nordmann" <ola@moland.example>', [("Ola Nordmann", "ola@moland.example", "", "")]),
    ("\n  \n;;\n\t\t\n", []),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_people_are_read_from_lines(
    session: Session, cast: Cast, text: str, expected: list[tuple[str, str, str, str]]
) -> None:
    found = roster.preview(session, cast.organisation.id, text)

    assert [(line.name, line.email, line.title, line.employer) for line in found] == expected
    assert all(line.outcome is Outcome.NEW for line in found)


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("Berit Kampen", [Outcome.KNOWN]),
        ("berit kampen; BERIT.KAMPEN@elvedal.example", [Outcome.KNOWN]),
        ("Berit Kampen; rådgiver; Moland", [Outcome.CHANGED]),
        ("Berit Kampen; another@elvedal.example", [Outcome.DOUBTFUL]),  # a namesake, or a new address?
        ("Berit Moe; berit.kampen@elvedal.example", [Outcome.TAKEN]),
        ("Even Fjord", [Outcome.NEW]),  # known in another organisation, of which nothing is told
        ("; ordfører; ola@moland.example", [Outcome.NO_NAME]),
        ("Ola Nordmann; ola@", [Outcome.BAD_ADDRESS]),
        ("Ola Nordmann\nola nordmann; ola@moland.example", [Outcome.NEW, Outcome.TWICE]),
        ("Ola Nordmann; o@m.example\nOle Moe; O@m.example", [Outcome.NEW, Outcome.TWICE]),
        ("Ola Moe; a@m.example\nOla Moe; b@m.example", [Outcome.NEW, Outcome.NEW]),
    ],
)
def test_each_line_says_what_becomes_of_it(
    session: Session, cast: Cast, text: str, outcomes: list[Outcome]
) -> None:
    assert [line.outcome for line in roster.preview(session, cast.organisation.id, text)] == outcomes


def test_a_long_list_is_cut(session: Session, cast: Cast) -> None:
    text = "\n".join(f"Person {number}" for number in range(5000))
    assert len(roster.preview(session, cast.organisation.id, text)) == roster.MOST_LINES


def test_adding_twice_adds_once(session: Session, cast: Cast) -> None:
    text = "Ola Nordmann; ordfører; Moland; ola@moland.example\nTove Strand; tove@; feil"
    before = len(people.everyone(session, cast.organisation.id))

    for _ in range(2):
        lines = roster.preview(session, cast.organisation.id, text)
        roster.add(session, lines, cast.organisation.id, cast.body, Office.MEMBER, NOW.date())
        session.commit()

    everyone = people.everyone(session, cast.organisation.id)
    assert len(everyone) == before + 1
    ola = next(person for person in everyone if person.name == "Ola Nordmann")
    assert (ola.title, ola.employer, ola.email) == ("ordfører", "Moland", "ola@moland.example")
    assert [m.body_id for m in ola.memberships] == [cast.body.id]


def test_what_is_known_is_filled_in_but_never_overwritten(session: Session, cast: Cast) -> None:
    lines = roster.preview(session, cast.organisation.id, "Nils Arne Holmen; bonde; Moland")
    roster.add(session, lines, cast.organisation.id, None, Office.MEMBER, NOW.date())
    session.commit()

    assert (cast.owner.title, cast.owner.employer) == ("Ordfører", "Moland")
