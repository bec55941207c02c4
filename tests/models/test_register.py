"""The register keeps what it is given, alike on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker import db
from tracker.models import Assignment, Body, Part, Task
from tracker.rules.deadlines import DueKind, DueRule
from tracker.rules.reminders import Rhythm


def test_a_moment_comes_back_aware_and_in_utc(session: Session, cast: Cast) -> None:
    moment = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
    meeting = make_meeting(session, cast, moment, date(2026, 2, 1))
    session.commit()
    session.expire_all()
    assert meeting.changed_at == moment
    assert meeting.changed_at.tzinfo is UTC


def test_a_naive_moment_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(Exception, match="aware"):
        make_meeting(session, cast, datetime(2026, 1, 5), date(2026, 2, 1))  # noqa: DTZ001


def test_the_default_rhythm_of_a_body_is_that_of_the_rules(session: Session, cast: Cast) -> None:
    session.expire_all()
    assert session.get_one(Body, cast.body.id).rhythm == Rhythm()
    cast.body.rhythm = Rhythm(days_before=3, hour=time(6, 30))
    session.commit()
    session.expire_all()
    assert session.get_one(Body, cast.body.id).rhythm == Rhythm(days_before=3, hour=time(6, 30))


def test_a_deadline_that_hangs_on_a_meeting_is_computed_from_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    gathering = make_meeting(session, cast, now, date(2026, 4, 20))
    task = make_task(session, cast, now)
    task.set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    session.commit()
    session.expire_all()
    assert task.due_on == date(2026, 4, 6)
    assert task.due == DueRule(DueKind.EVENT, days=-14)


def test_of_two_who_change_the_same_task_the_second_is_refused(
    engine: Engine, session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now)
    session.commit()
    with db.sessions(engine)() as first, db.sessions(engine)() as second:
        mine, yours = first.get_one(Task, task.id), second.get_one(Task, task.id)
        first.commit()
        second.commit()  # both have seen it; neither holds a transaction
        mine.what, yours.what = "Min", "Din"
        first.commit()
        with pytest.raises(StaleDataError):
            second.commit()


def test_two_people_of_an_organisation_cannot_share_an_address(session: Session, cast: Cast) -> None:
    cast.owner.email = cast.secretary.email
    with pytest.raises(IntegrityError):
        session.commit()


def test_the_database_knows_whether_a_task_has_an_owner(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now, owners=[], contributors=[cast.leader])
    other = make_task(session, cast, now, owners=[])

    def owned() -> list[bool]:
        session.flush()
        return list(session.scalars(select(Task.owned).order_by(Task.id)))

    assert owned() == [False, False]
    task.assignments[0].part = Part.OWNER
    assert owned() == [True, False]
    ours = {"organisation_id": task.organisation_id, "task": task, "part": Part.OWNER}
    second = Assignment(person=cast.owner, assigned_at=now, **ours)
    session.add(second)
    assert owned() == [True, False]
    task.assignments[0].ended_at = now
    assert owned() == [True, False]
    second.task = other  # as when two tasks turn out to be one
    assert owned() == [False, True]
    session.delete(second)
    assert owned() == [False, False]
    session.execute(update(Assignment).values(ended_at=None))
    assert owned() == [True, False]


@pytest.mark.parametrize("address", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_two_who_take_the_last_owners_away_at_once_leave_it_unowned(
    engine: Engine, session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now, owners=[cast.owner, cast.leader])
    session.commit()
    ends = [update(Assignment).where(Assignment.id == part.id).values(ended_at=now) for part in task.owners]
    with ThreadPoolExecutor(1) as pool, db.sessions(engine)() as first, db.sessions(engine)() as second:
        number = second.scalar(text("SELECT pg_backend_pid()"))
        first.execute(ends[0])
        waiting = pool.submit(second.execute, ends[1])
        watch = text("SELECT wait_event_type FROM pg_stat_activity WHERE pid = :number")
        while session.scalar(watch, {"number": number}) != "Lock":
            session.rollback()
        first.commit()
        waiting.result()
        second.commit()
    session.rollback()
    assert session.scalar(select(Task.owned)) is False
