"""The secretary's list of answers that can't be placed: seen, placed in one press, put away."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.calendars.made_replies import KARI, Mail, attendee
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import make_meeting
from tests.web.conftest import SignInAs
from tracker.links import Links
from tracker.models import Coming, Invitation, ReceivedMail, Via
from tracker.services import inviting, replies


@pytest.fixture
def kari(session: Session, cast: Cast) -> Invitation:
    meeting = make_meeting(session, cast, NOW, date(2026, 3, 24))
    inviting.invite(session, meeting, NOW)
    session.commit()
    return next(i for i in meeting.invitations if i.person_id == cast.contributor.id)


def came(session: Session, kari: Invitation, links: Links, **changes: object) -> ReceivedMail:
    """A «no» of Kari's from an address that nobody knows."""
    given: dict[str, object] = {
        "sender": "Kari <kari@annen.example>",
        "attendees": (attendee(KARI, "DECLINED"),),
    }
    mail = Mail(**{**given, **changes})  # type: ignore[arg-type]
    uid = f"meeting-{kari.meeting.public_id}@x"
    row = replies.receive(session, mail.as_bytes(uid=uid), [], NOW, links)
    session.commit()
    return row


def test_the_secretary_is_told_and_places_it_in_one_press(
    sign_in_as: SignInAs, cast: Cast, session: Session, links: Links, kari: Invitation
) -> None:
    row = came(session, kari, links)
    visitor = sign_in_as(cast.secretary)
    for path in ("/oppgaver", "/utboks"):
        assert "1 svar på en innkalling må plasseres" in visitor.get(path).text
        assert "/utboks/svar" in visitor.get(path).text
    page = visitor.get("/utboks/svar").text
    assert "kari@annen.example" in page
    assert "fra en annen adresse" in page
    assert f'<option value="{kari.id}" selected>Kari Oremo' in page
    answered = visitor.post(
        f"/utboks/svar/{row.id}/plassering", {f"invitation-{row.id}": kari.id, "coming": "no"}
    )
    assert answered.status_code == 303
    assert "Kari Oremo kommer ikke." in visitor.get("/utboks/svar").text
    session.expire_all()
    assert (kari.answer, kari.answered_via) == (Coming.NO, Via.SECRETARY)
    assert "må plasseres" not in visitor.get("/utboks").text


def test_it_is_put_away_and_the_mail_can_be_fetched_until_then(
    sign_in_as: SignInAs, cast: Cast, session: Session, links: Links, kari: Invitation
) -> None:
    row, visitor = came(session, kari, links), sign_in_as(cast.secretary)
    fetched = visitor.get(f"/utboks/svar/{row.id}.eml")
    assert b"kari@annen.example" in fetched.data
    assert fetched.headers["Content-Type"] == "application/octet-stream"
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    for _twice in range(2):
        assert visitor.post(f"/utboks/svar/{row.id}/bortlegging").status_code == 303
    assert "Ingen svar venter" in visitor.get("/utboks/svar").text
    assert visitor.get(f"/utboks/svar/{row.id}.eml").status_code == 404
    session.expire_all()
    assert kari.answer is Coming.NONE


@pytest.mark.parametrize("chosen", ["", "x", "999", "99999999999999999999"])
def test_without_a_name_chosen_it_asks_for_one(
    sign_in_as: SignInAs, cast: Cast, session: Session, links: Links, kari: Invitation, chosen: str
) -> None:
    row, visitor = came(session, kari, links, uid="x@x.example", sender=KARI), sign_in_as(cast.secretary)
    answered = visitor.post(
        f"/utboks/svar/{row.id}/plassering", {f"invitation-{row.id}": chosen, "coming": "yes"}
    )
    assert answered.status_code == 422
    assert "Velg hvem svaret er fra." in answered.text
    assert len(answered.text.split('id="mail-')) == 2, "it still waits"


def test_what_people_write_is_shown_as_words(
    sign_in_as: SignInAs, cast: Cast, session: Session, links: Links, kari: Invitation
) -> None:
    came(session, kari, links, place="none", words="<script>x</script> Ja & nei", sender=f'"<b>" <{KARI}>')
    page = sign_in_as(cast.secretary).get("/utboks/svar").text
    assert "&lt;script&gt;x&lt;/script&gt; Ja &amp; nei" in page
    assert "&lt;b&gt;" in page


def test_it_is_for_the_secretary_of_that_body_alone(
    sign_in_as: SignInAs, cast: Cast, session: Session, links: Links, kari: Invitation
) -> None:
    row = came(session, kari, links)
    for path in ("/utboks/svar", f"/utboks/svar/{row.id}.eml"):
        assert sign_in_as(cast.leader).get(path).status_code == 403
    for verb in ("plassering", "bortlegging"):
        assert sign_in_as(cast.owner).post(f"/utboks/svar/{row.id}/{verb}").status_code == 403
    row.organisation_id = cast.stranger.organisation_id
    session.commit()
    visitor = sign_in_as(cast.secretary)
    assert "kari@annen" not in visitor.get("/utboks/svar").text
    assert visitor.get(f"/utboks/svar/{row.id}.eml").status_code == 404
    assert visitor.post(f"/utboks/svar/{row.id}/bortlegging").status_code == 404
