"""A backup holds everything, can be read back on either engine, and never spoils what is there."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.models.test_migrations import FIRST_VERSION, upgrade
from tests.services.drafts import draft
from tracker import db
from tracker.errors import InvalidAnswer
from tracker.models import Base, Person, Source, Task
from tracker.services import backup


@pytest.fixture
def filled(session: Session, cast: Cast, now: datetime) -> Session:
    """A register with bytes, JSON, dates, times and rows that point at rows of their own kind."""
    rows = [
        Source(
            organisation_id=cast.organisation.id, name=f"{n}.txt", sha256=f"{n:064d}",
            content=b"\x00\xff\n" * n,
            draft=draft().to_json(), body=cast.body, taken_in_by=cast.secretary, taken_in_at=now,
        )
        for n in range(1, 4)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    rows[0].replaces = rows[2]  # to one with a higher number: it isn't there yet when the first is read
    session.commit()
    return session


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of either kind, whatever the backup came from."""
    if request.param == "sqlite":
        engine = db.open_engine(f"sqlite:///{tmp_path / 'blank.sqlite3'}")
    else:
        admin: Engine = request.getfixturevalue("postgresql_template")
        name = f"blank_{abs(hash(tmp_path)) % 10**8}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        address = admin.url.set(database=name).render_as_string(hide_password=False)
        engine = db.open_engine(address)
    yield engine
    engine.dispose()


def test_everything_comes_back_on_either_engine(
    engine: Engine, filled: Session, blank: Engine, tmp_path: Path, now: datetime
) -> None:
    place, again = tmp_path / "a.zip", tmp_path / "b.zip"
    held = backup.write(engine, place, now, "hemmelig")
    restored, secret = backup.restore(blank, place)
    assert (restored, secret) == (held, "hemmelig")
    assert held.rows["person"] == filled.scalar(select(func.count()).select_from(Person))
    backup.write(blank, again, now)
    with zipfile.ZipFile(place) as one, zipfile.ZipFile(again) as other:
        assert one.read("source.jsonl") == other.read("source.jsonl")
        sums = [json.loads(file.read("manifest.json"))["sha256"] for file in (one, other)]
    assert sums[0] == sums[1]
    with db.sessions(blank)() as session:
        first = session.scalars(select(Source).order_by(Source.id)).first()
        assert first is not None
        assert first.replaces is not None
        assert first.content == b"\x00\xff\n"
        session.add(Person(organisation_id=first.organisation_id, name="Ny Person"))
        session.commit()  # new rows are numbered after those that came back


def test_every_table_is_in_it(engine: Engine, filled: Session, tmp_path: Path, now: datetime) -> None:
    assert set(backup.write(engine, tmp_path / "a.zip", now).rows) == set(Base.metadata.tables)


def test_only_its_owner_can_read_it(engine: Engine, filled: Session, tmp_path: Path, now: datetime) -> None:
    backup.write(engine, tmp_path / "a.zip", now)
    assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["a.zip"]


def test_what_was_written_by_an_old_version_is_upgraded(tmp_path: Path, now: datetime) -> None:
    old, fresh = (db.open_engine(f"sqlite:///{tmp_path / name}") for name in ("old.sqlite3", "new.sqlite3"))
    upgrade(old, "0001")
    with old.begin() as connection:
        for statement in FIRST_VERSION.strip().split(";\n"):
            connection.execute(text(statement.rstrip(";")))
    backup.write(old, tmp_path / "old.zip", now)
    backup.restore(fresh, tmp_path / "old.zip")
    assert db.revision(fresh) == db.newest_revision()
    with db.sessions(fresh)() as session:
        assert session.get_one(Task, 1).what == "Finne sted"
    old.dispose()
    fresh.dispose()


def test_nothing_is_written_over(engine: Engine, filled: Session, tmp_path: Path, now: datetime) -> None:
    backup.write(engine, tmp_path / "a.zip", now)
    with pytest.raises(InvalidAnswer, match="ikke tom"):
        backup.restore(engine, tmp_path / "a.zip")


@pytest.mark.parametrize("what", ["changed", "cut", "none", "other", "newer"])
def test_a_spoilt_file_is_refused_and_leaves_the_database_usable(
    engine: Engine, filled: Session, tmp_path: Path, now: datetime, what: str
) -> None:
    good, bad = tmp_path / "a.zip", tmp_path / "b.zip"
    backup.write(engine, good, now)
    if what == "cut":
        bad.write_bytes(good.read_bytes()[:2000])
    elif what == "other":
        bad.write_bytes(b"noe annet")
    elif what != "none":
        with zipfile.ZipFile(good) as one, zipfile.ZipFile(bad, "w") as other:
            for name in one.namelist():
                content = one.read(name)
                if what == "changed" and name == "person.jsonl":
                    content = content.replace(b"Berit", b"Barit")
                if what == "newer" and name == "manifest.json":
                    content = content.replace(json.loads(content)["revision"].encode(), b"9999")
                other.writestr(name, content)
    fresh = db.open_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")
    with pytest.raises(InvalidAnswer):
        backup.restore(fresh, bad)
    backup.restore(fresh, good)
    fresh.dispose()


def test_a_check_reads_it_back(engine: Engine, filled: Session, tmp_path: Path, now: datetime) -> None:
    held = backup.write(engine, tmp_path / "a.zip", now)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert backup.check(tmp_path / "a.zip", scratch) == held
