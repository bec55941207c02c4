"""WCAG 2.2 on every page in Chromium: axe-core light and dark, at three widths, and no sideways scroll."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route
from sqlalchemy.orm import Session

from tests.browser.axe import QUICK, SCRIPT, too_wide, violations
from tests.browser.conftest import Running
from tests.browser.test_journey import go_through
from tests.cast import Cast, make_cast
from tests.conftest import IN_CI, NOW
from tests.mail import sink
from tests.web.every_page import addresses, stock
from tests.web.objects import path_of
from tests.web.story import answer_path, tell
from tests.web.test_every_page import FILLED
from tracker.app import create_app
from tracker.models import Person
from tracker.services import inviting, people, sign_in, start

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
# A state of a page that has been looked at so already.
BRIEFLY: list[tuple[int, str, tuple[str, ...]]] = [VIEWS[0], VIEWS[2], (320, "light", QUICK)]
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
    "/oppgaver/alle?flere=1", "/vedtak?flere=1",
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


def faults(page: Page, name: str = "", views: list[tuple[int, str, tuple[str, ...]]] = VIEWS) -> list[str]:
    """What is wrong with the page as it stands, in every view."""
    found = []
    for width, scheme, rules in views:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if width < 1280:
            page.evaluate(OPEN_ALL)
        wrong = violations(page, rules) + (too_wide(page) if width < 1280 else [])
        found += [f"{name or page.url} at {width} px, {scheme}: {line}" for line in wrong]
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def faults_of(page: Page, answer: APIResponse) -> list[str]:
    """The same of an answer that was got without the page, as to a form, shown under its own address."""

    def give(route: Route) -> None:
        route.fulfill(response=answer)

    page.route(answer.url, give)
    page.goto(answer.url)
    page.unroute(answer.url, give)
    return faults(page, f"{answer.status} {answer.url}", BRIEFLY)


def is_page(answer: APIResponse) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html") and "<h1" in answer.text()


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


@pytest.mark.parametrize("demo", [False])
def test_every_step_of_the_first_start(running: Running, window: Page) -> None:
    """Each step as it comes, refused, gone back to, and the mail server's two answers."""
    window.goto(start.link(running.program.links, running.clock()))

    def go_on(name: str, wanted: str) -> list[str]:
        window.get_by_role("button", name=name).click()
        window.wait_for_selector(wanted)
        return faults(window, f"the first start, {wanted} after {name}")

    found = go_on("Fortsett", ".ds-error-summary")
    window.get_by_label("Navn på rådet eller foreningen").fill("Interkommunalt råd " * 8)
    window.get_by_label("Navn på det første organet").fill("Arbeidsutvalgetforsamferdselogberedskap" * 4)
    found += go_on("Fortsett", "[autocomplete=name]")
    found += go_on("Fortsett", ".ds-error-summary")
    window.get_by_label("Navn", exact=True).fill("Åse Øy")
    window.get_by_label("E-postadresse").fill("ase@aerfjord.example")
    found += go_on("Fortsett", "[name=host]")
    window.get_by_label("Send en prøve til").fill("ase")
    found += go_on("Send prøve-e-post", ".ds-error-summary")
    found += go_on("Lagre", ".ds-error-summary")
    with sink.running() as server:
        window.get_by_label("E-posttjener").fill("127.0.0.1")
        window.get_by_label("Sikring").select_option("none")
        window.get_by_label("Port").fill(str(server.port))
        window.get_by_label("Avsenderadresse").fill("oppfolging@aerfjord.example")
        window.get_by_label("Send en prøve til").fill("ase@aerfjord.example")
        server.on_rcpt = lambda _address: "550 5.7.1 relay denied"
        found += go_on("Send prøve-e-post", "[role=alert]")
        server.on_rcpt = lambda _address: None
        found += go_on("Send prøve-e-post", ".ds-alert[role=status]")
    mail_step = window.url.removesuffix("/prove")
    found += go_on("Lagre", "input[type=file]")
    window.goto(mail_step)
    found += faults(window, "the mail step, gone back to")
    window.get_by_role("link", name="Tilbake").click()
    found += faults(window, "the secretary's step, gone back to")
    with running.program.sessions.begin() as session:  # the second person ends the first start
        held = start.begun(session)
        assert held is not None
        assert held.organisation is not None
        people.add_person(session, held.organisation.id, "Nils Arne Holmen")
    window.goto(mail_step)
    found += faults(window, "the mail step when the first start is over")
    answer = window.request.post(
        mail_step.removesuffix("/epost"),
        form={"csrf_token": window.locator("input[name=csrf_token]").first.input_value(), "name": "X"},
    )
    assert answer.status == 422
    assert_none(found + faults_of(window, answer))


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
    window.goto(draft)
    go_through(window)
    found += faults(window, "the review, all answered")
    window.get_by_role("button", name=re.compile(r"Send \d+ e-post")).click()
    window.wait_for_url(lambda address: "gjennomgang" not in address)
    found += faults(window, "the minutes, sent")
    assert_none(found)


