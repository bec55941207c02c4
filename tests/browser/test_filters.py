"""Filters that are seldom used: fetched into the form when they are asked for; what is typed is kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Running
from tests.cast import make_cast
from tests.conftest import NOW
from tests.web.story import tell
from tracker.services import sign_in

pytestmark = pytest.mark.browser


def enter(running: Running, page: Page) -> str:
    """Sign the secretary in; gives the owner's name."""
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        tell(session, cast, NOW)
        link = sign_in.new_link(session, cast.secretary, running.clock(), running.program.links)
        session.commit()
        name = cast.owner.name
    page.goto(running.url + re.sub(r"^https?://[^/]+", "", link))
    page.get_by_role("button", name="Logg inn").click()
    page.wait_for_url("**/oppgaver")
    return name


@pytest.mark.parametrize("path", ["/oppgaver/alle", "/vedtak"])
def test_they_come_where_they_are_asked_for(running: Running, page: Page, path: str) -> None:
    name = enter(running, page)
    page.goto(running.url + path)
    words = page.get_by_label(re.compile("^Søk i (oppgaver|vedtak)"))
    words.fill("a")
    ask = page.get_by_role("link", name="Flere filtre")
    ask.focus()
    page.keyboard.press("Enter")
    expect(page.locator("summary", has_text="Flere filtre")).to_be_focused()
    assert page.url.endswith(path)
    expect(words).to_have_value("a")
    page.get_by_label("Ansvarlig").select_option(label=name)
    page.get_by_role("button", name="Vis").click()
    page.wait_for_url(re.compile(r"q=a&.*ansvarlig=\d+"))
    expect(page.get_by_label("Ansvarlig").locator("option:checked")).to_have_text(name)
    expect(page.locator("summary", has_text="Flere filtre")).not_to_be_focused()


def test_without_scripts_they_come_with_the_page(running: Running, browser: Browser) -> None:
    context = browser.new_context(locale="nb-NO", java_script_enabled=False)
    page = context.new_page()
    name = enter(running, page)
    page.goto(running.url + "/oppgaver/alle?status=all")
    page.get_by_role("link", name="Flere filtre").click()
    page.get_by_label("Ansvarlig").select_option(label=name)
    page.get_by_role("button", name="Vis").click()
    expect(page.get_by_label("Status", exact=True).locator("option:checked")).to_have_text("Alle")
    expect(page.get_by_label("Ansvarlig").locator("option:checked")).to_have_text(name)
    context.close()
