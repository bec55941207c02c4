"""The whole way in a real browser, on the real case: from the dropped referat to task done and feed."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from tests.browser.conftest import Running
from tests.conftest import SHARED
from tracker.models import Body, Membership, Message, Organisation, Person, Task, TaskStatus
from tracker.rules.access import Office

CASE = SHARED / "minutes" / "ringeriksregionen_2022-01-17.txt"
pytestmark = [pytest.mark.browser, pytest.mark.shared]


# Counts what is typed into fields, over the pages of the journey.
COUNT_TYPED = """addEventListener("input", event => {
  if (!/^insert/.test(event.inputType ?? "")) return;
  sessionStorage.setItem("typed", Number(sessionStorage.getItem("typed")) + (event.data ?? " ").length);
}, true)"""
COUNT_TAPS = """addEventListener("click", () => {
  sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps")) + 1);
}, true)"""


def gold() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(CASE.with_suffix(".gold.json").read_text("utf-8"))
    return read


def people_of_the_case(running: Running) -> dict[str, Person]:
    """The people of the gold list in the register, as after the first meetings; key → person."""
    known = gold()
    with running.program.sessions.begin() as session:
        organisation = Organisation(slug="raad", name=known["meeting"]["organisation"], short_name="Rådet")
        session.add(organisation)
        session.flush()
        body = Body(organisation_id=organisation.id, name=known["meeting"]["body"], aliases=["IPR"])
        session.add(body)
        session.flush()
        found = {}
        for row in known["people"]:
            if row["attendance"] == "mentioned":
                continue
            person = Person(
                organisation_id=organisation.id, name=row["name"], title=row["role"],
                email=f"{row['key']}@raad.example",
            )  # fmt: skip
            office = Office.SECRETARY if row["key"] == known["meeting"]["minuteTaker"] else Office.MEMBER
            session.add(person)
            session.flush()
            held = {"organisation_id": organisation.id, "body_id": body.id, "person_id": person.id}
            session.add(Membership(**held, office=office, from_date=date(2020, 1, 1)))
            found[row["key"]] = person
        return found


def sign_in(page: Page, running: Running, person: Person) -> None:
    """By the mailed link, read in the captured outbox."""
    page.goto(f"{running.url}/logg-inn")
    page.get_by_label("E-postadresse").fill(person.email or "")
    page.get_by_role("button", name="Send meg en lenke").click()
    running.tick()
    with running.program.sessions() as session:
        mail = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert mail is not None
        link = re.search(r"http\S+/inn/\S+", mail.body_text)
        assert link is not None
    page.goto(link[0])
    page.get_by_role("main").get_by_role("button", name="Logg inn").click()
    expect(page.get_by_role("heading", level=1, name="Mine oppgaver")).to_be_visible()


def go_through(page: Page) -> int:
    """Answer everything the page asks, with the first offer each time; gives how many presses it took."""
    presses = 0
    questions, tasks = page.locator("#questions article"), page.locator("#tasks article")
    while left := questions.count():
        question = questions.first
        two = question.get_by_role("button", name="to samlinger")
        (two if two.count() else question.locator(".answer-line").first).click()
        expect(questions).to_have_count(left - 1)
        presses += 1
    while left := tasks.count():
        owner = tasks.first.locator("select[name=owner]")
        if owner.count():
            owner.select_option(index=1)
            presses += 1
        tasks.first.locator("button.ds-chip, button[data-key=g]").first.click()
        expect(tasks).to_have_count(left - 1)
        presses += 1
    together = page.get_by_role("button", name=re.compile("Godta alle"))
    if together.count():
        together.click()
        presses += 1
    return presses


def test_the_whole_way(
    running: Running, page: Page, context: BrowserContext, capsys: pytest.CaptureFixture[str]
) -> None:
    cast = people_of_the_case(running)
    running.clock.now = datetime(2022, 1, 17, 14, 40, tzinfo=UTC)
    keys = gold()["meeting"]
    secretary, owner = cast[keys["minuteTaker"]], cast[keys["chair"]]
    sign_in(page, running, secretary)

    page.add_init_script(COUNT_TYPED)
    page.get_by_role("link", name="Nytt referat").click()
    page.locator("input[type=file]").set_input_files(CASE)
    page.get_by_role("button", name="Les referatet").click()
    expect(page.get_by_role("heading", level=1, name="Gå gjennom referatet")).to_be_visible()

    page.reload()  # a draft survives
    presses = go_through(page)
    expect(page.locator(".progress-bar")).to_contain_text("Alt er klart")
    page.get_by_role("button", name=re.compile(r"Send \d+ e-post")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sendt")
    presses += 3  # new minutes, read, send
    typed = page.evaluate("Number(sessionStorage.getItem('typed'))")
    with capsys.disabled():
        sys.stdout.write(f"\n  secretary: {presses} presses from the chosen file to sent, {typed} typed\n")
    assert presses <= 25
    assert typed == 0

    running.tick()
    with running.program.sessions() as session:
        mail = session.scalars(
            select(Message).where(Message.person_id == owner.id).order_by(Message.id.desc())
        ).first()
        assert mail is not None
    page.goto(f"{running.url}/utboks")
    page.get_by_role("link", name=mail.subject).first.click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Hei,")).to_be_visible()

    phone = context.browser.new_context(viewport={"width": 390, "height": 844}, locale="nb-NO")  # type: ignore[union-attr]
    on_phone = phone.new_page()
    link = re.search(r"http\S+/o/\S+", mail.body_text)
    assert link is not None
    on_phone.add_init_script(COUNT_TAPS)
    on_phone.goto(link[0])
    on_phone.get_by_role("button", name="Utført").click()
    expect(on_phone.get_by_role("heading", level=1)).to_contain_text("Takk")
    taps = 1 + on_phone.evaluate("Number(sessionStorage.getItem('taps'))")  # the link in the mail, and these
    with capsys.disabled():
        sys.stdout.write(f"  assignee: {taps} taps from the mail to done\n")
    assert taps <= 2
    phone.close()
    with running.program.sessions() as session:
        done = session.scalars(select(Task).where(Task.status == TaskStatus.DONE)).all()
        assert len(done) == 1

    page.goto(f"{running.url}/kalender/abonner")
    if page.get_by_role("button", name="Lag min adresse").count():
        page.get_by_role("button", name="Lag min adresse").click()
    address = page.locator("input[readonly]").first.input_value()
    with urllib.request.urlopen(address) as answer:
        calendar = Calendar.from_ical(answer.read())
    starts = {str(event.decoded("DTSTART"))[:10] for event in calendar.walk("VEVENT")}
    assert {"2022-02-07", "2022-02-22", "2022-03-14", "2022-05-23"} <= starts


def test_the_same_referat_again_opens_the_one_that_is_there(running: Running, page: Page) -> None:
    cast = people_of_the_case(running)
    running.clock.now = datetime(2022, 1, 17, 14, 40, tzinfo=UTC)
    sign_in(page, running, cast[gold()["meeting"]["minuteTaker"]])
    for _ in range(2):
        page.goto(f"{running.url}/referat/nytt")
        page.locator("input[type=file]").set_input_files(CASE)
        page.get_by_role("button", name="Les referatet").click()
        expect(page.get_by_role("heading", level=1, name="Gå gjennom referatet")).to_be_visible()
    expect(page.locator("#message")).to_contain_text("lagt inn før")


def test_a_scanned_or_empty_file_is_refused_in_words_and_nothing_is_kept(
    running: Running, page: Page, tmp_path: Path
) -> None:
    cast = people_of_the_case(running)
    sign_in(page, running, cast[gold()["meeting"]["minuteTaker"]])
    page.goto(f"{running.url}/referat/nytt")
    empty = tmp_path / "tom.docx"
    empty.write_bytes(b"")
    page.locator("input[type=file]").set_input_files(empty)
    page.get_by_role("button", name="Les referatet").click()
    expect(page.locator(".ds-error-summary")).to_contain_text("tom")
    expect(page.get_by_text("Venter på gjennomgang")).to_have_count(0)
