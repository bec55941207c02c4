"""The outbox: what secretaries see of the mail, what they don't, and what they can do about it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import deliver_mail
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import make_meeting, make_task
from tests.web.conftest import SignInAs
from tracker.models import Message, MessageKind, MessageState, Person
from tracker.program import Program
from tracker.services import remind, sign_in

SECRET = "/o/WzEsMV0.abcdefghijklmnopqrstuvwxyz"


def put(
    session: Session,
    person: Person,
    state: MessageState = MessageState.SENT,
    kind: MessageKind = MessageKind.REMINDER,
    **values: object,
) -> Message:
    """A mail of two hours ago, committed."""
    message = Message(
        organisation_id=person.organisation_id, person=person, kind=kind, state=state,
        address=person.email or "", created_at=NOW - timedelta(hours=2), send_at=NOW + timedelta(hours=20),
    )  # fmt: skip
    for name, value in values.items():
        setattr(message, name, value)
    session.add(message)
    session.commit()
    return message


def test_the_outbox_is_for_secretaries(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    number = put(session, cast.owner).id
    for path in ("/utboks", f"/utboks/{number}", f"/utboks/{number}/innhold"):
        assert sign_in_as(cast.owner).get(path).status_code == 403
    for verb in ("stopp", "utsending"):
        assert sign_in_as(cast.leader).post(f"/utboks/{number}/{verb}").status_code == 403


def test_mail_of_another_organisation_does_not_exist(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    number = put(session, cast.stranger, MessageState.WAITING, subject="Noe hos naboen", body_html="x").id
    visitor = sign_in_as(cast.secretary)
    assert "Noe hos naboen" not in visitor.get("/utboks").text
    for path in (f"/utboks/{number}", f"/utboks/{number}/innhold"):
        assert visitor.get(path).status_code == 404
    for verb in ("stopp", "utsending"):
        assert visitor.post(f"/utboks/{number}/{verb}").status_code == 404
    session.rollback()
    session.refresh(session.get_one(Message, number))
    assert session.get_one(Message, number).state is MessageState.WAITING


def test_an_empty_outbox_says_what_will_come(sign_in_as: SignInAs, cast: Cast) -> None:
    page = sign_in_as(cast.secretary).get("/utboks").text
    assert "Ingen e-poster er sendt. De kommer hit etter at du trykker Send." in page


def test_what_did_not_arrive_comes_first_with_its_reason(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    put(session, cast.owner, subject="Gikk bra", created_at=NOW)
    put(session, cast.leader, MessageState.FAILED, subject="Kom tilbake",
        reason="Adressen finnes ikke hos mottakeren (550).")  # fmt: skip
    page = sign_in_as(cast.secretary).get("/utboks").text

    assert page.index("Kom tilbake") < page.index("Gikk bra")
    assert "Adressen finnes ikke hos mottakeren (550)." in page
    assert f"/deltakere/{cast.leader.id}/endre" in page
    assert page.count(">Kom tilbake</a>") == 1


def test_the_server_s_words_are_only_words(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    put(session, cast.leader, MessageState.FAILED, reason="<script>alert(1)</script> 100% full %(x)s")
    visitor = sign_in_as(cast.secretary)
    for path in ("/utboks", f"/utboks/{session.scalars(select(Message.id)).one()}"):
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 100% full" in visitor.get(path).text


def test_mails_are_filtered_by_state_and_person(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    put(session, cast.owner, subject="Til Nils Arne")
    put(session, cast.leader, MessageState.STOPPED, subject="Til Sigurd")
    visitor = sign_in_as(cast.secretary)
    page = visitor.get("/utboks?status=stopped").text
    assert "Til Sigurd" in page
    assert "Til Nils Arne" not in page
    page = visitor.get(f"/utboks?person={cast.owner.id}").text
    assert "Til Sigurd" not in page
    assert "Ingen e-poster passer med valget." in visitor.get("/utboks?status=failed").text
    for odd in ("?status=x&person=y&side=z", "?side=-3", "?side=99999999999", "?person=999999999999"):
        assert visitor.get(f"/utboks{odd}").status_code == 200


def test_many_mails_come_in_pages(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    for number in range(51):
        put(session, cast.owner, subject=f"Nummer {number:02}", created_at=NOW - timedelta(minutes=number))
    visitor = sign_in_as(cast.secretary)
    assert "Nummer 50" not in visitor.get("/utboks").text
    assert "Nummer 50" in visitor.get("/utboks?side=2").text


def test_a_planned_mail_is_stopped(
    sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    message = put(session, cast.owner, MessageState.WAITING, send_at=NOW)
    visitor = sign_in_as(cast.secretary)

    for _ in range(2):  # a double click
        assert visitor.post(f"/utboks/{message.id}/stopp").location == f"/utboks/{message.id}"

    deliver_mail.run(program)
    session.refresh(message)
    assert (message.state, message.reason) == (MessageState.STOPPED, "Stoppet av Berit Kampen.")
    assert "Stoppet av Berit Kampen." in visitor.get("/utboks").text


@pytest.mark.parametrize("values", [
    {"state": MessageState.SENT},
    {"state": MessageState.SENDING},
])  # fmt: skip
def test_what_has_gone_or_is_going_is_not_stopped(
    sign_in_as: SignInAs, cast: Cast, session: Session, values: dict[str, object]
) -> None:
    message = put(session, cast.owner, **values)  # type: ignore[arg-type]
    answer = sign_in_as(cast.secretary).post(f"/utboks/{message.id}/stopp")
    assert answer.status_code == 409
    assert "kan ikke stoppes" in answer.text
    session.refresh(message)
    assert message.state is values["state"]


def test_an_undelivered_mail_is_sent_again_to_the_corrected_address(
    sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    task = make_task(session, cast, NOW)
    (message,) = remind.announce(session, task.assignments, NOW)
    message.state, message.reason, message.attempts = MessageState.FAILED, "Adressen finnes ikke.", 3
    session.commit()
    visitor = sign_in_as(cast.secretary)
    form = {"name": cast.owner.name, "email": "right@elvedal.example", "language": "nb"}
    visitor.post(f"/deltakere/{cast.owner.id}/endre", form)

    assert visitor.post(f"/utboks/{message.id}/utsending", {"back": "list"}).status_code == 303
    deliver_mail.run(program)

    session.refresh(message)
    assert (message.state, message.address) == (MessageState.CAPTURED, "right@elvedal.example")
    assert visitor.post(f"/utboks/{message.id}/utsending").status_code == 409


def test_personal_links_are_cut_from_what_a_secretary_sees(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    """Also of a mail that waits for its next try, or was captured because no mail server was set."""
    visitor = sign_in_as(cast.secretary)
    for state in MessageState:
        words = f'<html><head></head><a href="http://localhost{SECRET}">x</a>'
        number = put(session, cast.owner, state, body_html=words, body_text=SECRET).id
        for path in (f"/utboks/{number}/innhold", f"/utboks/{number}?vis=tekst"):
            answer = visitor.get(path)
            assert answer.status_code == 200
            assert "/o/…" in answer.text
            assert "WzEsMV0" not in answer.text


def test_the_words_of_a_sign_in_mail_are_hidden(
    sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    sign_in.ask_for_link(session, cast.leader.email or "", NOW)
    session.commit()
    deliver_mail.run(program)
    number = session.scalars(select(Message.id)).one()
    visitor = sign_in_as(cast.secretary)

    page = visitor.get(f"/utboks/{number}").text

    assert "Innholdet er skjult" in page
    assert "<iframe" not in page
    assert "/inn/" not in page + visitor.get(f"/utboks/{number}?vis=tekst").text
    assert visitor.get(f"/utboks/{number}/innhold").status_code == 404


def test_a_case_that_became_restricted_hides_the_mail_from_other_bodies(
    sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    """The secretary of another body of the organisation sees that a mail went, not what it is about."""
    meeting = make_meeting(session, cast, NOW, date(2026, 2, 2))
    task = make_task(session, cast, NOW, what="Tilsette ny leder", meeting=meeting)
    remind.announce(session, task.assignments, NOW)
    session.commit()
    deliver_mail.run(program)
    assert task.agenda_item is not None
    task.agenda_item.restricted = "offentleglova § 25"
    session.commit()
    number = session.scalars(select(Message.id)).one()
    make_secretary_of_other_body(session, cast)
    visitor = sign_in_as(cast.outsider)

    for path in ("/utboks", f"/utboks/{number}", f"/utboks/{number}?vis=tekst"):
        assert "Tilsette" not in visitor.get(path).text
    assert visitor.get(f"/utboks/{number}/innhold").status_code == 404
    assert "Tilsette" in sign_in_as(cast.secretary).get(f"/utboks/{number}/innhold").text


def make_secretary_of_other_body(session: Session, cast: Cast) -> None:
    from tracker.rules.access import Office
    from tracker.services import people

    people.add_to_body(session, cast.other_body, cast.outsider, NOW.date(), Office.SECRETARY)
    session.commit()


def test_the_words_stand_in_a_frame_that_can_do_nothing(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    number = put(session, cast.owner, body_html="<html><head></head><p>Hei</p>").id
    visitor = sign_in_as(cast.secretary)
    page = visitor.get(f"/utboks/{number}").text
    assert f'sandbox="" title="E-posten til Nils Arne Holmen" src="/utboks/{number}/innhold"' in page

    answer = visitor.get(f"/utboks/{number}/innhold")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';")
    assert "script-src" not in policy
    assert "<base" not in answer.text


@pytest.mark.parametrize("demo", [True])
def test_in_the_demo_the_links_work(
    sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    task = make_task(session, cast, NOW)
    remind.announce(session, task.assignments, NOW)
    sign_in.ask_for_link(session, cast.leader.email or "", NOW)
    session.commit()
    deliver_mail.run(program)
    visitor = sign_in_as(cast.secretary)
    announcement, link_mail = session.scalars(select(Message.id).order_by(Message.id)).all()

    assert "Demo: e-poster blir fanget her og ikke sendt." in visitor.get("/utboks").text
    page = visitor.get(f"/utboks/{announcement}").text
    assert 'sandbox="allow-top-navigation-by-user-activation allow-popups"' in page
    answer = visitor.get(f"/utboks/{announcement}/innhold")
    assert '<head><base target="_top">' in answer.text
    assert "http://localhost/o/W" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("sandbox allow-top-navigation-by-user-")
    assert "allow-scripts" not in answer.headers["Content-Security-Policy"]
    assert "http://localhost/inn/W" in visitor.get(f"/utboks/{link_mail}/innhold").text
