"""What a measure is, and how one is taken: ours beside the obvious other way of doing the same."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, text


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. `unit`: ms and MB are better low, anything per second better high."""

    name: str
    ours: float
    other: float | None
    unit: str
    beside: str = ""

    def __str__(self) -> str:
        other = "–" if self.other is None else f"{_shown(self.other, self.unit)} ({self.beside})"
        ratio = "–" if not self.other else _rounded(self.ours / self.other)
        return f"{self.name} | {_shown(self.ours, self.unit)} | {other} | {ratio}"


Measure = Callable[[], Iterator[Figure]]


class NotYet(Exception):
    """What is to be measured isn't here (yet), or not on this machine."""


def milliseconds(work: Callable[[], object], *, seconds: float = 1.0, least: int = 3) -> float:
    """The middle time of `work`, in ms: the rounds that fit into `seconds`, at least `least`; one before."""
    work()
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while len(taken) < least or time.perf_counter() < until:
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[len(taken) // 2] * 1000


def per_second(work: Callable[[], object], *, seconds: float = 1.0) -> float:
    """How many times a second `work` can be done."""
    work()
    count, begun = 0, time.perf_counter()
    while (taken := time.perf_counter() - begun) < seconds:
        work()
        count += 1
    return count / taken


def two_over_one(seconds: float = 2.0) -> float:
    """What two processes that only compute do together, over what one does: the most that two can reach.

    A machine's processors may share what they are made of, or be somebody else's for a while.
    """
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_computed, [0.1, 0.1], chunksize=1)
        alone = pool.apply(_computed, (seconds,))
        return sum(pool.map(_computed, [seconds, seconds], chunksize=1)) / alone


def _computed(seconds: float) -> float:
    return per_second(lambda: sum(range(10_000)), seconds=seconds)


def _shown(value: float, unit: str) -> str:
    return f"{_rounded(value)} {unit}"


def _rounded(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f}"


def settle(engine: Engine) -> None:
    """Let the database count what was written and be done with it, as it does by itself within minutes."""
    postgres = engine.dialect.name == "postgresql"
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in ("VACUUM ANALYZE", "CHECKPOINT") if postgres else ("ANALYZE",):
            connection.execute(text(statement))
