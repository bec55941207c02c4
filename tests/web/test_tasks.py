"""My list, the task page, and what owners and secretaries do there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_task
from tests.web.conftest import SetClock, SignInAs
from tests.web.story import Story, tell
from tracker.models import Action, Answer, Task, TaskStatus
from tracker.services import follow_up
from tracker.services.due import mailings


@pytest.fixture
def story(session: Session, cast: Cast, now: datetime) -> Story:
    return tell(session, cast, now)


def reread(session: Session, story: Story, name: str) -> Task:
    session.expire_all()
    session.rollback()
    return session.get_one(Task, story.tasks[name].id)


def text_of(html: str) -> str:
    """What a reader sees of a page, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def test_my_list_groups_tasks_by_deadline(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    page = text_of(sign_in_as(cast.owner).get("/oppgaver").text)
    assert "Mandag 2. mars 2026 · 5 oppgaver gjenstår" in page
    assert page.index("Over fristen") < page.index("Sende ut møteplanen") < page.index("Senere")
    assert "Sak 4/26 · sammen med Kari Oremo · Elvedalsrådet" in page
    assert "Utført siden forrige møte 1" in page
    assert "Venter på deg som sekretær" not in page


def test_a_contributor_sees_the_task_without_a_button(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    html = sign_in_as(cast.contributor).get("/oppgaver").text
    assert "Du medvirker" in html
    assert "/fullforing" not in html


def test_the_secretary_sees_what_waits(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    page = text_of(sign_in_as(cast.secretary).get("/oppgaver").text)
    assert "Venter på deg som sekretær 3" in page
    assert "Nils Arne Holmen trenger mer tid Skrive høringssvar. Ny frist: fredag 27. mars 2026" in page
    assert "Gi den til Sigurd Lien" in page
    assert "Orientere kommunestyrene Ingen er ansvarlig." in page


def test_whoever_has_nothing_to_do_is_told_so(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    page = text_of(sign_in_as(cast.leader).get("/oppgaver").text)
    assert "Du har ingen oppgaver nå. Neste møte er mandag 9. mars 2026." in page


def test_done_on_the_list_shows_the_row_with_undo(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task, browser = story.tasks["open"], sign_in_as(cast.owner)
    answer = browser.post(f"/oppgaver/{task.id}/fullforing", {"back": "list"})
    assert (answer.status_code, answer.location) == (
        303,
        f"/oppgaver?utfort={task.id}#oppgave-{task.id}",
    )
    row = browser.get(answer.location).text.split(f'id="oppgave-{task.id}"')[1].split("</li>")[0]
    assert "Angre" in row
    assert reread(session, story, "open").status is TaskStatus.DONE
    assert browser.post(f"/oppgaver/{task.id}/angring", {"back": "list"}).status_code == 303
    assert reread(session, story, "open").is_open


def test_done_twice_has_one_effect(session: Session, sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    browser = sign_in_as(cast.owner)
    for _ in range(2):
        assert browser.post(f"/oppgaver/{story.tasks['open'].id}/fullforing").status_code == 303
    actions = [row.action for row in reread(session, story, "open").history]
    assert actions == [Action.CREATED, Action.DONE]


def test_a_form_without_its_token_changes_nothing(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    client: FlaskClient = sign_in_as(cast.owner).client
    assert client.post(f"/oppgaver/{story.tasks['open'].id}/fullforing").status_code == 400
    assert reread(session, story, "open").is_open


def test_more_time_is_asked_for_and_said_on_the_page(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    place, browser = f"/oppgaver/{story.tasks['open'].id}", sign_in_as(cast.owner)
    assert browser.post(f"{place}/utsettelse", {"wanted": "2026-03-27"}).status_code == 303
    browser.post(f"{place}/merknad", {"words": "Venter på fjellstua"})
    page = text_of(browser.get(place).text)
    assert "Du ba om ny frist fredag 27. mars 2026. Berit Kampen må godta den." in page
    assert "Nils Arne Holmen skrev: «Venter på fjellstua»" in page
    assert reread(session, story, "open").due_on == date(2026, 3, 20)


@pytest.mark.parametrize("wanted", ["", "i morgen", "2026-03-01", "2026-03-20"])
def test_a_date_that_cannot_be_is_said_at_the_field(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story, wanted: str
) -> None:
    answer = sign_in_as(cast.owner).post(f"/oppgaver/{story.tasks['open'].id}/utsettelse", {"wanted": wanted})
    assert answer.status_code == 422
    assert 'id="wanted-error"' in answer.text
    assert "<title>Feil: " in answer.text
    assert reread(session, story, "open").owners[0].answer is Answer.NONE


def test_not_mine_can_name_a_colleague_only(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    browser = sign_in_as(cast.owner)
    browser.post(f"/oppgaver/{story.tasks['open'].id}/avvisning", {"who": cast.leader.id})
    browser.post(f"/oppgaver/{story.tasks['late'].id}/avvisning", {"who": cast.outsider.id})
    named = [reread(session, story, name).owners[0].suggested_person for name in ("open", "late")]
    assert [person.name if person else None for person in named] == ["Sigurd Lien", None]


def test_only_those_with_a_part_in_it_answer(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    place = f"/oppgaver/{story.tasks['open'].id}"
    assert sign_in_as(cast.leader).post(f"{place}/fullforing").status_code == 403
    assert sign_in_as(cast.leader).post(f"{place}/utsettelse", {"wanted": "2026-03-27"}).status_code == 403
    assert sign_in_as(cast.outsider).post(f"{place}/fullforing").status_code == 404
    assert sign_in_as(cast.stranger).get(place).status_code == 404
    assert reread(session, story, "open").is_open


def test_history_is_told_in_sentences(
    sign_in_as: SignInAs, cast: Cast, story: Story, clock: SetClock
) -> None:
    browser = sign_in_as(cast.secretary)
    place = f"/oppgaver/{story.tasks['refused'].id}"
    owner = {"owner": str(cast.leader.id), "what": "Bestille to busser", "due": "2026-03-26"}
    browser.post(f"{place}/endre", {**owner, "version": story.tasks["refused"].version})
    page = text_of(browser.get(place).text)
    for sentence in (
        "Mandag 2. februar 2026 kl. 09.00 Berit Kampen la inn oppgaven fra referatet.",
        "Mandag 2. mars 2026 kl. 09.00 Nils Arne Holmen svarte «Ikke min oppgave» og foreslo Sigurd Lien.",
        "Berit Kampen endret teksten fra «Bestille buss» til «Bestille to busser».",
        "Berit Kampen flyttet fristen fra fredag 20. mars 2026 til torsdag 26. mars 2026.",
        "Berit Kampen flyttet ansvaret fra Nils Arne Holmen til Sigurd Lien.",
    ):
        assert sentence in page


def test_the_secretary_accepts_the_date_that_was_shown(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task = story.tasks["asked"]
    form = {"part": task.owners[0].id, "wanted": "2026-03-27", "version": task.version, "back": "list"}
    browser = sign_in_as(cast.secretary)
    assert browser.post(f"/oppgaver/{task.id}/ny-frist", form).location == "/oppgaver"
    assert "Godtatt. Den nye fristen gjelder fra nå." in browser.get("/oppgaver").text
    assert browser.post(f"/oppgaver/{task.id}/ny-frist", form).status_code == 303
    assert reread(session, story, "asked").due_on == date(2026, 3, 27)


def test_another_date_than_the_one_shown_is_not_accepted(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task = story.tasks["asked"]
    form = {"part": task.owners[0].id, "wanted": "2026-03-25", "version": task.version}
    answer = sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/ny-frist", form)
    assert answer.status_code == 409
    assert "Ønsket om ny frist er endret" in answer.text
    assert reread(session, story, "asked").due_on == date(2026, 3, 20)


def test_the_secretary_keeps_the_deadline(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task = story.tasks["asked"]
    form = {"part": task.owners[0].id, "version": task.version}
    for _ in range(2):
        assert sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/fristavslag", form).status_code == 303
    kept = reread(session, story, "asked")
    assert (kept.due_on, kept.owners[0].answer) == (date(2026, 3, 20), Answer.NONE)


def test_the_secretary_hands_over_and_the_press_counts_once(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task = story.tasks["refused"]
    form = {"person": cast.leader.id, "version": task.version}
    for _ in range(2):
        assert sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/overlevering", form).status_code == 303
    assert [o.person.name for o in reread(session, story, "refused").owners] == ["Sigurd Lien"]


def test_an_old_form_is_refused_and_shows_who_changed_what(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task = story.tasks["open"]
    shown = task.version
    sign_in_as(cast.owner).post(f"/oppgaver/{task.id}/utsettelse", {"wanted": "2026-03-27"})
    form = {"what": "Noe annet", "owner": cast.owner.id, "due": "2026-03-20", "version": shown}
    answer = sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/endre", form)
    page = text_of(answer.text)
    assert answer.status_code == 409
    assert "Nils Arne Holmen endret denne oppgaven kl. 09.00. Se endringen før du lagrer." in page
    assert "Nils Arne Holmen ba om ny frist fredag 27. mars 2026." in page
    assert "Noe annet" in answer.text
    assert reread(session, story, "open").what == "Finne sted til samlingen"
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version is not None
    again = sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/endre", {**form, "version": version[1]})
    assert again.status_code == 303
    assert reread(session, story, "open").what == "Noe annet"


@pytest.mark.parametrize(
    ("due", "question", "button"),
    [
        ("2026-03-14", "Fristen er en lørdag. Vil du bruke fredag 13. mars 2026?", "Bruk fredag"),
        ("2026-04-03", "Fristen fredag 3. april 2026 er langfredag. Vil du bruke", "Bruk onsdag"),
        ("2026-12-24", "Få er på jobb torsdag 24. desember 2026. Vil du bruke", "Bruk onsdag"),
    ],
)
def test_a_deadline_on_a_day_off_is_asked_about(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story, due: str, question: str, button: str
) -> None:
    task, browser = story.tasks["open"], sign_in_as(cast.secretary)
    form = {"what": task.what, "owner": cast.owner.id, "due": due, "version": task.version}
    answer = browser.post(f"/oppgaver/{task.id}/endre", form)
    assert answer.status_code == 422
    assert question.lower() in text_of(answer.text).lower()
    assert button in answer.text
    assert reread(session, story, "open").due_on == date(2026, 3, 20)
    assert browser.post(f"/oppgaver/{task.id}/endre", {**form, "sure": "1"}).status_code == 303
    assert reread(session, story, "open").due_on == date.fromisoformat(due)


def test_an_owner_must_be_chosen(session: Session, sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    task = story.tasks["open"]
    for owner in ("", "4711", str(cast.stranger.id)):
        form = {"what": task.what, "owner": owner, "due": "2026-03-20", "version": task.version}
        answer = sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/endre", form)
        assert answer.status_code == 422
        assert "Velg hvem som har ansvaret." in answer.text


def test_a_task_without_owner_can_be_reworded_and_given_away(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task, browser = story.tasks["unowned"], sign_in_as(cast.secretary)
    form = {"what": "Orientere alle", "owner": "", "due": "", "version": task.version}
    assert browser.post(f"/oppgaver/{task.id}/endre", form).status_code == 303
    changed = reread(session, story, "unowned")
    assert (changed.what, changed.owners) == ("Orientere alle", [])
    browser.post(f"/oppgaver/{task.id}/endre", {**form, "owner": cast.owner.id, "version": changed.version})
    assert [o.person.name for o in reread(session, story, "unowned").owners] == ["Nils Arne Holmen"]


def test_a_new_owner_without_address_is_mentioned(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    cast.leader.email = None
    session.commit()
    task, browser = story.tasks["open"], sign_in_as(cast.secretary)
    browser.post(f"/oppgaver/{task.id}/overlevering", {"person": cast.leader.id, "version": task.version})
    page = browser.get(f"/oppgaver/{task.id}").text
    assert "Sigurd Lien har ingen e-postadresse og får ikke beskjed." in page


def test_dropping_asks_why(session: Session, sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    task, browser = story.tasks["open"], sign_in_as(cast.secretary)
    place = f"/oppgaver/{task.id}/slett"
    assert "Historikken blir bevart" in browser.get(place).text
    refused = browser.post(place, {"reason": " ", "version": task.version})
    assert (refused.status_code, "Skriv hvorfor oppgaven utgår." in refused.text) == (422, True)
    for _ in range(2):
        assert browser.post(place, {"reason": "Avlyst", "version": task.version}).status_code == 303
    assert reread(session, story, "open").status is TaskStatus.DROPPED
    assert "Hvorfor oppgaven utgår" in browser.get(f"/oppgaver/{task.id}").text


def test_the_secretary_takes_a_task_up_again(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task, browser = story.tasks["done"], sign_in_as(cast.secretary)
    for _ in range(2):
        answer = browser.post(f"/oppgaver/{task.id}/gjenapning", {"version": task.version})
        assert answer.status_code == 303
    assert reread(session, story, "done").is_open


def test_the_secretary_closes_a_task_for_its_owner(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    task = story.tasks["unowned"]
    form = {"version": task.version}
    assert sign_in_as(cast.secretary).post(f"/oppgaver/{task.id}/fullforing", form).status_code == 303
    assert reread(session, story, "unowned").status is TaskStatus.DONE


SETTLING = ("ny-frist", "fristavslag", "overlevering", "slett", "gjenapning", "endre")


@pytest.mark.parametrize("action", SETTLING)
def test_only_the_secretary_of_the_body_settles(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story, action: str
) -> None:
    place = f"/oppgaver/{story.tasks['asked'].id}/{action}"
    for person in (cast.owner, cast.leader):
        assert sign_in_as(person).post(place, {"reason": "x", "version": "1"}).status_code == 403
    assert reread(session, story, "asked").version == story.tasks["asked"].version


def test_an_answer_older_than_a_day_stands(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story, clock: SetClock
) -> None:
    clock.now += timedelta(hours=25)
    browser, place = sign_in_as(cast.owner), f"/oppgaver/{story.tasks['done'].id}"
    assert "Angre" not in browser.get(place).text
    answer = browser.post(f"{place}/angring")
    assert (answer.status_code, "mer enn ett døgn gammelt" in answer.text) == (422, True)
    assert reread(session, story, "done").status is TaskStatus.DONE


def test_a_restricted_task_says_nothing_to_an_owner_from_outside(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    place = f"/oppgaver/{story.tasks['secret'].id}"
    assert "Hemmelig" in sign_in_as(cast.owner).get(place).text
    story.tasks["secret"].owners[0].person = cast.outsider
    session.commit()
    for path in (place, "/oppgaver"):
        page = sign_in_as(cast.outsider).get(path).text
        assert "Hemmelig" not in page
        assert "Unntatt offentlighet" in page


def test_a_status_that_cannot_hold_all_shows_each_task_once(
    sign_in_as: SignInAs, cast: Cast, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = f'href="/oppgaver/{story.tasks["late"].id}"'
    visitor = sign_in_as(cast.secretary)
    assert visitor.get("/status").text.count(late) == 2  # to be settled, and among all
    monkeypatch.setattr("tracker.web.reports.ON_A_PAGE", 2)
    monkeypatch.setattr("tracker.web.reports.OF_MANY", 2)
    page = visitor.get("/status").text
    assert page.count(late) == 1
    assert "har frist først" in text_of(page)


def test_words_with_markup_are_shown_as_words(
    session: Session, sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    story.tasks["late"].what = story.tasks["asked"].what = '<script>alert("x")</script>'
    session.commit()
    for person, path in (
        (cast.owner, "/oppgaver"),
        (cast.secretary, "/oppgaver"),
        (cast.owner, f"/oppgaver/{story.tasks['late'].id}"),
        (cast.owner, "/status"),
    ):
        html = sign_in_as(person).get(path).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html


def test_a_shared_task_asks_each_owner_and_counts_the_answers(
    session: Session, cast: Cast, sign_in_as: SignInAs, now: datetime
) -> None:
    owners = [cast.owner, cast.contributor, cast.leader, cast.secretary, cast.outsider]
    task = make_task(session, cast, now, owners=owners)
    for part in task.owners[:3]:
        follow_up.report_done(session, part, now, via="mail")
    session.commit()
    assert "3 av 5 har svart" in sign_in_as(cast.secretary).get(f"/oppgaver/{task.id}").text
    week_before = datetime(2026, 3, 13, 7, 0, tzinfo=UTC)
    asked = {mailing.person_id for mailing in mailings(session, week_before)}
    assert asked == {cast.secretary.id, cast.outsider.id}
    for part in task.owners[3:]:
        follow_up.report_done(session, part, now, via="mail")
    assert not task.is_open
