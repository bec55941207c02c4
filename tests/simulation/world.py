"""A council as the oracle sees it: plain things in memory, and what has happened to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tests.simulation import calendar

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(eq=False)
class Member:
    """A person. `away`: first and last day of a pause."""

    key: int
    reachable: bool = True
    away: tuple[date, date] | None = None
    bundled: bool = True

    def rests(self, today: date) -> bool:
        return self.away is not None and self.away[0] <= today <= self.away[1]


@dataclass(eq=False)
class Organ:
    """A body: who is in it, and its rhythm."""

    key: int
    secretary: Member
    leader: Member
    members: list[Member]
    hour: time = time(7)
    days_before: int = 7
    working_days_before: int = 1
    overdue_after: int = 3
    overdue_every: int = 7
    overdue_most: int = 3


@dataclass(eq=False)
class Gathering:
    """A meeting (`formal`) or a gathering of a body."""

    key: int
    organ: Organ
    day: date
    formal: bool
    cancelled: bool = False


@dataclass(eq=False)
class Role:
    """Somebody's part in a task. `answer`: "", "done", "more time" or "not mine"."""

    member: Member
    owner: bool
    since: datetime
    ended: bool = False
    answer: str = ""
    answered: datetime | None = None
    wanted: date | None = None
    key: int = 0


@dataclass(eq=False)
class Errand:
    """A task. `rule`: ("date", day), ("event", gathering, days, working), ("next",) or ("none",)."""

    key: int
    organ: Organ
    rule: tuple[object, ...]
    given: datetime
    given_on: date
    roles: list[Role] = field(default_factory=list)
    due: date | None = None
    hangs_on: Gathering | None = None
    is_open: bool = True
    done: bool = False

    @property
    def owners(self) -> list[Role]:
        return [role for role in self.roles if role.owner and not role.ended]

    @property
    def live(self) -> list[Role]:
        return [role for role in self.roles if not role.ended]


@dataclass(eq=False)
class Letter:
    """A mail decided on. What it says is settled when it goes. `steps`: (task, role, step, its day)."""

    kind: str
    to: Member
    decided: datetime
    items: list[tuple[Errand, Role]] = field(default_factory=list)
    steps: list[tuple[Errand, Role, str, date]] = field(default_factory=list)
    meeting: Gathering | None = None
    change: Change | None = None
    state: str = "waiting"


@dataclass(eq=False)
class Change:
    """A move or cancellation, and the deadlines it moved: (task, before, after)."""

    meeting: Gathering
    at: datetime
    before: tuple[date, bool]
    after: tuple[date, bool]
    shifted: list[tuple[Errand, date | None, date | None]] = field(default_factory=list)
    undone: bool = False


@dataclass
class World:
    """Everything there is, and every mail that ever was decided on."""

    members: list[Member] = field(default_factory=list)
    organs: list[Organ] = field(default_factory=list)
    gatherings: list[Gathering] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    _waiting: list[Letter] = field(default_factory=list)
    _seen: int = 0

    def under_way(self) -> list[Letter]:
        """The mails that wait, oldest first."""
        self._waiting += self.letters[self._seen :]
        self._seen = len(self.letters)
        self._waiting = [letter for letter in self._waiting if letter.state == "waiting"]
        return self._waiting

    def letters_of(self, day: date) -> Iterator[Letter]:
        """The mails decided on that day, the last first."""
        for letter in reversed(self.letters):
            if letter.decided.astimezone(OSLO).date() < day:
                return
            yield letter

    def open_errands(self) -> Iterator[Errand]:
        return (errand for errand in self.errands if errand.is_open)

    def due_of(self, errand: Errand, today: date) -> tuple[date | None, Gathering | None]:
        """The deadline that the rule gives now, and the meeting it hangs on."""
        kind = errand.rule[0]
        if kind == "event":
            _kind, gathering, days, working = errand.rule
            assert isinstance(gathering, Gathering)
            assert isinstance(days, int)
            if gathering.cancelled:
                return None, gathering
            if working:
                return calendar.count(gathering.day, days), gathering
            return date.fromordinal(gathering.day.toordinal() + days), gathering
        if kind == "next":
            held = errand.hangs_on
            if held is not None and held.day < today and not held.cancelled:
                return errand.due, held
            coming = sorted(
                (g for g in self.gatherings if g.organ is errand.organ and g.formal and not g.cancelled),
                key=lambda g: (g.day, g.key),
            )
            found = next((g for g in coming if g.day > errand.given_on and g.day >= today), None)
            return (found.day if found else None), found
        if kind == "date":
            day = errand.rule[1]
            assert isinstance(day, date)
            return day, None
        return None, None
