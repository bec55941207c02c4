"""Without a mouse, without JavaScript, without searching: the ways that everybody must be able to go."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from tests.browser.conftest import Running
from tests.browser.test_accessibility import MINUTES, enter
from tests.cast import make_cast
from tests.conftest import NOW
from tests.web.story import answer_path, tell
from tracker.models import Message, MessageKind, Task, TaskStatus

pytestmark = pytest.mark.browser
CLEAR = "\n".join(line for line in MINUTES.splitlines() if "program" not in line and "Ola følger" not in line)
# Whether what has the focus can be seen to have it: an outline or a shadow is drawn (WCAG 2.4.7).
SEEN = """() => {
  if (document.activeElement === document.body) return true;  // round the end of the page
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
}"""


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    """A browser with JavaScript off."""
    context = browser.new_context(locale="nb-NO", java_script_enabled=False)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def tab_to(page: Page, wanted: Locator) -> None:
    """The Tab key until `wanted` has the focus, which every stop on the way must show."""
    for _ in range(120):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"Tab does not come to {wanted}")


def test_an_answer_with_the_keyboard_alone(running: Running, page: Page) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        story = tell(session, cast, NOW)
        number = story.tasks["open"].id
        path = answer_path(running.program.links, story.part("open", cast.owner))
    page.goto(running.url + path)
    tab_to(page, page.get_by_role("button", name="Utført"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Takk")
    with running.program.sessions() as session:
        assert session.get_one(Task, number).status == TaskStatus.DONE


def test_a_referat_gone_through_and_sent_with_the_keyboard_alone(running: Running, page: Page) -> None:
    with running.program.sessions() as session:
        enter(page, running, session, make_cast(session, NOW).secretary)
    page.goto(f"{running.url}/referat/nytt")
    page.locator("input[type=file]").set_input_files(
        {"name": "referat.txt", "mimeType": "text/plain", "buffer": CLEAR.encode()}
    )
    tab_to(page, page.get_by_role("button", name="Les referatet"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Gå gjennom referatet")).to_be_visible()
    tasks = page.locator("#tasks article")
    while left := tasks.count():
        tab_to(page, tasks.first.locator("button[data-key=g]"))
        page.keyboard.press("Enter")
        expect(tasks).to_have_count(left - 1)
    every = page.get_by_role("button", name=re.compile("Godta alle"))
    if every.count():
        tab_to(page, every)
        page.keyboard.press("Enter")
        expect(every).to_have_count(0)
    tab_to(page, page.get_by_role("button", name=re.compile(r"Send \d+ e-post")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sendt")
    with running.program.sessions() as session:
        sent = select(func.count()).select_from(Message).where(Message.kind == MessageKind.NEW_TASKS)
        assert session.scalar(sent)


def test_the_essential_ways_without_javascript(running: Running, bare: Page) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        story = tell(session, cast, NOW)
        number = story.tasks["open"].id
        path = answer_path(running.program.links, story.part("open", cast.owner))
        enter(bare, running, session, cast.secretary)
    bare.goto(f"{running.url}/referat/nytt")
    bare.locator("input[type=file]").set_input_files(
        {"name": "referat.txt", "mimeType": "text/plain", "buffer": MINUTES.encode()}
    )
    bare.get_by_role("button", name="Les referatet").click()
    expect(bare.get_by_role("heading", level=1, name="Gå gjennom referatet")).to_be_visible()
    bare.goto(f"{running.url}/oppgaver/ny")
    bare.get_by_label("Hvem gjør hva, og når?").fill("Kari Oremo lager program innen 1. april")
    bare.get_by_label("Hvem gjør hva, og når?").press("Enter")
    bare.get_by_role("main").get_by_role("button", name="Lagre oppgaven").click()
    bare.goto(f"{running.url}/sok?q=program")
    expect(
        bare.get_by_role("main").get_by_role("link", name=re.compile("program", re.I)).first
    ).to_be_visible()
    bare.goto(running.url + path)
    bare.get_by_role("button", name="Utført").click()
    expect(bare.get_by_role("heading", level=1)).to_contain_text("Takk")
    with running.program.sessions() as session:
        assert session.get_one(Task, number).status == TaskStatus.DONE
        assert session.scalar(select(func.count()).select_from(Task).where(Task.what.ilike("%program%"))) == 2


def test_the_leader_is_one_press_from_the_state_of_things(running: Running, page: Page) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        tell(session, cast, NOW)
        enter(page, running, session, cast.leader)
    page.get_by_role("navigation").locator('a[href="/status"]:visible').first.click()
    expect(page.get_by_role("heading", level=1, name="Oppfølging av tidligere vedtak")).to_be_visible()
