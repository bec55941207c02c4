"""The kinds of doubt, each a function from what was found to questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tracker.minutes.draft import Draft, Question
from tracker.minutes.findings import Findings

Kind = Callable[[Findings, Draft], Iterator[Question]]
KINDS: tuple[Kind, ...] = ()
