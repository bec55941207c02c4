"""`make screenshots`: pictures of the running product with its example data, and of every mail.

The first goes to docs/, all to tests/browser/shots/ (not kept), at 1280 and 390 px.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.browsing import CHROMIUM, SWITCHES
from tests.mail.letters_to_see import GOLDEN

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "shots"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PAGES = {
    "tasks": "/oppgaver",
    "all-tasks": "/oppgaver/alle",
    "meetings": "/moter",
    "decisions": "/vedtak",
    "status": "/status",
    "calendar": "/kalender",
    "month": "/kalender?vis=maaned",
    "subscribe": "/kalender/abonner",
    "people": "/deltakere",
    "outbox": "/utboks",
    "settings": "/innstillinger",
    "reminders": "/innstillinger/paaminnelser",
    "new-minutes": "/referat/nytt",
    "help": "/hjelp",
}
FIRST_ON = {"task": "/oppgaver/alle", "meeting": "/moter", "decision": "/vedtak", "mail": "/utboks"}


def main() -> None:
    """Start the demo on a free port, go round, take pictures, stop."""
    SHOTS.mkdir(exist_ok=True)
    (ROOT / "docs").mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        serve_demo(data) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for name, size in SIZES.items():
            page = browser.new_context(viewport=size, locale="nb-NO").new_page()
            _round(page, address, name)
        _letters(browser)
        browser.close()


@contextmanager
def serve_demo(data: str) -> Iterator[str]:
    """The demo over a folder of its own; gives its address."""
    own = {**os.environ, "OPPFOLGING_DATA": data, "OPPFOLGING_PORT": "8197"}
    command = [sys.executable, "-m", "tracker.cli", "demo"]
    served = subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield _address(served)
    finally:
        served.terminate()
        served.wait(timeout=10)


def _letters(browser: Browser) -> None:
    """Every letter, on a phone and in a mail program, light and dark."""
    for width in (390, 700):
        for scheme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": 700}, color_scheme=scheme, java_script_enabled=False
            )
            page = context.new_page()
            for letter in sorted(GOLDEN.glob("*.html")):
                page.set_content(letter.read_text("utf-8"))
                page.screenshot(path=SHOTS / f"mail-{letter.stem}-{width}-{scheme}.png", full_page=True)
            context.close()


def _address(served: subprocess.Popen[str]) -> str:
    assert served.stdout is not None
    for line in served.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise SystemExit("the demo did not start")


def _round(page: Page, address: str, size: str) -> None:
    page.goto(f"{address}/logg-inn")
    page.screenshot(path=SHOTS / f"sign-in-{size}.png")
    page.get_by_role("button", name=re.compile("sekretær")).first.click()
    for name, path in PAGES.items():
        page.goto(address + path)
        page.screenshot(path=SHOTS / f"{name}-{size}.png", full_page=True)
    for name, path in FIRST_ON.items():
        page.goto(address + path)
        page.locator("main").locator("li h3 a, tbody a").first.click()
        page.screenshot(path=SHOTS / f"{name}-{size}.png", full_page=True)
    page.goto(f"{address}/referat/nytt")
    page.get_by_role("link", name="Fortsett").first.click()
    page.screenshot(path=SHOTS / f"review-{size}.png")
    page.screenshot(path=SHOTS / f"review-{size}-full.png", full_page=True)
    if size == "desktop":
        page.screenshot(path=ROOT / "docs" / "review.png")


if __name__ == "__main__":
    main()
