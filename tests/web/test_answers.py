"""The page behind the link in a mail: looking changes nothing, each answer counts once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.conftest import SetClock, SignInAs
from tests.web.story import Story, answer_path, tell
from tests.web.test_tasks import reread, text_of
from tracker.models import Action, Answer, TaskStatus
from tracker.program import Program
from tracker.services import follow_up


@pytest.fixture
def story(session: Session, cast: Cast, now: datetime) -> Story:
    return tell(session, cast, now)


@pytest.fixture
def place(program: Program, cast: Cast, story: Story) -> str:
    """The answer page of the open task."""
    return answer_path(program.links, story.part("open", cast.owner))


def test_the_page_says_what_by_when_and_in_which_words(client: FlaskClient, place: str) -> None:
    answer = client.get(place)
    page = text_of(answer.text)
    assert "Oppgave til deg, Nils Arne Finne sted til samlingen" in page
    assert "Frist fredag 20. mars 2026 Om 18 dager" in page
    assert "«Nils Arne finner egnet sted.» Sak 4/26, møtet mandag 2. februar 2026" in page
    assert "Spørsmål? Svar på e-posten fra Berit Kampen." in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers


def test_each_answer_is_its_own_form(client: FlaskClient, place: str) -> None:
    html = client.get(place).text
    forms = html.split("<form ")[1:]
    assert len(forms) == 6  # done, at it, dates, another date, not mine, a comment
    assert sum("/utfort" in form.split("</form>")[0] for form in forms) == 1


@pytest.mark.parametrize(
    ("choice", "there"),
    [
        ("mer-tid", 'id="more-time" open'),
        ("ikke-min", 'id="not-mine" open'),
        ("utfort", 'answer-button" autofocus'),
    ],
)
def test_the_mail_can_open_the_answer_but_not_give_it(
    session: Session, client: FlaskClient, story: Story, place: str, choice: str, there: str
) -> None:
    assert there in client.get(f"{place}?svar={choice}").text
    assert reread(session, story, "open").owners[0].answer is Answer.NONE


def test_the_dates_offered_are_working_days_with_their_consequence(client: FlaskClient, place: str) -> None:
    page = text_of(client.get(place).text)
    assert "Fredag 27. mars 2026 1 uke senere" in page
    assert "Tirsdag 7. april 2026 18 dager senere" in page  # two weeks on is Good Friday


def test_done_takes_one_press_and_gives_a_receipt(
    session: Session, client: FlaskClient, story: Story, place: str
) -> None:
    answer = client.post(f"{place}/utfort")
    assert (answer.status_code, answer.location) == (303, f"{place}/kvittering")
    page = text_of(client.get(answer.location).text)
    assert "Takk, Nils Arne" in page
    assert "Oppgaven er meldt utført mandag 2. mars 2026 kl. 09.00. Berit Kampen ser det med en gang." in page
    assert "Du har 2 oppgaver til Sende ut møteplanen" in page
    task = reread(session, story, "open")
    assert (task.status, task.history[-1].via) == (TaskStatus.DONE, "mail")


def test_the_same_press_twice_counts_once(
    session: Session, client: FlaskClient, story: Story, place: str
) -> None:
    for _ in range(3):
        assert client.post(f"{place}/utfort").status_code == 303
    assert [row.action for row in reread(session, story, "open").history] == [Action.CREATED, Action.DONE]


def test_the_result_follows_the_answer(
    session: Session, client: FlaskClient, story: Story, place: str
) -> None:
    client.post(f"{place}/utfort")
    assert client.post(f"{place}/resultat", data={"words": "Fjellstua"}).status_code == 303
    assert reread(session, story, "open").result == "Fjellstua"
    assert "Fjellstua" in client.get(f"{place}/kvittering").text


def test_more_time_in_two_presses(session: Session, client: FlaskClient, story: Story, place: str) -> None:
    answer = client.post(f"{place}/mer-tid", data={"wanted": "2026-03-27"})
    page = text_of(client.get(answer.location).text)
    assert "Du ba om ny frist fredag 27. mars 2026. Berit Kampen må godta den." in page
    client.post(f"{place}/resultat", data={"words": "Venter på svar"})
    part = reread(session, story, "open").owners[0]
    assert (part.wanted_due_on, part.comment) == (date(2026, 3, 27), "Venter på svar")


@pytest.mark.parametrize("wanted", ["", "snart", "2026-03-20", "2020-01-01"])
def test_a_date_that_cannot_be_is_said_and_nothing_kept(
    session: Session, client: FlaskClient, story: Story, place: str, wanted: str
) -> None:
    answer = client.post(f"{place}/mer-tid", data={"wanted": wanted})
    assert answer.status_code == 422
    assert 'id="wanted-error"' in answer.text
    assert reread(session, story, "open").owners[0].answer is Answer.NONE


def test_not_mine_goes_to_the_secretary(
    session: Session, client: FlaskClient, cast: Cast, story: Story, place: str
) -> None:
    answer = client.post(f"{place}/ikke-min", data={"who": str(cast.leader.id)})
    assert "Du svarte at oppgaven ikke er din. Berit Kampen finner ut hvem som har den." in text_of(
        client.get(answer.location).text
    )
    suggested = reread(session, story, "open").owners[0].suggested_person
    assert suggested is not None
    assert suggested.name == "Sigurd Lien"


def test_an_answer_can_be_undone_and_the_page_asks_again(
    session: Session, client: FlaskClient, story: Story, place: str
) -> None:
    client.post(f"{place}/utfort")
    assert "Du meldte oppgaven utført mandag 2. mars 2026 kl. 09.00." in text_of(client.get(place).text)
    answer = client.post(f"{place}/angre")
    assert (answer.status_code, answer.location) == (303, place)
    assert "Trenger mer tid" in client.get(place).text
    assert reread(session, story, "open").is_open


def test_another_owner_now(
    session: Session, client: FlaskClient, cast: Cast, now: datetime, story: Story, place: str
) -> None:
    follow_up.hand_over(session, story.tasks["open"], cast.contributor, cast.secretary, now)
    session.commit()
    page = client.get(place).text
    assert "Kari Oremo har ansvaret nå. Du trenger ikke gjøre noe." in text_of(page)
    assert "<form" not in page
    client.post(f"{place}/utfort")
    assert reread(session, story, "open").is_open


def test_a_dropped_task_says_why(client: FlaskClient, program: Program, cast: Cast, story: Story) -> None:
    page = client.get(answer_path(program.links, story.part("dropped", cast.owner))).text
    assert "Oppgaven utgår. Du trenger ikke gjøre noe. «Vi låner et»" in text_of(page)
    assert "<form" not in page


def test_a_contributor_is_told_who_answers(
    client: FlaskClient, program: Program, cast: Cast, story: Story
) -> None:
    page = client.get(answer_path(program.links, story.part("open", cast.contributor))).text
    assert "Du medvirker. Nils Arne Holmen har ansvaret, og svarer for oppgaven." in text_of(page)
    assert page.count("<form") == page.count("/kommentarer") == 1


def test_a_change_since_the_mail_is_told_and_the_link_still_works(
    session: Session, client: FlaskClient, cast: Cast, now: datetime, story: Story, place: str
) -> None:
    assert "er endret siden" not in client.get(place).text
    follow_up.reword(session, story.tasks["open"], "Finne to steder", cast.secretary, now)
    session.commit()
    page = text_of(client.get(place).text)
    assert "Oppgaven er endret siden vi sendte e-posten. Berit Kampen endret teksten" in page
    client.post(f"{place}/utfort")
    assert reread(session, story, "open").status is TaskStatus.DONE


def test_what_the_person_did_is_no_change_since_the_mail(client: FlaskClient, place: str) -> None:
    client.post(f"{place}/utfort")
    client.post(f"{place}/angre")
    assert "er endret siden" not in client.get(place).text


def test_a_restricted_task_is_not_told_behind_a_link(
    client: FlaskClient, sign_in_as: SignInAs, program: Program, cast: Cast, story: Story
) -> None:
    place = answer_path(program.links, story.part("secret", cast.owner))
    for path in (place, f"{place}/kvittering"):
        page = client.get(path).text
        assert "Hemmelig" not in page
        assert "egnet sted" not in page
    assert "Unntatt offentlighet: offl. § 13" in client.get(place).text
    assert "Hemmelig oppgave" in sign_in_as(cast.owner).get(place).text


def test_the_next_task_of_the_receipt_hides_what_is_restricted(
    session: Session, client: FlaskClient, cast: Cast, now: datetime, story: Story, place: str
) -> None:
    follow_up.drop(session, story.tasks["late"], "Avlyst", cast.secretary, now)
    session.commit()
    client.post(f"{place}/utfort")
    page = client.get(f"{place}/kvittering").text
    assert "Du har én oppgave til" in page
    assert "Hemmelig" not in page


def test_a_dead_link_says_what_to_do(
    client: FlaskClient, program: Program, cast: Cast, story: Story, clock: SetClock
) -> None:
    place = answer_path(program.links, story.part("done", cast.owner))
    clock.now += timedelta(days=91)
    for answer in (client.get(place), client.post(f"{place}/utfort"), client.get(f"{place}/kvittering")):
        assert answer.status_code == 410
        assert "Lenken virker ikke lenger" in answer.text
        assert "Svar på e-posten" in answer.text


@pytest.mark.parametrize("path", ["/o/tull", "/o/tull/kvittering", "/o/varsler/tull"])
def test_a_link_that_is_not_ours_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_link_is_not_taken_for_another_purpose(
    client: FlaskClient, program: Program, cast: Cast, place: str
) -> None:
    pause = program.links.pause(cast.owner.id).rsplit("/", 1)[1]
    assert client.get(f"/o/{pause}").status_code == 404
    assert client.get(f"/o/varsler/{place.removeprefix('/o/')}").status_code == 404


def test_the_page_speaks_the_language_of_the_person(client: FlaskClient, place: str) -> None:
    assert '<html lang="nb"' in client.get(place, headers={"Accept-Language": "en"}).text


def test_pausing_until_a_day_and_ending_the_pause(
    session: Session, client: FlaskClient, program: Program, cast: Cast, story: Story
) -> None:
    place = program.links.pause(cast.owner.id).removeprefix(program.links.url)
    assert "Pause i påminnelsene" in client.get(place).text
    assert client.post(place, data={"until": "2026-03-13"}).status_code == 303
    assert "Du får ingen påminnelser til og med fredag 13. mars 2026." in text_of(client.get(place).text)
    session.refresh(cast.owner)
    assert (cast.owner.pause_from, cast.owner.pause_until) == (date(2026, 3, 2), date(2026, 3, 13))
    client.post(place, data={"resume": "1"})
    session.rollback()
    session.refresh(cast.owner)
    assert (cast.owner.pause_from, cast.owner.pause_until) == (None, None)


@pytest.mark.parametrize("until", ["", "2026-03-01", "2030-01-01"])
def test_a_pause_that_cannot_be_is_said(
    session: Session, client: FlaskClient, program: Program, cast: Cast, until: str
) -> None:
    place = program.links.pause(cast.owner.id).removeprefix(program.links.url)
    answer = client.post(place, data={"until": until})
    assert answer.status_code == 422
    assert 'id="until-error"' in answer.text


def test_the_mail_clients_own_button_pauses_two_weeks_without_a_redirect(
    session: Session, client: FlaskClient, program: Program, cast: Cast, clock: SetClock
) -> None:
    place = program.links.pause(cast.owner.id).removeprefix(program.links.url)
    for _ in range(2):
        answer = client.post(place, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    session.refresh(cast.owner)
    assert cast.owner.pause_until == date(2026, 3, 16)


def test_the_mail_clients_own_button_never_shortens_a_pause(
    session: Session, client: FlaskClient, program: Program, cast: Cast
) -> None:
    place = program.links.pause(cast.owner.id).removeprefix(program.links.url)
    client.post(place, data={"until": "2026-06-01"})
    client.post(place, data={"List-Unsubscribe": "One-Click"})
    session.refresh(cast.owner)
    assert cast.owner.pause_until == date(2026, 6, 1)
