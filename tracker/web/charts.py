"""Charts as figures and places: `templates/reports/charts.html` draws them, with classes and no styles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.services.counts import Counts
from tracker.services.reports import OverTime, Point
from tracker.services.yearly import Numbers

WIDTH, HEIGHT = 400, 186
LEFT, RIGHT, TOP, BOTTOM = 24, 6, 24, 28
GAP = 2  # between the pieces of a bar
MOST_LABELS = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar, in the bar's own units."""

    kind: str  # done, on-track, overdue, unowned
    number: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stacked bar; always in the same order, so that it can be read without colours."""

    pieces: list[Piece]
    width: int
    height: int
    numbers: bool


def bar(counts: Counts, *, width: int = 440, height: int = 30, numbers: bool = True) -> Bar:
    """The four numbers side by side."""
    parts = (
        ("done", counts.done),
        ("on-track", counts.on_track),
        ("overdue", counts.overdue),
        ("unowned", counts.unowned),
    )
    shown = [(kind, number) for kind, number in parts if number]
    unit = width / max(counts.total, 1)
    pieces, x = [], 0.0
    for place, (kind, number) in enumerate(shown, 1):
        gap = 0 if place == len(shown) else GAP
        pieces.append(Piece(kind, number, round(x, 1), round(number * unit - gap, 1)))
        x += number * unit
    return Bar(pieces, width, height, numbers)


def progress(counts: Counts) -> tuple[Bar, int, int] | None:
    """A narrow bar of what is done, with the two numbers; None without tasks."""
    if not counts.total:
        return None
    of_two = Counts(done=counts.done, on_track=counts.remaining)
    return bar(of_two, width=64, height=8, numbers=False), counts.done, counts.total


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis: where, and what stands there."""

    at: float
    text: str
    day: date | None = None
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class StepChart:
    """What remains over time: paths, grid, days and meetings."""

    actual: str
    planned: str
    now: tuple[float, float]
    now_anchor: str
    remaining: int
    planned_now: int
    first: Point
    grid: list[Mark]
    days: list[Mark]
    meetings: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP - 12
    floor: int = HEIGHT - BOTTOM


def step_chart(over_time: OverTime, today: date, meetings: list[date]) -> StepChart | None:
    """The chart, or None when there is nothing to draw. `meetings`: days to mark."""
    actual, planned = over_time.actual, over_time.planned
    if not actual:
        return None
    start = actual[0].on
    last = max(today, *(point.on for point in planned), *meetings) if planned or meetings else today
    end = max(min(last + timedelta(days=7), today + timedelta(days=200)), start + timedelta(days=28))
    most = max(point.remaining for point in (*actual, *planned))
    top = max(-(-most // 5) * 5, 5)
    scale = _Scale(start, end, top)
    step = 5 if top <= 20 else -(-top // 20) * 5
    x, y = scale.x(today), scale.y(actual[-1].remaining)
    return StepChart(
        actual=scale.path(actual, today),
        planned=scale.path([p for p in planned if p.on <= end], end),
        now=(x, y),
        now_anchor="end" if x > WIDTH * 0.75 else "start",
        remaining=actual[-1].remaining,
        planned_now=next((p.remaining for p in reversed(planned) if p.on <= today), actual[0].remaining),
        first=actual[0],
        grid=[Mark(scale.y(number), str(number)) for number in range(0, top + 1, step)],
        days=_days(scale),
        meetings=[Mark(scale.x(day), "", day) for day in meetings if start < day <= end],
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    start: date
    end: date
    top: int

    def x(self, day: date) -> float:
        share = (day - self.start).days / (self.end - self.start).days
        return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)

    def y(self, number: int) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - number / self.top), 1)

    def path(self, points: list[Point], until: date) -> str:
        """Steps: level until the number changes."""
        if not points:
            return ""
        begin = f"M{self.x(points[0].on)} {self.y(points[0].remaining)}"
        steps = "".join(f"H{self.x(point.on)}V{self.y(point.remaining)}" for point in points[1:])
        return f"{begin}{steps}H{self.x(until)}"


def _days(scale: _Scale) -> list[Mark]:
    """Up to five days along the axis, whole weeks apart."""
    weeks = max(-(-(scale.end - scale.start).days // (7 * MOST_LABELS)), 1)
    days, day = [], scale.start
    while day <= scale.end - timedelta(days=3):
        days.append(Mark(scale.x(day), "", day, "start" if day == scale.start else "middle"))
        day += timedelta(weeks=weeks)
    return days


COLUMNS_WIDTH, COLUMNS_HEIGHT = 720, 230
COLUMNS_LEFT, COLUMNS_TOP, COLUMNS_FLOOR = 30, 20, 202
KINDS = ("decided", "done", "late")


@dataclass(frozen=True, slots=True)
class Column:
    """One upright bar with its number above."""

    kind: str
    number: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Columns:
    """Bars in groups, always in the order decided, done, late. `labels`: what stands below each group."""

    columns: list[Column]
    labels: list[Mark]
    grid: list[Mark]
    width: int = COLUMNS_WIDTH
    height: int = COLUMNS_HEIGHT
    left: int = COLUMNS_LEFT
    floor: int = COLUMNS_FLOOR


def columns(groups: list[tuple[str, Numbers]]) -> Columns:
    """A chart of decided, done and late for each group, a month or a year."""
    most = max((max(n.decided, n.done, n.late or 0) for _label, n in groups), default=0)
    step = next(s for s in _steps() if most <= 4 * s)
    top = max(-(-most // step) * step, step)
    tall = COLUMNS_FLOOR - COLUMNS_TOP
    room = (COLUMNS_WIDTH - COLUMNS_LEFT) / max(len(groups), 1)
    wide = min((room - 10) / 3, 26)
    found, labels = [], []
    for place, (label, numbers) in enumerate(groups):
        middle = COLUMNS_LEFT + room * (place + 0.5)
        labels.append(Mark(round(middle, 1), label))
        for side, kind in enumerate(KINDS):
            number = getattr(numbers, kind)
            if number is None:
                continue
            height = round(tall * number / top, 1)
            x = round(middle + (side - 1.5) * wide, 1)
            found.append(Column(kind, number, x, COLUMNS_FLOOR - height, round(wide - GAP, 1), height))
    grid = [
        Mark(round(COLUMNS_FLOOR - tall * number / top, 1), str(number)) for number in range(0, top + 1, step)
    ]
    return Columns(found, labels, grid)


def _steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 …: distances between lines that are easy to count with."""
    for power in range(10):
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def lengths(numbers: list[Numbers], width: int = 380) -> list[list[tuple[str, int, float]]]:
    """Three lying bars for each, against the greatest of all: (kind, number, length)."""
    most = max((max(n.decided, n.done, n.late or 0) for n in numbers), default=0) or 1
    return [
        [
            (kind, count, round(width * count / most, 1))
            for kind in KINDS
            if (count := getattr(n, kind)) is not None
        ]
        for n in numbers
    ]
