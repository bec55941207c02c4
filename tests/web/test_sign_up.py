"""Signing up by the link in a mail, without an account; and what the secretary sees and does."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from io import StringIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.factories import make_meeting
from tests.web.conftest import SetClock, SignInAs, Visitor
from tests.web.test_every_page import writes
from tests.web.test_tasks import text_of
from tracker.clock import at
from tracker.models import (
    Coming,
    Invitation,
    Meeting,
    MeetingKind,
    Membership,
    Message,
    MessageKind,
    Person,
    Via,
)
from tracker.program import Program
from tracker.rules.access import Office
from tracker.services import inviting, sign_up
from tracker.services.sign_up import Reply

DAY = date(2026, 3, 24)
DEADLINE = date(2026, 3, 16)


@pytest.fixture
def meeting(session: Session, cast: Cast, now: datetime) -> Meeting:
    """The leader, the owner and the contributor are asked; there are two vara."""
    for order, name in ((2, "Pia Berg"), (1, "Ole Aas")):
        vara = Person(
            organisation_id=cast.organisation.id, name=name, email=f"{name[:3].lower()}@vara.example"
        )
        session.add(
            Membership(
                organisation_id=cast.organisation.id, body=cast.body, person=vara,
                office=Office.SUBSTITUTE, substitute_order=order, from_date=SINCE,
            )
        )  # fmt: skip
    made = make_meeting(session, cast, now, DAY)
    made.register_by, made.remote_link = DEADLINE, "https://mote.example/abc"
    inviting.invite(session, made, now)
    session.commit()
    return made


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def of(meeting: Meeting, person: Person) -> Invitation:
    return next(i for i in meeting.invitations if i.person_id == person.id)


def place(program: Program, meeting: Meeting, person: Person) -> str:
    return program.links.sign_up(of(meeting, person).id).removeprefix(program.links.url)


def fresh(session: Session, meeting: Meeting) -> Meeting:
    session.rollback()
    session.expire_all()
    return meeting


def test_one_press_answers_and_another_changes_it(
    session: Session, cast: Cast, client: FlaskClient, program: Program, meeting: Meeting
) -> None:
    path = place(program, meeting, cast.owner)
    page = text_of(client.get(path).text)
    assert "Innkalling til deg, Nils Arne Møte i Elvedalsrådet" in page
    assert "https://mote.example/abc" in page
    assert "Svar innen mandag 16. mars (om 14 dager)." in page
    for _twice in range(2):
        answer = client.post(f"{path}/svar", data={"answer": "ja"})
        assert (answer.status_code, answer.location) == (303, path)
    assert "Du kommer. Takk for svaret." in client.get(path).text
    invitation = of(fresh(session, meeting), cast.owner)
    assert (invitation.answer, invitation.answered_via) == (Coming.YES, Via.PAGE)
    assert client.post(f"{path}/svar", data={"answer": "delvis", "partly_text": ""}).status_code == 422
    client.post(f"{path}/svar", data={"answer": "delvis", "partly_text": "Til klokka <11>"})
    assert "Du er med deler av tiden: Til klokka &lt;11&gt;" in client.get(path).text
    assert client.post(f"{path}/svar", data={"answer": "kanskje"}).status_code == 422


def test_what_is_wrong_is_said_beside_what_was_written(
    cast: Cast, client: FlaskClient, program: Program, meeting: Meeting
) -> None:
    answer = client.post(f"{place(program, meeting, cast.owner)}/svar", data={"answer": "delvis"})
    assert answer.status_code == 422
    assert "<title>Feil: " in answer.text
    assert 'href="#partly_text">Skriv når du er med.' in answer.text
    assert '<details class="answer-choice" name="answer" id="partly" open>' in answer.text


@pytest.mark.parametrize("choice", ["", "?svar=ja", "?svar=delvis", "?svar=nei", "?svar=tull"])
def test_looking_answers_nothing(
    cast: Cast, client: FlaskClient, program: Program, meeting: Meeting, choice: str
) -> None:
    with writes(program.engine) as written:
        assert client.get(place(program, meeting, cast.owner) + choice).status_code == 200
        client.head(place(program, meeting, cast.owner) + choice)
    assert written == []


def test_forfall_names_a_vara_and_the_secretary_calls_the_next_with_one_press(
    session: Session, cast: Cast, client: FlaskClient, program: Program, meeting: Meeting, secretary: Visitor
) -> None:
    path = place(program, meeting, cast.owner)
    client.post(f"{path}/svar", data={"answer": "nei"})
    page = client.get(path).text
    assert "Du kommer ikke. Berit Kampen ser svaret ditt." in page
    assert page.index(">Ole Aas<") < page.index(">Pia Berg<")
    pia = session.scalars(select(Person).where(Person.name == "Pia Berg")).one()
    ole = session.scalars(select(Person).where(Person.name == "Ole Aas")).one()
    client.post(f"{path}/vara", data={"who": str(pia.id)})
    listing = f"/moter/{meeting.id}/innkalte"
    shown = text_of(secretary.get(listing).text)
    assert "Nils Arne Holmen har meldt forfall. Foreslår Pia Berg. Kall inn Ole Aas" in shown
    call = f"{listing}/{of(meeting, cast.owner).id}/vara"
    assert (
        "En annen vara er nå den neste"
        in secretary.post(call, {"person": str(pia.id)}, follow_redirects=True).text
    )
    for _twice in range(2):
        assert secretary.post(call, {"person": str(ole.id)}).status_code == 303
    shown = text_of(secretary.get(listing).text)
    assert "har meldt forfall" not in shown
    assert "Ole Aas Vara Har ikke svart" in shown
    session.rollback()
    sent = session.scalars(select(Message).where(Message.person_id == ole.id)).all()
    assert [message.kind for message in sent] == [MessageKind.INVITATION]


def test_who_waits_sees_their_number_and_moves_up(
    session: Session, cast: Cast, client: FlaskClient, program: Program, meeting: Meeting
) -> None:
    meeting.seats = 1
    session.commit()
    first, second = (place(program, meeting, person) for person in (cast.owner, cast.leader))
    client.post(f"{first}/svar", data={"answer": "ja"})
    assert "Alle plassene er tatt." in client.get(second).text
    client.post(f"{second}/svar", data={"answer": "ja"})
    assert "Du står på venteliste som nummer 1." in client.get(second).text
    client.post(f"{first}/svar", data={"answer": "nei"})
    assert "Du kommer. Takk for svaret." in client.get(second).text
    session.rollback()
    told = session.scalars(select(Message).where(Message.kind == MessageKind.MOVED_UP)).all()
    assert [message.person_id for message in told] == [cast.leader.id]


def test_food_is_asked_only_by_the_organiser_and_seen_by_the_secretary_alone(
    session: Session,
    cast: Cast,
    client: FlaskClient,
    program: Program,
    meeting: Meeting,
    secretary: Visitor,
    sign_in_as: SignInAs,
) -> None:
    path = place(program, meeting, cast.owner)
    client.post(f"{path}/svar", data={"answer": "ja"})
    assert "kan spise" not in client.get(path).text
    meeting.asks_diet = True
    session.commit()
    assert "Er det mat du ikke kan spise?" in client.get(path).text
    client.post(f"{path}/mat", data={"diet": "Uten nøtter"})
    assert 'value="Uten nøtter"' in client.get(path).text
    assert "Mat: Uten nøtter" in secretary.get(f"/moter/{meeting.id}/innkalte").text
    member = sign_in_as(cast.leader)
    assert "Uten nøtter" not in member.get(f"/moter/{meeting.id}").text
    assert member.get(f"/moter/{meeting.id}/innkalte").status_code == 403


def test_after_the_deadline_the_page_says_so_and_still_takes_forfall(
    session: Session, cast: Cast, client: FlaskClient, program: Program, meeting: Meeting, clock: SetClock
) -> None:
    client.post(f"{place(program, meeting, cast.owner)}/svar", data={"answer": "ja"})
    clock.now = at(DEADLINE + timedelta(days=1), time(8))
    other = place(program, meeting, cast.leader)
    page = client.get(other).text
    assert "Påmeldingsfristen var mandag 16.\u00a0mars." in page
    assert "Jeg kommer" not in page
    refused = client.post(f"{other}/svar", data={"answer": "ja"})
    assert refused.status_code == 422
    assert "Påmeldingsfristen er ute. Spør sekretæren om det er plass." in refused.text
    client.post(f"{place(program, meeting, cast.owner)}/svar", data={"answer": "nei"})
    assert of(fresh(session, meeting), cast.owner).answer is Coming.NO


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("withdrawn", "Innkallingen gjelder ikke deg lenger."),
        ("cancelled", "Møtet er avlyst."),
        ("over", "Møtet er holdt."),
    ],
)
def test_an_outdated_link_says_what_became_of_it(
    session: Session,
    cast: Cast,
    client: FlaskClient,
    program: Program,
    meeting: Meeting,
    secretary: Visitor,
    clock: SetClock,
    how: str,
    said: str,
) -> None:
    path, number = place(program, meeting, cast.owner), of(meeting, cast.owner).id
    if how == "withdrawn":
        secretary.post(f"/moter/{meeting.id}/innkalte/{number}/tilbaketrekking")
    elif how == "cancelled":
        secretary.post(f"/moter/{meeting.id}/avlysning", {"version": "0"})
    else:
        clock.now = at(DAY + timedelta(days=1), time(8))
    for answer in (client.get(path), client.post(f"{path}/svar", data={"answer": "ja"})):
        assert answer.status_code == 410
        assert said in answer.text
        assert "Du trenger ikke svare." in answer.text
    assert of(fresh(session, meeting), cast.owner).answer is Coming.NONE


def test_a_foreign_link_opens_nothing(
    cast: Cast, client: FlaskClient, program: Program, meeting: Meeting
) -> None:
    good = place(program, meeting, cast.owner)
    for path in (good[:-3] + "abc", "/o/mote/tull", f"/o/mote/{program.links.token('pause', [1])}"):
        assert client.get(path).status_code == 404
        assert client.post(f"{path}/svar", data={"answer": "ja"}).status_code == 404


def test_the_page_speaks_the_language_of_the_invited(
    session: Session, cast: Cast, client: FlaskClient, program: Program, meeting: Meeting
) -> None:
    cast.owner.language = "en"
    session.commit()
    page = client.get(place(program, meeting, cast.owner), headers={"Accept-Language": "nn"}).text
    assert "I&#39;ll come" in page or "I'll come" in page
    assert '<html lang="en"' in page


def test_before_sending_the_secretary_sees_who_gets_what(
    session: Session, cast: Cast, secretary: Visitor, now: datetime
) -> None:
    silent = Person(organisation_id=cast.organisation.id, name="Stein Stille")
    session.add(
        Membership(organisation_id=cast.organisation.id, body=cast.body, person=silent, from_date=SINCE)
    )
    made = make_meeting(session, cast, now, DAY)
    session.commit()
    listing = f"/moter/{made.id}/innkalte"
    page = text_of(secretary.get(listing).text)
    assert "Får e-post med lenke til å svare: Kari Oremo, Nils Arne Holmen, Sigurd Lien." in page
    assert "Har ingen e-postadresse, så du må gi beskjed selv: Stein Stille." in page
    assert "Send innkalling til 3" in page
    guest = secretary.post(f"/moter/{made.id}/gjester", {"name": "Ada Gjest", "email": "ada@gjest.example"})
    assert guest.status_code == 303
    assert session.scalars(select(Message)).all() == []
    said = secretary.post(f"/moter/{made.id}/innkalling", follow_redirects=True).text
    assert "Innkallingen går til 4 personer." in said
    secretary.post(f"/moter/{made.id}/innkalling")
    session.rollback()
    assert len(session.scalars(select(Message)).all()) == 4


def test_a_guest_who_cannot_be_added_is_explained(cast: Cast, secretary: Visitor, meeting: Meeting) -> None:
    for form, said in (
        ({"name": "", "email": "ada@gjest.example"}, "Skriv navnet."),
        ({"name": "Ada", "email": "ada"}, "Skriv e-postadressen slik"),
        ({"name": "Nils", "email": cast.owner.email or ""}, "Nils Arne Holmen er alt innkalt."),
    ):
        answer = secretary.post(f"/moter/{meeting.id}/gjester", form)
        assert answer.status_code == 422
        assert said in answer.text
        assert f'value="{form["email"]}"' in answer.text


def test_guests_have_their_own_page_and_no_account(
    session: Session, cast: Cast, visitor: Visitor, meeting: Meeting, now: datetime
) -> None:
    guest = inviting.add_guest(session, meeting, "Ada Gjest", "ada@gjest.example", now)
    session.commit()
    for email in ("ada@gjest.example", cast.owner.email):
        visitor.post("/logg-inn", {"email": email})
    session.rollback()
    found = session.scalars(select(Message).where(Message.kind == MessageKind.SIGN_IN)).all()
    assert [message.person_id for message in found] == [cast.owner.id]
    assert guest.person_id not in {message.person_id for message in found}


def test_the_secretary_answers_for_somebody(
    session: Session, cast: Cast, secretary: Visitor, meeting: Meeting, clock: SetClock
) -> None:
    clock.now = at(DEADLINE + timedelta(days=2), time(8))
    meeting.asks_diet = True
    session.commit()
    page = f"/moter/{meeting.id}/innkalte/{of(meeting, cast.owner).id}"
    assert "Svar for Nils Arne Holmen" in secretary.get(page).text
    form = {"answer": "partly", "partly_text": "Fra lunsj", "diet": "Vegetar", "comment": "Ringte"}
    assert secretary.post(f"{page}/svar", form | {"partly_text": ""}).status_code == 422
    assert secretary.post(f"{page}/svar", {}).status_code == 422
    assert secretary.post(f"{page}/svar", form).status_code == 303
    invitation = of(fresh(session, meeting), cast.owner)
    assert (invitation.answer, invitation.answered_via) == (Coming.PARTLY, Via.SECRETARY)
    assert "Fra lunsj · Ringte · Mat: Vegetar" in secretary.get(f"/moter/{meeting.id}/innkalte").text
    assert "Skrevet inn av sekretæren" in secretary.get(page).text
    secretary.post(f"{page}/svar", {"answer": "no"})
    assert session.scalars(select(Message).where(Message.kind == MessageKind.ABSENCE)).all() == []


def test_the_list_goes_into_a_spreadsheet(
    session: Session, cast: Cast, secretary: Visitor, meeting: Meeting, now: datetime
) -> None:
    meeting.seats = 1
    guest = inviting.add_guest(session, meeting, "=Ada", "ada@gjest.example", now)
    for invitation in (guest, of(meeting, cast.owner)):
        sign_up.answer(session, invitation, Reply(Coming.PARTLY, "+1 dag"), now, Via.PAGE)
    session.commit()
    answer = secretary.get(f"/moter/{meeting.id}/innkalte.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Navn", "Arbeidsgiver", "Rolle", "Svar", "Når", "Mat", "Merknad", "E-post"]
    assert rows[1][:5] == ["'=Ada", "", "Gjest", "Kommer deler av tiden", "'+1 dag"]
    assert rows[2][0:4] == ["Nils Arne Holmen", "", "Medlem", "Venteliste 1"]
    assert len(rows) == 5


FORM = {
    "title": "Nytt navn", "remote_link": "https://mote.example/ny", "register_by": "2026-03-20", "seats": "2",
    "asks_diet": "1",
}  # fmt: skip


def test_name_link_and_sign_up_are_changed_on_one_page(
    session: Session, secretary: Visitor, meeting: Meeting
) -> None:
    page = f"/moter/{meeting.id}/opplysninger"
    shown = secretary.get(page).text
    assert 'value="https://mote.example/abc"' in shown
    form = FORM | {"version": str(meeting.version)}
    assert secretary.post(page, form).status_code == 303
    row = fresh(session, meeting)
    assert (row.title, row.remote_link, row.register_by) == (
        "Nytt navn",
        "https://mote.example/ny",
        date(2026, 3, 20),
    )
    assert (row.seats, row.asks_diet) == (2, True)
    stale = secretary.post(page, form | {"title": "Enda nyere"})
    assert stale.status_code == 409
    assert "Noen endret møtet mens du hadde siden åpen." in stale.text
    assert 'value="Enda nyere"' in stale.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", " ", "Skriv hva møtet heter."),
        ("remote_link", "mote.example", "Lim inn hele lenken."),
        ("register_by", "2026-03-25", "Påmeldingsfristen er etter at møtet begynner."),
        ("register_by", "snart", "Velg en dato."),
        ("seats", "mange", "Skriv et tall fra 1 til"),
        ("seats", "0", "Skriv et tall fra 1 til"),
        ("seats", "1", "2 har alt fått plass."),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_lost(
    session: Session, cast: Cast, secretary: Visitor, meeting: Meeting, now: datetime,
    field: str, value: str, said: str,
) -> None:  # fmt: skip
    for person in (cast.owner, cast.leader):
        sign_up.answer(session, of(meeting, person), Reply(Coming.YES), now, Via.PAGE)
    session.commit()
    form = FORM | {"version": str(meeting.version), field: value}
    answer = secretary.post(f"/moter/{meeting.id}/opplysninger", form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{"Nytt navn" if field != "title" else "https://mote.example/ny"}"' in answer.text
    assert fresh(session, meeting).title == "Møte i Elvedalsrådet"


def test_members_see_the_link_how_many_come_and_their_own_answer(
    session: Session, cast: Cast, program: Program, meeting: Meeting, sign_in_as: SignInAs
) -> None:
    page = sign_in_as(cast.owner).get(f"/moter/{meeting.id}").text
    assert "https://mote.example/abc" in page
    assert place(program, meeting, cast.owner) in page
    assert "0 kommer · 0 kommer ikke · 3 har ikke svart" in text_of(page)
    assert f"/moter/{meeting.id}/innkalte" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/innkalling",
        "/gjester",
        "/innkalte/1/svar",
        "/innkalte/1/tilbaketrekking",
        "/innkalte/1/vara",
        "/opplysninger",
    ],
)
def test_only_the_bodys_secretary_changes_anything(
    session: Session, cast: Cast, meeting: Meeting, sign_in_as: SignInAs, path: str
) -> None:
    elsewhere = Membership(
        organisation_id=cast.organisation.id, body=cast.other_body, person=cast.outsider,
        office=Office.SECRETARY, from_date=SINCE,
    )  # fmt: skip
    session.add(elsewhere)
    session.commit()
    for person in (cast.owner, cast.outsider, cast.stranger):
        assert sign_in_as(person).post(f"/moter/{meeting.id}{path}", FORM).status_code in (403, 404)


def test_an_invitation_of_another_meeting_is_not_found(
    session: Session, cast: Cast, meeting: Meeting, secretary: Visitor, now: datetime
) -> None:
    other = make_meeting(session, cast, now, DAY, kind=MeetingKind.GATHERING)
    session.commit()
    path = f"/moter/{other.id}/innkalte/{of(meeting, cast.owner).id}"
    assert secretary.get(path).status_code == 404
    assert secretary.post(f"{path}/svar", {"answer": "yes"}).status_code == 404
