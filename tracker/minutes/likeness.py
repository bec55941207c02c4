"""How alike two pieces of text are, and which of two lists belong together.

Used where the same thing is met a second time: corrected minutes against what was published, and what
minutes say of earlier tasks against the register.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Words = frozenset[str]
A = TypeVar("A")
B = TypeVar("B")

MOST_COMPARED = 250_000
"""Pairs that are compared at most; beyond it only what is equal is put together."""


def words(text: str) -> Words:
    """The words of `text`, without case."""
    return frozenset(re.findall(r"\w+", text.casefold()))


def likeness(one: Words, other: Words) -> float:
    """From 0 (nothing in common) to 1 (the same words): the coefficient of Dice."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def paired(
    left: Sequence[A],
    right: Sequence[B],
    worth: Callable[[A, B], float],
    *,
    least: float,
    key: tuple[Callable[[A], Hashable], Callable[[B], Hashable]] | None = None,
) -> dict[int, int]:
    """Which of `left` belongs with which of `right`, one to one, the best pairs first: place → place.

    `worth` says how well two fit; pairs under `least` are none. Those with equal `key` are put together
    first, so that long lists that hardly differ need few comparisons.
    """
    found: dict[int, int] = {}
    if key is not None:
        same: dict[Hashable, list[int]] = defaultdict(list)
        for j, b in enumerate(right):
            same[key[1](b)].append(j)
        for i, a in enumerate(left):
            if places := same.get(key[0](a)):
                found[i] = places.pop(0)
    rest_left = [i for i in range(len(left)) if i not in found]
    taken = set(found.values())
    rest_right = [j for j in range(len(right)) if j not in taken]
    if len(rest_left) * len(rest_right) > MOST_COMPARED:
        return found
    scored = ((worth(left[i], right[j]), i, j) for i in rest_left for j in rest_right)
    for score, i, j in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        if score < least:
            break
        if i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return found
