"""What has been written is kept by the version of the row it was written from: a row is written once.

The database itself counts versions up (`Meeting.version`), so that no change of any kind, a bulk import or a
body that is called something else, can leave an old text behind: it is simply asked for under another key.
Each database has its own; in memory, since a process that starts anew writes 1,000 events in a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

KEPT = 20_000  # texts; some 15 MB, and up to as many again that nobody has asked for lately


class Texts:
    """Texts by key. What isn't asked for goes after a while (two generations)."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._young: dict[Hashable, str] = {}
        self._old: dict[Hashable, str] = {}

    def joined(
        self, keys: Iterable[Hashable], write: Callable[[list[Hashable]], dict[Hashable, str]]
    ) -> list[str]:
        """The texts of `keys`, in their order. `write` makes those that aren't here, all at once.

        A row that is gone by then has no text, and is left out.
        """
        wanted = list(keys)
        young, old = self._young, self._old
        found = [young.get(key) for key in wanted]
        if None not in found:
            return [text for text in found if text]
        again = {key: old[key] for key in wanted if key not in young and key in old}
        made = write([key for key in wanted if key not in young and key not in again])
        self._keep({**again, **made})
        return [text for key in wanted if (text := young.get(key) or again.get(key) or made.get(key))]

    def _keep(self, texts: dict[Hashable, str]) -> None:
        if not texts:
            return
        if len(self._young) + len(texts) > self._most:
            self._young, self._old = {}, self._young
        self._young.update(texts)


_of_databases: WeakKeyDictionary[Engine, Texts] = WeakKeyDictionary()


def texts(session: Session) -> Texts:
    """What is kept for the database of this session."""
    engine = session.get_bind().engine
    found = _of_databases.get(engine)
    if found is None:
        found = _of_databases.setdefault(engine, Texts())
    return found
