"""The page of the year: charts that say what they show, and the same numbers in tables."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs
from tests.web.story import tell
from tracker.services.yearly import Numbers
from tracker.web import charts


def test_every_chart_has_a_title_a_text_and_a_table(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    tell(session, cast, NOW)
    page = sign_in_as(cast.owner).get("/rapporter/aar/2026").text
    drawn = re.findall(r"<svg class=\"chart.*?</svg>", page, re.S)
    assert len(drawn) == page.count('<table class="ds-table figures"') == 2  # one body: no chart of bodies
    for svg in drawn:
        title, text = re.search(r'aria-labelledby="(\S+) (\S+)"', svg).groups()  # type: ignore[union-attr]
        assert re.search(rf'<title id="{title}">\S', svg)
        assert re.search(rf'<desc id="{text}">\S', svg)
    assert "2 vedtak, 1 oppgave utført, 1 over fristen ved utgangen" in drawn[0]
    assert '<th scope="row">desember</th>' in page
    assert 'href="/rapporter/aar/2025"' in page
    assert 'href="/rapporter/aar/2027"' not in page


@pytest.mark.parametrize("number", ["0", "1899", "2201", "99999"])
def test_a_year_that_cannot_be_is_not_found(sign_in_as: SignInAs, cast: Cast, number: str) -> None:
    assert sign_in_as(cast.owner).get(f"/rapporter/aar/{number}").status_code == 404


def test_a_year_without_anything_says_so(sign_in_as: SignInAs, cast: Cast) -> None:
    assert "Ingenting er vedtatt" in sign_in_as(cast.owner).get("/rapporter/aar/2026").text


@pytest.mark.parametrize(
    ("most", "top", "lines"),
    [
        (0, 1, 2),
        (1, 1, 2),
        (4, 4, 5),
        (5, 6, 4),
        (20, 20, 5),
        (21, 30, 4),
        (1999, 2000, 5),
        (10**6, 10**6, 3),
    ],
)
def test_the_axis_ends_at_a_number_that_is_easy_to_read(most: int, top: int, lines: int) -> None:
    figure = charts.columns([("jan.", Numbers(most, 0, None))])
    assert (figure.grid[-1].text, len(figure.grid)) == (str(top), lines)
    assert [column.kind for column in figure.columns] == ["decided", "done"]
    assert all(column.y >= charts.COLUMNS_TOP for column in figure.columns)
