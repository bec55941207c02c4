"""Calling meetings by hand: as the body usually meets, once for two presses, and deadlines follow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker.errors import InvalidAnswer
from tracker.models import Meeting, MeetingKind, MeetingStatus
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import planning
from tracker.services.moving import Plan
from tracker.services.planning import Call

DAY = date(2026, 4, 20)
PLAN = Plan(DAY, DAY, time(10), time(12), "Elvedal rådhus")


def called(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Meeting)) or 0


def test_a_body_meets_as_it_did_last_and_a_gathering_goes_from_lunch_to_lunch(
    session: Session, cast: Cast, now: datetime
) -> None:
    usual = lambda kind: planning.usual(session, cast.body, kind, DAY)  # noqa: E731
    assert usual(MeetingKind.MEETING) == Plan(DAY, DAY, time(10), time(12))
    assert usual(MeetingKind.GATHERING) == Plan(DAY, DAY + timedelta(days=1), time(12), time(13))
    last = make_meeting(
        session, cast, now, date(2026, 3, 9), starts_at=time(14), ends_at=time(15, 30), place="Sal B"
    )
    cancelled = make_meeting(session, cast, now, date(2026, 3, 30), starts_at=time(8), ends_at=time(9))
    cancelled.status = MeetingStatus.CANCELLED
    assert usual(MeetingKind.MEETING) == Plan(DAY, DAY, last.starts_at, last.ends_at, "Sal B")


def test_two_presses_make_one_meeting(session: Session, cast: Cast, now: datetime) -> None:
    wanted = Call(MeetingKind.MEETING, "  Møte i   rådet ", PLAN)
    made = planning.call(session, cast.body, wanted, cast.secretary, now)
    assert planning.call(session, cast.body, wanted, cast.secretary, now) is made
    assert called(session) == 1
    assert (made.title, made.starts_on, made.starts_at, made.place) == (
        "Møte i rådet",
        DAY,
        time(10),
        "Elvedal rådhus",
    )
    assert (made.sequence, made.status, made.changed_at) == (0, MeetingStatus.CALLED, now)


def test_a_deadline_at_the_next_meeting_finds_the_one_that_was_called(
    session: Session, cast: Cast, now: datetime
) -> None:
    task = make_task(session, cast, now, due_on=None)
    later = make_meeting(session, cast, now, date(2026, 5, 4))
    task.set_due(DueRule(DueKind.NEXT_MEETING), later)
    session.flush()
    made = planning.call(session, cast.body, Call(MeetingKind.MEETING, "Møte", PLAN), cast.secretary, now)
    assert (task.due_event, task.due_on) == (made, DAY)


def test_a_gathering_between_moves_no_deadline(session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now, due_on=None)
    later = make_meeting(session, cast, now, date(2026, 5, 4))
    task.set_due(DueRule(DueKind.NEXT_MEETING), later)
    session.flush()
    wanted = Call(MeetingKind.GATHERING, "Samling", PLAN, register_by=date(2026, 4, 1))
    made = planning.call(session, cast.body, wanted, cast.secretary, now)
    assert made.register_by == date(2026, 4, 1)
    assert task.due_event is later


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Call(MeetingKind.MEETING, " ", PLAN), "title"),
        (Call(MeetingKind.MEETING, "Møte", Plan(date(2026, 3, 1), date(2026, 3, 1))), "starts_on"),
        (Call(MeetingKind.MEETING, "Møte", Plan(DAY, DAY, time(12), time(10))), "ends_at"),
        (Call(MeetingKind.GATHERING, "Samling", PLAN, date(2026, 4, 21)), "register_by"),
    ],
    ids=["no name", "in the past", "ends before it begins", "deadline afterwards"],
)
def test_what_cannot_be_is_refused_and_nothing_kept(
    session: Session, cast: Cast, now: datetime, wanted: Call, field: str
) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        planning.call(session, cast.body, wanted, cast.secretary, now)
    assert refused.value.field == field
    assert called(session) == 0


def test_a_series_is_alike_but_for_the_days(session: Session, cast: Cast, now: datetime) -> None:
    days = [date(2027, 1, 4), date(2027, 2, 1), date(2027, 2, 1), date(2027, 3, 1)]
    wanted = Call(MeetingKind.MEETING, "Møte i rådet", PLAN)
    made = planning.call_series(session, cast.body, wanted, days, cast.secretary, now)
    planning.call_series(session, cast.body, wanted, days, cast.secretary, now)
    assert [meeting.starts_on for meeting in made] == sorted(set(days))
    assert {(m.title, m.starts_at, m.ends_at, m.ends_on - m.starts_on) for m in made} == {
        ("Møte i rådet", time(10), time(12), timedelta(0))
    }
    assert planning.year_plan(session, [cast.body.id], 2027) == made
    assert planning.year_plan(session, [cast.other_body.id], 2027) == []
    assert planning.year_plan(session, [cast.body.id], 2026) == []
    with pytest.raises(InvalidAnswer):
        planning.call_series(session, cast.body, wanted, [], cast.secretary, now)
