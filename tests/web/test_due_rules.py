"""The secretary gives a task a deadline by rule, by hand: what the form offers, shows, keeps and refuses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import make_meeting, make_task
from tests.web.conftest import SignInAs, Visitor
from tests.web.test_tasks import text_of
from tracker.models import Meeting, MeetingKind, MeetingStatus, Task
from tracker.rules.deadlines import DueKind, DueRule

GATHERING = date(2026, 4, 22)


@pytest.fixture
def gathering(session: Session, cast: Cast) -> Meeting:
    """To come, with the next meeting on 9 March before it."""
    make_meeting(session, cast, NOW, date(2026, 3, 9))
    row = make_meeting(session, cast, NOW, GATHERING, title="Vårsamling", kind=MeetingKind.GATHERING)
    session.commit()
    return row


@pytest.fixture
def task(session: Session, cast: Cast, gathering: Meeting) -> Task:
    row = make_task(session, cast, NOW)
    session.commit()
    return row


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def form(task: Task, **due: object) -> dict[str, object]:
    """The form as it stands, with this deadline."""
    owner = task.owners[0].person_id
    return {"what": task.what, "owner": owner, "version": task.version, **due}


def kept(session: Session, task: Task) -> tuple[DueRule, date | None, int | None]:
    session.rollback()
    session.refresh(task)
    return task.due, task.due_on, task.due_event_id


@pytest.mark.parametrize(
    ("days", "working", "after", "rule", "day"),
    [
        ("14", "", "", DueRule(DueKind.EVENT, days=-14), date(2026, 4, 8)),
        ("3", "1", "", DueRule(DueKind.EVENT, days=-3, working=True), date(2026, 4, 17)),
        ("7", "", "1", DueRule(DueKind.EVENT, days=7), date(2026, 4, 29)),
        ("10", "1", "1", DueRule(DueKind.EVENT, days=10, working=True), date(2026, 5, 7)),  # 1 May is off
        ("0", "", "", DueRule(DueKind.EVENT), GATHERING),
    ],
)
def test_days_from_a_meeting(
    session: Session, secretary: Visitor, gathering: Meeting, task: Task,
    days: str, working: str, after: str, rule: DueRule, day: date,
) -> None:  # fmt: skip
    """Kept as a rule, so that it moves with the meeting; shown again as it was given."""
    due = {
        "due_kind": "event", "due_days": days, "due_working": working, "due_after": after,
        "due_event": gathering.id,
    }  # fmt: skip
    path = f"/oppgaver/{task.id}/endre"
    shown = secretary.post(path, form(task, **due, show="1"))
    assert shown.status_code == 200
    assert f"{day.day}. " in text_of(shown.text).partition("Fristen blir ")[2][:30]
    assert kept(session, task)[0] == DueRule(DueKind.DATE, on=date(2026, 3, 20))
    assert secretary.post(path, form(task, **due)).status_code == 303
    assert kept(session, task) == (rule, day, gathering.id)
    page = secretary.get(path).text
    assert f'value="{days}"' in page
    assert f'<option value="{gathering.id}" selected>' in page
    assert "«Vårsamling»" in page
    assert "Vårsamling" in secretary.get(f"/oppgaver/{task.id}").text


def test_the_next_meeting(session: Session, secretary: Visitor, task: Task) -> None:
    path = f"/oppgaver/{task.id}/endre"
    assert "Neste møte: mandag 9. mars 2026" in text_of(secretary.get(path).text)
    assert secretary.post(path, form(task, due_kind="next_meeting")).status_code == 303
    rule, day, _ = kept(session, task)
    assert (rule.kind, day) == (DueKind.NEXT_MEETING, date(2026, 3, 9))
    assert "mandag 9. mars 2026, neste møte" in text_of(secretary.get(path).text)


def test_without_deadline(session: Session, secretary: Visitor, task: Task) -> None:
    path = f"/oppgaver/{task.id}/endre"
    shown = secretary.post(path, form(task, due_kind="none", due="2026-03-20", show="1"))
    assert "Oppgaven blir uten frist." in shown.text
    assert secretary.post(path, form(task, due_kind="none", due="2026-03-20")).status_code == 303
    assert kept(session, task) == (DueRule(), None, None)


def test_a_rule_that_gives_the_same_day_is_kept_and_told(
    session: Session, secretary: Visitor, gathering: Meeting, task: Task
) -> None:
    task.set_due(DueRule(DueKind.DATE, on=GATHERING - timedelta(days=14)))
    session.commit()
    due = {"due_kind": "event", "due_days": "14", "due_event": gathering.id}
    secretary.post(f"/oppgaver/{task.id}/endre", form(task, **due))
    assert kept(session, task)[0].kind is DueKind.EVENT
    page = text_of(secretary.get(f"/oppgaver/{task.id}").text)
    assert "endret hva fristen følger. Den er fortsatt onsdag 8. april 2026." in page


def test_saving_without_a_change_keeps_the_rule_and_tells_nothing(
    session: Session, secretary: Visitor, gathering: Meeting, task: Task
) -> None:
    task.set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    session.commit()
    version = task.version
    due = {
        "due_kind": "event", "due": "2026-04-08", "due_days": "14", "due_event": gathering.id,
    }  # fmt: skip
    assert secretary.post(f"/oppgaver/{task.id}/endre", form(task, **due)).status_code == 303
    assert kept(session, task)[0] == DueRule(DueKind.EVENT, days=-14)
    assert task.version == version


def test_a_rule_that_falls_on_a_day_off_is_asked_about_and_still_follows_the_meeting(
    session: Session, secretary: Visitor, gathering: Meeting, task: Task
) -> None:
    due = {"due_kind": "event", "due_days": "18", "due_event": gathering.id}  # the Saturday of Easter
    path = f"/oppgaver/{task.id}/endre"
    answer = secretary.post(path, form(task, **due))
    assert answer.status_code == 422
    assert "Vil du bruke onsdag 1. april 2026?" in text_of(answer.text)
    for field in ('name="due_days" value="21"', 'name="due_days" value="18"'):
        assert field in answer.text
    assert secretary.post(path, form(task, **{**due, "due_days": "21", "sure": "1"})).status_code == 303
    assert kept(session, task)[:2] == (DueRule(DueKind.EVENT, days=-21), date(2026, 4, 1))


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ({"due_kind": "date", "due": ""}, "Velg en dato."),
        ({"due_kind": "date", "due": "31.2.2026"}, "Velg en dato."),
        ({"due_kind": "event", "due_days": ""}, "Skriv et antall dager fra 0 til 366."),
        ({"due_kind": "event", "due_days": "-3"}, "Skriv et antall dager fra 0 til 366."),
        ({"due_kind": "event", "due_days": "367"}, "Skriv et antall dager fra 0 til 366."),
        ({"due_kind": "event", "due_days": "²"}, "Skriv et antall dager fra 0 til 366."),
        ({"due_kind": "event", "due_days": "3", "due_event": "4711"}, "Velg hvilket møte fristen følger."),
        ({"due_kind": "tull"}, "Velg en frist, eller «Uten frist»."),
    ],
)
def test_what_can_not_be_is_said_and_nothing_is_lost(
    session: Session, secretary: Visitor, gathering: Meeting, task: Task, due: dict[str, str], said: str
) -> None:
    given = {**form(task), "what": "Noe annet", "due_event": gathering.id, **due}
    answer = secretary.post(f"/oppgaver/{task.id}/endre", given)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert 'href="#due"' in answer.text
    assert "Noe annet" in answer.text
    assert kept(session, task)[0] == DueRule(DueKind.DATE, on=date(2026, 3, 20))


def test_a_meeting_of_strangers_or_a_cancelled_one_can_not_be_followed(
    session: Session, secretary: Visitor, cast: Cast, gathering: Meeting, task: Task
) -> None:
    foreign = make_meeting(session, cast, NOW, date(2026, 5, 4), title="Fremmed samling")
    foreign.body = cast.other_body
    gathering.status = MeetingStatus.CANCELLED
    session.commit()
    page = secretary.get(f"/oppgaver/{task.id}/endre").text
    assert "Fremmed samling" not in page
    assert "Vårsamling" not in page
    for number in (foreign.id, gathering.id):
        due = {"due_kind": "event", "due_days": "3", "due_event": number}
        assert secretary.post(f"/oppgaver/{task.id}/endre", form(task, **due)).status_code == 422


def test_without_a_next_meeting_it_is_not_offered(session: Session, secretary: Visitor, task: Task) -> None:
    for meeting in session.query(Meeting):
        meeting.status = MeetingStatus.CANCELLED
    session.commit()
    path = f"/oppgaver/{task.id}/endre"
    assert "Neste møte" not in secretary.get(path).text
    answer = secretary.post(path, form(task, due_kind="next_meeting"))
    assert answer.status_code == 422
    assert "Det er ikke kalt inn til noe neste møte ennå." in text_of(answer.text)
