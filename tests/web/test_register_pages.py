"""Meetings, decisions and the status: what they show, to whom; and that no page changes anything."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from io import StringIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting
from tests.web.conftest import SignInAs
from tests.web.story import Story, answer_path, tell
from tests.web.test_tasks import text_of
from tracker.models import Base, MeetingKind
from tracker.program import Program
from tracker.rules.deadlines import DueKind, DueRule


@pytest.fixture
def story(session: Session, cast: Cast, now: datetime) -> Story:
    return tell(session, cast, now)


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_meetings_to_come_and_held(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    page = text_of(sign_in_as(cast.owner).get("/moter").text)
    assert page.index("Kommende") < page.index("Mandag 9. mars 2026") < page.index("Holdt")
    assert "Mandag 2. februar 2026 kl. 10.00 · Elvedalsrådet · Elvedal rådhus" in page
    assert "Referat mangler" in page
    assert "Legg inn referat" in sign_in_as(cast.secretary).get("/moter").text


def test_a_body_without_meetings_says_so(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    assert "Ingen møter er lagt inn." in sign_in_as(cast.outsider).get("/moter").text


def test_a_meeting_held_shows_who_came_and_what_was_decided(
    sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    page = text_of(sign_in_as(cast.owner).get(f"/moter/{story.held.id}").text)
    assert "Mandag 2. februar 2026 kl. 10.00–12.00 (uke 6)" in page
    assert "Til stede 1 Nils Arne Holmen Forfall Sigurd Lien" in page
    assert "Rådet holder samling." in page
    assert "Finne sted til samlingen Nils Arne Holmen · Frist fredag 20. mars 2026 I rute" in page


def test_a_coming_meeting_marks_what_is_only_proposed(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    page = text_of(sign_in_as(cast.owner).get(f"/moter/{story.coming.id}").text)
    assert "Felles innkjøp Forslag fra møtet mandag 2. februar 2026. Ikke vedtatt ennå. Forslag" in page
    assert "Oppfølging av tidligere vedtak" in page


def test_a_gathering_shows_the_deadlines_that_follow_it(
    session: Session, sign_in_as: SignInAs, cast: Cast, now: datetime, story: Story
) -> None:
    gathering = make_meeting(session, cast, now, date(2026, 4, 14), kind=MeetingKind.GATHERING)
    story.tasks["open"].set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    session.commit()
    page = text_of(sign_in_as(cast.owner).get(f"/moter/{gathering.id}").text)
    assert "Frister som følger datoen Finne sted til samlingen" in page
    assert "14 dager før" in text_of(sign_in_as(cast.owner).get(f"/oppgaver/{story.tasks['open'].id}").text)


def test_the_register_of_decisions_is_searched(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    browser = sign_in_as(cast.owner)
    everything = text_of(browser.get("/vedtak").text)
    assert "2 vedtak" in everything
    assert "Rådet holder samling. 0 av 1 utført Neste frist 20.3.2026 I rute" in everything
    assert "1 av 2 vedtak" in text_of(browser.get("/vedtak?q=samling").text)
    assert "Ingen vedtak passer med søket." in browser.get("/vedtak?q=finnesikke").text
    his = f"ansvarlig={cast.owner.id}&fra=2026-03-20&til=2026-03-20&mote={story.held.id}"
    page = browser.get(f"/vedtak?{his}&sorter=frist").text
    assert "2 av 2 vedtak" in text_of(page)
    file = re.search(r'href="(/vedtak\.csv[^"]*)"', page)
    assert file is not None
    assert "sorter=frist" in file[1]
    assert len(rows(browser.get(unescape(file[1])).data)) == 3  # a heading, and what is seen
    assert "0 av 2 vedtak" in text_of(browser.get(f"/vedtak?ansvarlig={cast.leader.id}").text)
    browser.post("/utvalg", {"hvor": "decisions", "navn": "Hans", "utvalg": his})
    assert text_of(browser.get("/vedtak").text).count("Hans") == 3  # said, the link, and what removes it


@pytest.mark.parametrize(
    "query",
    [
        "organ=x&aar=99999&status=tull&side=-1",
        "side=9999999999999999999",
        "sorter=';--",
        "q=%25",
        "fra=x&til=2026-13-99&mote=-1&ansvarlig=x",
    ],
)
def test_odd_searches_are_answered(sign_in_as: SignInAs, cast: Cast, story: Story, query: str) -> None:
    assert sign_in_as(cast.owner).get(f"/vedtak?{query}").status_code == 200


def test_a_decision_stands_in_its_own_words_with_what_came_of_it(
    sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    page = text_of(sign_in_as(cast.owner).get(f"/vedtak/{story.decision.id}").text)
    assert "«Rådet holder samling.»" in page
    assert "Finne sted til samlingen Nils Arne Holmen" in page
    assert "Berit Kampen la inn oppgaven fra referatet." in page


def test_decisions_can_be_taken_to_a_spreadsheet(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    answer = sign_in_as(cast.owner).get("/vedtak.csv?q=samling")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="vedtak-2026-03-02.csv"'
    head, row = rows(answer.data)
    assert (head[0], row[4], row[5]) == ("Utvalg", "Rådet holder samling.", "I rute")


def test_the_status_before_a_meeting(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    page = text_of(sign_in_as(cast.leader).get(f"/status/{story.coming.id}").text)
    assert "Status mandag 2. mars 2026, til møtet mandag 9. mars 2026" in page
    assert "1 utført 4 i rute 1 over fristen 1 uten ansvarlig" in page
    assert "Nils Arne Holmen ber om ny frist fredag 27. mars 2026. «Venter»" in page
    assert "Orientere kommunestyrene Ingen er satt som ansvarlig." in page
    assert "6 gjenstår" in page


def test_the_status_on_paper_offers_to_print(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    assert "data-print" not in sign_in_as(cast.owner).get("/status").text
    assert "data-print" in sign_in_as(cast.owner).get("/status?utskrift=1").text


def test_the_status_of_a_body_without_tasks(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    assert "Ingen oppgaver følges opp ennå." in sign_in_as(cast.outsider).get("/status").text


def test_the_status_as_a_spreadsheet_keeps_what_is_restricted_to_itself(
    sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    for path in ("/status.csv", f"/status/{story.coming.id}.csv"):
        table = rows(sign_in_as(cast.owner).get(path).data)
        assert len(table) == 9
        assert "Hemmelig" not in str(table)


def test_pages_of_a_body_are_not_for_others(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    for person in (cast.outsider, cast.stranger):
        browser = sign_in_as(person)
        for path in (
            f"/moter/{story.held.id}",
            f"/status/{story.coming.id}",
            f"/status/{story.coming.id}.csv",
            f"/vedtak/{story.decision.id}",
            f"/oppgaver/{story.tasks['open'].id}",
        ):
            assert browser.get(path).status_code == 404
        for path in ("/oppgaver", "/moter", "/vedtak", "/vedtak.csv", "/status", "/status.csv"):
            page = browser.get(path).text
            assert "Finne sted" not in page
            assert "Rådet holder samling" not in page


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: FlaskClient, story: Story) -> None:
    for path in ("/oppgaver", f"/oppgaver/{story.tasks['open'].id}", "/moter", "/vedtak", "/status"):
        answer = client.get(path)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/logg-inn")


def dump(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the register."""
    tables: MetaData = Base.metadata
    with engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))
            ]
            for table in tables.sorted_tables
        }


