"""What is written once is never old: a row changed in any way gives other bytes and another tag."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker.calendars import feed as feed_module
from tracker.calendars import kept, listed
from tracker.calendars.event import Style
from tracker.calendars.feed import FeedContent, read_feed
from tracker.links import Links
from tracker.models import Body, Feed, Meeting
from tracker.services import feeds

TODAY = date(2026, 3, 2)
Fetch = Callable[[], FeedContent]


@pytest.fixture
def own(session: Session, cast: Cast, now: datetime) -> Feed:
    made = feeds.feed_of(session, cast.owner, now)
    session.commit()
    return made


@pytest.fixture
def fetch(session: Session, own: Feed, links: Links) -> Fetch:
    """Gives the feed as the next request finds it."""

    def fetched() -> FeedContent:
        session.commit()
        return read_feed(session, own, TODAY, links)

    return fetched


CHANGES = {
    "by a row": lambda s, m: setattr(m, "title", "Nytt navn"),
    "by a statement": lambda s, m: s.execute(update(Meeting).values(title="Nytt navn")),
    "by hand": lambda s, m: s.execute(text("UPDATE meeting SET title = 'Nytt navn'")),
    "of the body's name": lambda s, m: s.execute(
        update(Body).where(Body.id == m.body_id).values(name="Nytt navn")
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_no_change_leaves_an_old_text(
    fetch: Fetch,
    session: Session,
    cast: Cast,
    now: datetime,
    change: Callable[[Session, Meeting], object],
) -> None:
    meeting = make_meeting(session, cast, now, date(2026, 3, 9))
    before = fetch()
    assert "Nytt navn" not in before.body.decode()
    change(session, meeting)
    after = fetch()
    assert "Nytt navn" in after.body.decode()
    assert after.etag != before.etag


def test_ten_thousand_imported_and_renamed_at_once_leave_nothing_old(
    fetch: Fetch, session: Session, cast: Cast, now: datetime
) -> None:
    first = make_meeting(session, cast, now, TODAY, title="Importert 0")
    empty = fetch()
    assert empty.body.count(b"BEGIN:VEVENT") == 1
    rows = [
        {
            "organisation_id": cast.organisation.id,
            "public_id": f"import{number}",
            "body_id": cast.body.id,
            "title": f"Importert {number}",
            "starts_on": TODAY + timedelta(days=number % 900),
            "starts_at": time(10),
            "ends_on": TODAY + timedelta(days=number % 900),
            "changed_at": now,
        }
        for number in range(1, 10_000)
    ]
    session.execute(insert(Meeting), rows)
    imported = fetch()
    assert imported.body.count(b"SUMMARY:Importert ") == 10_000
    session.execute(update(Meeting).where(Meeting.id != first.id).values(title="Flyttet over"))
    session.execute(update(Body).where(Body.id == cast.body.id).values(name="Rådet for alt"))
    renamed = fetch()
    said = renamed.body
    assert (said.count(b"SUMMARY:Flyttet over"), said.count(b"SUMMARY:Importert")) == (9_999, 1)
    assert said.count("DESCRIPTION:Rådet for alt".encode()) == 10_000
    assert len({empty.etag, imported.etag, renamed.etag}) == 3


def test_a_body_that_is_called_something_else_is_so_in_deadlines(
    fetch: Fetch, session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now)
    before = fetch()
    assert "Elvedalsrådet" in before.body.decode()
    session.execute(update(Body).where(Body.id == cast.body.id).values(name="Rådet for alt"))
    after = fetch()
    assert "Elvedalsrådet" not in after.body.decode().replace("\r\n ", "")
    assert after.etag != before.etag


def test_the_tag_is_known_without_writing_anything(
    fetch: Fetch, session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_meeting(session, cast, now, date(2026, 3, 9))
    make_task(session, cast, now)
    tag = fetch().etag

    def refuse(*_: object) -> str:
        raise AssertionError("written")

    monkeypatch.setattr(listed, "meeting_event", refuse)
    for name in ("deadline_event", "_head", "_calendar"):
        monkeypatch.setattr(feed_module, name, refuse)
    assert fetch().etag == tag


def test_a_row_is_written_once_and_again_only_when_it_changed(
    fetch: Fetch, session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    meetings = [make_meeting(session, cast, now, TODAY + timedelta(days=n)) for n in range(5)]
    written: list[str] = []
    write = listed.meeting_event

    def counted(meeting: Meeting, style: Style) -> str:
        written.append(meeting.title)
        return write(meeting, style)

    monkeypatch.setattr(listed, "meeting_event", counted)
    assert fetch().body == fetch().body
    assert len(written) == 5
    meetings[2].title = "Endret"
    assert b"Endret" in fetch().body
    assert written[5:] == ["Endret"]


def test_the_code_that_writes_is_part_of_the_tag(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fetch().etag
    monkeypatch.setattr(feed_module, "_edition", lambda: "another release")
    assert fetch().etag != before


def test_texts_nobody_asks_for_go_and_come_again() -> None:
    asked: list[list[Hashable]] = []

    def write(missing: list[Hashable]) -> dict[Hashable, str]:
        asked.append(missing)
        return {key: f"<{key}>" for key in missing}

    texts = kept.Kept[str](3, lambda _text: 1)
    assert texts.several("abc", write) == ["<a>", "<b>", "<c>"]
    assert texts.several("cd", write) == ["<c>", "<d>"]
    assert texts.several("dcef", write) == ["<d>", "<c>", "<e>", "<f>"]
    assert texts.several("a", write) == ["<a>"]
    assert asked == [["a", "b", "c"], ["d"], ["e", "f"], ["a"]]


def test_a_row_that_is_gone_meanwhile_is_left_out() -> None:
    assert kept.Kept[str](9, len).several("ab", lambda _missing: {"b": "<b>"}) == ["<b>"]


def test_whole_lists_go_by_their_size_and_come_again() -> None:
    made: list[str] = []

    def make(size: int) -> bytes:
        made.append(f"{size}")
        return b"x" * size

    lists = kept.Kept[bytes](100, len)
    for size in (60, 60, 70, 60, 0, 0):  # 70 is too much beside 60, which is then an old one, and young again
        assert len(lists.one(size, lambda size=size: make(size))) == size
    assert made == ["60", "70", "0"]
    lists.one("large", lambda: make(90))
    lists.one("larger", lambda: make(95))
    lists.one(60, lambda: make(60))
    assert made == ["60", "70", "0", "90", "95", "60"]
