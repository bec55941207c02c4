"""The colours of the charts against what they stand on (WCAG 2.2, 1.4.11 and 1.4.3), light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Running
from tests.cast import make_cast
from tests.conftest import NOW
from tests.web.story import tell

pytestmark = pytest.mark.browser

# Painted on a canvas, so that any way of writing a colour becomes red, green, blue and opacity.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const painted = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, place) => sum + c * [.2126, .7152, .0722][place], 0);
  const ground = painted(getComputedStyle(document.querySelector(".panel")).backgroundColor);
  const found = {};
  for (const part of document.querySelectorAll("svg.chart rect, svg.chart text")) {
    const [one, two] = [light(painted(getComputedStyle(part).fill)), light(ground)].sort((a, b) => b - a);
    found[part.getAttribute("class")] = (one + .05) / (two + .05);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_and_their_numbers_can_be_told_from_the_ground(
    running: Running, browser: Browser, scheme: str
) -> None:
    with running.program.sessions() as session:
        tell(session, make_cast(session, NOW), NOW)
    context = browser.new_context(locale="nb-NO", color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{running.url}/logg-inn")
    page.get_by_role("button", name="Prøv som sekretær").click()
    page.goto(f"{running.url}/rapporter/aar/2026")
    contrasts = page.evaluate(CONTRASTS)
    context.close()
    assert {"bar__decided", "bar__done", "bar__late", "chart__text"} <= contrasts.keys()
    for part, contrast in contrasts.items():
        assert contrast >= (4.5 if "text" in part else 3), (part, contrast)
