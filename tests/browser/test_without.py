"""Without a mouse, without JavaScript, at 400 %, without searching: the ways everybody must be able to go."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from tests.browser.conftest import Running
from tests.browser.test_accessibility import MINUTES, enter
from tests.browser.test_journey import go_through
from tests.cast import make_cast
from tests.conftest import NOW
from tests.web.story import answer_path, tell
from tracker.models import Answer, Assignment, Message, MessageKind, Task, TaskStatus

pytestmark = pytest.mark.browser
CLEAR = "\n".join(line for line in MINUTES.splitlines() if "program" not in line and "Ola følger" not in line)
# Whether what has the focus can be seen to have it: an outline or a shadow is drawn (WCAG 2.4.7).
SEEN = """() => {
  if (document.activeElement === document.body) return true;  // round the end of the page
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
}"""

# Whether some of it is in the window with nothing over it, such as a bar that stays in place (WCAG 2.4.11).
UNCOVERED = """() => {
  const active = document.activeElement;
  if (active === document.body) return true;
  const ends = [0.02, 0.25, 0.5, 0.75, 0.98];
  return [...active.getClientRects()].some(box => ends.some(x => ends.some(y => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (active.contains(top) || top.contains(active) && top !== document.documentElement
      || [...active.labels ?? []].some(label => label.contains(top)));
  })));
}"""
# A window of 1280 × 1024 at 400 % has room for as much as one of 320 × 256 (WCAG 1.4.10).
ZOOMS = pytest.mark.parametrize("size", [(1280, 900), (320, 256)], ids=["100 %", "400 %"])


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(reduced_motion="reduce")  # or what has the focus is still on its way into the window


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
        at = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert page.evaluate(SEEN), f"not seen to have the focus: {at}"
        assert page.evaluate(UNCOVERED), f"covered: {at}"
        if wanted.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError(f"Tab does not come to {wanted}")


@ZOOMS
def test_an_answer_with_the_keyboard_alone(running: Running, page: Page, size: tuple[int, int]) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        story = tell(session, cast, NOW)
        number = story.tasks["open"].id
        path = answer_path(running.program.links, story.part("open", cast.owner))
    resize(page, size)
    page.goto(running.url + path)
    tab_to(page, page.get_by_role("button", name="Utført"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Takk")
    with running.program.sessions() as session:
        assert session.get_one(Task, number).status == TaskStatus.DONE


@ZOOMS
def test_more_time_and_not_mine_with_the_keyboard_alone(
    running: Running, page: Page, size: tuple[int, int]
) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        story = tell(session, cast, NOW)
        part = story.part("open", cast.owner)
        number, path = part.id, answer_path(running.program.links, part)
    resize(page, size)
    for opened, pressed, answer in (
        ("Trenger mer tid", page.locator(".date-choice"), Answer.MORE_TIME),
        ("Ikke min oppgave", page.get_by_role("button", name=re.compile("^Send til")), Answer.NOT_MINE),
    ):
        page.goto(running.url + path)
        tab_to(page, page.locator("summary", has_text=opened))
        page.keyboard.press("Enter")
        tab_to(page, pressed.first)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Takk")
        with running.program.sessions() as session:
            assert session.get_one(Assignment, number).answer is answer
        tab_to(page, page.get_by_role("button", name="Angre"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Utført")).to_be_visible()


@ZOOMS
@pytest.mark.parametrize("text", [CLEAR, MINUTES], ids=["clear", "unclear"])
def test_a_referat_gone_through_and_sent_with_the_keyboard_alone(
    running: Running, page: Page, size: tuple[int, int], text: str
) -> None:
    with running.program.sessions() as session:
        enter(page, running, session, make_cast(session, NOW).secretary)
    resize(page, size)
    page.goto(f"{running.url}/referat/nytt")
    page.locator("input[type=file]").set_input_files(
        {"name": "referat.txt", "mimeType": "text/plain", "buffer": text.encode()}
    )
    tab_to(page, page.get_by_role("button", name="Les referatet"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Gå gjennom referatet")).to_be_visible()
    questions, tasks = page.locator("#questions article"), page.locator("#tasks article")
    unclear = questions.count() + tasks.locator("select[name=owner]").count()
    assert bool(unclear) is (text is MINUTES)
    while left := questions.count():
        tab_to(page, questions.first.locator(".answer-line").first)
        page.keyboard.press("Enter")
        expect(questions).to_have_count(left - 1)
    while left := tasks.count():
        owner = tasks.first.locator("select[name=owner]")
        if owner.count():
            tab_to(page, owner)
            page.keyboard.press("ArrowDown")
        tab_to(page, tasks.first.locator("button.ds-chip, button[data-key=g]").first)
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
    go_through(bare)
    bare.get_by_role("button", name=re.compile(r"Send \d+ e-post")).click()
    expect(bare.get_by_role("heading", level=1)).to_contain_text("Sendt")
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
        assert session.scalar(select(func.count()).select_from(Task).where(Task.what.ilike("%program%"))) == 3


@pytest.mark.parametrize("by_keyboard", [False, True], ids=["mouse", "keyboard"])
def test_the_leader_is_one_press_from_the_state_of_things(
    running: Running, page: Page, by_keyboard: bool
) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        tell(session, cast, NOW)
        enter(page, running, session, cast.leader)
    link = page.get_by_role("navigation").locator('a[href="/status"]:visible').first
    if by_keyboard:
        tab_to(page, link)
        page.keyboard.press("Enter")
    else:
        link.click()
    expect(page.get_by_role("heading", level=1, name="Oppfølging av tidligere vedtak")).to_be_visible()
