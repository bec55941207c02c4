"""What has been written is kept by the version of what it was written from: a row is written once.

The database itself counts versions up (`Meeting.version`, `counted_meetings`), so that no change of any kind,
a bulk import or a body that is called something else, can leave anything old behind: it is simply asked for
under another key. Each database has its own; in memory, since a process that starts anew writes 1,000 events
in a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

TEXTS = 20_000  # texts; some 15 MB, and up to as many again that nobody has asked for lately
OCTETS = 24_000_000  # of whole lists, and up to as many again

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by key. What isn't asked for goes after a while (two generations).

    `most`: how much one generation holds, as `weigh` weighs the values.
    """

    def __init__(self, most: int, weigh: Callable[[Value], int]) -> None:
        self._most, self._weigh = most, weigh
        self._young: dict[Hashable, Value] = {}
        self._old: dict[Hashable, Value] = {}
        self._weight = 0

    def one(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, by `make` if it isn't here."""
        found = self._young.get(key)
        if found is not None:
            return found
        found = self._old.get(key)
        if found is None:
            found = make()
        self._keep({key: found})
        return found

    def several(
        self, keys: Iterable[Hashable], make: Callable[[list[Hashable]], dict[Hashable, Value]]
    ) -> list[Value]:
        """The values of `keys`, in their order. `make` makes those that aren't here, all at once.

        What is gone by then has no value, and is left out.
        """
        wanted = list(keys)
        young, old = self._young, self._old
        found = [young.get(key) for key in wanted]
        if None not in found:
            return [value for value in found if value]
        again = {key: old[key] for key in wanted if key not in young and key in old}
        made = make([key for key in wanted if key not in young and key not in again])
        self._keep({**again, **made})
        return [value for key in wanted if (value := young.get(key) or again.get(key) or made.get(key))]

    def _keep(self, values: dict[Hashable, Value]) -> None:
        if not values:
            return
        weight = sum(map(self._weigh, values.values()))
        if self._weight + weight > self._most:
            self._young, self._old, self._weight = {}, self._young, 0
        self._young.update(values)
        self._weight += weight


class Memory:
    """What is kept of one database.

    `texts`: of each row. `lists`: of all rows in a feed, joined. `versions`: of all rows in a feed, and the
    newest change among them.
    """

    def __init__(self) -> None:
        self.texts: Kept[str] = Kept(TEXTS, lambda _text: 1)
        self.lists: Kept[bytes] = Kept(OCTETS, len)
        self.versions: Kept[tuple[str, datetime | None]] = Kept(OCTETS, lambda found: len(found[0]) + 100)


_of_databases: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def memory(session: Session) -> Memory:
    """What is kept for the database of this session."""
    engine = session.get_bind().engine
    found = _of_databases.get(engine)
    if found is None:
        found = _of_databases.setdefault(engine, Memory())
    return found
