"""The first start on the pages: shown to everybody, done only by whoever has the link from the console."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import deliver_mail
from tests.cast import Cast
from tests.mail import sink
from tests.mail.sink import Sink, only, running
from tests.web.conftest import SignInAs, Visitor
from tracker.models import Message, Person
from tracker.program import Program
from tracker.services import start

SERVER = {
    "host": "127.0.0.1", "security": "none", "port": "25", "user": "", "password": "",
    "mail_from": "oppfolging@aerfjord.example", "to": "ase@aerfjord.example",
}  # fmt: skip


@pytest.fixture
def link(program: Program) -> str:
    return start.link(program.links, program.clock()).removeprefix("http://localhost")


@pytest.fixture
def server() -> Iterator[Sink]:
    with running() as opened:
        yield opened


def set_up(visitor: Visitor, link: str) -> None:
    assert visitor.post(link, {"name": "Ærfjord råd", "body": "Rådet", "language": "nb"}).status_code == 303
    answer = visitor.post(f"{link}/sekretaer", {"name": "Åse Øy", "email": "ase@aerfjord.example"})
    assert answer.location == f"{link}/epost"


@pytest.mark.parametrize("path", ["/", "/logg-inn", "/oppgaver", "/status", "/rapporter/vedtak", "/utboks"])
def test_every_page_of_an_empty_installation_is_the_first_start(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.location) == (303, "/start")
    page = visitor.get("/start").text
    assert "tracker start-link" in page
    assert "/inn/start/" not in page


@pytest.mark.parametrize("path", ["/health", "/robots.txt", "/static/app.css", "/hjelp"])
def test_help_and_monitors_answer_as_ever(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_a_stranger_can_set_nothing_up(visitor: Visitor, program: Program, session: Session) -> None:
    forged = f"/inn/start/{program.links.token('pause', [1])}"
    for path in (forged, f"{forged}/sekretaer", f"{forged}/epost", f"{forged}/epost/prove"):
        form = {
            "name": "Kaprer",
            "body": "Styret",
            "language": "nb",
            "email": "kaprer@utenfor.example",
            **SERVER,
        }
        assert visitor.post(path, form).status_code == 404
    assert visitor.post("/start", {"link": forged}).status_code == 422
    assert session.scalar(select(Person.id)) is None
    assert not (program.settings.data / "mail.json").exists()


@pytest.mark.parametrize("before", ["http://annen-adresse.example:8000", "", "  "])
def test_the_link_can_be_pasted(visitor: Visitor, link: str, before: str) -> None:
    assert visitor.post("/start", {"link": f"{before}{link}\n"}).location == link
    assert visitor.post("/start", {"link": link.rpartition("/")[2]}).location == link


def test_each_step_keeps_what_it_was_told_and_can_be_come_back_to(visitor: Visitor, link: str) -> None:
    assert visitor.get(f"{link}/sekretaer").location == link
    assert visitor.get(f"{link}/epost").location == f"{link}/sekretaer"
    answer = visitor.post(link, {"name": "", "body": "Rådet", "language": "nb"})
    assert answer.status_code == 422
    assert 'value="Rådet"' in answer.text
    set_up(visitor, link)
    assert 'value="Ærfjord råd"' in visitor.get(link).text
    assert 'value="ase@aerfjord.example"' in visitor.get(f"{link}/sekretaer").text
    assert visitor.get("/oppgaver").status_code == 200  # signed in
    assert visitor.get("/start").location == "/"


def test_when_others_are_in_only_the_mail_is_left_to_set(visitor: Visitor, link: str, cast: Cast) -> None:
    assert visitor.get("/start").location == "/"
    for path in (link, f"{link}/sekretaer"):
        assert visitor.get(path).location == f"{link}/epost"
    assert visitor.post(link, {"name": "Kapret", "body": "Styret", "language": "nb"}).status_code == 422
    form = {"name": "Kaprer", "email": "kaprer@utenfor.example"}
    assert visitor.post(f"{link}/sekretaer", form).status_code == 422
    assert visitor.get("/oppgaver").location.startswith("/logg-inn")
    assert visitor.get(f"{link}/epost").status_code == 200


def test_the_trial_goes_and_the_mail_after_it_too(
    visitor: Visitor, link: str, program: Program, session: Session, server: Sink
) -> None:
    set_up(visitor, link)
    form = {**SERVER, "port": str(server.port)}
    page = visitor.post(f"{link}/epost/prove", form).text
    assert "E-posttjeneren tok imot prøven." in page
    assert f'value="{server.port}"' in page
    (mail,) = server.mails
    assert isinstance(mail, EmailMessage)
    assert (server.recipients, mail["Subject"]) == (
        ["ase@aerfjord.example"],
        "Prøve: e-posten fra Oppfølging virker",
    )
    assert program.captures_mail  # nothing is kept yet

    assert visitor.post(f"{link}/epost", form).location == "/referat/nytt"
    assert not program.captures_mail
    kept = program.settings.data / "mail.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["port"] == server.port
    visitor.post("/logg-ut")
    visitor.post("/logg-inn", {"email": "ase@aerfjord.example"})
    deliver_mail.run(program)  # the job has the same program, and needs no restart
    assert len(server.mails) == 2
    assert session.scalars(select(Message.state)).all() == ["sent"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("550 5.1.1 no such user", "Adressen finnes ikke hos mottakeren (550)."),
        ("451 4.7.1 greylisted", "E-posttjeneren tar ikke imot e-posten nå (451)."),
        (
            "554 5.7.1 <b>no</b> relay",
            "E-posttjeneren avviste e-posten (554: 5.7.1 &lt;b&gt;no&lt;/b&gt; relay).",
        ),
        ("530 5.7.0 sign in first", "E-posttjeneren krever innlogging (530)."),
        (sink.DROP, "E-posttjeneren brøt forbindelsen."),
    ],
)
def test_what_the_server_answers_is_told_in_words(
    visitor: Visitor, link: str, program: Program, server: Sink, said: str, shown: str
) -> None:
    set_up(visitor, link)
    server.on_rcpt = lambda _address: said
    page = visitor.post(f"{link}/epost/prove", {**SERVER, "port": str(server.port)}).text
    assert "Prøven gikk ikke." in page
    assert shown in page
    assert program.captures_mail


def test_nobody_listening_is_told_too(visitor: Visitor, link: str) -> None:
    set_up(visitor, link)
    page = visitor.post(f"{link}/epost/prove", {**SERVER, "port": "1"}).text
    assert "Fikk ikke kontakt med e-posttjeneren." in page


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on loopback
def test_a_password_is_used_again_but_never_shown_or_told_to_another_server(
    visitor: Visitor, link: str, program: Program
) -> None:
    set_up(visitor, link)
    with running(
        auth_required=True, auth_require_tls=False, authenticator=only(b"rad", b"hemmelig")
    ) as server:
        form = {**SERVER, "port": str(server.port), "user": "rad", "password": "feil"}
        assert "godtar ikke brukernavnet" in visitor.post(f"{link}/epost/prove", form).text
        assert visitor.post(f"{link}/epost", {**form, "password": "hemmelig"}).status_code == 303
        assert "hemmelig" not in visitor.get(f"{link}/epost").text
        empty = {**form, "password": ""}
        assert "tok imot prøven" in visitor.post(f"{link}/epost/prove", empty).text
        assert visitor.post(f"{link}/epost", {**empty, "mail_from": "ny@aerfjord.example"}).status_code == 303
        assert program.settings.mail.password.get_secret_value() == "hemmelig"
        with running() as other:
            answer = visitor.post(f"{link}/epost/prove", {**empty, "port": str(other.port)})
            assert answer.status_code == 422
            assert "Skriv passordet." in answer.text
            assert other.connections == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "smtp.no\r\nRCPT"}, "host"),
        ({"host": "https://smtp.no"}, "host"),
        ({"port": "0"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "²"}, "port"),
        ({"security": "ssl"}, "security"),
        ({"host": "smtp.no", "user": "a", "password": "b"}, "security"),
        ({"user": "åse", "password": "b"}, "user"),
        ({"user": "ase", "password": "blåbær"}, "password"),
        ({"user": "ase"}, "password"),
        ({"mail_from": "Rådet"}, "mail_from"),
        ({"mail_from": "råd@kommune.no"}, "mail_from"),
    ],
)
def test_a_server_that_cannot_be_is_pointed_out(
    visitor: Visitor, link: str, program: Program, change: dict[str, str], field: str
) -> None:
    set_up(visitor, link)
    for path in (f"{link}/epost", f"{link}/epost/prove"):
        answer = visitor.post(path, {**SERVER, **change})
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
    assert program.captures_mail


@pytest.mark.parametrize("demo", [True])
def test_a_demo_sends_nothing_whatever_is_kept(
    sign_in_as: SignInAs, cast: Cast, link: str, program: Program
) -> None:
    (program.settings.data / "mail.json").write_text("{}")
    visitor = sign_in_as(cast.secretary)
    assert visitor.post(f"{link}/epost", SERVER).location == f"{link}/epost"
    assert program.captures_mail
