"""What the main pages read first is found by an index and in its order, however much there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.conftest import NOW
from tracker.models import AgendaItem, Decision, Meeting, MeetingKind, Membership, Person, Task, TaskStatus
from tracker.rules.access import Office, Rights
from tracker.services import choices, people, register, reports
from tracker.services.waiting import waiting_for

TODAY = date(2026, 3, 2)
MANY = 600
LONG_AGO = NOW - timedelta(days=400)


@pytest.fixture
def rights(session: Session, cast: Cast, now: datetime) -> Rights:
    """Those of the secretary, in a body with many meetings, decisions and open tasks."""
    ours = {"organisation_id": cast.organisation.id}
    for n in range(MANY):
        day = TODAY - timedelta(days=n)
        meeting = Meeting(
            body=cast.body, kind=MeetingKind.MEETING, title=f"Møte {n}", starts_on=day, ends_on=day,
            changed_at=now, **ours,
        )  # fmt: skip
        item = AgendaItem(meeting=meeting, position=1, number=f"{n}/26", title="Sak", type="other", **ours)
        session.add(Decision(agenda_item=item, position=1, text="Vedtak", needs_follow_up=True, **ours))
        session.add(Task(body=cast.body, what="Noe", due_on=day, created_at=now, **ours))
    counted_anew(session)
    return people.rights(session, cast.secretary, TODAY)


def counted_anew(session: Session) -> None:
    """Let the database know how much there is."""
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()


def plans(session: Session, read: Callable[[], object]) -> str:
    """How the database goes about it."""
    seen: list[tuple[str, Any]] = []
    listen = lambda _c, _cursor, statement, parameters, *_: seen.append((statement, parameters))  # noqa: E731
    event.listen(session.get_bind(), "before_cursor_execute", listen)
    read()
    event.remove(session.get_bind(), "before_cursor_execute", listen)
    explain = "EXPLAIN QUERY PLAN "
    if session.get_bind().dialect.name == "postgresql":
        explain = "EXPLAIN "
        session.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are else read one by one
    found = [
        session.connection().exec_driver_sql(explain + statement, parameters)
        for statement, parameters in seen
        if statement.startswith("SELECT")
    ]
    return "\n".join(str(line[-1]) for plan in found for line in plan)


def test_the_register_of_decisions_is_read_meeting_by_meeting(session: Session, rights: Rights) -> None:
    seen = plans(session, lambda: register.search(session, rights, register.Filter(), TODAY))
    assert re.search("ix_meeting_(organisation_id_body_id_)?starts_on", seen), seen
    assert "ix_agenda_item_meeting_id" in seen, seen
    assert "ix_decision_agenda_item_id" in seen, seen
    assert "ix_task_decision_id" in seen, seen


def test_whom_a_filter_offers_are_read_by_name(session: Session, cast: Cast) -> None:
    ours = {"organisation_id": cast.organisation.id}
    for n in range(10 * choices.CHOICES):
        person = Person(name=f"Person {n}", email=f"p{n}@elvedal.example", **ours)
        session.add(Membership(body=cast.body, person=person, office=Office.MEMBER, from_date=SINCE, **ours))
    counted_anew(session)
    rights = people.rights(session, cast.secretary, TODAY)
    seen = plans(session, lambda: choices.offered(session, rights, register.Filter()))
    assert "ix_person_name" in seen, seen


def test_the_status_reads_only_the_tasks_that_it_shows(session: Session, rights: Rights) -> None:
    seen = plans(session, lambda: reports.report(session, rights, TODAY, most=50))
    assert re.search("ix_task_(register|open_due_on)", seen), seen
    assert "ix_task_closed_at" in seen, seen
    assert not re.search("(Seq Scan on|SCAN) task", seen), seen


def test_what_waits_is_sought_among_the_open_tasks(session: Session, cast: Cast, rights: Rights) -> None:
    """Not among all there ever were, though an index has those in the order that is asked for."""
    done = {"status": TaskStatus.DONE, "created_at": LONG_AGO, "closed_at": LONG_AGO}
    for _ in range(5 * MANY):
        session.add(Task(organisation_id=cast.organisation.id, body=cast.body, what="Noe", **done))
    counted_anew(session)
    for read in (
        lambda: waiting_for(session, rights, TODAY),
        lambda: reports.report(session, rights, TODAY, most=50),
    ):
        seen = plans(session, read)
        assert not re.search(r"ix_task_organisation_id\b", seen), seen
