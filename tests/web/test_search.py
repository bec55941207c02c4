"""The search page: hits with marks, kind words for anything that is typed, and nothing for strangers."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.services.test_worklist import counted
from tests.web.conftest import SignInAs, Visitor
from tests.web.story import tell
from tracker.program import Program


def test_hits_are_marked_and_lead_to_their_pages(sign_in_as: SignInAs, session: Session, cast: Cast) -> None:
    story = tell(session, cast, NOW)
    page = sign_in_as(cast.owner).get("/sok?q=samling").text
    assert "Finne sted til <mark>samlingen</mark>" in page
    assert f'href="/oppgaver/{story.tasks["open"].id}"' in page
    assert "Unntatt offentlighet" in sign_in_as(cast.owner).get("/sok?q=hemmelig").text
    for person in (cast.outsider, cast.stranger):
        assert "<mark>" not in sign_in_as(person).get("/sok?q=samling").text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "Skriv ett eller flere ord."),
        ("AND (", "Ingen treff"),
        ('"""', "Skriv ett eller flere ord."),
        ("x" * 10_000, "Søket var langt."),
        ("\x00", "Skriv ett eller flere ord."),
        ("<script>alert(1)</script>", "Ingen treff"),
    ],
)
def test_anything_that_is_typed_gives_a_kind_page(
    sign_in_as: SignInAs, cast: Cast, given: str, said: str
) -> None:
    answer = sign_in_as(cast.owner).get("/sok", query_string={"q": given})
    assert answer.status_code == 200
    assert said in answer.text
    assert "<script>alert" not in answer.text


def test_searching_wants_a_signed_in_person(visitor: Visitor) -> None:
    assert visitor.get("/sok?q=samling").status_code == 303


def test_a_search_asks_the_register_little(
    sign_in_as: SignInAs, session: Session, cast: Cast, program: Program
) -> None:
    tell(session, cast, NOW)
    visitor = sign_in_as(cast.secretary)
    with counted(program.reader) as statements:
        assert "<mark>" in visitor.get("/sok?q=samling").text
    assert 0 < len([s for s in statements if s.startswith("SELECT")]) <= 6
