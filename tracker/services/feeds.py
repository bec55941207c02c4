"""Calendar addresses: making one, replacing it, opening what somebody fetches by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker.errors import InvalidAnswer, LinkOutdated, NotFound
from tracker.language import LANGUAGES
from tracker.links import Links
from tracker.models import Body, Feed, Organisation, Person

FETCHED_AT_MOST = timedelta(hours=1)
_WITH_OWNER = (  # built once: calendars ask all day
    select(Feed).where(Feed.id == bindparam("id")).options(joinedload(Feed.person), joinedload(Feed.body))
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants in the feed of all bodies. `language` None: the person's own."""

    deadlines: bool
    as_tasks: bool = False
    alarms: bool = False
    language: str | None = None


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
    """The person's feed, of all bodies or of one; made at the first asking. Of two at once, one makes it.

    One that was turned off is turned on, under the new address that it got then.
    """
    found = find_feed(session, person, body)
    if found is not None:
        found.revoked_at = None
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


def revoke(session: Session, feed: Feed, now: datetime) -> None:
    """Turn the feed off: its address answers 410, and no other is made before the person asks for one."""
    session.execute(
        update(Feed).where(Feed.id == feed.id).values(generation=Feed.generation + 1, revoked_at=now)
    )
    session.refresh(feed)


def choose(session: Session, feed: Feed, choice: Choice) -> None:
    """What is in the feed. One of a body never has the person's own deadlines. Raises InvalidAnswer."""
    if choice.language not in (None, *LANGUAGES):
        raise InvalidAnswer("Velg et språk.", field="language")
    feed.deadlines = choice.deadlines and feed.body_id is None
    feed.as_tasks = choice.as_tasks and feed.deadlines
    feed.alarms, feed.language = choice.alarms, choice.language
    session.flush()


def open_feed(session: Session, links: Links, token: str) -> Feed:
    """The feed that an address is for.

    Raises NotFound when the address isn't ours, LinkOutdated when it has been replaced or turned off.
    """
    feed_id, generation = links.read("feed", token, (int, int))
    found = session.scalar(_WITH_OWNER, {"id": feed_id})
    if found is None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    if found.revoked_at is not None:
        raise LinkOutdated("Kalenderadressen er slått av. Du kan lage en ny under Kalender.")
    if found.generation != generation:
        raise LinkOutdated("Kalenderadressen er byttet ut. Hent den nye under Kalender.")
    return found


def needs_note(feed: Feed, now: datetime) -> bool:
    """Whether `fetched` would write."""
    return feed.fetched_at is None or feed.fetched_at <= now - FETCHED_AT_MOST


def fetched(session: Session, feed: Feed, now: datetime, kind: str) -> None:
    """Note that a calendar was here, and what kind of program (`calendars/client.py`), at most once an hour.

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
        .values(fetched_at=now, fetched_by=kind)
    )


def open_to_all(session: Session, body: Body, public: bool) -> None:
    """Whether everybody may see and subscribe to the meetings of the body."""
    body.public = public
    session.flush()


def public_body(session: Session, slug: str, body_id: int) -> Body:
    """A body whose meetings everybody may see. Raises NotFound, and LinkOutdated when they no longer may."""
    found = session.scalar(
        select(Body)
        .join(Organisation, Organisation.id == Body.organisation_id)
        .where(Body.id == body_id, Organisation.slug == slug)
    )
    if found is None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    if not found.public:
        raise LinkOutdated("Møtene i organet er ikke åpne for alle.")
    return found
