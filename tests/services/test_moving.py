"""A meeting is moved or cancelled: what follows it, who hears of it, and that it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.calendars.reading import read
from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import Mornings
from tracker import db
from tracker.calendars.feed import read_feed
from tracker.clock import at
from tracker.errors import ChangedMeanwhile, InvalidAnswer, LinkOutdated
from tracker.links import Links
from tracker.models import (
    Action,
    Answer,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Message,
    MessageKind,
    MessageState,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import feeds, follow_up, moving
from tracker.services.moving import plan_of

GATHERING = date(2026, 4, 14)
LATER = date(2026, 4, 28)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def gathering(session: Session, cast: Cast, now: datetime) -> Meeting:
    return make_meeting(
        session, cast, now, GATHERING,
        kind=MeetingKind.GATHERING, title="Fagsamling", ends_on=GATHERING + timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def task(session: Session, cast: Cast, now: datetime, gathering: Meeting) -> Task:
    """Due two weeks before the gathering: 31 March."""
    made = make_task(session, cast, now, contributors=[cast.contributor])
    made.set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    session.commit()
    return made


def moved_to(meeting: Meeting, day: date) -> moving.Plan:
    length = meeting.ends_on - meeting.starts_on
    return replace(plan_of(meeting), starts_on=day, ends_on=day + length)


def told(session: Session) -> list[str]:
    found = select(Message).where(Message.kind == MessageKind.MEETING_CHANGED).order_by(Message.id)
    return [f"{row.person.first_name}: {row.state}" for row in session.scalars(found)]


def test_deadlines_history_and_calendar_follow_a_move(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime, links: Links
) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    before = read_feed(session, feed, date(2026, 3, 2), links)
    change = moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now + A_MINUTE)
    session.commit()
    assert change is not None
    assert (gathering.starts_on, gathering.ends_on) == (LATER, LATER + timedelta(days=1))
    assert (gathering.sequence, gathering.changed_at) == (1, now + A_MINUTE)
    assert task.due_on == date(2026, 4, 14)
    row = task.history[-1]
    assert (row.action, row.via, row.person) == (Action.DUE_CHANGED, "meeting", cast.secretary)
    assert (row.before, row.after) == ("2026-03-31", "2026-04-14")
    session.expire_all()
    after = read_feed(session, feed, date(2026, 3, 2), links)
    events = {uid: (entry.start, entry.sequence) for uid, entry in read(after.body).items()}
    assert sorted(sequence for _start, sequence in events.values()) == [1, 1]
    assert set(events) == set(read(before.body))
    assert before.etag != after.etag


def test_reminders_follow_a_move(
    session: Session, cast: Cast, gathering: Meeting, task: Task, engine: Engine, links: Links, now: datetime
) -> None:
    life = Mornings(db.sessions(engine), links)
    moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    session.commit()
    life.live(date(2026, 3, 2), date(2026, 4, 14))
    assert [(day, who) for day, who, subject in life.gone() if subject.startswith("Frist ")] == [
        ("2026-04-07", "Nils Arne"),
        ("2026-04-07", "Kari"),
        ("2026-04-13", "Nils Arne"),
        ("2026-04-13", "Kari"),
    ]


def test_each_concerned_gets_one_mail_that_says_what_moved(
    session: Session, cast: Cast, gathering: Meeting, task: Task, engine: Engine, links: Links, now: datetime
) -> None:
    moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    session.commit()
    Mornings(db.sessions(engine), links).tick(now + A_MINUTE)
    session.expire_all()
    mails = {m.person.first_name: m for m in session.scalars(select(Message)) if m.state == "captured"}
    assert set(mails) == {"Nils Arne", "Kari", "Sigurd"}  # not who moved it
    text = mails["Nils Arne"].body_text.replace("\xa0", " ").replace("\u2060", "")
    assert mails["Nils Arne"].subject == "Flyttet: Fagsamling tirsdag 28. april"
    assert "Nå: 28.–29. april 2026 kl. 10.00, Elvedal rådhus\nFør: 14.–15. april 2026 kl. 10.00" in text
    assert "En frist følger med:" in text
    assert "Ny frist tirsdag 14. april 2026. Den var tirsdag 31. mars." in text
    assert "Du medvirker." in mails["Kari"].body_text
    assert "frist" not in mails["Sigurd"].body_text.lower()


def test_without_telling_the_members_those_whose_deadlines_move_hear_of_it(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime
) -> None:
    moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now, tell=False)
    assert told(session) == ["Kari: waiting", "Nils Arne: waiting"]


def test_a_cancelled_gathering_leaves_its_deadlines_to_the_secretary(
    session: Session, cast: Cast, gathering: Meeting, task: Task, engine: Engine, links: Links, now: datetime
) -> None:
    moving.cancel(session, gathering, cast.secretary, now)
    session.commit()
    assert (gathering.status, gathering.sequence) == (MeetingStatus.CANCELLED, 1)
    assert (task.due_on, task.lost_due, task.due.kind) == (None, True, DueKind.EVENT)
    assert (task.history[-1].before, task.history[-1].after) == ("2026-03-31", "")
    life = Mornings(db.sessions(engine), links)
    life.live(date(2026, 3, 2), date(2026, 4, 20))
    assert [subject for _day, _who, subject in life.gone()] == ["Avlyst: Fagsamling tirsdag 14. april"] * 3
    session.expire_all()
    mail = session.scalars(select(Message).where(Message.person_id == cast.owner.id)).one()
    assert "gjelder ikke lenger. Berit Kampen setter en ny." in mail.body_text


def next_meeting_task(session: Session, cast: Cast, now: datetime, event: Meeting) -> Task:
    made = make_task(session, cast, now)
    made.set_due(DueRule(DueKind.NEXT_MEETING), event)
    session.commit()
    return made


def test_the_next_meeting_becomes_another_one(session: Session, cast: Cast, now: datetime) -> None:
    first = make_meeting(session, cast, now, date(2026, 3, 16))
    second = make_meeting(session, cast, now, date(2026, 4, 20))
    task = next_meeting_task(session, cast, now, first)
    moving.cancel(session, first, cast.secretary, now)
    assert (task.due_event, task.due_on) == (second, date(2026, 4, 20))
    moving.move(session, second, moved_to(second, date(2026, 4, 27)), cast.secretary, now)
    assert task.due_on == date(2026, 4, 27)
    third = make_meeting(session, cast, now, date(2026, 5, 11))
    moving.move(session, third, moved_to(third, date(2026, 4, 13)), cast.secretary, now)
    assert (task.due_event, task.due_on) == (third, date(2026, 4, 13))


def test_without_a_next_meeting_the_deadline_waits_for_one(
    session: Session, cast: Cast, now: datetime
) -> None:
    only = make_meeting(session, cast, now, date(2026, 3, 16))
    task = next_meeting_task(session, cast, now, only)
    moving.cancel(session, only, cast.secretary, now)
    assert (task.due_event, task.due_on, task.lost_due) == (None, None, True)


def test_working_days_are_counted_anew(
    session: Session, cast: Cast, gathering: Meeting, now: datetime
) -> None:
    task = make_task(session, cast, now)
    task.set_due(DueRule(DueKind.EVENT, days=-3, working=True), gathering)
    session.commit()
    assert task.due_on == date(2026, 4, 9)
    moving.move(session, gathering, moved_to(gathering, date(2026, 4, 7)), cast.secretary, now)
    assert task.due_on == date(2026, 3, 30)  # Easter between


def test_what_is_closed_or_has_a_date_of_its_own_stays(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime
) -> None:
    done = make_task(session, cast, now, what="Bestille buss")
    done.set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    follow_up.report_done(session, done.owners[0], now, via="page")
    own = make_task(session, cast, now, what="Lage program")
    moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    assert (done.due_on, own.due_on) == (date(2026, 3, 31), date(2026, 3, 20))
    follow_up.reopen(session, done, cast.secretary, now)
    assert (done.status, done.due_on) == (TaskStatus.OPEN, date(2026, 4, 14))


def test_who_asked_for_no_more_time_than_this_has_got_it(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime
) -> None:
    part = task.owners[0]
    follow_up.ask_more_time(session, part, date(2026, 4, 10), "", now, via="page")
    moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    assert part.answer is Answer.NONE


def test_undone_at_once_nobody_hears_of_it(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime, engine: Engine, links: Links
) -> None:
    change = moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    assert change is not None
    for _ in range(2):  # two presses count once
        moving.undo(session, gathering, change.id, cast.secretary, now + A_MINUTE)
    session.commit()
    assert (gathering.starts_on, gathering.sequence) == (GATHERING, 2)
    assert task.due_on == date(2026, 3, 31)
    assert [row.action for row in task.history] == [Action.DUE_CHANGED] * 2
    assert told(session) == [f"{name}: stopped" for name in ("Kari", "Nils Arne", "Sigurd")]


def test_undone_afterwards_those_who_were_told_are_told_again(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime, engine: Engine, links: Links
) -> None:
    change = moving.cancel(session, gathering, cast.secretary, now)
    assert change is not None
    session.commit()
    life = Mornings(db.sessions(engine), links)
    life.tick(now + A_MINUTE)
    session.expire_all()
    moving.undo(session, gathering, change.id, cast.secretary, now + timedelta(hours=5))
    session.commit()
    life.tick(now + timedelta(hours=5))
    session.expire_all()
    assert (gathering.status, task.due_on) == (MeetingStatus.CALLED, date(2026, 3, 31))
    subjects = [subject for _day, _who, subject in life.gone()]
    assert subjects[3:] == ["Likevel: Fagsamling tirsdag 14. april"] * 3


def test_after_a_day_or_another_change_it_stands(
    session: Session, cast: Cast, gathering: Meeting, now: datetime
) -> None:
    first = moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    assert first is not None
    assert moving.last_change(gathering, now + timedelta(days=1)) is first
    assert moving.last_change(gathering, now + timedelta(days=1) + A_MINUTE) is None
    with pytest.raises(LinkOutdated):
        moving.undo(session, gathering, first.id, cast.secretary, now + timedelta(days=1) + A_MINUTE)
    moving.cancel(session, gathering, cast.secretary, now + A_MINUTE)
    with pytest.raises(ChangedMeanwhile):
        moving.undo(session, gathering, first.id, cast.secretary, now + A_MINUTE)


def test_the_same_move_twice_is_one(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime
) -> None:
    plan = moved_to(gathering, LATER)
    for _ in range(3):
        moving.move(session, gathering, plan, cast.secretary, now)
    assert (gathering.sequence, len(gathering.changes), len(told(session))) == (1, 1, 3)
    for _ in range(3):
        moving.cancel(session, gathering, cast.secretary, now)
    assert (gathering.sequence, len(gathering.changes), len(told(session))) == (2, 2, 6)


Change = Callable[[moving.Plan], moving.Plan]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda p: replace(p, starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 1)), "starts_on"),
        (lambda p: replace(p, starts_on=date(2030, 3, 1), ends_on=date(2030, 3, 1)), "starts_on"),
        (lambda p: replace(p, ends_on=date(2026, 4, 1)), "ends_on"),
        (lambda p: replace(p, ends_on=p.starts_on, starts_at=time(12), ends_at=time(11)), "ends_at"),
        (lambda p: replace(p, starts_at=None, ends_at=time(11)), "starts_at"),
    ],
)
def test_what_cannot_be_is_said(
    session: Session, cast: Cast, gathering: Meeting, now: datetime, change: Change, field: str
) -> None:
    with pytest.raises(InvalidAnswer) as fault:
        moving.move(session, gathering, change(plan_of(gathering)), cast.secretary, now)
    assert fault.value.field == field


def test_a_meeting_that_was_held_stays(
    session: Session, cast: Cast, gathering: Meeting, now: datetime
) -> None:
    gathering.status = MeetingStatus.HELD
    with pytest.raises(InvalidAnswer):
        moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    with pytest.raises(InvalidAnswer):
        moving.cancel(session, gathering, cast.secretary, now)


def test_a_preview_writes_nothing(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime
) -> None:
    (shift,) = moving.shifts(session, gathering, moved_to(gathering, LATER), date(2026, 3, 2))
    assert (shift.task, shift.due_on, task.due_on) == (task, date(2026, 4, 14), date(2026, 3, 31))
    assert not session.dirty


def test_who_was_told_of_a_move_gets_what_it_made_due_the_next_morning(
    session: Session, cast: Cast, gathering: Meeting, task: Task, engine: Engine, links: Links
) -> None:
    moment = at(date(2026, 3, 10), time(10))  # the deadline becomes 17 March: a week from now
    moving.move(session, gathering, moved_to(gathering, date(2026, 3, 31)), cast.secretary, moment)
    session.commit()
    life = Mornings(db.sessions(engine), links)
    life.tick(moment + A_MINUTE)
    life.live(date(2026, 3, 11), date(2026, 3, 11))
    assert [(day, subject[:7]) for day, who, subject in life.gone() if who == "Nils Arne"] == [
        ("2026-03-10", "Flyttet"),
        ("2026-03-11", "Frist t"),
    ]


def test_a_mail_in_flight_is_neither_lost_nor_sent_twice(
    session: Session, cast: Cast, gathering: Meeting, task: Task, now: datetime
) -> None:
    change = moving.move(session, gathering, moved_to(gathering, LATER), cast.secretary, now)
    assert change is not None
    first = session.scalars(select(Message).where(Message.person_id == cast.owner.id)).one()
    first.state = MessageState.SENDING
    session.flush()
    moving.undo(session, gathering, change.id, cast.secretary, now + A_MINUTE)
    assert sorted(told(session)) == [
        "Kari: stopped", "Nils Arne: sending", "Nils Arne: waiting", "Sigurd: stopped",
    ]  # fmt: skip


def test_the_plan_of_a_meeting_is_kept_whole(session: Session, cast: Cast, now: datetime) -> None:
    meeting = make_meeting(session, cast, now, date(2026, 4, 14))
    plan = plan_of(meeting)
    assert moving.Plan.from_json(plan.to_json()) == plan
