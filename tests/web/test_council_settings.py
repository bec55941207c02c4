"""The council's names: kept, looked at before they are kept, and only by its secretaries."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_task
from tests.web.conftest import SignInAs, Visitor
from tracker.program import Program

ADDRESS = "/innstillinger/raadet"
FORM = {"name": "  Ærfjord  interkommunale råd ", "short_name": "Ærfjord", "language": "nn"}


def test_the_names_are_kept_and_shown(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor = sign_in_as(cast.secretary)
    slug = cast.organisation.slug
    assert visitor.post(ADDRESS, FORM).status_code == 303
    page = visitor.get("/status").text
    assert "Ærfjord interkommunale råd" in page
    assert '<span class="topbar__council">Ærfjord</span>' in page
    session.refresh(cast.organisation)
    assert (cast.organisation.language, cast.organisation.slug) == ("nn", slug)
    assert "Endret navn, farge eller språk for rådet" in visitor.get("/innstillinger/logg").text


def test_an_empty_short_name_is_the_name(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    sign_in_as(cast.secretary).post(ADDRESS, {**FORM, "short_name": " "})
    session.refresh(cast.organisation)
    assert cast.organisation.short_name == "Ærfjord interkommunale råd"


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [("#FFCC00", "#ffcc00"), (" #ffffff ", "#ffffff"), ("#0A5566", ""), ("", "")],
    ids=["yellow", "white", "our own", "none"],
)
def test_the_colour_is_kept_and_painted_with(
    sign_in_as: SignInAs, cast: Cast, session: Session, chosen: str, kept: str
) -> None:
    visitor = sign_in_as(cast.secretary)
    assert visitor.post(ADDRESS, {**FORM, "colour": chosen}).status_code == 303
    session.refresh(cast.organisation)
    assert cast.organisation.colour == kept
    links = re.findall(r'href="(/static/colour/[^"]+)"', sign_in_as(cast.owner).get("/oppgaver").text)
    assert len(links) == bool(kept)
    for link in links:
        sheet = visitor.get(link)
        assert (sheet.status_code, sheet.mimetype) == (200, "text/css")
        assert "immutable" in sheet.headers["Cache-Control"]
        assert "--ds-color-accent-base-default:" in sheet.text


def test_the_public_page_and_the_answer_pages_have_the_colour(
    sign_in_as: SignInAs, visitor: Visitor, cast: Cast, session: Session, program: Program, now: datetime
) -> None:
    cast.organisation.colour, cast.body.public = "#ffcc00", True
    part = make_task(session, cast, now).owners[0]
    session.commit()
    answer = program.links.answer(part.id, part.task.version).removeprefix("http://localhost")
    for path in (f"/r/{cast.organisation.slug}/{cast.body.id}", answer):
        assert "/static/colour/ffcc00.css" in visitor.get(path).text
    assert "/static/colour/" not in sign_in_as(cast.stranger).get("/oppgaver").text


@pytest.mark.parametrize("given", ["gul", "#ffcc0", "#ffcc00;}", "url(x)", "#GGGGGG"])
def test_what_is_no_colour_is_refused(sign_in_as: SignInAs, cast: Cast, session: Session, given: str) -> None:
    answer = sign_in_as(cast.secretary).post(ADDRESS, {**FORM, "colour": given})
    assert answer.status_code == 422
    assert 'href="#colour"' in answer.text
    session.refresh(cast.organisation)
    assert cast.organisation.colour == ""


@pytest.mark.parametrize("name", ["ffcc0.css", "FFCC00.css", "ffcc00.css.css", "ffcc00", "../ffcc00.css"])
def test_only_colours_are_sheets(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/static/colour/{name}").status_code == 404


def test_looking_keeps_nothing(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    answer = sign_in_as(cast.secretary).post(f"{ADDRESS}/visning", FORM)
    preview = answer.text[answer.text.index('id="preview"') :]
    assert '<p class="overline">Ærfjord interkommunale råd</p>' in preview
    session.refresh(cast.organisation)
    assert cast.organisation.name == "Elvedal interkommunale råd"


@pytest.mark.parametrize("path", [ADDRESS, f"{ADDRESS}/visning"])
@pytest.mark.parametrize(("change", "field"), [({"name": " "}, "name"), ({"language": "xx"}, "language")])
def test_what_is_missing_is_pointed_out(
    sign_in_as: SignInAs, cast: Cast, path: str, change: dict[str, str], field: str
) -> None:
    answer = sign_in_as(cast.secretary).post(path, {**FORM, **change})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_members_and_others_change_nothing(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    for person in (cast.owner, cast.stranger):
        assert sign_in_as(person).post(ADDRESS, FORM).status_code == 403
    session.refresh(cast.organisation)
    assert cast.organisation.name == "Elvedal interkommunale råd"
