"""The box for a new task in a real browser: opened by a letter, read while typed, saved by Enter."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.conftest import Running
from tests.cast import Cast, make_cast
from tests.conftest import NOW
from tracker.models import Person, Task
from tracker.services import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(running: Running, page: Page) -> Cast:
    """The secretary, signed in by a link. The page comes last, so it goes before its server."""
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        session.add(Person(organisation_id=cast.organisation.id, name="Kari Lund"))
        link = sign_in.new_link(session, cast.secretary, running.clock(), running.program.links)
        session.commit()
    page.goto(running.url + re.sub(r"^https?://[^/]+", "", link))
    page.get_by_role("button", name="Logg inn").click()
    page.wait_for_url("**/oppgaver")
    return cast


def test_a_line_becomes_a_task_without_the_mouse(running: Running, page: Page, signed_in: Cast) -> None:
    page.keyboard.press("n")
    box = page.get_by_role("dialog", name="Ny oppgave")
    field = box.get_by_label("Hvem gjør hva, og når?")
    expect(field).to_be_focused()
    field.type("Nils Arne lager program innen 1. april")
    expect(box).to_contain_text("Nils Arne Holmen")
    expect(box).to_contain_text("Frist onsdag")
    expect(box.get_by_role("status")).to_contain_text("Lage program. Ansvarlig: Nils Arne Holmen.")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/oppgaver/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Lage program")
    with running.program.sessions() as session:
        assert [task.what for task in session.scalars(select(Task))] == ["Lage program"]


def test_esc_closes_it_and_gives_the_focus_back(signed_in: Cast, page: Page) -> None:
    button = page.get_by_role("link", name="Ny oppgave")
    button.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Ny oppgave")
    expect(box).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(button).to_be_focused()
    page.locator("#site-search").press("n")  # a letter in a field is a letter
    expect(box).to_be_hidden()


def test_two_of_a_name_are_chosen_between(running: Running, page: Page, signed_in: Cast) -> None:
    page.keyboard.press("n")
    box = page.get_by_role("dialog", name="Ny oppgave")
    box.get_by_label("Hvem gjør hva, og når?").type("Kari ringer fylket innen fredag")
    box.get_by_role("radio", name="Kari Oremo").check()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/oppgaver/\d+$"))
    expect(page.get_by_text("Kari Oremo").first).to_be_visible()
