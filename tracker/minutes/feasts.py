"""Easter, and the Norwegian public holidays that hang on it."""

from __future__ import annotations

from datetime import date


def easter(year: int) -> date:
    """Easter Sunday (Meeus, Jones and Butcher's rule)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def public_holiday(day: date) -> str | None:
    """The Norwegian public holiday on `day`, or None.

    The reader's own, since `tracker.rules.workdays` loads a package that takes longer than a whole reading.
    """
    fixed = {(1, 1): "første nyttårsdag", (5, 1): "første mai", (5, 17): "grunnlovsdagen",
             (12, 25): "første juledag", (12, 26): "andre juledag"}  # fmt: skip
    moving = {-3: "skjærtorsdag", -2: "langfredag", 0: "første påskedag", 1: "andre påskedag",
              39: "Kristi himmelfartsdag", 49: "første pinsedag", 50: "andre pinsedag"}  # fmt: skip
    return fixed.get((day.month, day.day)) or moving.get((day - easter(day.year)).days)
