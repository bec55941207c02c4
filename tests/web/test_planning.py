"""Calling meetings on the pages: one, the plan of a year, and that plan on paper."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.conftest import SignInAs, Visitor
from tests.web.test_every_page import writes
from tests.web.test_tasks import text_of
from tracker.models import Meeting, MeetingKind, Message
from tracker.program import Program

ONE = {
    "kind": "meeting", "title": "Møte i rådet", "starts_on": "2026-04-20", "days": "1", "starts_at": "10:00",
    "ends_at": "12:00", "place": "https://mote.example/radet", "register_by": "",
}  # fmt: skip
RULE = {
    "title": "Møte i rådet", "starts_on": "2027-01-01", "until": "2027-12-31", "days": "1",
    "starts_at": "10:00", "ends_at": "12:00", "place": "", "rhythm": "m1", "weekday": "0",
    "every": "1", "summer_off": "1",
}  # fmt: skip
FIELD = re.compile(r'name="day-(\d+)" type="date" value="([^"]+)"')
USED = re.compile(r'name="use-(\d+)" value="1" checked')


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def meetings(session: Session) -> list[Meeting]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Meeting).order_by(Meeting.starts_on)))


def test_the_form_is_filled_in_as_usual(secretary: Visitor) -> None:
    page = secretary.get("/moter/nytt").text
    for value in ('value="2026-03-16"', 'value="10:00"', 'value="Møte i rådet"'):
        assert value in page
    page = secretary.get("/moter/nytt?slag=gathering").text
    assert all(value in page for value in ('value="2"', 'value="12:00"', 'value="13:00"'))
    assert "Påmelding innen" in page


def test_a_meeting_that_is_called_is_on_its_page_and_nobody_is_mailed(
    secretary: Visitor, session: Session, cast: Cast
) -> None:
    form = {**ONE, "body": str(cast.body.id)}
    answers = [secretary.post("/moter/nytt", form) for _press in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    (made,) = meetings(session)
    assert {answer.headers["Location"] for answer in answers} == {f"/moter/{made.id}"}
    page = secretary.get(f"/moter/{made.id}").text
    assert "Møte i rådet" in page
    assert "https://mote.example/radet" in page
    assert session.scalars(select(Message)).all() == []


def test_a_gathering_has_a_last_day_to_register(secretary: Visitor, session: Session, cast: Cast) -> None:
    form = {
        **ONE, "kind": "gathering", "title": "Samling", "days": "2", "starts_at": "12:00", "ends_at": "13:00",
        "register_by": "2026-04-01", "body": str(cast.body.id),
    }  # fmt: skip
    assert secretary.post("/moter/nytt", form).status_code == 303
    (made,) = meetings(session)
    assert (made.kind, made.ends_on, made.ends_at, made.register_by) == (
        MeetingKind.GATHERING,
        date(2026, 4, 21),
        time(13),
        date(2026, 4, 1),
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Skriv hva møtet heter."),
        ({"starts_on": "i morgen"}, "Velg en dato."),
        ({"starts_on": "2026-03-01"}, "Velg en dato fra i dag av."),
        ({"ends_at": "09:00"}, "Møtet slutter før det begynner."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(
    secretary: Visitor, session: Session, cast: Cast, wrong: dict[str, str], said: str
) -> None:
    answer = secretary.post("/moter/nytt", {**ONE, "body": str(cast.body.id), **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="https://mote.example/radet"' in answer.text
    assert meetings(session) == []


def test_only_the_secretary_of_the_body_calls_it(
    secretary: Visitor, sign_in_as: SignInAs, session: Session, cast: Cast
) -> None:
    member = sign_in_as(cast.owner)
    for path in ("/moter/nytt", "/moter/moteplan/ny"):
        assert member.get(path).status_code == 403
        assert member.post(path, {**ONE, "body": str(cast.body.id)}).status_code == 403
    assert secretary.post("/moter/nytt", {**ONE, "body": str(cast.other_body.id)}).status_code == 404
    assert meetings(session) == []


def test_a_year_is_called_by_a_rule_with_single_days_changed(
    secretary: Visitor, session: Session, cast: Cast, program: Program
) -> None:
    rule = {**RULE, "body": str(cast.body.id), "rhythm": "w4"}
    with writes(program.engine) as written:
        page = secretary.post("/moter/moteplan/ny/visning", rule).text
    assert not written
    days, used = dict(FIELD.findall(page)), USED.findall(page)
    assert len(days) == 13
    easter = next(number for number, day in days.items() if day == "2027-03-29")
    assert easter not in used
    assert "Andre påskedag" in page
    chosen = {f"day-{number}": day for number, day in days.items()} | {f"use-{n}": "1" for n in used}
    chosen[f"day-{used[0]}"] = "2027-01-06"
    for _press in range(2):
        answer = secretary.post("/moter/moteplan/ny", {**rule, **chosen})
        assert answer.status_code == 303
    made = meetings(session)
    assert len(made) == len(used)
    assert made[0].starts_on == date(2027, 1, 6)
    assert not any(meeting.starts_on.month == 7 for meeting in made)
    plan = text_of(secretary.get(answer.headers["Location"]).text)
    assert "Møteplan 2027" in plan
    assert "onsdag 6. januar 2027" in plan.lower()
    again = secretary.post("/moter/moteplan/ny/visning", rule).text
    assert "Organet har noe denne dagen fra før." in again


def test_a_rule_without_days_and_days_that_are_none_are_said(
    secretary: Visitor, session: Session, cast: Cast
) -> None:
    rule = {**RULE, "body": str(cast.body.id)}
    for wrong, said in (
        ({"until": "2026-12-31"}, "Siste dag er før den første."),
        ({"until": "2027-01-02"}, "Regelen gir ingen datoer."),
        ({"rhythm": "daglig"}, "Velg hvor ofte."),
    ):
        answer = secretary.post("/moter/moteplan/ny/visning", {**rule, **wrong})
        assert answer.status_code == 422
        assert said in answer.text
    for days, said in (
        ({"day-1": "2027-01-04"}, "Velg minst én dato."),
        ({"day-1": "tull", "use-1": "1"}, "Velg en dato."),
        (
            {"day-1": "2027-01-04", "use-1": "1", "day-2": "2020-01-06", "use-2": "1"},
            "Velg en dato fra i dag av.",
        ),
    ):
        answer = secretary.post("/moter/moteplan/ny", {**rule, **days})
        assert answer.status_code == 422
        assert said in answer.text
    assert meetings(session) == []


def test_the_plan_on_paper_shows_a_year_of_ones_own_bodies(
    secretary: Visitor, sign_in_as: SignInAs, cast: Cast
) -> None:
    secretary.post("/moter/nytt", {**ONE, "body": str(cast.body.id)})
    assert "Møte i rådet" in sign_in_as(cast.owner).get("/moter/moteplan").text
    assert "data-print" in secretary.get("/moter/moteplan?aar=2026&utskrift=1").text
    for address in ("?aar=2027", "?aar=1066", "?aar=tull"):
        assert secretary.get(f"/moter/moteplan{address}").status_code == 200
    assert "Møte i rådet" not in secretary.get("/moter/moteplan?aar=2027").text
    assert "Møte i rådet" not in sign_in_as(cast.outsider).get("/moter/moteplan").text
