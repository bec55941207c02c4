"""Settings: the rhythm of a body, one's own pause, one's own language."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import make_task
from tests.web.conftest import SignInAs
from tracker.models import Body
from tracker.rules.reminders import Rhythm
from tracker.services import remind

RHYTHM = {
    "on_assignment": "1", "days_before": "7", "working_days_before": "1", "overdue_after": "3",
    "overdue_every": "7", "overdue_most": "3", "hour": "07:00",
}  # fmt: skip


def test_the_page_tells_the_days_of_an_example(sign_in_as: SignInAs, cast: Cast) -> None:
    page = sign_in_as(cast.secretary).get(f"/innstillinger/paaminnelser?organ={cast.body.id}").text

    assert "med frist mandag 23.\u00a0mars 2026" in page
    timeline = page[page.index('class="timeline"') :]
    days = [
        "Mandag 2.\u00a0mars kl.\u00a009.00", "Mandag 16.\u00a0mars kl.\u00a007.00",
        "Fredag 20.\u00a0mars", "Torsdag 26.\u00a0mars", "Tirsdag 7.\u00a0april", "Torsdag 9.\u00a0april",
    ]  # fmt: skip
    places = [timeline.index(day) for day in days]
    assert places == sorted(places)
    assert "Flyttet fra torsdag 2.\u00a0april" in timeline  # skjærtorsdag
    assert "Deretter står oppgaven på listen til Berit Kampen." in timeline


def test_the_rhythm_is_kept(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor = sign_in_as(cast.secretary)
    form = {**RHYTHM, "organ": cast.body.id, "days_before": "14", "overdue_most": "1", "hour": "06:30"}
    del form["on_assignment"]

    answer = visitor.post("/innstillinger/paaminnelser", form)

    assert "Lagret kl. 09.00. Gjelder fra neste morgen." in visitor.get(answer.location).text
    session.refresh(cast.body)
    rhythm = cast.body.rhythm
    assert (rhythm.on_assignment, rhythm.days_before, rhythm.overdue_most) == (False, 14, 1)
    assert f"{rhythm.hour:%H.%M}" == "06.30"
    other = session.get_one(Body, cast.other_body.id)
    assert other.rhythm == Rhythm()


def test_looking_at_another_rhythm_keeps_nothing(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    form = {**RHYTHM, "organ": cast.body.id, "days_before": "0", "working_days_before": "0"}
    page = sign_in_as(cast.secretary).post("/innstillinger/paaminnelser/visning", form).text

    timeline = page[page.index('class="timeline"') :]
    assert "Påminnelse" not in timeline
    assert "Purring 3" in timeline
    session.refresh(cast.body)
    assert cast.body.rhythm == Rhythm()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"days_before": "46"}, "days_before"),
        ({"days_before": "-1"}, "days_before"),
        ({"days_before": ""}, "days_before"),
        ({"days_before": "²"}, "days_before"),
        ({"days_before": "9" * 5000}, "days_before"),
        ({"days_before": "1"}, "days_before"),
        ({"working_days_before": "11"}, "working_days_before"),
        ({"overdue_every": "0"}, "overdue_every"),
        ({"overdue_most": "4"}, "overdue_most"),
        ({"hour": "23:00"}, "hour"),
        ({"hour": "07:00+02:00"}, "hour"),
        ({"hour": "x"}, "hour"),
    ],
)
@pytest.mark.parametrize("path", ["/innstillinger/paaminnelser", "/innstillinger/paaminnelser/visning"])
def test_a_rhythm_that_cannot_be_is_pointed_out(
    sign_in_as: SignInAs, cast: Cast, session: Session, change: dict[str, str], field: str, path: str
) -> None:
    answer = sign_in_as(cast.secretary).post(path, {**RHYTHM, "organ": cast.body.id, **change})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    session.refresh(cast.body)
    assert cast.body.rhythm == Rhythm()


def test_a_rhythm_is_set_by_the_secretary_of_the_body(sign_in_as: SignInAs, cast: Cast) -> None:
    form = {**RHYTHM, "organ": cast.other_body.id}
    assert sign_in_as(cast.secretary).post("/innstillinger/paaminnelser", form).status_code == 404
    assert sign_in_as(cast.owner).post("/innstillinger/paaminnelser", form).status_code == 403
    assert sign_in_as(cast.owner).get("/innstillinger/paaminnelser").status_code == 403
    assert "Påminnelser</a>" not in sign_in_as(cast.owner).get("/innstillinger").text


def test_a_pause_keeps_reminders_back(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    make_task(session, cast, NOW - timedelta(days=30), due_on=date(2026, 3, 20))
    make_task(session, cast, NOW - timedelta(days=30), due_on=date(2026, 3, 27))
    session.commit()
    visitor = sign_in_as(cast.owner)

    form = {"from": "2026-03-09", "until": "2026-03-20"}
    answer = visitor.post("/innstillinger/pause", form)

    page = visitor.get(answer.location).text
    assert "Du har pause 9.\u2060–\u206020.\u00a0mars 2026" in page
    assert "3 påminnelser faller i pausen." in page  # 13., 19. and 20. March
    assert "i én e-post mandag 23.\u00a0mars 2026" in page
    assert remind.remind_all(session, NOW + timedelta(days=11)) == 0
    session.rollback()
    assert visitor.post("/innstillinger/pause/slutt").status_code == 303
    session.rollback()
    assert remind.remind_all(session, NOW + timedelta(days=11)) == 1


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("", "2026-03-20", "Velg den første dagen."),
        ("2026-03-20", "", "Velg den siste dagen."),
        ("2026-03-20", "2026-03-19", "Pausen slutter før den begynner."),
        ("2026-02-01", "2026-03-01", "Velg en dato fra i dag av."),
        ("2026-03-20", "2029-03-19", "Velg en dato innen ett år."),
    ],
)
def test_a_pause_that_cannot_be_is_pointed_out(
    sign_in_as: SignInAs, cast: Cast, session: Session, first: str, last: str, sentence: str
) -> None:
    answer = sign_in_as(cast.owner).post("/innstillinger/pause", {"from": first, "until": last})
    assert answer.status_code == 422
    assert sentence in answer.text
    session.refresh(cast.owner)
    assert cast.owner.pause_until is None


def test_suggested_pauses_are_the_next_ones(sign_in_as: SignInAs, cast: Cast) -> None:
    page = sign_in_as(cast.owner).get("/innstillinger/pause").text
    assert "fra=2026-03-28&amp;til=2026-04-06" in page  # Easter 2026
    assert 'value="2026-07-01"' in sign_in_as(cast.owner).get("/innstillinger/pause?fra=2026-07-01").text


def test_the_next_page_is_in_the_language_chosen(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor = sign_in_as(cast.owner)
    assert visitor.post("/innstillinger/meg", {"language": "nn"}).status_code == 303
    assert '<html lang="nn"' in visitor.get("/innstillinger/meg").text
    assert visitor.post("/innstillinger/meg", {"language": "xx"}).status_code == 422
    session.refresh(cast.owner)
    assert cast.owner.language == "nn"
