"""QR codes as inline SVG that our Content-Security-Policy lets through: no style attribute, one path."""

from __future__ import annotations

from itertools import groupby

import segno
from markupsafe import Markup


def qr(address: str, said: str) -> Markup:
    """The code of `address`; `said` is what it is called for those who don't see it. CSS colours it."""
    rows = segno.make_qr(address, error="m").matrix
    path = "".join(_row(number, row) for number, row in enumerate(rows))
    return Markup('<svg viewBox="0 0 {0} {0}" role="img" aria-label="{1}"><path d="{2}"/></svg>').format(
        len(rows), said, path
    )


def _row(number: int, row: bytearray) -> str:
    """The dark squares of a row, those beside each other as one."""
    drawn, left = [], 0
    for dark, group in groupby(row):
        width = len(list(group))
        if dark:
            drawn.append(f"M{left} {number}h{width}v1h-{width}z")
        left += width
    return "".join(drawn)
