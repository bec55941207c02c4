"""A council's own colour: every shade the pages use of it, made so that they can be read whatever it is.

As Designsystemet does it, a shade is the colour mixed with white or black until it has a given luminance, and
the luminances decide what can be read on what. The colour itself (of buttons and marks) is kept when it is
dark enough on white, and light enough on the dark surfaces; else it is moved just so far.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Rgb = tuple[float, float, float]  # each 0 to 1, as sRGB has them

HEX = re.compile(r"#[0-9a-f]{6}")
OWN = "#0a5566"  # what vendor/theme.css is built of
BLACK: Rgb = (0.0, 0.0, 0.0)
WHITE: Rgb = (1.0, 1.0, 1.0)
# Luminance of each shade: Designsystemet's colorMetadata.js, version 1.15.0.
LIGHT = {
    "background-default": 1.0, "background-tinted": 0.9, "surface-default": 1.0, "surface-tinted": 0.81,
    "surface-hover": 0.7, "surface-active": 0.59, "border-subtle": 0.5, "border-default": 0.19,
    "border-strong": 0.11, "text-subtle": 0.11, "text-default": 0.0245,
}  # fmt: skip
DARK = {
    "background-default": 0.009, "background-tinted": 0.014, "surface-default": 0.021,
    "surface-tinted": 0.027, "surface-hover": 0.036, "surface-active": 0.056, "border-subtle": 0.08,
    "border-default": 0.22, "border-strong": 0.39, "text-subtle": 0.39, "text-default": 0.84,
}  # fmt: skip
PALER_IN_THE_DARK = 0.3  # strong colours glare there
DARK_ENOUGH = 0.15  # 5.2 : 1 with white, 4.7 : 1 with the tinted background
LIGHT_ENOUGH, TOO_GLARING = 0.36, 0.8  # 4.9 : 1 and more with dark surfaces


def sheet(colour: str) -> str:
    """The style sheet that puts the shades of `colour` («#0a5566») in the place of the theme's own."""
    light, dark = (_written(shades(colour, dark=dark)) for dark in (False, True))
    return (
        f":root,[data-color-scheme]{{{light}}}\n"
        f'@media (prefers-color-scheme:dark){{:root,[data-color-scheme="auto"]{{{dark}}}}}\n'
    )


def shades(colour: str, *, dark: bool) -> dict[str, str]:
    """Each shade by its name in the theme, in the light or the dark scheme."""
    own = _read(colour)
    grey = _with_luminance(BLACK, luminance(colour))
    mixed = _between(own, grey, PALER_IN_THE_DARK) if dark else own
    found = {name: _hex(_with_luminance(mixed, wanted)) for name, wanted in (DARK if dark else LIGHT).items()}
    base = luminance(colour)
    if dark:
        base = min(max(base, LIGHT_ENOUGH), TOO_GLARING)
        pressed = (base, base * 0.8, base * 0.6)
    else:
        base = min(base, DARK_ENOUGH)
        pressed = (base, base * 0.6, base * 0.3) if base > 0.02 else (base, base + 0.03, base + 0.06)
    names = ("base-default", "base-hover", "base-active")
    for name, wanted in zip(names, pressed, strict=True):
        found[name] = colour if wanted == luminance(colour) else _hex(_with_luminance(own, wanted))
    found["base-contrast-default"] = _hex(BLACK if dark else WHITE)
    found["base-contrast-subtle"] = _hex(_with_luminance(mixed, 0.007 if dark else 0.84))
    return found


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it: 0 for black, 1 for white."""
    return _luminance(_read(colour))


def _written(found: Mapping[str, str]) -> str:
    return "".join(f"--ds-color-accent-{name}:{shade};" for name, shade in found.items())


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _with_luminance(rgb: Rgb, wanted: float) -> Rgb:
    """The colour mixed with white, or black, until it has the luminance."""
    low, high = (BLACK, rgb) if wanted < _luminance(rgb) else (rgb, WHITE)
    for _ in range(20):
        middle = _between(low, high, 0.5)
        low, high = (middle, high) if _luminance(middle) < wanted else (low, middle)
    return high


def _between(one: Rgb, other: Rgb, part: float) -> Rgb:
    red, green, blue = (a + (b - a) * part for a, b in zip(one, other, strict=True))
    return red, green, blue


def _read(colour: str) -> Rgb:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(c * 255):02x}" for c in rgb)
