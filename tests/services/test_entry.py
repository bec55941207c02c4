"""A line becomes a task: who, what, by when, by the reader's own grammar; doubts are asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.factories import make_meeting
from tracker.errors import InvalidAnswer, NotAllowed
from tracker.models import (
    MeetingKind,
    Membership,
    Message,
    MessageKind,
    Person,
    Task,
)
from tracker.rules.access import Office
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import entry, one_line, people
from tracker.services.one_line import Proposal

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def more_people(session: Session, cast: Cast, now: datetime) -> dict[str, Person]:
    """A second Kari, an Inger, and what lies ahead."""
    found = {}
    for name in ("Kari Lund", "Inger Moen"):
        person = Person(
            organisation_id=cast.organisation.id, name=name, email=f"{name[:4].lower()}@x.example"
        )
        session.add(person)
        session.add(
            Membership(
                organisation_id=cast.organisation.id, body=cast.body, person=person, office=Office.MEMBER,
                from_date=SINCE,
            )
        )  # fmt: skip
        found[name] = person
    make_meeting(session, cast, now, date(2026, 4, 13))
    make_meeting(session, cast, now, date(2026, 5, 18), title="Samling for rådet", kind=MeetingKind.GATHERING)
    session.commit()
    return found


def propose(session: Session, cast: Cast, line: str, code: str = "nb") -> Proposal | None:
    rights = people.rights(session, cast.secretary, TODAY)
    return one_line.propose(session, rights, line, TODAY, code)


def said(proposal: Proposal | None) -> tuple[str, list[str], list[str], date | None]:
    assert proposal is not None
    return (
        proposal.what,
        [person.name for person in proposal.owners],
        [person.name for person in proposal.contributors],
        proposal.due_on,
    )


@pytest.mark.parametrize(
    ("line", "what", "owners", "due_on"),
    [
        ("Inger lager program innen 1. april", "Lage program", ["Inger Moen"], date(2026, 4, 1)),
        ("inger lager program innen 1. april", "Lage program", ["Inger Moen"], date(2026, 4, 1)),
        ("nils arne ringer fylket innen fredag", "Ringe fylket", ["Nils Arne Holmen"], date(2026, 3, 6)),
        ("Inger og Berit skriver brev", "Skrive brev", ["Inger Moen", "Berit Kampen"], None),
        ("Bestille buss (Inger)", "Bestille buss", ["Inger Moen"], None),
        ("Inger: rapport, frist 20. mars", "Rapport", ["Inger Moen"], date(2026, 3, 20)),
        ("Sende ut program innen onsdag", "Sende ut program", [], date(2026, 3, 4)),
        ("Inger lager program til neste møte", "Lage program", ["Inger Moen"], date(2026, 4, 13)),
        ("Lunsj", "Lunsj", [], None),
        ("- Inger lager\tprogram\n", "Lage program", ["Inger Moen"], None),
        ("<script>alert(1)</script>", "<script>alert(1)</script>", [], None),
    ],
)
def test_what_a_line_comes_to(
    session: Session, cast: Cast, line: str, what: str, owners: list[str], due_on: date | None
) -> None:
    assert said(propose(session, cast, line)) == (what, owners, [], due_on)


def test_a_line_in_english_is_read_as_english(session: Session, cast: Cast) -> None:
    for code in ("nb", "en"):
        found = propose(session, cast, "Inger prepares the programme by 1 April", code)
        assert said(found) == ("Prepare the programme", ["Inger Moen"], [], date(2026, 4, 1))


def test_a_deadline_that_hangs_on_a_gathering_follows_it(session: Session, cast: Cast) -> None:
    found = propose(session, cast, "Inger inviterer senest 14 dager før samlingen")
    assert found is not None
    assert found.rule == DueRule(DueKind.EVENT, days=-14)
    assert (found.event.title if found.event else None, found.due_on) == (
        "Samling for rådet",
        date(2026, 5, 4),
    )


def test_two_of_the_same_name_are_a_question(
    session: Session, cast: Cast, now: datetime, more_people: dict[str, Person]
) -> None:
    line = "Kari ringer leverandøren innen fredag"
    found = propose(session, cast, line)
    assert found is not None
    (doubt,) = found.doubts
    assert (doubt.heard, sorted(name for _, name in doubt.options)) == ("Kari", ["Kari Lund", "Kari Oremo"])
    rights = people.rights(session, cast.secretary, TODAY)
    for wrong in ({}, {doubt.field: "x"}, {doubt.field: str(cast.owner.id)}):
        with pytest.raises(InvalidAnswer, match="Velg hvem «Kari» er"):
            entry.enter(session, rights, cast.secretary, line, wrong, now)
    chosen = {doubt.field: str(more_people["Kari Lund"].id)}
    task = entry.enter(session, rights, cast.secretary, line, chosen, now)
    assert [owner.person.name for owner in task.owners] == ["Kari Lund"]


def test_somebody_unknown_is_asked_about(session: Session, cast: Cast, now: datetime) -> None:
    found = propose(session, cast, "Per lager noe")
    assert found is not None
    assert [(d.heard, d.known) for d in found.doubts] == [("Per", False)]
    rights = people.rights(session, cast.secretary, TODAY)
    task = entry.enter(session, rights, cast.secretary, "Per lager noe", {"hvem-0": "ingen"}, now)
    assert task.owners == []


def test_the_task_is_written_down_and_its_owner_told_once(
    session: Session, cast: Cast, now: datetime, more_people: dict[str, Person]
) -> None:
    rights = people.rights(session, cast.secretary, TODAY)
    line = "Inger lager program i samarbeid med Berit innen 1. april"
    task = entry.enter(session, rights, cast.secretary, line, {}, now)
    again = entry.enter(session, rights, cast.secretary, line, {}, now + timedelta(seconds=3))
    assert again is task
    session.commit()
    assert (task.what, task.due_on, task.body_id) == ("Lage program", date(2026, 4, 1), cast.body.id)
    assert [row.comment for row in task.history] == [line]
    assert [c.person.name for c in task.contributors] == ["Berit Kampen"]
    mails = session.scalars(select(Message).where(Message.kind == MessageKind.NEW_TASKS)).all()
    assert [mail.person_id for mail in mails] == [more_people["Inger Moen"].id]


def test_a_deadline_and_an_owner_can_be_chosen(session: Session, cast: Cast, now: datetime) -> None:
    rights = people.rights(session, cast.secretary, TODAY)
    found = propose(session, cast, "Bestille buss")
    assert found is not None
    assert found.offers
    chosen = {"eier": str(cast.leader.id), "frist": found.offers[0].isoformat()}
    task = entry.enter(session, rights, cast.secretary, "Bestille buss", chosen, now)
    assert ([o.person for o in task.owners], task.due_on) == ([cast.leader], found.offers[0])
    day_off = propose(session, cast, "Inger lager program innen 4. april")
    assert day_off is not None
    assert (day_off.day_off, day_off.offers) == (True, (date(2026, 4, 1), date(2026, 4, 7)))


def test_a_member_enters_tasks_for_themselves(session: Session, cast: Cast, now: datetime) -> None:
    rights = people.rights(session, cast.owner, TODAY)
    task = entry.enter(session, rights, cast.owner, "Ringe fylket innen fredag", {}, now)
    assert [owner.person for owner in task.owners] == [cast.owner]
    assert session.scalar(select(func.count(Message.id))) == 0
    with pytest.raises(InvalidAnswer, match="Bare sekretæren"):
        entry.enter(session, rights, cast.owner, "Inger lager program", {}, now)


@pytest.mark.parametrize("line", ["", "   ", "\x00\n", "-", "x" * 301])
def test_nothing_and_too_much_are_refused(session: Session, cast: Cast, now: datetime, line: str) -> None:
    rights = people.rights(session, cast.secretary, TODAY)
    with pytest.raises(InvalidAnswer):
        entry.enter(session, rights, cast.secretary, line, {}, now)
    assert session.scalar(select(func.count(Task.id))) == 0


def test_bodies_and_people_of_others_are_out_of_reach(session: Session, cast: Cast, now: datetime) -> None:
    rights = people.rights(session, cast.secretary, TODAY)
    with pytest.raises(InvalidAnswer):
        entry.enter(session, rights, cast.secretary, "Rydde", {}, now, body_id=cast.other_body.id)
    with pytest.raises(Exception, match="personen"):
        entry.enter(session, rights, cast.secretary, "Rydde", {"eier": str(cast.stranger.id)}, now)
    found = one_line.propose(session, rights, "Even Fjord rydder", TODAY)
    assert found is not None
    assert found.owners == ()
    nobody = people.rights(session, cast.owner, date(1990, 1, 1))
    with pytest.raises(NotAllowed):
        one_line.propose(session, nobody, "Rydde", TODAY)
