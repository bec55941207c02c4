"""Pages and mails in the reader's language: texts, dates, and the language that browsers are told of."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.story import Story, tell
from tracker.language import language
from tracker.minutes.formats import refusals
from tracker.models import Message, MessageKind, Person
from tracker.program import Program
from tracker.services.compose import Stopped
from tracker.translations import extract

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


@pytest.fixture
def story(session: Session, cast: Cast) -> Story:
    return tell(session, cast, NOW)


def speaks(session: Session, person: Person, code: str) -> Person:
    person.language = code
    session.commit()
    return person


def words_of(page: str) -> str:
    """What is read or heard of a page, on one line; quotes and what people wrote included."""
    tree = html.fromstring(page)
    heard = [node.get(name, "") for node in tree.iter() for name in ("aria-label", "title", "placeholder")]
    return " ".join(" ".join([str(text) for text in tree.itertext()] + heard).split())


def lang_of(page: str) -> str:
    return str(html.fromstring(page).get("lang"))


def test_my_tasks_in_nynorsk(sign_in_as: SignInAs, cast: Cast, story: Story, session: Session) -> None:
    page = sign_in_as(speaks(session, cast.owner, "nn")).get("/oppgaver").text
    assert lang_of(page) == "nn"
    assert "Mine oppgåver" in page
    assert "Måndag 2. mars 2026 · 5 oppgåver står att" in words_of(page)
    assert "Sak 4/26 · saman med Kari Oremo" in words_of(page)


def test_my_tasks_in_english(sign_in_as: SignInAs, cast: Cast, story: Story, session: Session) -> None:
    page = sign_in_as(speaks(session, cast.owner, "en")).get("/oppgaver").text
    assert lang_of(page) == "en"
    assert "My tasks" in page
    assert "Monday 2 March 2026 · 5 tasks outstanding" in words_of(page)


@pytest.mark.parametrize(
    ("code", "day", "fifth"), [("nn", "27.2.2026", "Over fristen"), ("en", "27/02/2026", "Overdue")]
)
def test_tables_have_dates_as_the_language_writes_them(
    sign_in_as: SignInAs, cast: Cast, story: Story, session: Session, code: str, day: str, fifth: str
) -> None:
    visitor = sign_in_as(speaks(session, cast.secretary, code))
    page = words_of(visitor.get("/status").text)
    assert day in page
    assert fifth in page
    assert day in visitor.get("/status.csv").text


def pages(story: Story, cast: Cast) -> list[str]:
    task, person = f"/oppgaver/{story.tasks['open'].id}", f"/deltakere/{cast.owner.id}"
    body = f"/deltakere/organ/{cast.body.id}"
    return [
        "/oppgaver", "/oppgaver/alle", "/oppgaver/alle?status=done&ansvarlig=1", "/sok", "/sok?q=sted",
        *(f"/oppgaver/{one.id}" for one in story.tasks.values()),
        f"{task}/endre", f"{task}/slett", "/moter", f"/moter/{story.held.id}", f"/moter/{story.coming.id}",
        "/vedtak", f"/vedtak/{story.decision.id}", "/status", f"/status/{story.coming.id}",
        "/kalender", "/kalender?vis=maaned", "/kalender/abonner", "/deltakere", "/deltakere?vis=organ",
        "/deltakere/ny", person, f"{person}/endre", body, f"{body}/endre", f"{body}/verv",
        "/deltakere/organ/nytt", "/innstillinger", "/innstillinger/meg", "/innstillinger/pause",
        "/innstillinger/paaminnelser", "/utboks", "/referat/nytt", "/hjelp", "/personvern",
        "/tilgjengelighet", "/oppgaver/999999",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["nn", "en"])
def test_no_text_of_ours_is_left_in_bokmal(
    sign_in_as: SignInAs, cast: Cast, story: Story, session: Session, code: str
) -> None:
    """Long texts only: short ones may be in the names of tasks and bodies, which nobody translates."""
    ours = [
        message.id
        for message in extract.catalogue(code)
        if isinstance(message.id, str) and message.id.count(" ") > 1 and message.id != message.string
        and "%" not in message.id
    ]  # fmt: skip
    visitor = sign_in_as(speaks(session, cast.secretary, code))
    for path in pages(story, cast):
        answer = visitor.get(path)
        assert answer.status_code == (404 if path.endswith("/999999") else 200), path
        page = words_of(answer.text)
        assert lang_of(answer.text) == code, path
        assert [text for text in ours if text in page] == [], path


@pytest.mark.parametrize(
    ("asked", "code", "title"),
    [
        ("en-GB,en;q=0.9", "en", "Sign in"),
        ("nn-NO,nn;q=0.9,en;q=0.1", "nn", "E-postadresse"),
        ("nb-NO", "nb", "E-postadresse"),
        ("sv,da;q=0.5", "nb", "E-postadresse"),
        ("", "nb", "E-postadresse"),
    ],
)
def test_strangers_get_what_their_browser_asks_for(
    visitor: Visitor, cast: Cast, asked: str, code: str, title: str
) -> None:
    page = visitor.get("/logg-inn", headers={"Accept-Language": asked}).text
    assert lang_of(page) == code
    assert title in words_of(page)


def test_what_is_not_found_is_told_in_english(visitor: Visitor) -> None:
    answer = visitor.get("/finnes-ikke", headers=ENGLISH)
    assert answer.status_code == 404
    assert "We could not find the page" in answer.get_data(as_text=True)


def test_a_document_that_cannot_be_read_is_refused_in_english(app: Flask) -> None:
    with app.test_request_context(headers=ENGLISH):
        app.preprocess_request()
        answer = app.make_response(app.handle_user_exception(refusals.scanned()))
        assert answer.status_code == 422
        assert "The file is a scanned picture without text. Paste the text instead." in answer.get_data(
            as_text=True
        )


def test_a_picture_is_refused_in_the_secretarys_language(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    visitor = sign_in_as(speaks(session, cast.secretary, "en"))
    picture = (BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)), "referat.png")
    answer = visitor.post("/referat/nytt", {"file": picture}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "The file is a picture. Paste the text instead." in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("code", "subject", "hello"),
    [
        ("nb", "Nils Arne Holmen trenger mer tid: Skrive høringssvar", "Hei, Berit."),
        ("nn", "Nils Arne Holmen treng meir tid: Skrive høringssvar", "Hei, Berit."),
        ("en", "Nils Arne Holmen needs more time: Skrive høringssvar", "Hello Berit,"),
    ],
)
def test_mail_is_in_the_language_of_the_one_who_gets_it(
    program: Program, story: Story, cast: Cast, session: Session, code: str, subject: str, hello: str
) -> None:
    speaks(session, cast.secretary, code)
    asked = story.tasks["asked"].owners[0]
    message = next(
        row
        for row in session.scalars(select(Message).where(Message.kind == MessageKind.REQUEST))
        if row.about.get("assignment") == asked.id
    )
    (draft,) = program.compose(session, [message], NOW)
    assert not isinstance(draft, Stopped)
    mail = draft()
    assert mail.letter.subject == subject
    assert hello in mail.letter.text
    assert lang_of(mail.letter.html) == code
    assert language(code).day(asked.wanted_due_on) in mail.letter.text  # type: ignore[arg-type]
    assert re.search(r"Hei|Hello", words_of(mail.letter.html))
