"""Names that are code to somebody: a mail server, a template, a browser, a spreadsheet, a calendar."""

from __future__ import annotations

import csv
import io
import re

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import deliver_mail
from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.objects import lay_out
from tracker.models import Message, MessageKind, Person
from tracker.program import Program

NASTY = {
    "line": "Nils\r\nBcc: alle@evil.example\n\nHei",
    "template": "{{ 7 * 6 }}{% raise %}{{ config }}#{7*6}",
    "percent": "%(name)s %s %% {0} {name}",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>",
    "formula": "=cmd|' /C calc'!A0",
    "calendar": "Nils\r\nEND:VEVENT\r\nATTACH:https://evil.example",
}


@pytest.fixture(params=list(NASTY))
def nasty(request: pytest.FixtureRequest) -> str:
    return NASTY[request.param]


def test_a_name_is_only_a_name_wherever_it_stands(
    nasty: str, sign_in_as: SignInAs, visitor: Visitor, cast: Cast, session: Session, program: Program
) -> None:
    """The name of everything that has one; then every page, file, calendar and mail that tells it."""
    story, ids = lay_out(session, cast)
    cast.owner.name, cast.owner.title = nasty[:200], nasty[:200]
    cast.body.name = cast.organisation.short_name = nasty[:60]
    cast.body.public = cast.body.public_decisions = True
    story.coming.title, story.coming.place = nasty, nasty
    story.decision.text = story.tasks["open"].what = story.tasks["late"].what = nasty
    assert story.decision.agenda_item is not None
    story.decision.agenda_item.title = nasty
    session.add(
        Message(organisation_id=cast.organisation.id, kind=MessageKind.SIGN_IN, person=cast.owner,
                address=cast.owner.email or "", created_at=NOW, send_at=NOW)
    )  # fmt: skip
    session.commit()
    secretary, owner = sign_in_as(cast.secretary), sign_in_as(cast.owner)
    pages = (
        "/oppgaver/alle", "/oppgaver", "/moter", f"/moter/{story.coming.id}", f"/moter/{story.held.id}",
        f"/vedtak/{story.decision.id}", "/vedtak", "/status", "/deltakere", f"/deltakere/{cast.owner.id}",
        f"/deltakere/organ/{cast.body.id}", "/kalender", "/utboks", "/innstillinger/logg",
        "/innstillinger/meg/lagret", f"/r/elvedal/{cast.body.id}", f"/oppgaver/{story.tasks['open'].id}",
    )  # fmt: skip
    for path in pages:
        for browser in (secretary, owner):
            answer = browser.get(path)
            assert answer.status_code in (200, 403), path
            for words in ("<script>alert", "<img src=x", "onerror=alert(1)>\"'", "42{%", "42#"):
                assert words not in answer.text, path
    for path in ("/status.csv", "/vedtak.csv"):
        for row in csv.reader(io.StringIO(secretary.get(path).data.decode("utf-8-sig")), delimiter=";"):
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row), path
    feed = program.links.feed(int(ids["feed_id"]), 1).removeprefix("http://localhost")
    for path in (feed, f"/r/elvedal/{cast.body.id}.ics", f"/moter/{story.coming.id}.ics"):
        text = secretary.get(path).text
        assert not re.search(r"^(?:ATTACH|Bcc)", text, re.M), path
        ends = len(re.findall(r"^END:VEVENT\r$", text, re.M))
        assert (
            ends == len(re.findall(r"^BEGIN:VEVENT\r$", text, re.M)) == len(Calendar.from_ical(text).events)
        )
    deliver_mail.run(program)
    session.rollback()
    mails = session.scalars(select(Message).where(Message.person_id == cast.owner.id)).all()
    assert any(mail.subject for mail in mails)
    for mail in mails:
        assert not re.search(r"[\r\n]", mail.subject)
        assert "<script>alert" not in mail.body_html
        assert "42{%" not in mail.body_text + mail.body_html


@pytest.mark.parametrize("name", [*NASTY.values(), "æøå.txt", "../../etc/passwd", "a\x00b.pdf", "."])
def test_a_file_name_stays_within_its_header(
    name: str, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    story, _ids = lay_out(session, cast)
    owner, task = sign_in_as(cast.owner), story.tasks["open"]
    form = {"file": (io.BytesIO(b"Hei"), f"{name}.txt")}
    owner.post(f"/oppgaver/{task.id}/fil", form, content_type="multipart/form-data")
    session.rollback()
    session.expire_all()
    for file in session.get_one(type(task), task.id).attachments:
        answer = owner.get(f"/oppgaver/{task.id}/fil/{file.id}")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename")
        assert answer.content_type == "application/octet-stream"
        assert not re.search(r"[\r\n\x00]", answer.headers["Content-Disposition"])
        assert "Bcc" not in answer.headers


def test_what_is_typed_with_line_breaks_is_stored_on_one_line(
    nasty: str, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    secretary = sign_in_as(cast.secretary)
    form = {"name": nasty, "email": "", "title": "", "employer": "", "language": "nb", "office": "member"}
    assert secretary.post("/deltakere/ny", form).status_code == 303
    person = session.scalars(select(Person).order_by(Person.id.desc())).first()
    assert person is not None
    assert person.name == " ".join(nasty.split())
    for email in (f"a@b.example{nasty}", "a@b.example\nBcc: x@y.example", "a@b.example, x@y.example"):
        assert secretary.post("/deltakere/ny", form | {"email": email}).status_code == 422


@pytest.mark.parametrize(
    "path", ["/logg-inn?videre=/%0d%0aSet-Cookie:x=1", "/moter%0d%0aX-Evil:1", "/o/%0d%0aX:1"]
)
def test_an_address_makes_no_header(path: str, visitor: Visitor, cast: Cast) -> None:
    answer = visitor.get(path)
    assert answer.status_code in (200, 303, 404)
    assert not {"X-Evil", "X", "Set-Cookie: x"} & set(answer.headers.keys())
    assert "x=1" not in answer.headers.get("Set-Cookie", "")