def test_every_form_sent_empty(running: Running, window: Page) -> None:
    """What each form says when nothing is filled in, and the refusals of what can't be done."""
    with running.program.sessions() as session:
        cast, tokens = everything(running, session)
        enter(window, running, session, cast.secretary)
    token = window.locator("input[name=csrf_token]").first.input_value()
    found, seen = [], set()
    for rule in sorted(create_app(running.program).url_map.iter_rules(), key=lambda rule: rule.rule):
        if "POST" not in (rule.methods or ()) or rule.endpoint == "sign_in.sign_out":
            continue
        blueprint = rule.endpoint.partition(".")[0]
        secret = (
            tokens["answers.invitation" if "/mote/" in rule.rule else blueprint]
            if blueprint in tokens
            else "x"
        )
        path = path_of(rule, FILLED | {"token": tokens["pause"] if "varsler" in rule.rule else secret})
        answer = window.request.post(running.url + path, form={"csrf_token": token}, max_redirects=0)
        looks = (
            answer.status,
            re.sub(r"[\w-]{30,}|\d+", "", answer.text()) if answer.status != 422 else path,
        )
        if answer.status >= 400 and is_page(answer) and looks not in seen:
            seen.add(looks)
            found += faults_of(window, answer)
    assert {status for status, _ in seen} >= {403, 404, 409, 422}
    assert_none(found)


def test_refusals(running: Running, window: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    with running.program.sessions() as session:
        cast, _tokens = everything(running, session)
        enter(window, running, session, cast.owner)
    token = window.locator("input[name=csrf_token]").first.input_value()
    send, ask, url = window.request.post, window.request.get, running.url
    answers = {
        400: send(f"{url}/oppgaver/ny", form={"what": "x"}),
        403: ask(f"{url}/utboks"),
        404: ask(f"{url}/oppgaver/999"),
        405: send(f"{url}/hjelp"),
        410: ask(start.link(running.program.links, running.clock() - timedelta(days=90))),
        413: send(f"{url}/oppgaver/ny", multipart={"csrf_token": token, "what": "x" * 5_000_000}),
    }
    with monkeypatch.context() as broken:
        broken.setattr("tracker.services.worklist.dates", lambda *_given: 1 / 0)
        answers[500] = ask(f"{url}/oppgaver")
    assert {wanted: answer.status for wanted, answer in answers.items()} == {n: n for n in answers}
    assert_none([line for answer in answers.values() for line in faults_of(window, answer)])


@pytest.mark.parametrize(
    ("colour", "who"), [("", "owner"), ("#ffff00", "secretary")], ids=["member", "secretary in yellow"]
)
def test_what_is_seen_from_day_to_day(running: Running, window: Page, colour: str, who: str) -> None:
    with running.program.sessions() as session:
        cast, _tokens = everything(running, session)
        cast.organisation.colour = colour
        enter(window, running, session, getattr(cast, who))
    found = []
    for path in ("/oppgaver", "/oppgaver/alle", "/oppgaver/1", "/oppgaver/8", "/moter", "/moter/1", "/vedtak",
                 "/vedtak/1", "/vedtak/2", "/status", "/kalender", "/innstillinger/meg",
                 "/innstillinger/raadet"):  # fmt: skip
        window.goto(running.url + path)
        found += faults(window, f"the {who}'s {path}", BRIEFLY)
    assert_none(found)


def test_links_in_mails_in_every_state(running: Running, window: Page) -> None:
    with running.program.sessions() as session:
        cast = make_cast(session, NOW)
        story = tell(session, cast, NOW)
        links, coming = running.program.links, story.coming
        paths = [answer_path(links, task.assignments[0]) for task in story.tasks.values() if task.assignments]
        paths += [f"{path}/kvittering" for path in paths]
        paths += [
            answer_path(links, story.part("open", cast.contributor)),
            "/o/dead",
            "/o/mote/dead",
            "/p/dead",
        ]
        coming.asks_diet = True
        inviting.invite(session, coming, NOW)
        sign_ups = [links.sign_up(row.id).removeprefix(running.url) for row in coming.invitations]
        session.commit()
    found = []
    for path in paths:
        window.goto(running.url + path)
        found += faults(window, path, BRIEFLY)
    for path, choice in zip(sign_ups, ("ja", "delvis", "nei"), strict=False):
        window.goto(f"{running.url}{path}?svar={choice}")
        found += faults(window, f"asked, with {choice} chosen", BRIEFLY)
        said = {"answer": choice, "partly_text": "Etter lunsj"}
        answer = window.request.post(f"{running.url}{path}/svar", form=said)
        assert answer.ok, answer.status
        found += faults_of(window, answer)
    assert_none(found)
