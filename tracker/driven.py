"""Writes that are handed to the driver itself, since by way of SQLAlchemy each takes five times as long."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, cast

from sqlalchemy import Engine, UpdateBase
from sqlalchemy.pool import PoolProxiedConnection

from tracker.db import Sessions, is_postgresql

Ready = Callable[[Mapping[str, Any]], list[Any]]


class SmallWrites:
    """A statement that is run many times on a connection of its own, each time with some others beside it."""

    def __init__(self, way: _Piped | _AtOnce, ready: Ready, ready_beside: Ready) -> None:
        self._way, self._ready, self._ready_beside = way, ready, ready_beside

    def begin(self, values: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> Callable[[], int]:
        """Begin a write. What this gives comes back when the statement is kept, with how many rows it
        touched, and is to be asked before the next; by then the database has been given what is beside it.
        """
        return self._way.begin(self._ready(values), [self._ready_beside(row) for row in beside])

    def all_kept(self) -> None:
        """Comes back when what is beside the statements is kept too; to be asked before it's relied on."""
        self._way.all_kept()


@contextmanager
def small_writes(sessions: Sessions, statement: UpdateBase, beside: UpdateBase) -> Iterator[SmallWrites]:
    """Both made ready to be run.

    PostgreSQL does not wait for the disk: what is written outlives this process, and all but the last moments
    outlive the server (`run_of` tells when those may be missing).
    """
    with sessions() as session:
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    style, way = ("numeric_dollar", _Piped) if is_postgresql(engine) else ("qmark", _AtOnce)
    (first, ready), (second, ready_beside) = (_as_driven(each, engine, style) for each in (statement, beside))
    with closing(engine.raw_connection()) as connection:
        made = way(connection, first, second)
        try:
            yield SmallWrites(made, ready, ready_beside)
        finally:
            made.close()


def _as_driven(statement: UpdateBase, engine: Engine, style: str) -> tuple[str, Ready]:
    """`statement` in the driver's words, and what puts values in their order and into what it takes."""
    named: dict[str, Any] = {"paramstyle": style}
    dialect = type(engine.dialect)(**named)
    made = statement.compile(dialect=dialect)
    order = [
        (bind, bind.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is)
        for bind in (made.binds[name] for name in made.positiontup or ())
    ]

    def ready(values: Mapping[str, Any]) -> list[Any]:
        return [taken(values[bind.key] if bind.required else bind.value) for bind, taken in order]

    return made.string, ready


def _as_it_is(value: object) -> object:
    return value


class _AtOnce:
    """By SQLite's cursor."""

    def __init__(self, connection: PoolProxiedConnection, statement: str, beside: str) -> None:
        self.cursor, self.statement, self.beside = connection.cursor(), statement, beside

    def begin(self, values: list[Any], rows: list[list[Any]]) -> Callable[[], int]:
        self.cursor.execute("BEGIN IMMEDIATE")
        try:
            self.cursor.execute(self.statement, values)
            touched = int(self.cursor.rowcount)
            self.cursor.executemany(self.beside, rows)
            self.cursor.execute("COMMIT")
        except BaseException:
            self.cursor.execute("ROLLBACK")
            raise
        return lambda: touched

    def all_kept(self) -> None:
        """It is."""

    def close(self) -> None:
        """Nothing is left to do."""


class _Piped:
    """By PostgreSQL's own library (libpq, § 34.5 Pipeline Mode): it takes half as long as psycopg's cursor,
    and lets us do something else while the server writes. What goes up to a sync is one transaction.

    `synced`: so many of the syncs `asked` for have come back.
    """

    def __init__(self, connection: PoolProxiedConnection, statement: str, beside: str) -> None:
        from psycopg.adapt import Transformer  # noqa: PLC0415 - not loaded where the register is a file

        self.connection, driven = connection, cast("Any", connection.driver_connection)
        driven.autocommit = True
        driven.execute("SET synchronous_commit TO off")
        self.library, self.given = driven.pgconn, Transformer.from_context(driven)
        self.coming, self.moving = select.poll(), select.poll()
        self.coming.register(self.library.socket, select.POLLIN)
        self.moving.register(self.library.socket, select.POLLIN | select.POLLOUT)
        self.asked = self.synced = 0
        for name, each in ((b"statement", statement), (b"beside", beside)):
            _done(self.library.prepare(name, each.encode()))
        self.library.enter_pipeline_mode()

    def begin(self, values: list[Any], rows: list[list[Any]]) -> Callable[[], int]:
        self._send(b"statement", [values])
        kept = self.asked
        if rows:
            self._send(b"beside", rows)
        return lambda: self._wait(kept)

    def all_kept(self) -> None:
        self._wait(self.asked)

    def close(self) -> None:
        """Wait until all is kept, and close the connection, so that nobody else gets it as it is now."""
        try:
            self.all_kept()
        finally:
            self.connection.invalidate()

    def _send(self, name: bytes, rows: list[list[Any]]) -> None:
        from psycopg.adapt import PyFormat  # noqa: PLC0415

        for values in rows:
            as_text = self.given.dump_sequence(values, [PyFormat.TEXT] * len(values))
            self.library.send_query_prepared(name, as_text)
        self.library.pipeline_sync()
        self.asked += 1

    def _wait(self, until: int) -> int:
        """Hand all over, and wait for a sync; gives how many rows what went before it touched."""
        from psycopg import OperationalError, pq  # noqa: PLC0415

        touched = 0
        while self.library.flush():  # more than fits between us and the server
            self.moving.poll()
            self.library.consume_input()
        while self.synced < until:
            while self.library.is_busy():
                self.coming.poll()
                self.library.consume_input()
            result = self.library.get_result()
            if result is None:  # between two statements
                if self.library.status != pq.ConnStatus.OK:
                    raise OperationalError(self.library.get_error_message())
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                self.synced += 1
            else:
                touched = int(_done(result).command_tuples)
        return touched


def _done(result: Any) -> Any:
    """The result of a statement that went well. Raises what the server says."""
    from psycopg import errors, pq  # noqa: PLC0415

    if result.status != pq.ExecStatus.COMMAND_OK:
        raise errors.error_from_result(result)
    return result
