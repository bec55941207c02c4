"""Calendar addresses: one for each asking, worthless when forged, dead when replaced."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tracker import db
from tracker.errors import InvalidAnswer, LinkOutdated, NotFound
from tracker.links import Links
from tracker.models import Body, Feed, Person
from tracker.services import feeds
from tracker.services.feeds import Choice


def token(links: Links, feed: Feed) -> str:
    return links.feed(feed.id, feed.generation).rsplit("/", 1)[1].removesuffix(".ics")


def test_the_first_asking_makes_it_and_the_next_finds_it(session: Session, cast: Cast, now: datetime) -> None:
    assert feeds.find_feed(session, cast.owner) is None
    mine = feeds.feed_of(session, cast.owner, now)
    of_body = feeds.feed_of(session, cast.owner, now, cast.body)
    assert (mine.deadlines, of_body.deadlines) == (True, False)
    assert feeds.feed_of(session, cast.owner, now) is mine
    assert feeds.feed_of(session, cast.owner, now, cast.body) is of_body
    assert len({mine.id, of_body.id, feeds.feed_of(session, cast.leader, now).id}) == 3


@pytest.mark.parametrize("of_body", [False, True], ids=["all bodies", "one body"])
def test_of_two_at_once_one_makes_it(
    engine: Engine,
    session: Session,
    cast: Cast,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    of_body: bool,
) -> None:
    body = cast.body if of_body else None
    found = feeds.find_feed
    with db.sessions(engine).begin() as quicker:
        theirs = feeds.feed_of(
            quicker,
            quicker.get_one(Person, cast.owner.id),
            now,
            quicker.get_one(Body, body.id) if body else None,
        )
    looks = count()
    monkeypatch.setattr(  # the first look is from before the other's commit
        feeds, "find_feed", lambda *given: found(*given) if next(looks) else None
    )
    ours = feeds.feed_of(session, cast.owner, now, body)
    session.commit()
    assert ours.id == theirs.id
    assert session.scalar(select(func.count()).select_from(Feed)) == 1


def test_the_address_opens_the_feed(session: Session, cast: Cast, now: datetime, links: Links) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    assert feeds.open_feed(session, links, token(links, feed)) is feed


@pytest.mark.parametrize("forged", ["", "x", "WzEsMV0.abc", "A" * 5000, "æøå", "WzEsMV0"])
def test_a_forged_address_finds_nothing(
    session: Session, cast: Cast, now: datetime, links: Links, forged: str
) -> None:
    feeds.feed_of(session, cast.owner, now)
    with pytest.raises(NotFound):
        feeds.open_feed(session, links, forged)


def test_an_address_signed_with_another_key_or_for_another_purpose_finds_nothing(
    session: Session, cast: Cast, now: datetime, links: Links
) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    strangers = Links(keys=("another secret",), url=links.url)
    for wrong in (
        token(strangers, feed),
        links.token("answer", [feed.id, feed.generation]),
        links.token("feed", [feed.id]),
        links.token("feed", [str(feed.id), feed.generation]),
        links.token("feed", [feed.id + 1, 1]),
    ):
        with pytest.raises(NotFound):
            feeds.open_feed(session, links, wrong)


def test_a_replaced_address_is_dead_and_the_new_one_works(
    session: Session, cast: Cast, now: datetime, links: Links
) -> None:
    feed, other = feeds.feed_of(session, cast.owner, now), feeds.feed_of(session, cast.leader, now)
    old = token(links, feed)
    feeds.replace_address(session, feed)
    session.commit()
    with pytest.raises(LinkOutdated):
        feeds.open_feed(session, links, old)
    assert feeds.open_feed(session, links, token(links, feed)) is feed
    assert feeds.open_feed(session, links, token(links, other)) is other


def test_replacing_twice_never_brings_an_old_address_back(
    engine: Engine, session: Session, cast: Cast, now: datetime, links: Links
) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    session.commit()
    old = token(links, feed)
    with db.sessions(engine).begin() as second:
        stale = second.get_one(Feed, feed.id)
        feeds.replace_address(second, stale)
    assert feed.generation == 1, "as it was when the page was opened"
    feeds.replace_address(session, feed)
    session.commit()
    assert feed.generation == 3
    with pytest.raises(LinkOutdated):
        feeds.open_feed(session, links, old)


def test_nobody_changes_somebody_elses_feed(session: Session, cast: Cast, now: datetime) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    assert feeds.own_feed(session, cast.owner, feed.id) is feed
    for person in (cast.secretary, cast.stranger):
        with pytest.raises(NotFound):
            feeds.own_feed(session, person, feed.id)
    with pytest.raises(NotFound):
        feeds.own_feed(session, cast.owner, feed.id + 1)


def test_deadlines_can_be_left_out_but_never_put_into_a_bodys_feed(
    session: Session, cast: Cast, now: datetime
) -> None:
    mine, of_body = (
        feeds.feed_of(session, cast.owner, now),
        feeds.feed_of(session, cast.owner, now, cast.body),
    )
    feeds.choose(session, mine, Choice(deadlines=False))
    feeds.choose(session, of_body, Choice(deadlines=True, as_tasks=True))
    assert (mine.deadlines, of_body.deadlines, of_body.as_tasks) == (False, False, False)


def test_a_fetch_is_noted_once_an_hour(session: Session, cast: Cast, now: datetime) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    hour = timedelta(hours=1)
    for at, kind, noted in (
        (now, "google", (now, "google")),
        (now + hour / 2, "mac", (now, "google")),
        (now + hour, "mac", (now + hour, "mac")),
    ):
        feeds.fetched(session, feed, at, kind)
        session.commit()
        session.refresh(feed)
        assert (feed.fetched_at, feed.fetched_by) == noted


def test_one_that_is_turned_off_is_dead_until_a_new_address_is_asked_for(
    session: Session, cast: Cast, now: datetime, links: Links
) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    old = token(links, feed)
    feeds.revoke(session, feed, now)
    session.commit()
    for dead in (old, token(links, feed)):
        with pytest.raises(LinkOutdated):
            feeds.open_feed(session, links, dead)
    assert feeds.feed_of(session, cast.owner, now) is feed
    session.commit()
    assert feeds.open_feed(session, links, token(links, feed)) is feed
    with pytest.raises(LinkOutdated):
        feeds.open_feed(session, links, old)


def test_only_our_languages_can_be_chosen(session: Session, cast: Cast, now: datetime) -> None:
    feed = feeds.feed_of(session, cast.owner, now)
    feeds.choose(session, feed, Choice(deadlines=True, alarms=True, language="en"))
    assert (feed.alarms, feed.language) == (True, "en")
    with pytest.raises(InvalidAnswer):
        feeds.choose(session, feed, Choice(deadlines=True, language="xx"))


def test_a_body_is_public_only_when_it_was_opened(session: Session, cast: Cast) -> None:
    with pytest.raises(LinkOutdated):
        feeds.public_body(session, "elvedal", cast.body.id)
    feeds.open_to_all(session, cast.body, True)
    assert feeds.public_body(session, "elvedal", cast.body.id) is cast.body
    for slug, number in (("fjordvik", cast.body.id), ("elvedal", 999)):
        with pytest.raises(NotFound):
            feeds.public_body(session, slug, number)
