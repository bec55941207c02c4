"""Engines and sessions, alike for SQLite and PostgreSQL, and bringing a database up to date."""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    URL,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    ScalarSelect,
    Select,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    inspect,
    literal,
    literal_column,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tracker.errors import Misconfigured

MIGRATIONS = Path(__file__).parent / "migrations"
RESTED = 1.0  # seconds, after which a connection to PostgreSQL is tried before it is used again
JOINS_WEIGHED = 5  # tables whose order PostgreSQL tries out for a page; it costs more the more there are

Sessions = sessionmaker[Session]


def open_engine(address: str) -> Engine:
    """An engine for a SQLAlchemy URL. Raises Misconfigured for an engine that is neither of the two."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url.set(drivername="postgresql+psycopg"))
    raise Misconfigured(
        "Databasen må være sqlite eller postgresql, ikke «%(name)s»", name=url.get_backend_name()
    )


def open_reader(engine: Engine) -> Engine:
    """An engine on the same database as `engine` that the database itself lets change nothing.

    PostgreSQL's runs each statement by itself. That promises as much as READ COMMITTED does; it spares two
    journeys a request, and the rollback after which psycopg forgets every statement it has prepared. It joins
    tables nearly in the order that our statements name them in, since to weigh all orders of nine tables
    takes the server longer than to read the rows; and it neither compiles a plan (JIT) nor has helpers read
    for it, since a page's statements are over long before those are there. Statements have PostgreSQL's own
    placeholders: in one longer than 4,096 characters psycopg looks for its own each time, for a millisecond.
    """
    if not is_postgresql(engine):
        return _sqlite(engine.url, "query_only=ON")
    from psycopg import RawCursor  # noqa: PLC0415 - not loaded where the register is a file

    reader = _postgresql(
        engine.url,
        isolation_level="AUTOCOMMIT",
        paramstyle="numeric_dollar",
        connect_args={"cursor_factory": RawCursor},
    )

    @event.listens_for(reader, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute(
            "SET default_transaction_read_only TO on; SET jit TO off; "
            "SET max_parallel_workers_per_gather TO 0; "
            f"SET join_collapse_limit TO {JOINS_WEIGHED}"
        )

    return reader


def _postgresql(url: URL, **options: Any) -> Engine:
    """PostgreSQL with connections that are tried before they are used again, when they have rested a while.

    SQLAlchemy's own `pool_pre_ping` tries them each time: a journey to the server for every request.
    """
    engine = create_engine(url, **options)

    @event.listens_for(engine, "checkin")
    def rest(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def wake(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("rests_since", math.inf) < RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as fault:
            raise DisconnectionError from fault  # the pool makes another one

    return engine


def _sqlite(url: URL, *more: str) -> Engine:
    """SQLite with WAL, foreign keys, a busy timeout, and transactions that begin when SQLAlchemy says so.

    `more`: other pragmas, once those are set.
    """
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        for pragma in ("busy_timeout=15000", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        with suppress(sqlite3.OperationalError):  # somebody else is just setting it, and it stays set
            connection.execute("PRAGMA journal_mode=WAL")
        for pragma in more:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def sessions(engine: Engine) -> Sessions:
    """What makes sessions. Objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


def write_at_once(session: Session) -> None:
    """Begin a transaction that will write.

    On SQLite this takes the write lock now, waiting its turn: a reader that becomes a writer later is
    refused at once when somebody wrote in between (SQLITE_BUSY_SNAPSHOT), however long the timeout.
    """
    session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
    session.info["writing"] = session.get_transaction()


@contextmanager
def writing(sessions: Sessions) -> Iterator[Session]:
    """A transaction that writes, from its first moment (`write_at_once`), and is kept when the block ends."""
    with sessions.begin() as session:
        write_at_once(session)
        yield session


def take_turn(session: Session, what: str) -> None:
    """Be the only one that does `what` until this transaction ends; others wait their turn.

    SQLite's write lock does it for all, so there it comes first in the transaction, or in one that was begun
    with `write_at_once`; PostgreSQL has advisory locks (§ 13.3.5).
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7205760, hashtext(:what))"), {"what": what})
    elif not session.in_transaction() or session.info.get("writing") is not session.get_transaction():
        write_at_once(session)


def is_postgresql(engine: Engine | Connection) -> bool:
    """Which of the two it is."""
    return engine.dialect.name == "postgresql"


def among(
    session: Session,
    column: ColumnElement[int] | InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    numbers: Iterable[int],
) -> ColumnElement[bool]:
    """Whether `column` is one of many numbers, as a single value: the statement stays the same.

    With IN, SQLAlchemy and the driver write some hundred values into it each time, which takes them longer
    than the database takes to find the rows.
    """
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(list(numbers), ARRAY(Integer)))
    listed = func.json_each(json.dumps(list(numbers))).table_valued("value")
    return column.in_(select(listed.c.value))


class _Gathered(FunctionElement[Any]):
    type = JSON()
    inherit_cache = True


@compiles(_Gathered, "postgresql")
def _by_postgresql(element: _Gathered, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_agg(json_build_array({compiler.process(element.clauses, **how)}))"


@compiles(_Gathered, "sqlite")
def _by_sqlite(element: _Gathered, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **how)}))"


def gathered(found: Select[*tuple[Any, ...]]) -> ScalarSelect[Any]:
    """All the rows of a query in one value, in their order: a list of lists, or None when there are none.

    Dates come as they are written (ISO 8601). Hundreds of rows take SQLAlchemy three times as long as this.
    """
    rows_of = found.subquery()
    return select(_Gathered(*rows_of.c)).scalar_subquery()


def rows(given: int | str) -> Any:
    """So many rows, or as many as the value of that name says, for LIMIT and OFFSET: in the statement itself.

    A plan that PostgreSQL keeps else reckons with a tenth of all there are, and is given up for being dear.
    """
    if isinstance(given, int):
        return literal_column(str(given))
    return bindparam(given, type_=Integer, literal_execute=True)


def run_of(session: Session) -> str:
    """Which run of the database server this is; another one may lack the last of `driven.small_writes`."""
    if session.get_bind().dialect.name != "postgresql":
        return ""
    return str(session.scalar(text("SELECT pg_postmaster_start_time()")))


def is_ours(name: str | None, *_kind: object) -> bool:
    """Whether a table or index holds something of its own: what the database itself keeps follows others.

    That is the full-text search (migration 0009), and the counting of changed meetings (0013).
    """
    return not (name or "").startswith(("search_", "counted_"))


def newest_revision() -> str:
    """The revision that the code expects: the highest numbered file in migrations/versions."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision(engine: Engine) -> str | None:
    """The revision the database is at; None when it has no tables of ours."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        number: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return number


def migrate(engine: Engine, to: str | None = None) -> bool:
    """Bring the database to the newest revision, or up to `to`; True when there was something to do.

    Alembic is loaded only then, since it takes longer to import than the program takes to start.
    """
    if revision(engine) == (to or newest_revision()):
        return False
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    # Two that start at once take turns; the second finds nothing left to do.
    alone = engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
    with alone.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7205759)"))
        config.attributes["connection"] = connection
        command.upgrade(config, to or "head")
    return True
