"""Finding what is due among 100,000 tasks, nine in ten done, and writing it: beside the bare indexed query.

The ledger holds what went on the working morning before, as on any day.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from tests.benchmarks.measuring import Figure, milliseconds
from tracker import db
from tracker.clock import local_date
from tracker.models import (
    Assignment,
    Body,
    Membership,
    Organisation,
    Part,
    Person,
    Reminder,
    Task,
    TaskStatus,
)
from tracker.rules.access import Office
from tracker.rules.deadlines import DueKind
from tracker.rules.reminders import HORIZON_AFTER, HORIZON_BEFORE
from tracker.services import remind

TASKS = 100_000
PEOPLE = 400
MORNING = datetime(2026, 3, 2, 6, 5, tzinfo=UTC)  # a Monday, 07.05 in Oslo
INDEXED = text(
    "SELECT t.id, a.person_id FROM task t JOIN assignment a ON a.task_id = t.id "
    "WHERE t.status = 'open' AND t.due_on BETWEEN :first AND :last AND a.ended_at IS NULL"
)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        engine = db.open_engine(f"sqlite:///{Path(folder) / 'register.sqlite3'}")
        db.migrate(engine)
        with db.sessions(engine)() as session:
            _fill(session)

            def ours() -> None:
                remind.remind_all(session, MORNING)
                session.rollback()

            def other() -> None:
                today = local_date(MORNING)
                days = {"first": today - HORIZON_AFTER, "last": today + HORIZON_BEFORE}
                session.execute(INDEXED, days).all()
                session.rollback()

            remind.remind_all(session, MORNING - timedelta(days=3))
            session.commit()
            before = _ledger(session)
            session.rollback()
            remind.remind_all(session, MORNING)
            found = _ledger(session) - before
            session.rollback()
            name = f"reminders due among {TASKS:,} tasks ({found} decided on and written)"
            yield Figure(
                name, milliseconds(ours, seconds=3), milliseconds(other), "ms", "indexed SQL, reads only"
            )
        engine.dispose()


def _ledger(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Reminder)).one()


def _fill(session: Session) -> None:
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
    secretary = Membership(
        organisation_id=ours.id,
        body=body,
        person=people[0],
        office=Office.SECRETARY,
        from_date=date(2020, 1, 1),
    )
    session.add(secretary)
    session.flush()
    long_ago = MORNING - timedelta(days=300)
    tasks, parts = [], []
    for number in range(1, TASKS + 1):
        is_open = number % 10 == 0
        due = date(2026, 3, 2) + timedelta(days=number // 10 % 1460 - 730)
        tasks.append(
            {
                "id": number, "organisation_id": ours.id, "body_id": body.id, "what": f"Oppgave {number}",
                "status": TaskStatus.OPEN if is_open else TaskStatus.DONE, "due_kind": DueKind.DATE,
                "due_date": due, "due_days": 0, "due_working": False, "due_on": due, "created_at": long_ago,
                "closed_at": None if is_open else long_ago, "result": "", "evidence": "", "span_start": 0,
                "span_end": 0, "version": 1,
            }
        )  # fmt: skip
        parts.append(
            {
                "organisation_id": ours.id, "task_id": number, "person_id": people[number // 10 % PEOPLE].id,
                "part": Part.OWNER, "assigned_at": long_ago, "comment": "",
            }
        )  # fmt: skip
    session.execute(insert(Task.__table__), tasks)  # type: ignore[arg-type]
    session.execute(insert(Assignment.__table__), parts)  # type: ignore[arg-type]
    session.execute(text("ANALYZE"))
    session.commit()
