"""Writes that are handed to the driver itself, since by way of SQLAlchemy each takes five times as long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, UpdateBase, text
from sqlalchemy.orm import Session

from tracker.db import Sessions, is_postgresql

SmallWrite = Callable[[Mapping[str, Any]], int]


@contextmanager
def small_writes(sessions: Sessions, statement: UpdateBase) -> Iterator[SmallWrite]:
    """`statement` made ready to be run many times on a connection of its own, each time kept at once.

    Running it gives how many rows it touched. It is handed to the driver itself, since by way of SQLAlchemy
    each takes five times as long. PostgreSQL does not wait for the disk: what is written outlives this
    process, and all but the last moments outlive the server (`run_of` tells when those may be missing).
    """
    with sessions() as session:
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    made, ready = _as_driven(statement, engine, "numeric_dollar" if is_postgresql(engine) else "qmark")
    with engine.connect() as connection:
        run = (_prepared if is_postgresql(engine) else _executed)(connection, made)
        yield lambda values: run(ready(values))


def write_each(session: Session, statement: UpdateBase, rows: Iterable[Mapping[str, Any]]) -> None:
    """`statement` once for each row, within the session's transaction, by way of the driver as above."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    made, ready = _as_driven(statement, engine, "format" if is_postgresql(engine) else "qmark")
    session.connection().exec_driver_sql(made, [tuple(ready(row)) for row in rows])


def _as_driven(
    statement: UpdateBase, engine: Engine, style: str
) -> tuple[str, Callable[[Mapping[str, Any]], list[Any]]]:
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


def _executed(connection: Connection, statement: str) -> Callable[[list[Any]], int]:
    """By SQLite's cursor, which keeps each statement by itself (see `_sqlite`)."""
    cursor = connection.connection.cursor()

    def run(values: list[Any]) -> int:
        cursor.execute(statement, values)
        return int(cursor.rowcount)

    return run


def _prepared(connection: Connection, statement: str) -> Callable[[list[Any]], int]:
    """By PostgreSQL's own library, which takes half as long as psycopg's cursor (PQexecPrepared, § 34.3)."""
    from psycopg import errors, pq  # noqa: PLC0415 - not loaded where the register is a file
    from psycopg.adapt import PyFormat, Transformer  # noqa: PLC0415

    connection.execution_options(isolation_level="AUTOCOMMIT")
    connection.execute(text("SET synchronous_commit TO off"))
    driven: Any = connection.connection.driver_connection
    connection.detach()  # closed afterwards, so that nobody else gets it as it is now
    library, values_of = driven.pgconn, Transformer.from_context(driven)

    def done(result: Any) -> Any:
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result)
        return result

    done(library.prepare(b"small_write", statement.encode()))

    def run(values: list[Any]) -> int:
        given = values_of.dump_sequence(values, [PyFormat.TEXT] * len(values))
        return int(done(library.exec_prepared(b"small_write", given)).command_tuples)

    return run
