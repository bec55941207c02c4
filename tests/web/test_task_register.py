"""The register of tasks in a browser: filters in the address, files, marks and undo, saved selections."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs
from tests.web.story import Story, tell
from tracker.models import Task, TaskStatus


@pytest.fixture
def story(session: Session, cast: Cast) -> Story:
    return tell(session, cast, NOW)


def marks(page: str) -> list[str]:
    return re.findall(r'name="oppgave" value="(\d+:\d+)"', page)


def test_the_filters_stand_in_the_address(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    browser = sign_in_as(cast.leader)
    assert "6 oppgaver" in browser.get("/oppgaver/alle").text
    late = browser.get("/oppgaver/alle?status=overdue").text
    assert "Sende ut møteplanen" in late
    assert "Finne sted" not in late
    assert "Ingen oppgaver passer" in browser.get("/oppgaver/alle?q=tullball").text
    odd = "/oppgaver/alle?status=x&organ=-1&fra=2026-99-99&til=%00&sorter=%22&side=99999999&mote=a&q=%00%22"
    assert browser.get(odd).status_code == 200
    assert browser.get("/oppgaver?hvem=alle").headers["Location"] == "/oppgaver/alle"


def test_a_file_holds_what_is_seen_and_nothing_restricted(
    sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    browser = sign_in_as(cast.leader)
    rows = json.loads(browser.get("/oppgaver.json?status=overdue").data)
    assert [(row["Oppgave"], row["Frist"]) for row in rows] == [("Sende ut møteplanen", "2026-02-27")]
    for kind in ("csv", "xlsx", "json"):
        answer = browser.get(f"/oppgaver.{kind}")
        assert f'.{kind}"' in answer.headers["Content-Disposition"]
        assert b"Hemmelig" not in answer.data
    assert "Unntatt offentlighet" in browser.get("/oppgaver.csv").text
    assert sign_in_as(cast.stranger).get("/oppgaver.json").text == "[]"


def test_marked_tasks_are_changed_and_taken_back(
    sign_in_as: SignInAs, cast: Cast, story: Story, session: Session
) -> None:
    browser = sign_in_as(cast.secretary)
    numbers = [story.tasks[name].id for name in ("open", "late")]
    page = browser.get("/oppgaver/merkede?" + "&".join(f"oppgave={n}" for n in numbers)).text
    assert "Endre 2 oppgaver" in page
    chosen = sorted(set(marks(page)))
    answer = browser.post(
        "/oppgaver/merkede", {"oppgave": chosen, "gjor": "utfort", "utvalg": "status=overdue&_external=1"}
    )
    assert answer.status_code == 303
    there = answer.headers["Location"]
    assert there.startswith("/oppgaver/alle?status=overdue&endring=")
    said = browser.get(there).text
    assert "2 oppgaver er endret." in said
    session.rollback()
    session.expire_all()
    assert [session.get_one(Task, n).status for n in numbers] == [TaskStatus.DONE] * 2
    undo = re.search(r'action="(/oppgaver/merkede/\d+/angring)"', said)
    assert undo is not None
    back = browser.post(undo[1], {"utvalg": ""})
    assert "Angret. Oppgavene er som før." in browser.get(back.headers["Location"]).text
    session.rollback()
    session.expire_all()
    assert [session.get_one(Task, n).status for n in numbers] == [TaskStatus.OPEN] * 2
    assert browser.post(undo[1]).status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"gjor": "frist", "frist": ""}, "Velg en dato."),
        ({"gjor": "frist", "frist": "2026-04-04"}, "Fristen er en dag ingen arbeider."),
        ({"gjor": "ansvarlig", "ansvarlig": ""}, "Velg hvem som har ansvaret."),
        ({"gjor": "utgar", "grunn": ""}, "Skriv hvorfor oppgavene utgår."),
        ({"gjor": "tull"}, "Velg hva du vil gjøre."),
        ({"gjor": "utfort", "oppgave": []}, "Merk minst én oppgave først."),
        ({"gjor": "utfort", "oppgave": ["x", "1:", ":2"]}, "Merk minst én oppgave først."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_changed(
    sign_in_as: SignInAs, cast: Cast, story: Story, session: Session, form: dict[str, object], said: str
) -> None:
    task = story.tasks["open"]
    answer = sign_in_as(cast.secretary).post(
        "/oppgaver/merkede", {"oppgave": [f"{task.id}:{task.version}"], **form}
    )
    assert answer.status_code == 422
    assert said in answer.text
    session.rollback()
    session.expire_all()
    assert session.get_one(Task, task.id).is_open


def test_marks_are_for_the_secretary(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    assert "Endre de merkede" not in sign_in_as(cast.leader).get("/oppgaver/alle").text
    assert sign_in_as(cast.leader).get("/oppgaver/merkede?oppgave=1").status_code == 403
    assert sign_in_as(cast.secretary).get("/oppgaver/merkede?oppgave=99999").status_code == 403


def test_a_selection_is_saved_used_and_deleted(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    browser = sign_in_as(cast.leader)
    answer = browser.post("/utvalg", {"hvor": "tasks", "utvalg": "status=overdue", "navn": "Mine <sene>"})
    assert answer.headers["Location"] == "/oppgaver/alle?status=overdue"
    page = browser.get("/oppgaver/alle").text
    assert 'href="/oppgaver/alle?status=overdue">Mine &lt;sene&gt;</a>' in page
    forget = re.search(r"/utvalg/\d+/sletting", page)
    assert forget is not None
    assert sign_in_as(cast.owner).post(forget[0]).status_code == 404
    assert browser.post(forget[0]).status_code == 303
    assert "Mine &lt;sene&gt;" not in browser.get("/oppgaver/alle?status=open").text
    assert browser.post("/utvalg", {"utvalg": "x" * 5000, "navn": ""}).status_code == 303
