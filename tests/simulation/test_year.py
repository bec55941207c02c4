"""A year in Europe/Oslo: what went is what should have gone, mail by mail, whatever happens.

2,000 tasks, moved and cancelled meetings, hand-overs, pauses, tasks done early, three days without jobs, slow
mornings, both nights when the clocks change, Christmas and Easter. The oracle computes the other side.
Without SIMULATED_TASKS=2000 it is a year of 300 tasks, which takes a tenth of the time; SIMULATED_SEED makes
it another one.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, selectinload

from tests.services.mornings import Mornings, days
from tests.simulation import calendar
from tests.simulation.life import Life, set_rhythm
from tests.simulation.oracle import Oracle, Sent
from tests.simulation.world import OSLO, Gathering, Member, Organ, World
from tracker import db
from tracker.links import Links
from tracker.mail.transport import CaptureTransport
from tracker.models import (
    Body,
    Meeting,
    MeetingKind,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Organisation,
    Person,
)
from tracker.rules.access import Office
from tracker.services import deliver, remind, status_mails

TASKS = int(os.environ.get("SIMULATED_TASKS", "300"))
SEED = int(os.environ.get("SIMULATED_SEED", "1"))
FIRST, LAST = date(2025, 12, 1), date(2026, 11, 30)
POWER_CUT = (date(2026, 2, 10), date(2026, 2, 11), date(2026, 2, 12))
CLOCKS_CHANGE = (date(2026, 3, 29), date(2026, 10, 25))
PEOPLE = 60
# How often each thing happens, in a thousand working days with 8 new tasks each.
OFTEN = {
    "done": 4700, "done_early": 1000, "ask_more_time": 1500, "not_mine": 700, "settle": 1700,
    "take_back": 400, "new_due": 400, "hand_over": 600, "there_and_back": 250, "drop": 300, "close": 250,
    "reopen": 300, "move_meeting": 250, "cancel_meeting": 40, "undo_change": 120, "pause": 250, "resume": 120,
    "lose_address": 120, "change_mind": 80, "new_rhythm": 12,
}  # fmt: skip


def test_a_year(engine: Engine, links: Links) -> None:
    rng = random.Random(SEED)
    sessions = db.sessions(engine)
    world = World()
    with sessions.begin() as session:
        found_council(session, world, rng)
    life, oracle = Life(world, rng), Oracle.over(world)
    jobs = Mornings(sessions, links)
    for day in days(FIRST, LAST):
        live_a_day(day, life, oracle, jobs, sessions)
    with sessions() as session:
        went = sorted(actually_sent(session))
    expected = sorted(oracle.sent)
    missing, too_many = Counter(expected) - Counter(went), Counter(went) - Counter(expected)
    assert (sorted(missing)[:5], sorted(too_many)[:5]) == ([], [])
    assert jobs.failed == 0
    assert len(world.errands) >= TASKS
    kinds = Counter(sent.kind for sent in went)
    steps = Counter(step for sent in went for step in sent.steps)
    if TASKS >= 1000:  # the year was full enough to say something
        assert (
            min(kinds[kind] for kind in ("new_tasks", "reminder", "request", "meeting_changed", "status"))
            > 20
        )
        assert len(steps) == 5
        assert min(life.happened.get(name, 0) for name in OFTEN) > 0
    print(f"{len(went)} mails about {len(world.errands)} tasks: {dict(kinds)} {dict(steps)} {life.happened}")  # noqa: T201


def live_a_day(day: date, life: Life, oracle: Oracle, jobs: Mornings, sessions: db.Sessions) -> None:
    """The minutes in which something can happen: others would find nothing new."""
    rng = life.rng
    slow = rng.random() < 0.06  # the mail server doesn't answer before noon
    up = day not in POWER_CUT
    bunches = {time(rng.randint(8, 11), rng.randint(0, 59)), time(rng.randint(13, 21), rng.randint(0, 59))}
    for moment in sorted([*ticks(day), *(at(day, bunch) for bunch in bunches)]):
        local = moment.astimezone(OSLO)
        if local.time() in bunches:
            with sessions() as session:
                life.bunch(session, moment, chosen(day, life))
        if not up:
            continue
        then = moment + timedelta(minutes=1) if local.time() in bunches else moment
        with sessions.begin() as session:
            remind.remind_all(session, then)
        with sessions.begin() as session:
            status_mails.send_due(session, then)
        oracle.decide(then)
        if slow and local.time() < time(12):
            continue
        counts = deliver.deliver_waiting(
            sessions, CaptureTransport(), jobs.compose, lambda then=then: then, "w"
        )  # type: ignore[misc]
        jobs.failed += counts.failed
        oracle.send(then)


def ticks(day: date) -> Iterator[datetime]:
    """Around each body's hour, and at noon; in the nights when the clocks change all through it."""
    for hour in (time(6, 59), time(7, 0), time(8, 29), time(8, 30), time(12, 0)):
        yield at(day, hour)
    if day in CLOCKS_CHANGE:
        night = datetime(day.year, day.month, day.day, tzinfo=UTC)
        yield from (night + timedelta(minutes=30 * number) for number in range(8))


