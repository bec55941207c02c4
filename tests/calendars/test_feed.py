"""What a feed contains, for whom, and that it is the same bytes until something changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import icalendar
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from tests.calendars.reading import check_bytes, read
from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker import db
from tracker.calendars.feed import FeedContent, one_meeting, read_feed, read_public
from tracker.links import Links
from tracker.models import (
    Action,
    Answer,
    Body,
    Feed,
    History,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Membership,
    Person,
    TaskStatus,
)
from tracker.services import feeds

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)

Fetch = Callable[..., FeedContent]


@pytest.fixture
def fetch(session: Session, cast: Cast, now: datetime, links: Links) -> Fetch:
    """Gives the feed of somebody (the owner, of all bodies, unless told otherwise) on a day."""

    def fetched(person: Person | None = None, body: Body | None = None, today: date = TODAY) -> FeedContent:
        feed = feeds.feed_of(session, person or cast.owner, now, body)
        session.commit()
        content = read_feed(session, feed, today, links)
        check_bytes(content.body)
        return content

    return fetched


def titles(content: FeedContent) -> list[str]:
    return [read_event.summary for read_event in read(content.body).values()]


@pytest.fixture
def spring(session: Session, cast: Cast, now: datetime) -> list[Meeting]:
    """A held meeting, a cancelled one, a gathering and a conference; deadlines, one of them restricted."""
    held = make_meeting(session, cast, now, date(2026, 2, 9))
    held.status = MeetingStatus.HELD
    cancelled = make_meeting(session, cast, now, date(2026, 3, 16))
    cancelled.status, cancelled.sequence = MeetingStatus.CANCELLED, 1
    gathering = make_meeting(
        session, cast, now, date(2026, 4, 20), title="Samling, «vår»; Nordfjellet 🎉",
        kind=MeetingKind.GATHERING, starts_at=time(12), ends_on=date(2026, 4, 21), ends_at=time(13),
        place=None,
    )  # fmt: skip
    conference = make_meeting(
        session, cast, now, date(2026, 6, 3), title="Fylkeskonferansen",
        kind=MeetingKind.CONFERENCE, starts_at=None, ends_on=date(2026, 6, 5), place="Hotell Blåbær\nSal A",
    )  # fmt: skip
    conference.register_by = date(2026, 5, 1)
    meetings = [held, cancelled, gathering, conference]
    for number, meeting in enumerate(meetings, 1):
        meeting.public_id = f"{number:016x}"
    make_task(session, cast, now, meeting=held, contributors=[cast.contributor])
    make_task(
        session, cast, now, what="Ringe advokaten om tilbudet", due_on=date(2026, 3, 27), case="5/26",
        meeting=held, restricted="offentleglova § 13",
    )  # fmt: skip
    make_task(session, cast, now, what="Andres oppgave", owners=[cast.secretary])
    session.commit()
    return meetings


def compare(body: bytes, name: str) -> None:
    """With the file kept in tests/calendars/golden; GOLDEN=write writes it anew, to be looked at in git."""
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_bytes(body)
    assert body.decode() == (GOLDEN / name).read_bytes().decode()


def test_a_person_feed_is_as_it_was(fetch: Fetch, spring: list[Meeting]) -> None:
    compare(fetch().body, "person.ics")


def test_one_meeting_as_a_file_is_as_it_was(spring: list[Meeting], links: Links) -> None:
    body = one_meeting(spring[2], links.url)
    check_bytes(body)
    compare(body, "meeting.ics")


def test_both_readers_find_everything_and_nothing_secret(fetch: Fetch, spring: list[Meeting]) -> None:
    content = fetch()
    assert titles(content) == [
        "Møte i Elvedalsrådet",
        "AVLYST: Møte i Elvedalsrådet",
        "Samling, «vår»; Nordfjellet 🎉",
        "Fylkeskonferansen",
        "Frist: Finne egnet sted til samlingen",
        "Frist: sak 5/26 (unntatt offentlighet)",
    ]
    for secret in ("advokat", "Andres", "§"):
        assert secret not in content.body.decode()


def test_the_calendar_says_what_it_is_before_the_first_component(fetch: Fetch, links: Links) -> None:
    head = fetch().body.decode().replace("\r\n ", "").split("BEGIN:VTIMEZONE")[0].split("\r\n")
    assert set(head) >= {
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "NAME:Elvedal: møter og frister",
        "X-WR-CALNAME:Elvedal: møter og frister",
        "X-WR-TIMEZONE:Europe/Oslo",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        f"SOURCE;VALUE=URI:{links.feed(1, 1)}",
        "COLOR:teal",
    }
    assert any(line.startswith("PRODID:") for line in head)
    assert not any(line.startswith("METHOD") for line in head)


def test_unchanged_it_is_the_same_bytes_and_tag(fetch: Fetch, spring: list[Meeting]) -> None:
    first, second = fetch(), fetch()
    assert (first.body, first.etag, first.last_modified) == (second.body, second.etag, second.last_modified)
    assert fetch(today=TODAY + DAY).etag == first.etag


def test_a_change_gives_other_bytes_and_another_tag(
    fetch: Fetch, session: Session, spring: list[Meeting], now: datetime
) -> None:
    before = fetch()
    spring[2].place, spring[2].sequence = "Nordfjellet", 1
    spring[2].changed_at = now + DAY
    after = fetch()
    assert after.etag != before.etag
    assert after.last_modified == now + DAY
    uid = f"meeting-{spring[2].public_id}@oppfolging.example"
    assert (read(before.body)[uid].sequence, read(after.body)[uid].sequence) == (0, 1)
    assert read(after.body)[uid].location == "Nordfjellet"


def test_a_moved_deadline_keeps_its_uid(fetch: Fetch, session: Session, cast: Cast, now: datetime) -> None:
    task = make_task(session, cast, now)
    uid = f"task-{task.id}-{cast.owner.id}@oppfolging.example"
    assert read(fetch().body)[uid].start == date(2026, 3, 20)
    task.due_on = date(2026, 3, 23)
    task.history.append(
        History(organisation_id=task.organisation_id, at=now + DAY, via="page", action=Action.DUE_CHANGED)
    )
    moved = fetch()
    assert (read(moved.body)[uid].start, read(moved.body)[uid].end) == (date(2026, 3, 23), date(2026, 3, 24))
    assert read(moved.body)[uid].sequence == 1
    assert moved.last_modified == now + DAY


def test_only_own_open_deadlines_that_one_is_not_through_with(
    fetch: Fetch, session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now, what="Min", contributors=[cast.contributor])
    make_task(session, cast, now, what="Uten frist", due_on=None)
    make_task(session, cast, now, what="Gjort").status = TaskStatus.DONE
    two = make_task(session, cast, now, what="Min del er gjort", owners=[cast.owner, cast.leader])
    two.owners[0].answer = Answer.DONE
    given = make_task(session, cast, now, what="Gitt videre")
    given.owners[0].ended_at = now
    assert titles(fetch()) == ["Frist: Min"]
    assert titles(fetch(cast.contributor)) == ["Frist: Min"]
    assert titles(fetch(cast.leader)) == ["Frist: Min del er gjort"]
    assert titles(fetch(cast.outsider)) == []
    assert titles(fetch(cast.stranger)) == []


def test_without_deadlines_when_that_was_chosen(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting], now: datetime
) -> None:
    feeds.choose(session, feeds.feed_of(session, cast.owner, now), feeds.Choice(deadlines=False))
    content = fetch()
    assert not any(title.startswith("Frist") for title in titles(content))
    assert "NAME:Elvedal: møter\r\n" in content.body.decode()


def test_a_body_feed_is_its_meetings_alone(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting], now: datetime
) -> None:
    elsewhere = make_meeting(session, cast, now, date(2026, 3, 9), title="Møte i Kulturnemnda")
    elsewhere.body = cast.other_body
    assert "Møte i Kulturnemnda" not in titles(fetch(body=cast.body))
    assert len(titles(fetch(body=cast.body))) == 4
    assert titles(fetch(cast.outsider)) == ["Møte i Kulturnemnda"]
    assert titles(fetch(cast.outsider, cast.body)) == []


def test_who_has_left_a_body_gets_its_meetings_no_more(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting]
) -> None:
    office = session.query(Membership).filter_by(person_id=cast.owner.id).one()
    office.to_date = TODAY
    assert len(titles(fetch(body=cast.body))) == 4
    assert titles(fetch(body=cast.body, today=TODAY + DAY)) == []
    assert titles(fetch(today=TODAY + DAY)) == [
        "Frist: Finne egnet sted til samlingen",
        "Frist: sak 5/26 (unntatt offentlighet)",
    ]
    office.from_date, office.to_date = TODAY + DAY, None
    assert titles(fetch(body=cast.body)) == []


def test_meetings_stay_for_half_a_year(fetch: Fetch, session: Session, cast: Cast, now: datetime) -> None:
    make_meeting(session, cast, now, TODAY)
    assert len(titles(fetch(today=TODAY + 183 * DAY))) == 1
    assert titles(fetch(today=TODAY + 184 * DAY)) == []


def test_a_cancelled_meeting_goes_after_thirty_days(
    fetch: Fetch, session: Session, cast: Cast, now: datetime
) -> None:
    meeting = make_meeting(session, cast, now, date(2026, 12, 1))
    meeting.status = MeetingStatus.CANCELLED
    assert titles(fetch(today=TODAY + 30 * DAY)) == ["AVLYST: Møte i Elvedalsrådet"]
    assert titles(fetch(today=TODAY + 31 * DAY)) == []


def test_an_empty_feed_is_still_a_calendar(fetch: Fetch, cast: Cast, now: datetime) -> None:
    content = fetch(cast.outsider)
    assert read(content.body) == {}
    assert b"BEGIN:VTIMEZONE" in content.body
    assert content.last_modified == now


def test_the_number_of_queries_does_not_grow(
    engine: Engine, session: Session, cast: Cast, now: datetime, links: Links
) -> None:
    def queries() -> int:
        said: list[str] = []
        listener = lambda _c, _u, statement, *_: said.append(statement)  # noqa: E731
        with db.sessions(engine)() as fresh:
            event.listen(engine, "before_cursor_execute", listener)
            read_feed(fresh, fresh.get_one(Feed, feed.id), TODAY, links)
            event.remove(engine, "before_cursor_execute", listener)
        return sum(statement.startswith("SELECT") for statement in said)

    feed = feeds.feed_of(session, cast.owner, now)

    def more(count: int) -> None:
        for number in range(count):
            held = make_meeting(session, cast, now, TODAY + number * DAY)
            task = make_task(session, cast, now, meeting=held)
            task.history.append(
                History(organisation_id=task.organisation_id, at=now, via="page", action=Action.CREATED)
            )
        session.commit()

    more(2)
    few = queries()
    more(30)
    assert queries() == few <= 6


def test_moments_come_back_in_utc(fetch: Fetch, spring: list[Meeting]) -> None:
    event_read = read(fetch().body)[f"meeting-{spring[2].public_id}@oppfolging.example"]
    assert event_read.start == datetime(2026, 4, 20, 10, tzinfo=UTC)
    assert event_read.end == datetime(2026, 4, 21, 11, tzinfo=UTC)


def test_deadlines_as_tasks_are_told_to_programs_that_list_them(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting], now: datetime
) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    feeds.choose(session, feed, feeds.Choice(deadlines=True, as_tasks=True, alarms=True))
    body = fetch().body
    assert not any(title.startswith("Frist") for title in (event.summary for event in read(body).values()))
    todos = icalendar.Calendar.from_ical(body).walk("VTODO")
    assert [(str(todo["summary"]), todo["due"].dt, str(todo["status"])) for todo in todos] == [
        ("Frist: Finne egnet sted til samlingen", date(2026, 3, 20), "NEEDS-ACTION"),
        ("Frist: sak 5/26 (unntatt offentlighet)", date(2026, 3, 27), "NEEDS-ACTION"),
    ]
    assert all("dtstart" not in todo and "dtend" not in todo for todo in todos)
    triggers = [alarm["trigger"] for todo in todos for alarm in todo.walk("VALARM")]
    assert {(t.dt, t.params["RELATED"]) for t in triggers} == {(timedelta(hours=-15), "END")}
    assert "advokat" not in body.decode()


def test_alarms_ring_only_for_those_who_asked(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting], now: datetime
) -> None:
    assert b"VALARM" not in fetch().body
    feeds.choose(session, feeds.feed_of(session, cast.owner, now), feeds.Choice(deadlines=True, alarms=True))
    rings = {
        str(event["summary"]): [
            (alarm["trigger"].dt, str(alarm["action"]), bool(alarm["description"]))
            for alarm in event.walk("VALARM")
        ]
        for event in icalendar.Calendar.from_ical(fetch().body).walk("VEVENT")
    }
    hour, morning = [(timedelta(hours=-1), "DISPLAY", True)], [(timedelta(hours=-15), "DISPLAY", True)]
    assert rings == {
        "Møte i Elvedalsrådet": hour,
        "AVLYST: Møte i Elvedalsrådet": [],
        "Samling, «vår»; Nordfjellet 🎉": hour,
        "Fylkeskonferansen": morning,
        "Frist: Finne egnet sted til samlingen": morning,
        "Frist: sak 5/26 (unntatt offentlighet)": morning,
    }


def test_the_calendar_speaks_the_language_that_was_chosen_for_it(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting], now: datetime
) -> None:
    tag = fetch().etag
    feeds.choose(
        session, feeds.feed_of(session, cast.owner, now), feeds.Choice(deadlines=True, language="en")
    )
    assert "CANCELLED: Møte i Elvedalsrådet" in titles(fetch())
    assert fetch().etag != tag


def test_the_public_feed_tells_when_and_where_and_no_more(
    session: Session, cast: Cast, spring: list[Meeting], links: Links
) -> None:
    make_task(session, cast, spring[0].changed_at, meeting=spring[3])
    content = read_public(session, cast.body, "elvedal", TODAY, links)
    check_bytes(content.body)
    assert titles(content) == [
        "Møte i Elvedalsrådet",
        "AVLYST: Møte i Elvedalsrådet",
        "Samling, «vår»; Nordfjellet 🎉",
        "Fylkeskonferansen",
    ]
    said = content.body.decode().replace("\r\n ", "")
    assert {event.description for event in read(content.body).values()} == {
        f"Elvedalsrådet\nhttps://oppfolging.example/r/elvedal/{cast.body.id}"
    }
    for inside in ("Påmelding", "/moter/", "/oppgaver/", "Frist", "/ics/"):
        assert inside not in said
    assert f"SOURCE;VALUE=URI:https://oppfolging.example/r/elvedal/{cast.body.id}.ics\r\n" in said


def test_a_meeting_is_the_same_event_in_every_feed(
    fetch: Fetch, session: Session, cast: Cast, spring: list[Meeting], links: Links
) -> None:
    public = read(read_public(session, cast.body, "elvedal", TODAY, links).body)
    assert set(public) == set(read(fetch(body=cast.body).body)) < set(read(fetch().body))
