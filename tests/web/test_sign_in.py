"""Signing in: by a link that is mailed, works once, and tells nobody who is registered."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import deliver_mail
from tests.cast import Cast
from tests.web.conftest import SetClock, SignInAs, Visitor
from tracker.models import Attempt, Key, KeyPurpose, Message
from tracker.program import Program
from tracker.services import sign_in

ADDRESS = "nils.arne.holmen@elvedal.example"


def ask(visitor: Visitor, email: str = ADDRESS, onward: str = "") -> None:
    answer = visitor.post("/logg-inn", {"email": email, "videre": onward})
    assert (answer.status_code, answer.location) == (303, "/logg-inn/sendt")


def mailed_link(program: Program, session: Session) -> str:
    """The path of the link in the last mail."""
    deliver_mail.run(program)
    session.rollback()
    message = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert message is not None
    found = re.search(r"http://localhost(/inn/\S+)", message.body_text)
    assert found is not None
    return found[1]


def signed_in(visitor: Visitor) -> bool:
    return visitor.get("/innstillinger").status_code == 200


def test_the_link_in_the_mail_signs_in(
    visitor: Visitor, cast: Cast, program: Program, session: Session
) -> None:
    ask(visitor)
    assert "n…\u2060@elvedal.example" in visitor.get("/logg-inn/sendt").text
    link = mailed_link(program, session)

    assert "Logg inn som Nils Arne Holmen" in visitor.get(link).text
    assert not signed_in(visitor)
    answer = visitor.post(link)

    assert (answer.status_code, answer.location) == (303, "/oppgaver")
    assert signed_in(visitor)
    assert visitor.get("/").location == "/oppgaver"


def test_a_scanner_that_opens_the_link_does_not_use_it_up(
    visitor: Visitor, cast: Cast, program: Program, session: Session
) -> None:
    ask(visitor)
    link = mailed_link(program, session)

    for _ in range(3):
        assert visitor.client.get(link).status_code == 200
        assert visitor.client.head(link).status_code == 200

    assert visitor.post(link).status_code == 303


def test_the_link_works_once(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast, program: Program, session: Session
) -> None:
    ask(visitor)
    link = mailed_link(program, session)
    visitor.post(link)
    thief = Visitor(visitor.app, visitor.app.test_client())

    for answer in (thief.get(link), thief.post(link)):
        assert answer.status_code == 410
        assert "Lenken er brukt eller gått ut." in answer.text
        assert "Send meg en ny lenke" in answer.text
    assert not signed_in(thief)


def test_the_link_works_for_half_an_hour(
    visitor: Visitor, cast: Cast, program: Program, session: Session, clock: SetClock
) -> None:
    ask(visitor)
    link = mailed_link(program, session)

    clock.now += timedelta(minutes=29)
    assert visitor.get(link).status_code == 200
    clock.now += timedelta(minutes=1)

    assert visitor.get(link).status_code == 410
    assert visitor.post(link).status_code == 410
    assert not signed_in(visitor)


@pytest.mark.parametrize("token", ["nonsense", "WyJ4Il0.abcdefghijklmnop", "%00", "æøå"])
def test_a_made_up_link_is_not_found(visitor: Visitor, token: str) -> None:
    assert visitor.get(f"/inn/{token}").status_code == 404
    assert visitor.post(f"/inn/{token}").status_code == 404


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    visitor: Visitor, cast: Cast, session: Session
) -> None:
    ask(visitor, "nobody@elvedal.example")
    unknown = visitor.get("/logg-inn/sendt").text
    assert session.scalars(select(Message)).all() == []

    ask(visitor, ADDRESS)
    assert without_tokens(visitor.get("/logg-inn/sendt").text).replace(
        ADDRESS, "nobody@elvedal.example"
    ) == without_tokens(unknown)


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", html)


@pytest.mark.parametrize("email", ["", "nils", "nils@", "nils@elvedal", "a b@c.no", "x@y.no\r\nBcc: z@z.no"])
def test_what_is_no_address_is_pointed_out(visitor: Visitor, cast: Cast, email: str) -> None:
    answer = visitor.post("/logg-inn", {"email": email})

    assert answer.status_code == 422
    assert "<title>Feil: " in answer.text
    assert 'href="#email"' in answer.text
    assert "Skriv e-postadressen slik: navn@kommune.no." in answer.text


def test_nobody_is_flooded(visitor: Visitor, cast: Cast, session: Session, clock: SetClock) -> None:
    for _ in range(5):
        ask(visitor)
    refused = visitor.post("/logg-inn", {"email": ADDRESS.upper(), "videre": "/moter"})
    assert refused.status_code == 429
    assert "vent en halv time og prøv igjen" in refused.text
    assert 'value="/moter"' in refused.text
    assert len(session.scalars(select(Message)).all()) == 5

    clock.now += timedelta(minutes=31)
    ask(visitor)
    session.rollback()
    assert len(session.scalars(select(Message)).all()) == 6


def test_the_limit_tells_nobody_who_is_registered(visitor: Visitor, cast: Cast) -> None:
    said = set()
    for email in (ADDRESS, "nobody@elvedal.example"):
        for _ in range(5):
            ask(visitor, email)
        said.add(without_tokens(visitor.post("/logg-inn", {"email": email}).text).replace(email, "…"))
    assert len(said) == 1


def test_a_network_that_tries_many_addresses_is_slowed_down(
    visitor: Visitor, cast: Cast, session: Session, clock: SetClock
) -> None:
    def post(number: int, remote: str) -> int:
        form = {"email": f"somebody{number}@elvedal.example"}
        return visitor.post("/logg-inn", form, environ_base={"REMOTE_ADDR": remote}).status_code

    assert {post(n, f"192.0.2.{n % 250 + 1}") for n in range(60)} == {303}
    assert post(61, "192.0.2.7") == 429
    assert post(61, "198.51.100.7") == 303
    clock.now += timedelta(hours=1)
    assert {post(n, f"2001:db8:1:2{n % 16:x}::{n}") for n in range(60)} == {303}
    assert post(61, "2001:db8:1:2f:9::1") == 429
    kept = session.scalars(select(Attempt)).all()
    assert not any("192." in row.network or "@" in row.address for row in kept)

    assert post(61, "192.0.2.7") == 303
    clock.now += timedelta(days=2)
    session.rollback()
    sign_in.sweep(session, clock.now)
    assert session.scalars(select(Attempt)).all() == []


def test_one_comes_to_the_page_one_wanted(
    visitor: Visitor, cast: Cast, program: Program, session: Session
) -> None:
    turned_away = visitor.get("/moter")
    assert (turned_away.status_code, turned_away.location) == (303, "/logg-inn?videre=/moter")
    assert 'name="videre" value="/moter"' in visitor.get(turned_away.location).text

    ask(visitor, onward="/moter")

    assert visitor.post(mailed_link(program, session)).location == "/moter"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
     "/\t/evil.example", "http:evil.example"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(
    visitor: Visitor, cast: Cast, program: Program, session: Session, target: str, sign_in_as: SignInAs
) -> None:
    ask(visitor, onward=target)

    location = visitor.post(mailed_link(program, session)).location

    assert not re.match(r"[a-z]+:|[/\\]\s*[/\\]", location)
    assert not re.match(
        r"[a-z]+:|[/\\]\s*[/\\]",
        sign_in_as(cast.owner).get("/logg-inn", query_string={"videre": target}).location,
    )


def test_signing_in_makes_a_new_session_and_ends_the_one_before(
    sign_in_as: SignInAs, cast: Cast, program: Program, session: Session
) -> None:
    visitor = sign_in_as(cast.leader)
    before = cookie(visitor.client)
    ask(visitor)

    visitor.post(mailed_link(program, session))

    assert cookie(visitor.client) != before
    assert "Nils Arne Holmen" in visitor.get("/innstillinger/meg").text
    old = visitor.app.test_client()
    old.set_cookie("oppfolging", before)
    assert old.get("/innstillinger").status_code == 303


def test_a_cookie_that_was_there_before_signing_in_opens_nothing_afterwards(
    visitor: Visitor, cast: Cast, program: Program, session: Session
) -> None:
    """Session fixation: whoever put their own cookie into the browser gets nothing from it."""
    planted = Visitor(visitor.app, visitor.app.test_client())
    ask(planted, "nobody@elvedal.example")
    visitor.client.set_cookie("oppfolging", cookie(planted.client))
    ask(visitor)
    visitor.post(mailed_link(program, session))

    assert signed_in(visitor)
    assert cookie(visitor.client) != cookie(planted.client)
    assert not signed_in(planted)


def test_signing_out_ends_every_copy_of_the_cookie(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    visitor = sign_in_as(cast.owner)
    copy = visitor.app.test_client()
    copy.set_cookie("oppfolging", cookie(visitor.client))
    assert copy.get("/innstillinger").status_code == 200

    assert visitor.post("/logg-ut").location == "/logg-inn"

    assert not signed_in(visitor)
    assert copy.get("/innstillinger").status_code == 303
    assert session.scalars(select(Key).where(Key.purpose == KeyPurpose.SESSION)).all() == []


def test_a_session_lasts_thirty_days(sign_in_as: SignInAs, cast: Cast, clock: SetClock) -> None:
    visitor = sign_in_as(cast.owner)
    clock.now += timedelta(days=29, hours=23)
    assert signed_in(visitor)
    clock.now += timedelta(hours=1)
    assert not signed_in(visitor)


def test_a_form_from_another_site_does_nothing(client: FlaskClient, cast: Cast, session: Session) -> None:
    answer = client.post("/logg-inn", data={"email": ADDRESS})

    assert answer.status_code == 400
    assert "Siden har ligget åpen for lenge" in answer.text
    assert session.scalars(select(Message)).all() == []


def test_one_click_is_for_the_demo_alone(visitor: Visitor, cast: Cast) -> None:
    assert "Prøv som" not in visitor.get("/logg-inn").text
    assert visitor.post("/logg-inn/demo", {"person": cast.secretary.id}).status_code == 404
    assert not signed_in(visitor)


@pytest.mark.parametrize("demo", [True])
def test_in_the_demo_one_click_signs_in_as_those_on_the_page(visitor: Visitor, cast: Cast) -> None:
    page = visitor.get("/logg-inn").text
    assert "Prøv som sekretær: Berit Kampen" in page
    assert "Prøv som medlem: Nils Arne Holmen" in page
    assert "Prøv som leder: Sigurd Lien" in page
    assert visitor.post("/logg-inn/demo", {"person": cast.stranger.id}).status_code == 404

    answer = visitor.post("/logg-inn/demo", {"person": cast.secretary.id, "videre": "/utboks"})

    assert answer.location == "/utboks"
    assert signed_in(visitor)


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("oppfolging")
    assert found is not None
    return found.value
