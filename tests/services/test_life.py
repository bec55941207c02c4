"""A council's weeks, day by day: who gets which mail on which morning, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import Mornings
from tracker import db
from tracker.clock import at
from tracker.links import Links
from tracker.models import MeetingKind, Person, Task
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import follow_up, remind

PUBLISHED = datetime(2022, 1, 17, 14, 58, tzinfo=UTC)  # the afternoon of the meeting
FIND = "Finne egnet sted på Nordfjellet til fagsamlingen"
INVITE = "Invitere til samlingen"
PLAN = "Lage forslag til program"
LIST = "Skaffe oversikt over lagene"
ASK = "Be kommunene om innspill"


@pytest.fixture
def tasks(session: Session, cast: Cast) -> dict[str, Task]:
    """What a meeting in January left people with."""
    meeting = make_meeting(session, cast, PUBLISHED, date(2022, 1, 17))
    gathering = make_meeting(
        session, cast, PUBLISHED, date(2022, 3, 14),
        kind=MeetingKind.GATHERING, title="Fagsamling", ends_on=date(2022, 3, 15),
    )  # fmt: skip

    def task(what: str, due_on: date | None, owners: list[Person], *helpers: Person, case: str) -> Task:
        return make_task(
            session, cast, PUBLISHED, what=what, due_on=due_on, owners=owners,
            contributors=list(helpers), meeting=meeting, case=case,
        )  # fmt: skip

    found = {
        FIND: task(FIND, date(2022, 2, 1), [cast.owner], cast.contributor, case="7/22"),
        INVITE: task(INVITE, date(2022, 1, 31), [cast.secretary], case="4/22"),
        PLAN: task(PLAN, None, [cast.owner], case="7/22"),
        LIST: task(LIST, date(2022, 2, 11), [cast.contributor], case="5/22"),
        ASK: task(ASK, None, [cast.leader], case="6/22"),
    }
    found[PLAN].set_due(DueRule(DueKind.EVENT, days=-14), gathering)
    remind.announce(session, [part for row in found.values() for part in row.assignments], PUBLISHED)
    session.commit()
    return found


def test_a_winter(session: Session, cast: Cast, tasks: dict[str, Task], engine: Engine, links: Links) -> None:
    life = Mornings(db.sessions(engine), links)
    life.tick(PUBLISHED)
    life.live(date(2022, 1, 18), date(2022, 1, 26))

    # 26 January: the secretary has invited, and says so. The leader's task goes to the secretary.
    follow_up.report_done(session, tasks[INVITE].assignments[0], noon(26, 1), via="mail")
    follow_up.not_mine(session, tasks[ASK].assignments[0], cast.secretary, "", noon(26, 1), via="mail")
    session.commit()
    life.live(date(2022, 1, 27), date(2022, 1, 27))
    follow_up.hand_over(session, tasks[ASK], cast.secretary, cast.secretary, noon(27, 1))
    session.commit()
    life.live(date(2022, 1, 28), date(2022, 2, 4))

    # 4 February: asked for the first time what became of the place, the owner wants another week.
    follow_up.ask_more_time(session, tasks[FIND].assignments[0], date(2022, 2, 14), "", noon(4), via="mail")
    session.commit()
    life.live(date(2022, 2, 5), date(2022, 2, 7))
    follow_up.accept_new_due(session, tasks[FIND].assignments[0], cast.secretary, noon(7))
    session.commit()

    # Three days without electricity; then the one who was to help goes on holiday, and comes back.
    life.live(date(2022, 2, 11), date(2022, 2, 14))
    follow_up.report_done(session, tasks[FIND].assignments[0], noon(14), via="mail")
    cast.contributor.pause_from, cast.contributor.pause_until = date(2022, 2, 16), date(2022, 2, 25)
    session.commit()
    life.live(date(2022, 2, 15), date(2022, 4, 1))

    assert life.gone() == [
        ("2022-01-17", "Berit", f"Ny oppgave: {INVITE}"),
        ("2022-01-17", "Sigurd", f"Ny oppgave: {ASK}"),
        ("2022-01-17", "Nils Arne", "2 nye oppgaver fra møtet 17. januar"),
        ("2022-01-17", "Kari", "2 nye oppgaver fra møtet 17. januar"),
        ("2022-01-24", "Berit", f"Frist mandag 31. januar: {INVITE}"),
        ("2022-01-25", "Nils Arne", "Frist tirsdag 1. februar: Finne egnet sted på Nordfjellet til…"),
        ("2022-01-25", "Kari", "Frist tirsdag 1. februar: Finne egnet sted på Nordfjellet til…"),
        ("2022-01-27", "Berit", f"Meldt utført: {INVITE}"),
        ("2022-01-27", "Berit", f"Sigurd Lien svarer «Ikke min oppgave»: {ASK}"),
        ("2022-01-27", "Sigurd", f"Ikke din oppgave: {ASK}"),
        ("2022-01-28", "Berit", f"Ny oppgave: {ASK}"),
        ("2022-01-31", "Nils Arne", "Frist tirsdag 1. februar: Finne egnet sted på Nordfjellet til…"),
        ("2022-01-31", "Kari", "Frist tirsdag 1. februar: Finne egnet sted på Nordfjellet til…"),
        ("2022-02-04", "Nils Arne", "Fristen var tirsdag 1. februar: Finne egnet sted på Nordfjellet til…"),
        ("2022-02-04", "Kari", f"Frist fredag 11. februar: {LIST}"),
        ("2022-02-05", "Berit", "Nils Arne Holmen trenger mer tid: Finne egnet sted på Nordfjellet…"),
        ("2022-02-05", "Nils Arne", "Du ba om mer tid: Finne egnet sted på Nordfjellet til fagsamlingen"),
        ("2022-02-11", "Nils Arne", "Frist mandag 14. februar: Finne egnet sted på Nordfjellet til…"),
        ("2022-02-11", "Kari", "2 oppgaver, den første med frist fredag 11. februar"),
        ("2022-02-15", "Nils Arne", "Meldt utført: Finne egnet sted på Nordfjellet til fagsamlingen"),
        ("2022-02-21", "Nils Arne", f"Frist mandag 28. februar: {PLAN}"),
        ("2022-02-25", "Nils Arne", f"Frist mandag 28. februar: {PLAN}"),
        ("2022-02-28", "Kari", f"Fristen var fredag 11. februar: {LIST}"),
        ("2022-03-02", "Kari", f"Fristen var fredag 11. februar: {LIST}"),
        ("2022-03-03", "Nils Arne", f"Fristen var mandag 28. februar: {PLAN}"),
        ("2022-03-10", "Nils Arne", f"Fristen var mandag 28. februar: {PLAN}"),
        ("2022-03-17", "Nils Arne", f"Fristen var mandag 28. februar: {PLAN}"),
    ]
    assert (life.failed, life.stopped) == (0, 0)


def noon(day: int, month: int = 2) -> datetime:
    return at(date(2022, month, day), time(15, 0))