def at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, OSLO).astimezone(UTC)


def chosen(day: date, life: Life) -> list[str]:
    """What happens in one of the day's two bunches. Little on days off."""
    share = 0.5 if calendar.works(day) else 0.06
    scale = share * TASKS / 2000
    events = []
    if len(life.world.errands) < TASKS and life.rng.random() < 0.92 * share * TASKS / 2000:
        events.append("minutes")
    for name, often in OFTEN.items():
        rate = often / 1000 * scale
        events += [name] * (int(rate) + (life.rng.random() < rate % 1))
    life.rng.shuffle(events)
    return events


def found_council(session: Session, world: World, rng: random.Random) -> None:
    """Three bodies with their people, and the meetings and gatherings of the year."""
    ours = Organisation(slug="elvedal", name="Elvedal interkommunale råd", short_name="Elvedal")
    session.add(ours)
    session.flush()
    assert ours.id == 1
    people = [Person(organisation_id=1, name=f"Person {n}") for n in range(PEOPLE)]
    session.add_all(people)
    session.flush()
    for person in people:
        person.email = f"p{person.id}@elvedal.example"
        person.bundled = rng.random() < 0.9
        world.members.append(Member(person.id, bundled=person.bundled))
    for number, hour in enumerate((time(7), time(7), time(8, 30))):
        body = Body(organisation_id=1, name=f"Utvalg {number}", aliases=[])
        session.add(body)
        session.flush()
        members = rng.sample(world.members, 15)
        organ = Organ(body.id, members[0], members[1], members, hour=hour)
        world.organs.append(organ)
        set_rhythm(session, organ)
        for place, member in enumerate(members):
            office = (Office.SECRETARY, Office.CHAIR)[place] if place < 2 else Office.MEMBER
            session.add(
                Membership(
                    organisation_id=1, body_id=body.id, person_id=member.key, office=office,
                    from_date=date(2020, 1, 1),
                )
            )  # fmt: skip
        for week in range(4, 66, 3):
            formal = week % 2 == 0
            day = FIRST + timedelta(weeks=week, days=rng.randint(0, 4))
            meeting = Meeting(
                organisation_id=1, body_id=body.id, title="Møte" if formal else "Samling", starts_on=day,
                ends_on=day, kind=MeetingKind.MEETING if formal else MeetingKind.GATHERING,
                changed_at=at(FIRST, time(1)),
            )  # fmt: skip
            session.add(meeting)
            session.flush()
            world.gatherings.append(Gathering(meeting.id, organ, day, formal))
    world.gatherings.sort(key=lambda g: (g.day, g.key))


def actually_sent(session: Session) -> Iterator[Sent]:
    """What went, by the words of the mails; the steps by the ledger."""
    rows = session.scalars(
        select(Message)
        .where(Message.state == MessageState.CAPTURED)
        .options(selectinload(Message.reminders))
        .order_by(Message.id)
    )
    for row in rows:
        assert row.sent_at is not None
        if row.kind is MessageKind.STATUS:
            tasks = [row.about["meeting"]]
        else:
            tasks = sorted({int(number) for number in re.findall(r"Oppgave nr\. (\d+)", row.body_text)})
        steps: list[str] = []
        if row.kind is MessageKind.REMINDER:
            ledger = sorted((entry.task_id, str(entry.step)) for entry in row.reminders)
            assert [task for task, _step in ledger] == tasks
            steps = [step for _task, step in ledger]
        at = f"{row.sent_at.astimezone(OSLO):%Y-%m-%d %H.%M}"
        yield Sent(at, row.person_id, str(row.kind), tuple(tasks), tuple(steps))
