"""How Chromium is started here."""

from __future__ import annotations

from tests.conftest import CHROMIUM

SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

__all__ = ["CHROMIUM", "SWITCHES"]
