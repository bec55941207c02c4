"""The status before a meeting: to whom, when, once."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import Mornings
from tracker import db
from tracker.clock import at
from tracker.links import Links
from tracker.models import MeetingKind, Message, MessageKind
from tracker.services import status_mails

MEETING = date(2026, 3, 9)  # a Monday: three working days before is Wednesday 4 March


def sent(session: Session, day: date, hour: time = time(7)) -> list[str]:
    before = set(session.scalars(select(Message.id)))
    session.commit()
    status_mails.send_due(session, at(day, hour))
    session.commit()
    found = select(Message).where(Message.id.not_in(before), Message.kind == MessageKind.STATUS)
    return sorted(row.person.first_name for row in session.scalars(found))


def test_leader_and_secretary_get_it_three_working_days_before_once(
    session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now)
    make_meeting(session, cast, now, MEETING)
    session.commit()
    assert sent(session, date(2026, 3, 3)) == []
    assert sent(session, date(2026, 3, 4), time(6, 59)) == []
    assert sent(session, date(2026, 3, 4)) == ["Berit", "Sigurd"]
    assert sent(session, date(2026, 3, 4), time(7, 1)) == []
    assert sent(session, date(2026, 3, 5)) == []


def test_after_downtime_it_goes_until_the_meeting(session: Session, cast: Cast, now: datetime) -> None:
    make_task(session, cast, now)
    make_meeting(session, cast, now, MEETING)
    cast.leader.pause_from = cast.leader.pause_until = date(2026, 3, 6)
    session.commit()
    assert sent(session, date(2026, 3, 6)) == ["Berit"]
    assert sent(session, date(2026, 3, 7)) == []  # a Saturday
    assert sent(session, MEETING) == ["Sigurd"]
    assert sent(session, MEETING + timedelta(days=1)) == []


def test_a_meeting_that_moves_gets_another(session: Session, cast: Cast, now: datetime) -> None:
    make_task(session, cast, now)
    meeting = make_meeting(session, cast, now, MEETING)
    session.commit()
    assert sent(session, date(2026, 3, 4)) == ["Berit", "Sigurd"]
    meeting.starts_on = meeting.ends_on = date(2026, 3, 16)
    session.commit()
    assert sent(session, date(2026, 3, 10)) == []
    assert sent(session, date(2026, 3, 11)) == ["Berit", "Sigurd"]


def test_not_before_gatherings_nor_where_nothing_is_followed_up(
    session: Session, cast: Cast, now: datetime
) -> None:
    make_meeting(session, cast, now, MEETING)
    session.commit()
    assert sent(session, date(2026, 3, 4)) == []
    make_task(session, cast, now)
    make_meeting(session, cast, now, date(2026, 3, 10), kind=MeetingKind.GATHERING)
    session.commit()
    assert sent(session, date(2026, 3, 5)) == ["Berit", "Sigurd"]  # of the meeting alone


def test_it_says_how_the_tasks_stand_and_what_must_be_settled(
    session: Session, cast: Cast, now: datetime, engine: Engine, links: Links
) -> None:
    make_task(session, cast, now, what="Sende ut møteplanen", due_on=date(2026, 2, 27))
    make_task(session, cast, now, what="Orientere kommunestyrene", owners=[], due_on=None)
    make_task(session, cast, now, what="Låne lokale")
    make_meeting(session, cast, now, MEETING)
    session.commit()
    status_mails.send_due(session, at(date(2026, 3, 4), time(7)))
    session.commit()
    Mornings(db.sessions(engine), links).tick(at(date(2026, 3, 4), time(7, 1)))
    session.expire_all()
    mail = session.scalars(select(Message).where(Message.kind == MessageKind.STATUS)).first()
    assert mail is not None
    words = mail.body_text.replace("\xa0", " ")
    assert mail.subject == "Status før Møte i Elvedalsrådet mandag 9. mars: 1 over fristen"
    assert "0 utført · 1 i rute · 1 over fristen · 1 uten ansvarlig" in words
    assert "– Sende ut møteplanen\nNils Arne Holmen har ansvaret. Fristen var fredag 27. februar." in words
    assert "– Orientere kommunestyrene\nIngen er satt som ansvarlig." in words
    assert "Låne lokale" not in words
