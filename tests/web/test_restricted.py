"""A case that isn't public: hidden on every surface from those who may not read it, told to those who may."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from dataclasses import dataclass
from datetime import timedelta

import pypdfium2
import pytest
import structlog
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from jobs import deliver_mail, send_reminders, send_status
from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SetClock, SignInAs, Visitor
from tests.web.objects import lay_out, path_of, roles
from tests.web.story import Story
from tracker import logs
from tracker.models import AgendaItem, Audit, Deed, Message, Person
from tracker.program import Program

SECRET = re.compile("hemmelig", re.IGNORECASE)
MAY_READ = ("secretary", "leader", "owner", "member")
MAY_NOT = ("guest", "helper", "other_member", "other_secretary", "stranger")


@dataclass
class Laid:
    """The story with a restricted case, the ids of what is in it, and everybody who may ask."""

    story: Story
    ids: dict[str, int | str]
    people: dict[str, Person]

    @property
    def case(self) -> AgendaItem:
        found = self.story.tasks["secret"].agenda_item
        assert found is not None
        return found

    @property
    def restriction(self) -> str:
        return f"/moter/{self.case.meeting_id}/saker/{self.case.id}/unntak"


@pytest.fixture
def laid(session: Session, cast: Cast) -> Laid:
    story, ids = lay_out(session, cast)
    return Laid(story, {**ids, "held": story.held.id}, roles(session, cast, story))


def addresses(app: Flask, ids: dict[str, int | str]) -> list[str]:
    """All that can be fetched, with the restricted case's own ids, and lists that look for its words."""
    every = [
        path_of(rule, {**ids, "token": "x", "filename": "app.css"})
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    ]
    lists = (
        "/vedtak?q=hemmelig", "/vedtak.csv?q=hemmelig", "/oppgaver/alle?status=all&q=hemmelig",
        "/oppgaver/alle?status=all", "/oppgaver.xlsx?status=all", "/oppgaver.json?status=all&q=hemmelig",
        "/sok?q=hemm", "/sok?q=5/26", "/kalender?vis=maaned",
        "/status/{held}", "/status/{held}.csv", "/moter/{held}",
    )  # fmt: skip
    return [*every, *(path.format(**ids) for path in lists)]


def told(text: str) -> bool:
    """Whether a page says what the case says; a search page repeats what the reader wrote."""
    return bool(SECRET.search(re.sub(r'value="hemmelig"|q(?:=|%3D|%253D)hemmelig', "", text)))


def words_of(answer: TestResponse) -> str:
    """The words of a page or a file."""
    if answer.mimetype == "application/pdf":
        pages = pypdfium2.PdfDocument(answer.data)
        return "".join(page.get_textpage().get_text_range() for page in pages)
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
            return "\n".join(file.read(name).decode(errors="replace") for name in file.namelist())
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [*MAY_NOT, "nobody"])
def test_no_page_list_file_or_feed_tells_it(
    role: str, app: Flask, visitor: Visitor, sign_in_as: SignInAs, laid: Laid
) -> None:
    browser = visitor if role == "nobody" else sign_in_as(laid.people[role])
    for path in addresses(app, laid.ids):
        assert not told(words_of(browser.get(path))), f"{path} tells a {role}"


@pytest.mark.parametrize("role", MAY_READ)
def test_those_who_may_read_it_do(role: str, sign_in_as: SignInAs, laid: Laid) -> None:
    browser = sign_in_as(laid.people[role])
    for path in (
        "/oppgaver/{task_id}",
        "/vedtak/{decision_id}",
        "/moter/{held}",
        "/referat/{source_id}",
        "/status",
    ):
        assert told(browser.get(path.format(**laid.ids)).text), f"{path} says nothing to {role}"


def test_calendars_and_spreadsheets_leave_the_house_without_it_whoever_fetches_them(
    sign_in_as: SignInAs, visitor: Visitor, cast: Cast, program: Program, laid: Laid
) -> None:
    owner = sign_in_as(cast.owner)
    feed = program.links.feed(int(laid.ids["feed_id"]), 1).removeprefix("http://localhost")
    calendar = visitor.get(feed)
    assert "5/26" in calendar.text
    files = [
        owner.get(path.format(**laid.ids))
        for path in ("/status.csv", "/vedtak.csv", "/status/{held}.csv", "/rapporter/vedtak.csv")
    ]
    for answer in (calendar, *files):
        assert answer.status_code == 200
        assert not SECRET.search(answer.text)


