"""Addresses pasted as titles, names without a space, plain long ones: no page scrolls sideways for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.axe import too_wide
from tests.browser.conftest import Running
from tests.browser.test_accessibility import OPEN_ALL, assert_none, enter, everything, paths
from tracker import example
from tracker.models import (
    AgendaItem,
    Assignment,
    Attachment,
    Body,
    Comment,
    Decision,
    Meeting,
    Message,
    Organisation,
    Person,
    Source,
    Task,
)

pytestmark = pytest.mark.browser

WORD = "Kommunedirektørutvalgssekretær"  # 30 letters
ADDRESS = "https://dokument.elvedal.example/" + "a" * 120
NAME = "Anne-Margrethe Wergeland Kristoffersen-Hallingstadmoen"
WIDTHS = (1280, 1100, 390, 320)
PAPER = 794  # an A4 sheet, in CSS pixels
PRINTED = ("/status", "/rapporter", "/vedtak", "/oppgaver/alle", "/moter/1", "/kalender", "/referat")


@pytest.fixture
def address(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "register.sqlite3")
    return f"sqlite:///{tmp_path / 'register.sqlite3'}"


def lengthen(session: Session) -> None:
    """Long words wherever people write something that pages show."""
    for kind, field, text in (
        (Organisation, "name", f"{WORD} {WORD}"), (Organisation, "short_name", WORD), (Person, "title", WORD),
        (Body, "name", f"Utvalg for samferdsel, beredskap, klima og grunnskole i {WORD}"),
        (Meeting, "title", f"Møte {ADDRESS}"),
        (Meeting, "place", ADDRESS), (AgendaItem, "title", ADDRESS),
        (Decision, "text", f"Rådet vedtar {ADDRESS} {WORD}"),
        (Task, "what", ADDRESS), (Task, "evidence", ADDRESS), (Task, "result", ADDRESS),
        (Message, "subject", ADDRESS), (Message, "address", f"{'a' * 60}@{'b' * 60}.example"),
        (Message, "reason", ADDRESS), (Source, "name", f"{WORD}{WORD}.docx"), (Comment, "text", ADDRESS),
        (Attachment, "name", f"{WORD}{WORD}.pdf"), (Assignment, "comment", ADDRESS),
    ):  # fmt: skip
        for row in session.scalars(select(kind)):
            assert hasattr(row, field), (kind, field)
            setattr(row, field, f"{text} {row.id}" if kind is Body else text)
    for number, person in enumerate(session.scalars(select(Person).order_by(Person.id))):
        person.name = WORD if number % 2 else NAME
        person.email = person.email and f"{number}{'a' * 55}@{'b' * 60}.example"


@pytest.mark.parametrize("from_example", [False, True], ids=["every page", "the example"])
def test_no_page_is_wider_than_its_window(running: Running, page: Page, from_example: bool) -> None:
    with running.program.sessions() as session:
        if from_example:
            example.load(session, running.clock(), links=running.program.links)
            tokens = dict[str, str]()
            secretary = session.scalars(
                select(Person).where(Person.name == "Berit Kampen").order_by(Person.id).limit(1)
            ).one()
        else:
            cast, tokens = everything(running, session)
            secretary = cast.secretary
        lengthen(session)
        session.commit()
        enter(page, running, session, secretary)
    found = []
    for path in paths(page, running, tokens):
        page.goto(running.url + path)
        if path.startswith(PRINTED):
            page.emulate_media(media="print")
            page.set_viewport_size({"width": PAPER, "height": 1100})
            found += [f"{path} on paper: {line}" for line in too_wide(page)]
            page.emulate_media(media="screen")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{path} at {width} px: {line}" for line in too_wide(page)]
        page.evaluate(OPEN_ALL)
        found += [f"{path}, all open, on a phone: {line}" for line in too_wide(page)]
    assert_none(found)
