"""People out of files: looked over first, and nothing written before the press."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.test_every_page import writes
from tracker.models import Person
from tracker.program import Program
from tracker.rules.access import Office
from tracker.services import offices

VCARD = """BEGIN:VCARD
VERSION:3.0
FN:Åse Øy
EMAIL:ase@moland.example
TITLE:Ordfører
END:VCARD
"""
CSV = """Navn;E-post;Kommune
Åse Øy;ase@moland.example;Moland
Berit Kampen;;Elvedal
Sigurd Lien;annen@moland.example;
Nils Arne Holmen;;
;ukjent@moland.example;
"""


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def names(session: Session, cast: Cast) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Person.name).where(Person.organisation_id == cast.organisation.id)))


def look_over(secretary: Visitor, content: str, name: str) -> str:
    form = {"file": (io.BytesIO(content.encode()), name), "lines": "", "body": "", "office": "member"}
    answer = secretary.post("/deltakere/liste", form, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    return answer.text


def handed_on(page: str) -> str:
    found = re.search(r'name="lines" value="([^"]*)"', page, re.S)
    assert found is not None
    return found[1].replace("&#34;", '"')


def test_a_file_is_looked_over_and_written_by_the_press_alone(
    secretary: Visitor, cast: Cast, session: Session, program: Program
) -> None:
    with writes(program.engine) as written:
        page = look_over(secretary, CSV, "liste.csv")
    assert not written
    for words in (
        "Ny", "Finnes fra før. Fyller ut kommune", "Finnes fra før", "Utelatt: mangler navn",
        "Usikkert: ligner på Sigurd Lien Ordfører sigurd.lien@elvedal.example", "Legg til 3 personer",
    ):  # fmt: skip
        assert words in page, words
    secretary.post("/deltakere/liste/innlegging", {"lines": handed_on(page), "body": "", "office": "member"})
    assert names(session, cast).count("Åse Øy") == 1
    assert names(session, cast).count("Sigurd Lien") == 1
    session.refresh(cast.secretary)
    assert (cast.secretary.employer, cast.secretary.title) == ("Elvedal", "Rådgiver")


def test_a_doubtful_line_comes_in_when_it_is_ticked(secretary: Visitor, cast: Cast, session: Session) -> None:
    page = look_over(secretary, CSV, "liste.csv")
    assert 'name="sure" value="2"' in page
    form = {"lines": handed_on(page), "body": "", "office": "member", "sure": ["2", "99", "x"]}
    secretary.post("/deltakere/liste/innlegging", form)
    assert names(session, cast).count("Sigurd Lien") == 2


def test_contacts_of_a_phone_or_of_outlook_come_in(secretary: Visitor, cast: Cast, session: Session) -> None:
    page = look_over(secretary, VCARD, "kontakter.vcf")
    body = str(cast.body.id)
    secretary.post("/deltakere/liste/innlegging", {"lines": handed_on(page), "body": body, "office": "guest"})
    session.rollback()
    person = session.scalars(select(Person).where(Person.name == "Åse Øy")).one()
    assert (person.email, person.title) == ("ase@moland.example", "Ordfører")
    assert [(m.body_id, m.office) for m in person.memberships] == [(cast.body.id, Office.GUEST)]


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00", b""])
def test_what_is_no_list_is_said_so(secretary: Visitor, cast: Cast, content: bytes) -> None:
    form = {"file": (io.BytesIO(content), "liste.xlsx"), "lines": "", "body": "", "office": "member"}
    answer = secretary.post("/deltakere/liste", form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "<title>Feil: " in answer.text


def test_substitutes_stand_in_order_and_move_up(secretary: Visitor, cast: Cast, session: Session) -> None:
    first, second, third = (
        offices.take(session, cast.body, person, Office.SUBSTITUTE, date(2026, 1, 1), NOW.date(), order)
        for person, order in ((cast.owner, 1), (cast.outsider, 2), (cast.contributor, None))
    )
    session.commit()
    path = f"/deltakere/organ/{cast.body.id}"

    def order() -> list[int | None]:
        session.rollback()
        for each in (first, second, third):
            session.refresh(each)
        return [each.substitute_order for each in (first, second, third)]

    secretary.post(f"{path}/verv/{third.id}/opp")
    assert order() == [1, 3, 2]
    secretary.post(f"{path}/verv/{third.id}/opp")
    assert order() == [2, 3, 1]
    secretary.post(f"{path}/verv/{third.id}/opp")
    assert order() == [2, 3, 1]
    page = secretary.get(path).text
    assert page.index("1. vara") < page.index("2. vara") < page.index("3. vara")
    secretary_office = next(m for m in cast.body.memberships if m.office is Office.SECRETARY)
    assert secretary.post(f"{path}/verv/{secretary_office.id}/opp").status_code == 404
