"""Logs tell what happened, and of nobody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from jobs import deliver_mail, send_reminders
from tests.cast import Cast
from tests.web.conftest import SetClock, SignInAs, Visitor, app, clock, demo, program, sign_in_as, visitor
from tests.web.every_page import addresses, stock
from tracker import logs
from tracker.errors import MailRefused
from tracker.program import Program
from tracker.web import request_log

__all__ = ["app", "clock", "demo", "program", "sign_in_as", "visitor"]  # fixtures, borrowed


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is written while a test runs, at the chattiest level."""
    root = logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    logs.set_up("DEBUG", stream)
    yield stream
    root.handlers, root.level = before, level
    structlog.configure(**configured)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


SECRET = "WzEsMV0.abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    "said",
    [
        "berit.kampen@elvedal.example asked",
        {"to": ["Berit <berit.kampen@elvedal.example>"]},
        f"GET /o/{SECRET}?svar=utfort",
        f"http://localhost/inn/{SECRET}",
        (f"/ics/{SECRET}.ics", f"/o/varsler/{SECRET}"),
        f"http://localhost/o/mote/{SECRET}?svar=ja",
        ValueError("berit.kampen@elvedal.example"),
    ],
)
def test_what_is_personal_is_cut_from_whatever_is_logged(log: io.StringIO, said: object) -> None:
    structlog.get_logger("ours").warning("event", about=said)
    logging.getLogger("somebody.elses").warning("it said: %s", said)

    assert len(lines(log)) == 2
    assert "kampen" not in log.getvalue()
    assert "WzEs" not in log.getvalue()


@pytest.mark.parametrize("ours", [True, False])
def test_of_a_fault_its_kind_and_place_are_told_and_not_its_words(log: io.StringIO, ours: bool) -> None:
    try:
        try:
            {}["Berit Kampen"]
        except KeyError as cause:
            raise ValueError("Berit Kampen er syk") from cause
    except ValueError as fault:
        if ours:
            structlog.get_logger("x").error("went wrong", exc_info=fault)
        else:
            logging.getLogger("x").exception("went wrong")

    (line,) = lines(log)
    assert "Berit" not in log.getvalue()
    assert line["fault"] == "ValueError < KeyError"
    assert str(line["at"]).count("tests/test_logs.py") == 1


def test_on_a_terminal_it_can_be_read() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    root = logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    screen = Terminal()
    try:
        logs.set_up("INFO", screen)
        structlog.get_logger("x").info("mail sent", to="berit.kampen@elvedal.example")
    finally:
        root.handlers, root.level = before, level
        structlog.configure(**configured)
    assert "mail sent" in screen.getvalue()
    assert "b…@elvedal.example" in screen.getvalue()


def test_a_request_is_one_line_without_who_or_what_they_asked(
    log: io.StringIO, app: Flask, sign_in_as: SignInAs, cast: Cast
) -> None:
    install_once(app)
    visitor = sign_in_as(cast.secretary)
    visitor.get("/deltakere", query_string={"q": "Holmen"}, environ_base={"REMOTE_ADDR": "203.0.113.9"})

    line = next(line for line in lines(log) if line["event"] == "request")
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "people.index", 200)
    assert isinstance(line["ms"], float)
    assert "Holmen" not in log.getvalue()
    assert "203.0.113.9" not in log.getvalue()


def test_nothing_personal_is_logged_all_through_the_program(
    log: io.StringIO,
    app: Flask,
    program: Program,
    visitor: Visitor,
    sign_in_as: SignInAs,
    cast: Cast,
    session: Session,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every page, forms with mistakes, the jobs, a mail server that refuses, a database that fails."""
    install_once(app)
    tokens = stock(session, cast, program.links)
    for somebody in (visitor, sign_in_as(cast.owner), sign_in_as(cast.secretary)):
        for address in addresses(app, tokens):
            somebody.get(address.path)
        somebody.post("/logg-inn", {"email": cast.owner.email})
        somebody.post("/logg-inn", {"email": "Holmen: not an address"})
        somebody.post(f"/deltakere/{cast.owner.id}/endre", {"name": "", "email": cast.leader.email})
    clock.now += timedelta(days=3)
    send_reminders.run(program)

    def refuse(*_given: object) -> None:
        raise MailRefused("550 no such user nils.arne.holmen@elvedal.example", permanent=True)

    monkeypatch.setattr("tracker.mail.transport._Captured.send", refuse)
    deliver_mail.run(program)
    secretary = sign_in_as(cast.secretary)
    fail_on_people(program)
    assert secretary.get("/deltakere").status_code == 503

    written = log.getvalue()
    assert len(written.splitlines()) > 100
    assert "database fault" in written
    for personal in ("Holmen", "holmen", "Kampen", "kampen", "Lien", "elvedal.example", *tokens.values()):
        assert personal not in written.replace("…@elvedal.example", ""), personal


def fail_on_people(program: Program) -> None:
    """From now on a listing of people meets a database fault that quotes a row."""

    def fail(_c: object, cursor: object, statement: str, *_rest: object) -> None:
        if "person.title" in statement and "person.email" not in statement:
            cursor.execute("SELECT 'Nils Arne Holmen' FROM nowhere")  # type: ignore[attr-defined]

    event.listen(program.reader, "before_cursor_execute", fail)


def install_once(app: Flask) -> None:
    """Log requests, also while `create_app` doesn't do so by itself."""
    if request_log._log not in app.after_request_funcs.get(None, []):
        request_log.install(app)


def test_the_level_is_kept(log: io.StringIO) -> None:
    logs.set_up("WARNING", log)
    structlog.get_logger("quiet").info("chatter")
    structlog.get_logger("quiet").warning("news")
    assert [line["event"] for line in lines(log)] == ["news"]
