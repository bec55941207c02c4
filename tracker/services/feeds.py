"""Calendar addresses: making one, replacing it, opening what somebody fetches by one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker.errors import LinkOutdated, NotFound
from tracker.links import Links
from tracker.models import Body, Feed, Person

FETCHED_AT_MOST = timedelta(hours=1)


def find_feed(session: Session, person: Person, body: Body | None = None) -> Feed | None:
    """The person's feed, of all bodies or of one, if there is one already."""
    return session.scalar(
        select(Feed).where(
            Feed.organisation_id == person.organisation_id,
            Feed.person_id == person.id,
            Feed.body_id.is_(None) if body is None else Feed.body_id == body.id,
        )
    )


def feed_of(session: Session, person: Person, now: datetime, body: Body | None = None) -> Feed:
    """The person's feed, of all bodies or of one; made at the first asking. Of two at once, one makes it."""
    found = find_feed(session, person, body)
    if found is not None:
        return found
    fresh = Feed(
        organisation_id=person.organisation_id,
        person=person,
        body=body,
        deadlines=body is None,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(fresh)
    except IntegrityError:  # the unique key: somebody was quicker
        made = find_feed(session, person, body)
        if made is None:
            raise
        return made
    return fresh


def own_feed(session: Session, person: Person, feed_id: int) -> Feed:
    """One of the person's own feeds, to change. Raises NotFound, also for somebody else's."""
    found = session.get(Feed, feed_id)
    if found is None or found.person_id != person.id:
        raise NotFound("Vi fant ikke kalenderen.")
    return found


def replace_address(session: Session, feed: Feed) -> None:
    """Give the feed a new address. The old one answers 410 from now on.

    Counted up in the database, so that pressing twice can never bring an old address back.
    """
    session.execute(update(Feed).where(Feed.id == feed.id).values(generation=Feed.generation + 1))
    session.refresh(feed)


def choose_deadlines(session: Session, feed: Feed, wanted: bool) -> None:
    """Whether the person's own deadlines are in the feed of all bodies; one of a body never has them."""
    feed.deadlines = wanted and feed.body_id is None
    session.flush()


def open_feed(session: Session, links: Links, token: str) -> Feed:
    """The feed that an address is for.

    Raises NotFound when the address isn't ours, LinkOutdated when it has been replaced.
    """
    feed_id, generation = links.read("feed", token, (int, int))
    found = session.scalar(
        select(Feed).where(Feed.id == feed_id).options(joinedload(Feed.person), joinedload(Feed.body))
    )
    if found is None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    if found.generation != generation:
        raise LinkOutdated("Kalenderadressen er byttet ut. Hent den nye under Kalender.")
    return found


def needs_note(feed: Feed, now: datetime) -> bool:
    """Whether `fetched` would write."""
    return feed.fetched_at is None or feed.fetched_at <= now - FETCHED_AT_MOST


def fetched(session: Session, feed: Feed, now: datetime) -> None:
    """Note that a calendar was here, at most once an hour.

    A GET changes nothing that anybody acts on; this only lets the owner of the address see that it works.
    So it may be late or missing, it must never hold a fetch up or fail one, and a calendar that asks every
    five minutes must not become a write every five minutes. One statement, with its condition inside: two
    processes that serve the same feed at once write once.
    """
    if not needs_note(feed, now):
        return
    session.execute(
        update(Feed)
        .where(Feed.id == feed.id, or_(Feed.fetched_at.is_(None), Feed.fetched_at <= now - FETCHED_AT_MOST))
        .values(fetched_at=now)
    )
