"""What holds for every page: headers, no inline code, and that looking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.conftest import SignInAs, Visitor
from tests.web.every_page import addresses, stock
from tests.web.objects import path_of
from tracker.program import Program
from tracker.web.headers import MAIL_POLICY, POLICY

FILLED: dict[str, int | str] = {"card": "o1", "slug": "elvedal"} | dict.fromkeys(
    ("person_id", "body_id", "membership_id", "feed_id", "key_id", "meeting_id", "item_id", "task_id",
     "file_id", "source_id", "message_id", "decision_id", "change_id", "filter_id", "mail_id",
     "invitation_id", "year"),
    1,
)  # fmt: skip
MAILS = ("outbox.content", "minutes.mail")  # shown in a frame, with the mail's own styles
NOTED = ("UPDATE feed SET fetched_at=", "UPDATE key SET used_at=", "INSERT INTO audit")  # beside a request
PIECES = ("tasks.proposal",)  # put into a page that is there already


def visitors(visitor: Visitor, sign_in_as: SignInAs, cast: Cast) -> list[Visitor]:
    """A stranger, a member and a secretary."""
    return [visitor, sign_in_as(cast.owner), sign_in_as(cast.secretary)]


def test_every_page_carries_the_headers(
    app: Flask, visitor: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    tokens = stock(session, cast, program.links)
    for somebody in visitors(visitor, sign_in_as, cast):
        for address in addresses(app, tokens):
            answer = somebody.get(address.path)
            said = f"{address.path} ({answer.status_code})"
            headers = answer.headers
            framed = address.endpoint in MAILS and answer.status_code == 200
            assert answer.status_code < 500, said
            assert headers["Content-Security-Policy"] == (MAIL_POLICY if framed else POLICY), said
            assert headers["X-Content-Type-Options"] == "nosniff", said
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", said
            assert "geolocation=()" in headers["Permissions-Policy"], said
            assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), said
            assert "Server" not in headers or "Werkzeug" not in headers["Server"], said
            if answer.mimetype == "text/html":
                assert headers["Cache-Control"] == "no-store", said


def test_every_refusal_carries_the_headers_too(
    app: Flask,
    sign_in_as: SignInAs,
    cast: Cast,
    session: Session,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What posts without a token, asks wrongly, or meets a fault of ours."""
    tokens = stock(session, cast, program.links)
    secretary = sign_in_as(cast.secretary)
    answers = [
        secretary.client.post(path_of(rule, FILLED | {"token": tokens["answers"]}))
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint != "sign_in.sign_out"
    ]
    answers += [
        secretary.client.open("/oppgaver", method=verb) for verb in ("PUT", "DELETE", "TRACE", "OPTIONS")
    ]
    answers += [
        secretary.get("/static/nope.css"),
        secretary.get("/nowhere"),
        secretary.get("/static/app.css"),
    ]
    secretary.client.post("/logg-ut")
    monkeypatch.setattr("tracker.services.worklist.dates", lambda *_given: 1 / 0)
    answers.append(secretary.get("/oppgaver"))
    assert {answer.status_code for answer in answers} >= {200, 400, 404, 405, 500}
    for answer in answers:
        headers = answer.headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_secret_addresses_are_told_to_nobody(
    app: Flask, visitor: Visitor, cast: Cast, session: Session, program: Program
) -> None:
    tokens = stock(session, cast, program.links)
    secret = [a for a in addresses(app, tokens) if a.path.startswith(("/o/", "/inn/", "/ics/", "/p/"))]
    assert secret
    for address in secret:
        answer = visitor.get(address.path)
        assert answer.headers["Referrer-Policy"] == "no-referrer", address.path
        assert answer.headers["X-Robots-Tag"] == "noindex", address.path


def test_over_https_the_cookie_and_the_browser_stay_there(app: Flask, visitor: Visitor, cast: Cast) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = visitor.post(
        "/logg-inn",
        {"email": cast.owner.email},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/"},
    )
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_no_page_has_code_or_styles_in_it(
    app: Flask, sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    tokens = stock(session, cast, program.links)
    somebody = sign_in_as(cast.secretary)
    for address in addresses(app, tokens):
        answer = somebody.get(address.path)
        if answer.mimetype != "text/html" or address.endpoint in MAILS:
            continue
        tags = re.findall(r"<[a-z][^>]*>", answer.text)
        assert not [tag for tag in tags if re.search(r"\sstyle=|\son[a-z]+=|\shx-on", tag)], address.path
        assert not [tag for tag in tags if tag.startswith("<style")], address.path
        assert not [tag for tag in tags if tag.startswith("<script") and "src=" not in tag], address.path


def test_every_page_has_one_heading_a_title_and_a_language(
    app: Flask, sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    tokens = stock(session, cast, program.links)
    somebody = sign_in_as(cast.secretary)
    for address in addresses(app, tokens):
        answer = somebody.get(address.path)
        if answer.mimetype != "text/html" or address.endpoint in (*MAILS, *PIECES):
            continue
        if answer.status_code in (302, 303):
            continue
        said = f"{address.path} ({answer.status_code})"
        assert answer.text.count("<h1") == 1, said
        assert re.search(r"<title>\S[^<]*\S – Oppfølging</title>", answer.text), said
        assert '<html lang="nb"' in answer.text, said
        numbers = re.findall(r'\sid="([^"]+)"', answer.text)
        assert len(numbers) == len(set(numbers)), f"{said}: an id stands twice"


def test_looking_changes_nothing(
    app: Flask, visitor: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session, program: Program
) -> None:
    """Mail scanners, prefetching browsers and calendars open every address they see."""
    tokens = stock(session, cast, program.links)
    everybody = visitors(visitor, sign_in_as, cast)
    with writes(program.engine) as written:
        for somebody in everybody:
            for address in addresses(app, tokens):
                somebody.get(address.path)
                assert not written, (address.path, written)


@contextmanager
def writes(engine: Engine) -> Iterator[list[str]]:
    """The statements that write, as they come."""
    found: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(
            ("UPDATE feed SET fetched_at=", "UPDATE key SET used_at=", "INSERT INTO audit")
        ):
            return  # that a calendar or a browser was here: nothing that anybody decided
        if not re.match(
            r"\s*(SELECT|WITH|PRAGMA|BEGIN|SAVEPOINT|RELEASE|ROLLBACK|SET|SHOW)\b", statement, re.I
        ):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", look)
