"""A council's colour can be read whatever it is, and ours comes out as the theme has it."""

from __future__ import annotations

import re
from itertools import product

import pytest

from tracker.rules import colours
from tracker.web.assets import STATIC

AWKWARD = (
    "#ffff00", "#ffcc00", "#ffffff", "#000000", "#eeeeee", "#777777", "#fffffe", "#010000", "#ff0000",
    "#00ff00", "#0000ff", "#00ffff", "#ff69b4", "#0a5566",
)  # fmt: skip
TEXT, LARGE = 4.5, 3.0  # WCAG 2.2: 1.4.3, and 1.4.11 for what isn't text
# On neutral surfaces too: the theme gives them the luminances of the scale.
PAIRS = [
    *((text, ground, TEXT)
      for text, ground in product(
          ("text-default", "text-subtle"),
          ("background-default", "background-tinted", "surface-default", "surface-tinted"))),
    ("text-default", "surface-hover", TEXT),
    ("text-default", "surface-active", TEXT),
    *(("base-contrast-default", ground, TEXT) for ground in ("base-default", "base-hover", "base-active")),
    ("base-contrast-subtle", "base-default", LARGE),
    ("base-default", "background-default", TEXT),
    ("base-default", "background-tinted", TEXT),
    ("base-default", "surface-default", TEXT),
    ("base-default", "surface-tinted", LARGE),
    ("border-default", "background-tinted", LARGE),
    ("border-strong", "surface-tinted", LARGE),
]  # fmt: skip


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    darker, lighter = sorted((colours.luminance(one), colours.luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("colour", AWKWARD)
def test_what_is_read_can_be_read(colour: str, dark: bool) -> None:
    found = colours.shades(colour, dark=dark)
    poor = [
        (one, other, round(ratio, 2))
        for one, other, least in PAIRS
        if (ratio := contrast(found[one], found[other])) < least
    ]
    assert poor == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("colour", AWKWARD)
def test_a_press_is_seen(colour: str, dark: bool) -> None:
    found = colours.shades(colour, dark=dark)
    assert len({found["base-default"], found["base-hover"], found["base-active"]}) == 3


@pytest.mark.parametrize("colour", ["#0a5566", "#000080", "#8b0000", "#000000"])
def test_a_colour_that_can_be_read_is_left_as_it_is(colour: str) -> None:
    assert colours.shades(colour, dark=False)["base-default"] == colour


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("dark", "most"), [(False, 3), (True, 14)], ids=["light", "dark"])
def test_ours_comes_out_nearly_as_the_theme_that_designsystemet_builds(dark: bool, most: int) -> None:
    theme = (STATIC / "vendor" / "theme.css").read_text("utf-8")
    blocks = re.findall(r"(?:\s*--ds-color-accent-[a-z-]+: #\w{6};){16}", theme)
    wanted = dict(re.findall(r"accent-([a-z-]+): (#\w{6})", blocks[-1 if dark else 0].lower()))
    found = colours.shades(colours.OWN, dark=dark)
    assert wanted.keys() == found.keys()
    for name, shade in wanted.items():
        pairs = zip(bytes.fromhex(shade[1:]), bytes.fromhex(found[name][1:]), strict=True)
        assert max(abs(a - b) for a, b in pairs) <= most, (name, shade, found[name])


def test_the_sheet_has_both_schemes_and_nothing_but_shades() -> None:
    sheet = colours.sheet("#ffcc00")
    light, dark = sheet.split("@media (prefers-color-scheme:dark)")
    assert light.count("--ds-color-accent-") == dark.count("--ds-color-accent-") == 16
    assert set(re.findall(r":(#?\w+);", sheet)) <= set(re.findall(r"#[0-9a-f]{6}", sheet))
