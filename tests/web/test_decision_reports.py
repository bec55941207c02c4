"""The report of earlier decisions on a page, and the files that go with it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.story import tell

ADDRESS = "/rapporter/vedtak"


def test_the_page_links_to_the_same_report_as_files(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    tell(session, cast, NOW)
    page = sign_in_as(cast.owner).get(f"{ADDRESS}?organ={cast.body.id}&periode=aapne").text
    for kind in ("pdf", "docx", "csv"):
        assert f'href="{ADDRESS}.{kind}?organ={cast.body.id}&amp;periode=aapne"' in page
    assert "Finne sted til samlingen" in page
    assert "Lage program" not in page  # done
    assert "Hemmelig" not in page


@pytest.mark.parametrize(
    ("kind", "start"), [("pdf", b"%PDF-"), ("docx", b"PK"), ("csv", b"\xef\xbb\xbfUtvalg;")]
)
def test_each_file_is_one_to_keep(
    sign_in_as: SignInAs, cast: Cast, session: Session, kind: str, start: bytes
) -> None:
    tell(session, cast, NOW)
    answer = sign_in_as(cast.owner).get(f"{ADDRESS}.{kind}?periode=2026")
    assert answer.status_code == 200
    assert answer.data.startswith(start)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="oppfolging-2026-03-02.{kind}"'


def test_an_empty_report_says_what_to_do(sign_in_as: SignInAs, cast: Cast) -> None:
    page = sign_in_as(cast.owner).get(f"{ADDRESS}?periode=aapne").text
    assert "Velg en annen periode eller et annet organ." in page
    assert ".pdf" not in page


@pytest.mark.parametrize("kind", ["", ".pdf", ".docx", ".csv"])
def test_it_is_for_those_who_have_signed_in(visitor: Visitor, cast: Cast, kind: str) -> None:
    assert visitor.get(ADDRESS + kind).location.startswith("/logg-inn?videre=")
