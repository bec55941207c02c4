"""The register keeps what it is given, alike on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker import db
from tracker.models import Body, Task
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
