"""Finding what is due among up to a million tasks, nine in ten done, beside the bare indexed query.

The ledger holds what went on the working morning before, as on any day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, bindparam, text
from sqlalchemy.orm import Session

from tests import postgresql
from tests.benchmarks.measuring import Figure, NotYet, milliseconds, settle
from tracker import db
from tracker.clock import local_date
from tracker.models import Body, Membership, Organisation, Person, TaskStatus
from tracker.models.base import UTCDateTime
from tracker.rules.access import Office
from tracker.rules.reminders import HORIZON_AFTER, HORIZON_BEFORE
from tracker.services import due, remind

OPEN = 100_000
DONE = (10_000, 900_000)
PEOPLE = 400
MORNING = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)  # a Monday, 07.05 in Oslo
INDEXED = text(
    "SELECT t.id, a.person_id FROM task t JOIN assignment a ON a.task_id = t.id "
    "WHERE t.status = 'open' AND t.due_on BETWEEN :first AND :last AND a.ended_at IS NULL"
)


def measure() -> Iterator[Figure]:
    yield from _on_sqlite()
    yield from _on_postgresql()


def _on_sqlite() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        engine = db.open_engine(f"sqlite:///{Path(folder) / 'register.sqlite3'}")
        yield from _measure(engine, "SQLite")
        engine.dispose()


def _on_postgresql() -> Iterator[Figure]:
    if postgresql.programs() is None:
        raise NotYet("PostgreSQL is not installed")
    with postgresql.cluster() as address:
        engine = db.open_engine(address)
        yield from _measure(engine, "PostgreSQL")
        engine.dispose()


def _measure(engine: Engine, name: str) -> Iterator[Figure]:
    """The same open tasks, first beside few that are done, then beside many."""
    db.migrate(engine)
    with db.sessions(engine)() as session:
        _found(session)
        _fill(session, 1, OPEN, TaskStatus.OPEN)
        filled = OPEN
        for done in DONE:
            _fill(session, filled + 1, OPEN + done, TaskStatus.DONE)
            filled = OPEN + done
            remind.remind_all(session, MORNING - timedelta(days=3))
            session.commit()
            settle(engine)
            yield _figure(session, f"{name}, {OPEN:,} open and {done:,} done")


def _figure(session: Session, name: str) -> Figure:
    def ours() -> None:
        due.mailings(session, MORNING)
        session.rollback()

    def other() -> None:
        today = local_date(MORNING)
        days = {"first": today - HORIZON_AFTER, "last": today + HORIZON_BEFORE}
        session.execute(INDEXED, days).all()
        session.rollback()

    found = sum(len(mailing.parts) for mailing in due.mailings(session, MORNING))
    session.rollback()
    return Figure(
        f"reminders due: {found} found among {name}",
        milliseconds(ours, seconds=3),
        milliseconds(other),
        "ms",
        "indexed SQL of the whole range",
    )


def _found(session: Session) -> None:
    """A council with a body and its people."""
    ours = Organisation(slug="stort", name="Stort råd", short_name="Stort")
    session.add(ours)
    session.flush()
    body = Body(organisation_id=ours.id, name="Utvalget", aliases=[])
    people = [
        Person(organisation_id=ours.id, name=f"Person {n}", email=f"p{n}@stort.example")
        for n in range(PEOPLE)
    ]
    session.add_all([body, *people])
    session.flush()
    session.add(
        Membership(
            organisation_id=ours.id,
            body=body,
            person=people[0],
            office=Office.SECRETARY,
            from_date=date(2020, 1, 1),
        )
    )
    session.commit()


def _fill(session: Session, first: int, last: int, status: TaskStatus) -> None:
    """Tasks `first` to `last`, each with an owner, their deadlines spread over four years."""
    day = "date('2024-03-02', '+' || (i % 1460) || ' days')"
    if session.get_bind().dialect.name == "postgresql":
        day = "date '2024-03-02' + i % 1460"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 0 + :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
    closed = ":then" if status is TaskStatus.DONE else "NULL"
    values = {"first": first, "last": last, "people": PEOPLE}
    moment = {"then": MORNING - timedelta(days=300)}
    tasks = (
        "INSERT INTO task (id, organisation_id, body_id, what, status, due_kind, due_date, due_days, "
        "due_working, due_on, created_at, closed_at, result, evidence, span_start, span_end, version) "
        f"{numbers}SELECT i, 1, 1, 'Oppgave', '{status}', 'date', {day}, 0, false, {day}, :then, "
        f"{closed}, '', '', 0, 0, 1 FROM n"
    )
    parts = (
        "INSERT INTO assignment (organisation_id, task_id, person_id, part, assigned_at, answer, comment) "
        f"{numbers}SELECT 1, i, 1 + i % :people, 'owner', :then, 'none', '' FROM n"
    )
    for statement in (tasks, parts):
        typed = text(statement).bindparams(bindparam("then", type_=UTCDateTime()))
        used = {key: value for key, value in (values | moment).items() if f":{key}" in statement}
        session.execute(typed, used)
    session.commit()
