"""axe-core in the page: what it finds against WCAG 2.2 A and AA and good practice, in one line each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "tracker" / "static" / "node_modules" / "axe-core" / "axe.min.js"
QUICK = ("color-contrast", "target-size", "scrollable-region-focusable")  # what the width can change
RUN = """async rules => {
  const options = {resultTypes: ["violations"], preload: false, rules: {"target-size": {enabled: true}}};
  if (rules.length) Object.assign(options, {runOnly: {type: "rule", values: rules}});
  const found = await axe.run(document, options);
  return found.violations.flatMap(v => v.nodes.map(n => [v.id, n.target.join(" "), n.failureSummary]));
}"""
WIDER = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= innerWidth) return "";
  const wide = [...document.querySelectorAll("body *")].filter(e => {
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return false;
    return e.getBoundingClientRect().right > innerWidth + .5;
  });
  return page.scrollWidth + " px: " + wide.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(" | ");
}"""


def violations(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """One line for every element with a fault; all rules, or only these."""
    if not page.evaluate("typeof axe === 'object'"):
        # Evaluated, not added as an element: the pages' content policy lets no other script in.
        page.evaluate(SCRIPT.read_text("utf-8"))
    found: list[Any] = page.evaluate(RUN, list(rules))
    return [f"{rule} {target}: {' '.join(why.split())[:200]}" for rule, target, why in found]


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways (WCAG 1.4.10), if anything does."""
    wide: str = page.evaluate(WIDER)
    return [f"wider than the window: {wide}"] if wide else []
