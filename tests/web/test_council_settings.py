"""The council's names: kept, looked at before they are kept, and only by its secretaries."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.conftest import SignInAs

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
    assert "Endret navnet på rådet" in visitor.get("/innstillinger/logg").text


def test_an_empty_short_name_is_the_name(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    sign_in_as(cast.secretary).post(ADDRESS, {**FORM, "short_name": " "})
    session.refresh(cast.organisation)
    assert cast.organisation.short_name == "Ærfjord interkommunale råd"


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