def test_the_answer_page_and_every_mail_leave_it_out(
    visitor: Visitor, session: Session, program: Program, clock: SetClock, laid: Laid
) -> None:
    """Five weeks of mornings: reminders, overdue notices, the status before the meeting, receipts."""
    session.execute(delete(Message))
    session.commit()
    part = laid.story.tasks["secret"].owners[0]
    link = program.links.answer(part.id, part.task.version).removeprefix("http://localhost")
    for _day in range(35):
        clock.now += timedelta(days=1)
        for job in (send_reminders, send_status, deliver_mail):
            job.run(program)
    for path in (link, f"{link}/kvittering"):
        assert not told(visitor.get(path).text), path
    assert visitor.post(f"{link}/utfort").status_code == 303
    assert not told(visitor.get(f"{link}/kvittering").text)
    visitor.post(f"{link}/resultat", {"words": ""})  # the form came empty, since nothing may be shown in it
    session.refresh(laid.story.tasks["secret"])
    assert laid.story.tasks["secret"].result == "Hemmelig utfall"
    deliver_mail.run(program)
    session.rollback()
    mails = session.scalars(select(Message)).all()
    assert {mail.kind.value for mail in mails} >= {"reminder", "status", "receipt"}
    assert any("5/26" in mail.body_text for mail in mails)
    for mail in mails:
        assert not SECRET.search(mail.subject + mail.body_text + mail.body_html), mail.subject


def test_the_public_page_and_calendar_leave_it_out(
    visitor: Visitor, cast: Cast, session: Session, laid: Laid
) -> None:
    cast.body.public = cast.body.public_decisions = True
    session.commit()
    page = visitor.get(f"/r/{cast.organisation.slug}/{cast.body.id}")
    assert "Rådet holder samling." in page.text
    for text in (page.text, visitor.get(f"/r/{cast.organisation.slug}/{cast.body.id}.ics").text):
        assert not told(text)
        assert "5/26" not in text
        assert "offl." not in text


def test_no_line_of_the_log_tells_it(
    app: Flask, sign_in_as: SignInAs, cast: Cast, program: Program, laid: Laid
) -> None:
    root, stream, configured = logging.getLogger(), io.StringIO(), structlog.get_config()
    before, level = root.handlers[:], root.level
    logs.set_up("DEBUG", stream)
    try:
        browser = sign_in_as(cast.secretary)
        for path in addresses(app, laid.ids):
            browser.get(path)
        browser.post(laid.restriction, {"basis": "offentleglova § 13"})
        send_reminders.run(program)
        deliver_mail.run(program)
    finally:
        root.handlers, root.level = before, level
        structlog.configure(**configured)
    assert stream.getvalue()
    assert not SECRET.search(stream.getvalue())


def test_the_secretary_takes_a_case_out_of_what_is_public_and_lets_it_back(
    sign_in_as: SignInAs, cast: Cast, session: Session, laid: Laid
) -> None:
    secretary, guest = sign_in_as(cast.secretary), sign_in_as(laid.people["guest"])
    meeting = f"/moter/{laid.ids['held']}"
    assert laid.restriction in secretary.get(meeting).text
    assert laid.restriction not in sign_in_as(cast.leader).get(meeting).text
    assert "Opphev unntaket" in secretary.get(laid.restriction).text

    assert secretary.post(f"{laid.restriction}/opphevelse").location == meeting
    assert told(guest.get(meeting).text)
    assert told(guest.get("/vedtak?q=hemmelig").text)

    refused = secretary.post(laid.restriction, {"basis": "  "})
    assert refused.status_code == 422
    assert "Skriv hjemmelen, for eksempel offentleglova § 13." in refused.text
    assert secretary.post(laid.restriction, {"basis": "x" * 301}).status_code == 422

    for _twice in range(2):
        assert secretary.post(laid.restriction, {"basis": " offentleglova\n§ 23 "}).location == meeting
    assert not told(guest.get(meeting).text)
    assert "Unntatt offentlighet: offentleglova § 23" in guest.get(meeting).text
    session.rollback()
    marked = (Deed.RESTRICTED, Deed.LIFTED)
    rows = session.scalars(select(Audit).where(Audit.deed.in_(marked)).order_by(Audit.id)).all()
    assert [(row.deed, row.person_id, row.detail) for row in rows] == [
        (Deed.LIFTED, cast.secretary.id, "offl. § 13"),
        (Deed.RESTRICTED, cast.secretary.id, "offentleglova § 23"),
    ]
    assert all(row.at == NOW and row.about == f"meeting {laid.ids['held']}" for row in rows)


def test_what_is_restricted_from_now_on_is_left_out_of_mail_that_waits(
    sign_in_as: SignInAs, cast: Cast, session: Session, program: Program, clock: SetClock, laid: Laid
) -> None:
    """The words of a mail are written when its turn comes."""
    secretary = sign_in_as(cast.secretary)
    session.execute(delete(Message))
    laid.case.restricted = None
    session.commit()
    clock.now = NOW + timedelta(days=11)  # a week before the deadline
    send_reminders.run(program)
    secretary.post(laid.restriction, {"basis": "offentleglova § 13"})
    deliver_mail.run(program)
    session.rollback()
    mails = session.scalars(select(Message)).all()
    assert any("5/26" in mail.body_text for mail in mails)
    assert not any(SECRET.search(mail.subject + mail.body_text + mail.body_html) for mail in mails)
