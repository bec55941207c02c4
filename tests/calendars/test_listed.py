"""Whatever a feed is made of, once it is changed, the feed is another: an old one is never given again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker import db
from tracker.calendars import kept
from tracker.calendars.feed import FeedContent, read_feed
from tracker.links import Links
from tracker.models import (
    Action,
    AgendaItem,
    Answer,
    Assignment,
    Body,
    Feed,
    History,
    Meeting,
    MeetingStatus,
    Membership,
    Organisation,
    Person,
    Task,
    TaskStatus,
)
from tracker.services import feeds

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@dataclass
class Town:
    """A feed of a person with a meeting and a deadline, and the rows beside them."""

    session: Session
    cast: Cast
    links: Links
    now: datetime
    feed: Feed
    meeting: Meeting
    task: Task
    elsewhere: Meeting

    def fetch(self, today: date = TODAY) -> FeedContent:
        """The feed as the next request finds it; a process that remembers nothing would give the same."""
        self.session.commit()
        with db.sessions(self.engine)() as asking:
            feed = asking.get_one(Feed, self.feed.id)
            found = read_feed(asking, feed, today, self.links)
            body, remembered = found.body, kept._of_databases
            kept._of_databases = WeakKeyDictionary()
            anew = read_feed(asking, feed, today, self.links)
            assert (found.etag, body) == (anew.etag, anew.body)
            kept._of_databases = remembered
        return found

    @property
    def engine(self) -> Engine:
        return self.session.get_bind().engine


@pytest.fixture
def town(session: Session, cast: Cast, now: datetime, links: Links) -> Town:
    meeting = make_meeting(session, cast, now, date(2026, 3, 9))
    task = make_task(session, cast, now, meeting=meeting)
    elsewhere = make_meeting(session, cast, now, date(2026, 3, 10), title="I Kulturnemnda")
    elsewhere.body = cast.other_body
    feed = feeds.feed_of(session, cast.owner, now)
    session.commit()
    return Town(session, cast, links, now, feed, meeting, task, elsewhere)


def of_meeting(**values: object) -> Callable[[Town], object]:
    return lambda t: t.session.execute(update(Meeting).where(Meeting.id == t.meeting.id).values(values))


def of(model: type, **values: object) -> Callable[[Town], object]:
    return lambda t: t.session.execute(update(model).values(values))


CHANGES: dict[str, Callable[[Town], object]] = {
    **{
        f"meeting.{name}": of_meeting(**{name: value})
        for name, value in {
            "title": "Nytt", "starts_on": date(2026, 3, 8), "starts_at": time(9),
            "ends_on": date(2026, 3, 10),
            "ends_at": time(13), "zone": "Europe/Helsinki", "place": "Borte", "remote_link": "https://m",
            "registration": "required", "register_by": date(2026, 3, 5), "sequence": 7, "public_id": "annen",
            "status": MeetingStatus.CANCELLED, "changed_at": datetime.fromisoformat("2026-03-01T10:00:00Z"),
        }.items()
    },
    "meeting.body_id: to another": lambda t: of_meeting(body_id=t.cast.other_body.id)(t),
    "meeting.body_id: from another": lambda t: t.session.execute(
        update(Meeting).where(Meeting.id == t.elsewhere.id).values(body_id=t.cast.body.id)
    ),
    "meeting, by hand": lambda t: t.session.execute(text("UPDATE meeting SET title = 'Nytt'")),
    "meeting, by a row": lambda t: setattr(t.meeting, "title", "Nytt"),
    "meeting, added": lambda t: make_meeting(t.session, t.cast, t.now, date(2026, 5, 1)),
    "meeting, added by a statement": lambda t: t.session.execute(
        insert(Meeting).values(
            organisation_id=t.cast.organisation.id, body_id=t.cast.body.id, title="Ny", starts_on=TODAY,
            ends_on=TODAY, changed_at=t.now,
        )
    ),
    "meeting, gone": lambda t: (
        t.session.execute(update(Task).values(meeting_id=None, agenda_item_id=None)),
        t.session.execute(delete(AgendaItem)),
        t.session.execute(delete(Meeting).where(Meeting.id == t.meeting.id)),
    ),
    "body.name": of(Body, name=Body.name + " 2"),
    "membership, over": of(Membership, to_date=TODAY - DAY),
    "membership, not yet": of(Membership, from_date=TODAY + DAY),
    "membership.body_id": lambda t: of(Membership, body_id=t.cast.other_body.id)(t)
    if t.session.execute(delete(Membership).where(Membership.person_id != t.cast.owner.id))
    else None,
    "membership, added": lambda t: t.session.add(
        Membership(
            organisation_id=t.cast.organisation.id, body_id=t.cast.other_body.id,
            person_id=t.cast.owner.id, from_date=TODAY,
        )
    ),
    "membership, gone": lambda t: t.session.execute(delete(Membership)),
    "organisation.short_name": of(Organisation, short_name="Nytt"),
    "person.language": of(Person, language="nn"),
    "feed.language": of(Feed, language="en"),
    "feed.alarms": of(Feed, alarms=True),
    "feed.deadlines": of(Feed, deadlines=False),
    "feed.as_tasks": of(Feed, as_tasks=True),
    "feed.generation": of(Feed, generation=2),
    "task.what": of(Task, what="Noe annet"),
    "task.due_on": of(Task, due_on=date(2026, 3, 21)),
    "task, without a deadline": of(Task, due_on=None),
    "task.status": of(Task, status=TaskStatus.DONE),
    "task.body_id": lambda t: of(Task, body_id=t.cast.other_body.id)(t),
    "task.agenda_item_id": of(Task, agenda_item_id=None),
    "agenda_item.number": of(AgendaItem, number="9/26"),
    "agenda_item.restricted": of(AgendaItem, restricted="offentleglova § 13"),
    "assignment, over": lambda t: of(Assignment, ended_at=t.now)(t),
    "assignment.answer": of(Assignment, answer=Answer.DONE),
    "assignment.person_id": lambda t: of(Assignment, person_id=t.cast.leader.id)(t),
    "history": lambda t: t.session.add(
        History(
            organisation_id=t.cast.organisation.id, task_id=t.task.id, at=t.now + DAY, via="page",
            action=Action.DUE_CHANGED,
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_anything_it_is_made_of_gives_another(
    town: Town, change: Callable[[Town], object]
) -> None:
    before = town.fetch()
    assert town.fetch().etag == before.etag
    change(town)
    after = town.fetch()
    assert after.etag != before.etag
    assert after.body != before.body


DAYS: dict[str, tuple[dict[str, object], date, date]] = {
    "cancelled for 30 days": ({"status": MeetingStatus.CANCELLED}, TODAY + 30 * DAY, TODAY + 31 * DAY),
    "held for half a year": ({}, date(2026, 9, 8), date(2026, 9, 9)),
}


@pytest.mark.parametrize(("values", "last", "gone"), DAYS.values(), ids=DAYS)
def test_what_only_the_day_takes_away_goes(
    town: Town, values: dict[str, object], last: date, gone: date
) -> None:
    if values:
        of_meeting(**values)(town)
    uid = town.meeting.public_id.encode()
    assert uid in town.fetch(last).body
    assert uid not in town.fetch(gone).body
    assert uid in town.fetch(last).body, "asked for by a process whose day is another"


def test_an_office_begins_and_ends_by_the_day_alone(town: Town) -> None:
    town.session.execute(update(Membership).values(from_date=TODAY, to_date=TODAY + DAY))
    found = [town.fetch(TODAY + n * DAY).body.count(b"BEGIN:VEVENT") for n in (-1, 0, 1, 2)]
    assert found == [1, 2, 2, 1]  # the deadline stays: it is the person's own


def test_changes_in_any_order_kept_or_undone_leave_nothing_old(town: Town) -> None:
    chance = random.Random(7)
    titles, bodies = iter(range(1000)), [town.cast.body.id, town.cast.other_body.id]
    for _ in range(60):
        for _ in range(chance.randint(1, 3)):
            row = chance.choice([town.meeting, town.elsewhere])
            chance.choice([
                lambda row=row: town.session.execute(
                    update(Meeting).where(Meeting.id == row.id).values(title=f"Nr. {next(titles)}")
                ),
                lambda row=row: setattr(row, "body_id", chance.choice(bodies)),
                lambda: setattr(town.cast.body, "name", f"Råd {next(titles)}"),
                lambda: make_meeting(town.session, town.cast, town.now, TODAY, title=f"Nr. {next(titles)}"),
            ])()  # fmt: skip
            town.session.flush()
        if chance.random() < 0.4:
            town.session.rollback()
        town.fetch()


def steps(session: Session) -> list[tuple[int, int]]:
    return [tuple(row) for row in session.execute(text("SELECT body_id, steps FROM counted_meetings"))]


def test_a_thousand_changes_at_once_are_counted_in_one_row(town: Town) -> None:
    for number in range(500):
        make_meeting(town.session, town.cast, town.now, TODAY, title=f"{number}")
    for number in range(500):
        town.meeting.title = f"Rettet {number}"
        town.session.flush()
    town.session.commit()
    assert sorted(body for body, _steps in steps(town.session)) == sorted(
        [town.cast.body.id, town.cast.other_body.id]
    )


@pytest.mark.parametrize("address", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_writers_of_the_same_bodies_neither_wait_for_each_other_nor_are_missed(town: Town) -> None:
    """On SQLite there is one writer at a time."""
    rows = [make_meeting(town.session, town.cast, town.now, TODAY + n * DAY) for n in range(4)]
    for row in rows[2:]:
        row.body = town.cast.other_body
    town.session.add(
        Membership(
            organisation_id=town.cast.organisation.id, body_id=town.cast.other_body.id,
            person_id=town.cast.owner.id, from_date=TODAY,
        )
    )  # fmt: skip
    seen = [town.fetch().etag]
    ids = [row.id for row in rows]

    def rename(session: Session, number: int, title: str) -> None:
        session.execute(update(Meeting).where(Meeting.id == ids[number]).values(title=title))

    with db.sessions(town.engine)() as one, db.sessions(town.engine)() as other:
        for writer in (one, other):
            writer.execute(text("SET lock_timeout = '2s'"))
        rename(one, 0, "Den ene, her")
        rename(other, 2, "Den andre, der")
        rename(one, 3, "Den ene, der")
        rename(other, 1, "Den andre, her")
        assert town.fetch().etag == seen[0]
        other.commit()
        seen.append(town.fetch().etag)
        rename(one, 0, "Den ene, her, igjen")
        seen.append(town.fetch().etag)
        one.commit()
        seen.append(town.fetch().etag)
    assert seen[1] == seen[2]
    assert len({*seen}) == 3
    titles = set(town.session.scalars(select(Meeting.title).where(Meeting.id.in_(ids))))
    assert titles == {"Den ene, her, igjen", "Den andre, her", "Den andre, der", "Den ene, der"}
    rename(town.session, 0, "Til slutt")
    rename(town.session, 2, "Til slutt")
    town.session.commit()
    assert len(steps(town.session)) == 2, "what others were just counting is put together by the next"