def paths(program: Program, cast: Cast, story: Story) -> Iterator[str]:
    yield from (
        "/oppgaver",
        "/oppgaver/alle",
        "/oppgaver.csv",
        "/oppgaver.xlsx",
        "/oppgaver.json",
        "/sok?q=sted",
        "/moter",
        "/vedtak",
        "/vedtak.csv",
        "/status",
        "/status.csv",
    )
    for task in story.tasks.values():
        yield from (f"/oppgaver/{task.id}", f"/oppgaver/{task.id}/endre", f"/oppgaver/{task.id}/slett")
    for meeting in (story.held, story.coming):
        yield from (f"/moter/{meeting.id}", f"/status/{meeting.id}", f"/status/{meeting.id}.csv")
    yield from (f"/vedtak/{story.decision.id}", f"/vedtak/{story.secret.id}")
    for name in ("open", "asked", "done", "dropped", "secret"):
        place = answer_path(program.links, story.part(name, cast.owner))
        yield from (place, f"{place}?svar=utfort", f"{place}/kvittering")
    yield program.links.pause(cast.owner.id).removeprefix(program.links.url)


def test_looking_at_any_page_changes_nothing(
    engine: Engine, sign_in_as: SignInAs, program: Program, cast: Cast, story: Story
) -> None:
    browser = sign_in_as(cast.secretary)
    before = dump(engine)
    for path in paths(program, cast, story):
        for _ in range(3):
            assert browser.client.get(path).status_code == 200, path
        assert browser.client.head(path).status_code == 200, path
    assert dump(engine) == before
