"""A body with a meeting held, one coming, and tasks in every state: something for every page to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker.links import Links
from tracker.models import (
    Action,
    AgendaItem,
    Assignment,
    Attendance,
    Decision,
    History,
    Meeting,
    MeetingStatus,
    Person,
    Presence,
    Task,
)
from tracker.services import follow_up


@dataclass
class Story:
    """What the pages are about."""

    held: Meeting
    coming: Meeting
    decision: Decision
    secret: Decision
    tasks: dict[str, Task]

    def part(self, name: str, person: Person) -> Assignment:
        return next(a for a in self.tasks[name].assignments if a.person_id == person.id)


def tell(session: Session, cast: Cast, now: datetime) -> Story:
    """The story, written and committed. The tasks are named by the state they are in."""
    begun = now - timedelta(days=28)
    held = make_meeting(session, cast, begun, date(2026, 2, 2))
    held.status = MeetingStatus.HELD
    coming = make_meeting(session, cast, now, date(2026, 3, 9))
    session.add(
        AgendaItem(
            organisation_id=cast.organisation.id, meeting=coming, position=1, title="Felles innkjøp",
            proposed_by_id=held.id,
        )
    )  # fmt: skip
    for person, presence in ((cast.owner, Presence.PRESENT), (cast.leader, Presence.ABSENT)):
        held.attendances.append(
            Attendance(organisation_id=cast.organisation.id, person=person, presence=presence)
        )

    def task(what: str, **options: object) -> Task:
        made = make_task(session, cast, begun, what=what, **options)  # type: ignore[arg-type]
        made.history.append(
            History(
                organisation_id=cast.organisation.id, at=begun, person=cast.secretary, via="minutes",
                action=Action.CREATED, after=what,
            )
        )  # fmt: skip
        return made

    tasks = {
        "open": task("Finne sted til samlingen", meeting=held, contributors=[cast.contributor]),
        "late": task("Sende ut møteplanen", due_on=date(2026, 2, 27)),
        "unowned": task("Orientere kommunestyrene", owners=[], due_on=None),
        "asked": task("Skrive høringssvar"),
        "refused": task("Bestille buss"),
        "done": task("Lage program"),
        "dropped": task("Kjøpe banner"),
        "secret": task("Hemmelig oppgave", meeting=held, case="5/26", restricted="offl. § 13"),
    }
    follow_up.ask_more_time(session, tasks["asked"].owners[0], date(2026, 3, 27), "Venter", now, via="mail")
    follow_up.not_mine(session, tasks["refused"].owners[0], cast.leader, "", now, via="mail")
    follow_up.report_done(session, tasks["done"].owners[0], now, via="page")
    follow_up.drop(session, tasks["dropped"], "Vi låner et", cast.secretary, now)
    story = Story(
        held, coming, _decide(session, tasks["open"], "Rådet holder samling."),
        _decide(session, tasks["secret"], "Hemmelig vedtak"), tasks,
    )  # fmt: skip
    session.commit()
    return story


def _decide(session: Session, task: Task, text: str) -> Decision:
    item = task.agenda_item
    assert item is not None
    decision = Decision(
        organisation_id=task.organisation_id, agenda_item=item, position=1, text=text, needs_follow_up=True
    )
    session.add(decision)
    task.decision = decision
    session.flush()
    return decision


def answer_path(links: Links, part: Assignment, version: int | None = None) -> str:
    """The path of the answer page that a mail links to."""
    address = links.answer(part.id, part.task.version if version is None else version)
    return address.removeprefix(links.url)
