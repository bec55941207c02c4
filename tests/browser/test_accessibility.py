"""WCAG 2.2 on every page in Chromium: axe-core light and dark, at three widths, and no sideways scroll."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.browser.axe import QUICK, SCRIPT, too_wide, violations
from tests.browser.conftest import Running
from tests.cast import Cast, make_cast
from tests.conftest import IN_CI, NOW
from tests.web.every_page import addresses, stock
from tracker.app import create_app
from tracker.models import Person
from tracker.services import sign_in, start

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not SCRIPT.is_file() and not IN_CI, reason="axe-core is not installed (npm ci)"),
]

# Width, scheme and rules (none named: all). What the width and the scheme can't change is asked once.
VIEWS: list[tuple[int, str, tuple[str, ...]]] = [
    (1280, "light", ()),
    (1280, "dark", ("color-contrast",)),
    (390, "dark", QUICK),
    (320, "light", ()),
]
OPEN_ALL = (
    "document.querySelectorAll('main details').forEach(d => { d.removeAttribute('name'); d.open = true; })"
)
MINUTES = """REFERAT FRA MØTE I ELVEDALSRÅDET

Tid: Mandag 2. mars 2026 kl. 10.00–12.00
Sted: Elvedal rådhus
Til stede: Berit Kampen, Nils Arne Holmen, Kari Oremo, Ola Ukjent

Sak 4/26 Samling
Vedtak
- Nils Arne Holmen finner egnet sted innen 20. mars 2026.
- Ola følger opp saken.
- Det lages et program til samlingen.
"""
# Beside what every_page knows: searches with and without hits, other views, mistakes.
MORE = [
    "/sok?q=samling", "/sok?q=ingenting", "/oppgaver/alle?q=ingenting", "/kalender?vis=maaned",
    "/deltakere?vis=organ", "/rapporter/aar/2026", "/rapporter/aar/2019", "/vedtak?q=ingenting",
    "/oppgaver/ny?tekst=Kari+Oremo+lager+program+innen+1.+april",
]  # fmt: skip
PIECES = ("tasks.proposal", "outbox.content", "minutes.mail")  # not pages: parts and mails


@pytest.fixture
def address(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite alone: the engine makes no difference to how a page looks."""
    shutil.copy(sqlite_template, tmp_path / "register.sqlite3")
    return f"sqlite:///{tmp_path / 'register.sqlite3'}"


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="nb-NO", timezone_id="Europe/Oslo", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def enter(page: Page, running: Running, session: Session, person: Person) -> None:
    """Signed in by a link."""
    link = sign_in.new_link(session, person, running.clock(), running.program.links)
    session.commit()
    page.goto(running.url + re.sub(r"^https?://[^/]+", "", link))
    page.get_by_role("main").get_by_role("button", name="Logg inn").click()
    page.wait_for_url("**/oppgaver")


def faults(page: Page, name: str = "") -> list[str]:
    """What is wrong with the page as it stands, in every view."""
    found = []
    for width, scheme, rules in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if width < 1280:
            page.evaluate(OPEN_ALL)
        wrong = violations(page, rules) + (too_wide(page) if width < 1280 else [])
        found += [f"{name or page.url} at {width} px, {scheme}: {line}" for line in wrong]
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def assert_none(found: list[str]) -> None:
    assert not found, f"{len(found)} faults:\n" + "\n".join(found)


def paths(page: Page, running: Running, tokens: dict[str, str]) -> list[str]:
    """What answers this visitor with a page."""
    known = [a.path for a in addresses(create_app(running.program), tokens) if a.endpoint not in PIECES]
    found = []
    for path in [*known, *MORE]:
        answer = page.request.get(running.url + path, max_redirects=0)
        if "text/html" in answer.headers.get("content-type", "") and answer.status in (200, 422):
            found.append(path)
    return [*found, "/finnes-ikke"]


def everything(running: Running, session: Session) -> tuple[Cast, dict[str, str]]:
    cast = make_cast(session, NOW)
    cast.body.public = cast.body.public_decisions = True
    return cast, stock(session, cast, running.program.links)


def test_every_page_of_the_secretary_and_of_a_stranger(running: Running, window: Page) -> None:
    with running.program.sessions() as session:
        cast, tokens = everything(running, session)
        found, seen = [], set()
        for path in paths(window, running, tokens):
            window.goto(running.url + path)
            found += faults(window)
            seen.add(path)
        enter(window, running, session, cast.secretary)
        for path in paths(window, running, tokens):
            if path not in seen:
                window.goto(running.url + path)
                found += faults(window)
                seen.add(path)
    assert len(seen) > 40
    assert_none(found)


def test_pages_with_nothing_in_them(running: Running, window: Page) -> None:
    window.goto(start.link(running.program.links, running.clock()))
    found = faults(window, "the first start")
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        enter(window, running, session, cast.secretary)
    for path in ("/oppgaver", "/oppgaver/alle", "/moter", "/vedtak", "/status", "/kalender", "/utboks",
                 "/utboks/svar", "/rapporter/vedtak", "/sok"):  # fmt: skip
        window.goto(running.url + path)
        found += faults(window)
    assert_none(found)


def test_boxes_mistakes_and_the_way_of_a_referat(running: Running, window: Page) -> None:
    with running.program.sessions() as session:
        cast, _tokens = everything(running, session)
        enter(window, running, session, cast.secretary)
    found = []
    window.keyboard.press("n")
    window.get_by_role("dialog").get_by_role("textbox").first.fill("Kari Oremo lager program innen 1. april")
    found += faults(window, "the box for a new task")
    window.goto(f"{running.url}/referat/nytt")
    window.get_by_role("button", name="Les referatet").click()
    window.wait_for_selector(".ds-error-summary")
    found += faults(window, "no referat chosen")
    window.goto(f"{running.url}/referat/nytt")
    window.locator("input[type=file]").set_input_files(
        {"name": "referat.txt", "mimeType": "text/plain", "buffer": MINUTES.encode()}
    )
    window.get_by_role("button", name="Les referatet").click()
    window.wait_for_url("**/gjennomgang")
    window.wait_for_selector(".progress-bar")
    found += faults(window, "the review")
    draft = window.url
    window.goto(f"{draft}?endre=t1")
    found += faults(window, "the review, a task being changed")
    assert_none(found)
