"""Time: aware UTC moments outside, civil dates inside. Below web and jobs `now` is always an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock(Protocol):
    """Whatever can tell the time. Entry points own one; tests set their own."""

    def __call__(self) -> datetime: ...


def system_clock() -> datetime:
    """The present moment as aware UTC, to the second (nothing here needs finer)."""
    return datetime.now(UTC).replace(microsecond=0)


def local(moment: datetime, zone: ZoneInfo = OSLO) -> datetime:
    """`moment` (aware) as civil time in `zone`."""
    if moment.tzinfo is None:
        raise ValueError("a moment must be aware")
    return moment.astimezone(zone)


def local_date(moment: datetime, zone: ZoneInfo = OSLO) -> date:
    """The civil date that `moment` falls on in `zone`."""
    return local(moment, zone).date()


def at(day: date, hour: time, zone: ZoneInfo = OSLO) -> datetime:
    """The UTC moment when the clocks of `zone` show `hour` on `day` (the first when twice)."""
    return datetime.combine(day, hour, zone).astimezone(UTC)
