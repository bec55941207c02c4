"""The example: an invented council with minutes, decisions, tasks, mail and a draft, dated from today.

Everything goes the way that real minutes go (intake, verdicts, publish, answers, reminders) with the clock
moved through the weeks, so that what history says is what happened.
"""

from __future__ import annotations

import json
from datetime import datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock import at, local_date
from tracker.example import earlier, register, waiting
from tracker.example.days import Day, days
from tracker.example.earlier import Minutes
from tracker.example.mornings import Mornings
from tracker.example.register import Register
from tracker.example.story import Happening, Story
from tracker.links import Links
from tracker.models import Body, Organisation, Source, Task
from tracker.rules import workdays
from tracker.rules.deadlines import DueKind
from tracker.services import intake, publish, verdicts
from tracker.services.cards import DuePlan

SLUG: str = register.TOLD["slug"]
UNFINISHED = f"{SLUG}-uferdig"
PUBLISHED_AT = time(13, 30)  # on the working day after the meeting


def load(
    session: Session, now: datetime, *, links: Links | None = None, reader: intake.Reader = intake.read
) -> bool:
    """Write the example; False, and nothing written, when it is there already.

    `links` makes the addresses in the mails of the past weeks; without it no reminders have gone, and what
    publishing and answers led to waits in the outbox. Commits on the way, the last commit is the caller's;
    the organisation gets its slug last, so that a loading cut short is known and begun again.
    Raises UnreadableDocument when the waiting minutes can't be read.
    """
    if session.scalar(select(Organisation.id).where(Organisation.slug == SLUG)) is not None:
        return False
    today = local_date(now)
    when = days(today)
    told = earlier.read_all(when, {key: register.members(key) for key in register.TOLD["bodies"]})
    register.clear(session, UNFINISHED)
    ours = register.write(session, UNFINISHED, today)
    story = Story(ours, when, today)
    everything = [*(_publication(minutes, ours, story) for minutes in told), *story.happenings()]
    everything = sorted((h for h in everything if h.at <= now), key=lambda h: h.at)
    mornings = Mornings(session, links, ours.organisation, local_date(everything[0].at)) if links else None
    _live_through(session, everything, now, mornings)
    _take_in_waiting(session, when, told, ours, now, reader)
    ours.organisation.slug = SLUG
    session.flush()
    return True


def _publication(minutes: Minutes, ours: Register, story: Story) -> Happening:
    """Taking these minutes in and publishing them, as something that happens."""

    def act(session: Session, now: datetime) -> None:
        source = _published(session, minutes, ours, now)
        tasks = session.scalars(select(Task).where(Task.source_id == source.id).order_by(Task.id))
        story.tasks |= dict(zip(minutes.keys, tasks, strict=True))

    return Happening(at(workdays.add(minutes.held_on, 1), PUBLISHED_AT), act)


def _published(session: Session, minutes: Minutes, ours: Register, now: datetime) -> Source:
    content, draft, secretary = minutes.draft.text.encode(), minutes.draft, ours.secretary
    read = json.dumps(draft.to_json())
    taken = intake.take_in(session, content, minutes.name, secretary, now, reader=lambda *_: read)
    source = taken.source
    for event in draft.events:
        verdicts.record(session, source, event.id, {"accepted": True}, 0, secretary, now)
    for task in draft.tasks:
        value: dict[str, object] = {"accepted": True}
        if task.due.kind == "none":
            value["due"] = DuePlan(kind=DueKind.NONE).to_json()
        verdicts.record(session, source, task.id, value, 0, secretary, now)
    publish.publish(session, source, secretary, now)
    return source


def _live_through(
    session: Session, happenings: list[Happening], now: datetime, mornings: Mornings | None
) -> None:
    """Let everything happen, in its order, and every working morning between, up to now."""
    for happening in happenings:
        if mornings is not None:
            mornings.until(happening.at)
        happening.act(session, happening.at)
        if mornings is not None:
            mornings.deliver(happening.at)
    if mornings is not None:
        mornings.until(now)


def _take_in_waiting(
    session: Session,
    when: dict[str, Day],
    told: list[Minutes],
    ours: Register,
    now: datetime,
    reader: intake.Reader,
) -> None:
    """Put the latest minutes in for review, as if the secretary had just dropped the file."""
    body: Body = ours.bodies["utvalget"]
    last = next(minutes for minutes in reversed(told) if minutes.body == "utvalget")
    content, name = waiting.document(when, last)
    source = intake.take_in(session, content, name, ours.secretary, now, reader=reader).source
    source.body = body
    session.flush()
