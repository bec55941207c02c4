"""A real server and a real browser: waitress on a free port, headless Chromium, a clock we can move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from jobs import deliver_mail, send_reminders
from tests.browser.browsing import CHROMIUM, SWITCHES
from tests.conftest import NOW
from tests.on_free_port import listening
from tracker.app import create_app
from tracker.program import Program, open_program
from tracker.settings import Settings


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Running:
    """The product as a user meets it."""

    program: Program
    clock: SetClock
    url: str

    def tick(self) -> None:
        """What the jobs do every minute."""
        send_reminders.run(self.program)
        deliver_mail.run(self.program)


@pytest.fixture
def demo() -> bool:
    """Whether the product is a demo, whose mail is captured; `@pytest.mark.parametrize` can make it none."""
    return True


@pytest.fixture
def running(address: str, tmp_path: Path, demo: bool) -> Iterator[Running]:
    """The product on a free port, over an empty register."""
    clock = SetClock(NOW)
    with listening() as server:
        port = server.effective_port
        settings = Settings(data=tmp_path / "data", database_url=address, port=port, demo=demo)
        program = open_program(settings, clock)
        server.application = create_app(program)
        yield Running(program, clock, settings.url)
    program.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window of its own, Norwegian, desktop size."""
    opened = browser.new_context(
        locale="nb-NO", timezone_id="Europe/Oslo", viewport={"width": 1280, "height": 900}
    )
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test on any script error or blocked content."""
    troubles: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    yield opened
    assert not [t for t in troubles if "status of 4" not in t], troubles
