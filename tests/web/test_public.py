"""What everybody may see."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.web.conftest import SignInAs, Visitor
from tracker.program import Program


def test_the_front_door_leads_to_sign_in_or_to_ones_own_day(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast
) -> None:
    assert visitor.get("/").location == "/logg-inn"
    assert sign_in_as(cast.owner).get("/").location == "/oppgaver"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/hjelp", "Ingenting går ut før du trykker Send."),
        ("/personvern", "ingen sporing"),
        ("/tilgjengelighet", "ikke prøvd med skjermleser"),
    ],
)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_statements_are_for_everybody(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast, path: str, words: str, language: str
) -> None:
    answer = visitor.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    if language == "nb":
        assert words in answer.text
    assert sign_in_as(cast.owner).get(path).status_code == 200


def test_a_monitor_is_told_whether_the_database_answers(visitor: Visitor, program: Program) -> None:
    answer = visitor.get("/health")
    assert (answer.status_code, answer.json) == (200, {"database": "ok"})


def test_a_monitor_is_told_when_the_database_is_away(
    visitor: Visitor, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.orm import Session

    def away(*_given: object, **_more: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("host db.internal is away"))

    monkeypatch.setattr(Session, "execute", away)
    answer = visitor.get("/health")

    assert (answer.status_code, answer.json) == (503, {"database": "unavailable"})


def test_search_engines_are_kept_out(visitor: Visitor) -> None:
    answer = visitor.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /\n" in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/deltakere/x", "/%ff"])
def test_a_page_that_is_not_there_says_so(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path, headers={"Accept-Language": "nb"})
    assert answer.status_code == 404
    assert "Vi fant ikke siden" in answer.text


def test_a_static_file_that_is_not_there_gets_the_page_that_says_so(visitor: Visitor) -> None:
    assert visitor.get("/static/nope.css").status_code == 404


def test_a_number_that_no_row_can_have_is_a_page_that_is_not_there(cast: Cast, sign_in_as: SignInAs) -> None:
    for path in ("/oppgaver/", "/moter/", "/vedtak/", "/referat/", "/utboks/", "/deltakere/"):
        assert sign_in_as(cast.secretary).get(f"{path}99999999999").status_code == 404
