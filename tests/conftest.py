"""What every test can ask for: an empty register on each engine, a session, a fixed now, and the cast."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from tests import postgresql
from tests.cast import Cast, make_cast
from tracker import db
from tracker.links import Links
from tracker.models.base import Base

SHARED = Path(__file__).parents[2] / "shared"
CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
THUNDERBIRD = shutil.which("thunderbird")
IN_CI = os.environ.get("CI") == "true"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday, 09.00 in Oslo
numbers = count(1)


def has_libical() -> bool:
    """Whether Debian's Python can use libical."""
    bindings = Path("/usr/lib").glob("*/girepository-1.0/ICalGLib-3.0.typelib")
    return any(bindings) and Path("/usr/lib/python3/dist-packages/gi").is_dir()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine can't run, and say why; in CI nothing is left out."""
    if IN_CI:
        return
    missing = {
        "postgresql": None if postgresql.programs() else "PostgreSQL is not installed (Debian: postgresql)",
        "browser": None if CHROMIUM else "Chromium is not installed (Debian: chromium)",
        "libical": None if has_libical() else "libical is not installed (Debian: gir1.2-ical-3.0 python3-gi)",
        "thunderbird": None if THUNDERBIRD else "Thunderbird is not installed (Debian: thunderbird)",
        "shared": None
        if (SHARED / "minutes").is_dir()
        else "the example minutes are not beside this repository",
    }
    for item in items:
        for mark, reason in missing.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    place = tmp_path_factory.mktemp("template") / "register.sqlite3"
    engine = db.open_engine(f"sqlite:///{place}")
    db.migrate(engine)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return place


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[Engine]:
    """A cluster with a migrated, empty database called "template"."""
    with postgresql.cluster(in_memory=True) as address:
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE template"))
        engine = db.open_engine(admin.url.set(database="template").render_as_string(hide_password=False))
        db.migrate(engine)
        engine.dispose()
        yield admin
        admin.dispose()


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Gives up the hundred inserts that each mapper keeps, and with them the engines they were made for.

    After thousands of tests they are so many that the collector takes seconds.
    """
    yield
    for mapper in Base.registry.mappers:
        mapper._compiled_cache.clear()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address(request: pytest.FixtureRequest, tmp_path: Path, forgetful: None) -> Iterator[str]:
    """The URL of an empty register of our own, on each engine in turn."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "register.sqlite3")
        yield f"sqlite:///{tmp_path / 'register.sqlite3'}"
        return
    admin: Engine = request.getfixturevalue("postgresql_template")
    name = f"test_{next(numbers)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    opened = db.open_engine(address)
    yield opened
    opened.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with db.sessions(engine)() as opened:
        yield opened


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def links() -> Links:
    return Links(keys=("a secret for tests",), url="https://oppfolging.example")


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    """An organisation with a body and the people every story needs."""
    return make_cast(session, now)
