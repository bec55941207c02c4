"""The map in `tracker/__init__.py` is true."""

from __future__ import annotations

import re
from pathlib import Path

import tracker

ROOT = Path(__file__).parents[1]


def test_every_path_on_the_map_exists() -> None:
    paths = re.findall(r"\b(?:tracker|jobs|config)/[\w/.<>]+", tracker.__doc__ or "")
    assert len(paths) > 25
    missing = [path for path in paths if not (ROOT / re.sub(r"/<\w+>/?$", "", path)).exists()]
    assert missing == []
