"""Connections to PostgreSQL are used again when they still lead somewhere, and seldom tried; readers read."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import Cast
from tracker import db
from tracker.models import Person


def server_process(engine: Engine) -> int:
    with engine.connect() as connection:
        number: int = connection.scalar(text("SELECT pg_backend_pid()"))
        return number


@pytest.mark.parametrize("address", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_connection_that_was_cut_while_it_rested_is_replaced(
    engine: Engine, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "RESTED", 0)
    first = server_process(engine)
    assert server_process(engine) == first
    other = db.open_engine(address)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:first, 5000)"), {"first": first})
    other.dispose()
    assert server_process(engine) != first


@pytest.mark.parametrize("address", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_connection_just_used_is_not_tried(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr(db, "RESTED", 3600)
    server_process(engine)
    real = engine.dialect.do_ping
    monkeypatch.setattr(engine.dialect, "do_ping", lambda used: tried.append(used) or real(used))
    server_process(engine)
    assert tried == []
    monkeypatch.setattr(db, "RESTED", 0)
    server_process(engine)
    assert len(tried) == 1


def test_a_reader_changes_nothing(engine: Engine, session: Session, cast: Cast) -> None:
    session.commit()
    reader = db.open_reader(engine)
    try:
        with db.sessions(reader)() as reading:
            person = reading.get_one(Person, cast.owner.id)
            person.name = "En annen"
            with pytest.raises(DBAPIError, match=r"read-?only"):
                reading.commit()
            reading.rollback()
            assert reading.get_one(Person, cast.owner.id).name == cast.owner.name
    finally:
        reader.dispose()


def test_a_reader_sees_what_is_written(engine: Engine, session: Session, cast: Cast) -> None:
    reader = db.open_reader(engine)
    try:
        for name in ("Ny Persen", "Nyere Persen"):
            cast.owner.name = name
            session.commit()
            with db.sessions(reader)() as reading:
                assert reading.get_one(Person, cast.owner.id).name == name
    finally:
        reader.dispose()
