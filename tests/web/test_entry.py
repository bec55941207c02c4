"""A task by hand in a browser without JavaScript: line, preview, save."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.conftest import SignInAs, Visitor
from tracker.models import Person, Task

LINE = "Nils Arne lager program innen 1. april"


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count(Task.id))) or 0


def test_a_line_is_shown_as_it_is_read_and_saved(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    browser = sign_in_as(cast.secretary)
    page = browser.get("/oppgaver/ny", query_string={"tekst": LINE}).text
    for words in ("Lage program", "Nils Arne Holmen", "onsdag 1.\xa0april 2026", "fra «innen 1. april»"):
        assert words in page
    assert count(session) == 0  # a preview writes nothing
    answer = browser.post("/oppgaver/ny", {"tekst": LINE})
    assert answer.status_code == 303
    shown = browser.get(answer.headers["Location"]).text
    assert "Oppgaven er lagt inn. Nils Arne Holmen får e-post." in shown
    assert LINE in shown  # in its history
    assert count(session) == 1


def test_two_of_a_name_are_asked_about(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    session.add(Person(organisation_id=cast.organisation.id, name="Kari <b>Lund"))
    session.commit()
    browser = sign_in_as(cast.secretary)
    answer = browser.post("/oppgaver/ny", {"tekst": "Kari ringer fylket"})
    assert answer.status_code == 422
    assert "Velg hvem «Kari» er." in answer.text
    assert 'href="#hvem-0"' in answer.text
    assert "Kari &lt;b&gt;Lund" in answer.text
    form = {"tekst": "Kari ringer fylket", "hvem-0": str(cast.contributor.id)}
    assert browser.post("/oppgaver/ny", form).status_code == 303
    assert count(session) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "Skriv hva som skal gjøres."),
        ("x" * 301, "høyst 300 tegn"),
        ("\x00", "Skriv hva som skal gjøres."),
    ],
)
def test_what_cannot_be_a_task_is_said(
    sign_in_as: SignInAs, cast: Cast, session: Session, line: str, said: str
) -> None:
    browser = sign_in_as(cast.secretary)
    for answer in (
        browser.post("/oppgaver/ny", {"tekst": line}),
        browser.get("/oppgaver/ny", query_string={"tekst": line}),
        browser.get("/oppgaver/ny/forslag", query_string={"tekst": line}),
    ):
        assert answer.status_code in (200, 422)
    assert said in browser.post("/oppgaver/ny", {"tekst": line}).text
    assert count(session) == 0


def test_a_member_enters_their_own_and_is_told_why_no_others(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    browser = sign_in_as(cast.leader)
    assert "Oppgaven blir din egen." in browser.get("/oppgaver/ny/forslag?tekst=Ringe+fylket").text
    refused = browser.post("/oppgaver/ny", {"tekst": LINE})
    assert refused.status_code == 422
    assert "Bare sekretæren kan gi oppgaver til andre." in refused.text
    assert LINE in refused.text
    assert browser.post("/oppgaver/ny", {"tekst": "Ringe fylket"}).status_code == 303


def test_who_is_in_no_body_is_told_so(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    person = Person(organisation_id=cast.organisation.id, name="Ny Mann", email="ny@x.example")
    session.add(person)
    session.commit()
    browser = sign_in_as(person)
    assert "ikke med i noe organ" in browser.get("/oppgaver/ny?tekst=Rydde").text
    assert browser.post("/oppgaver/ny", {"tekst": "Rydde"}).status_code == 403


def test_the_box_is_on_every_page_for_those_signed_in(
    sign_in_as: SignInAs, visitor: Visitor, cast: Cast
) -> None:
    browser = sign_in_as(cast.leader)
    for path in ("/oppgaver", "/moter", "/vedtak", "/sok"):
        page = browser.get(path).text
        assert 'id="quick"' in page, path
        assert "data-shortcuts" not in page
    assert 'id="quick"' not in visitor.get("/logg-inn").text
    browser.post("/innstillinger/meg", {"language": "nb", "shortcuts": "0"})
    assert 'data-shortcuts="off"' in browser.get("/moter").text
    assert re.search(r'value="0" checked', browser.get("/innstillinger/meg").text)
