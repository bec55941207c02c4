"""What the rhythm page promises for the coming 30 days is what goes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import Mornings
from tracker import db
from tracker.clock import local
from tracker.links import Links
from tracker.models import Message, MessageKind, MessageState
from tracker.rules.reminders import Rhythm
from tracker.services import follow_up, forecast


def test_it_is_exactly_what_goes(
    session: Session, cast: Cast, engine: Engine, links: Links, now: datetime
) -> None:
    long_ago = now - timedelta(days=60)
    for number in range(40):
        task = make_task(
            session, cast, long_ago,
            what=f"Oppgave {number}", due_on=date(2026, 2, 1) + timedelta(days=2 * number),
            owners=[[cast.owner], [cast.leader], [cast.owner, cast.leader]][number % 3],
            contributors=[cast.contributor] if number % 4 == 0 else [],
        )  # fmt: skip
        if number % 5 == 0:
            task.body = cast.other_body
        if number % 7 == 0:
            follow_up.report_done(session, task.owners[0], now, via="page")
    make_meeting(session, cast, now, date(2026, 3, 20))
    cast.contributor.bundled = False
    cast.leader.pause_from, cast.leader.pause_until = date(2026, 3, 10), date(2026, 3, 18)
    cast.other_body.rhythm = Rhythm(hour=time(9, 30), overdue_every=4)
    rhythm = Rhythm(days_before=10, overdue_after=2, hour=time(8))
    session.commit()
    before = now.replace(hour=4)

    promised = [
        (
            mail.on,
            mail.hour,
            mail.person.name,
            tuple(sorted((part.task_id, str(step)) for part, step in mail.parts)),
        )
        for mail in forecast.forecast(session, cast.body, rhythm, before)
    ]
    assert not session.dirty
    cast.body.rhythm = rhythm
    session.commit()
    life = Mornings(db.sessions(engine), links)
    for number in range(31):
        for hour in (8, 9.5):
            life.tick(before.replace(hour=0) + timedelta(days=number, hours=hour - 1))
        if number == 27:  # the clocks change on the 29th
            break
    session.expire_all()
    last = before.date() + timedelta(days=27)
    went = []
    rows = session.scalars(select(Message).where(Message.kind == MessageKind.REMINDER).order_by(Message.id))
    for row in rows:
        assert row.state is MessageState.CAPTURED
        assert row.sent_at is not None
        if any(entry.task.body_id == cast.body.id for entry in row.reminders):
            sent = local(row.sent_at)
            steps = tuple(sorted((entry.task_id, str(entry.step)) for entry in row.reminders))
            went.append((sent.date(), sent.time(), row.person.name, steps))
    reminders = [mail for mail in promised if mail[3] and mail[0] <= last]
    assert sorted(reminders) == sorted(went)
    assert len(went) > 30
    assert [(on, who) for on, _hour, who, parts in promised if not parts] == [
        (date(2026, 3, 17), "Berit Kampen"),
        (date(2026, 3, 19), "Sigurd Lien"),
    ]
