"""Two rows that are one person become one, with all that was theirs, and by nobody who may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.objects import lay_out
from tests.web.story import Story, answer_path
from tracker.models import (
    Answer,
    Assignment,
    Attendance,
    Audit,
    Deed,
    Membership,
    Message,
    MessageKind,
    Part,
    Person,
    Presence,
    Reminder,
)
from tracker.program import Program
from tracker.rules.access import Office
from tracker.rules.reminders import Step
from tracker.services import people, personal


@pytest.fixture
def story(session: Session, cast: Cast) -> Story:
    return lay_out(session, cast)[0]


@pytest.fixture
def double(session: Session, cast: Cast, story: Story) -> Person:
    """«Nils Holmen»: the owner by a shorter name, in the same body, meeting, and task, and in others."""
    ours = cast.organisation.id
    person = Person(organisation_id=ours, name="Nils Holmen", email="nils@moland.example", employer="Moland")
    session.add(person)
    session.flush()

    def part(task: str, kind: Part, **more: object) -> Assignment:
        row = Assignment(
            organisation_id=ours, task=story.tasks[task], person=person, part=kind, assigned_at=NOW, **more
        )
        session.add(row)
        return row

    both = part("open", Part.OWNER, answer=Answer.MORE_TIME, answered_at=NOW, wanted_due_on=date(2026, 4, 1))
    same_moment = part("late", Part.CONTRIBUTOR)
    same_moment.assigned_at = story.tasks["late"].owners[0].assigned_at
    part("unowned", Part.OWNER)
    message = Message(
        organisation_id=ours,
        person=person,
        kind=MessageKind.REMINDER,
        address="x",
        created_at=NOW,
        send_at=NOW,
    )
    session.add(message)
    session.flush()
    for row in (both, same_moment):
        session.add(
            Reminder(organisation_id=ours, task_id=row.task_id, person_id=person.id, assignment=row,
                     step=Step.BEFORE, local_date=NOW.date(), message=message, created_at=NOW)
        )  # fmt: skip
    for office, first, last in (
        (Office.MEMBER, date(2019, 1, 1), date(2024, 1, 1)),
        (Office.SUBSTITUTE, date(2018, 1, 1), date(2018, 12, 31)),
    ):
        session.add(
            Membership(organisation_id=ours, body=cast.body, person=person, office=office, from_date=first,
                       to_date=last)
        )  # fmt: skip
    for meeting, presence in ((story.held, Presence.ABSENT), (story.coming, Presence.PRESENT)):
        session.add(Attendance(organisation_id=ours, meeting=meeting, person=person, presence=presence))
    session.commit()
    return person


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def test_the_likely_double_comes_first_and_the_page_says_what_moves(
    secretary: Visitor, cast: Cast, double: Person
) -> None:
    path = f"/deltakere/{cast.owner.id}/sammenslaaing"
    assert path in secretary.get(f"/deltakere/{cast.owner.id}").text
    page = secretary.get(path).text
    assert page.index("Nils Holmen, Moland, nils@moland.example") < page.index("Alle andre")
    preview = secretary.get(f"{path}?other={double.id}").text
    assert "<dt>Oppgaver</dt><dd>3</dd>" in preview
    assert "<dt>Verv</dt><dd>2</dd>" in preview
    assert "<dt>Møter</dt><dd>2</dd>" in preview


def test_everything_becomes_the_one_that_stays(
    secretary: Visitor, sign_in_as: SignInAs, visitor: Visitor, cast: Cast, story: Story, double: Person,
    session: Session, program: Program,
) -> None:  # fmt: skip
    gone, owner = double.id, cast.owner.id
    other = sign_in_as(double)
    theirs = next(a for a in story.tasks["unowned"].assignments if a.person_id == gone)
    link = answer_path(program.links, theirs)

    answer = secretary.post(f"/deltakere/{owner}/sammenslaaing", {"other": gone})

    assert answer.location == f"/deltakere/{owner}"
    session.rollback()
    session.expire_all()
    assert session.get(Person, gone) is None
    kept = session.get_one(Person, owner)
    assert (kept.name, kept.email, kept.employer) == (
        "Nils Arne Holmen", "nils.arne.holmen@elvedal.example", "Moland",
    )  # fmt: skip
    for column in personal.references():
        assert not session.execute(select(column).where(column == gone)).all(), column
    held = {(m.office, m.from_date, m.to_date) for m in kept.memberships}
    assert held == {
        (Office.MEMBER, date(2019, 1, 1), None), (Office.SUBSTITUTE, date(2018, 1, 1), date(2018, 12, 31)),
    }  # fmt: skip
    parts = {
        name: [a for a in story.tasks[name].assignments if a.person_id == owner]
        for name in ("open", "late", "unowned")
    }
    assert [len(found) for found in parts.values()] == [1, 1, 1]
    assert (parts["open"][0].answer, parts["open"][0].wanted_due_on) == (Answer.MORE_TIME, date(2026, 4, 1))
    assert parts["late"][0].part is Part.OWNER
    came = {
        a.meeting_id: a.presence
        for a in session.scalars(select(Attendance).where(Attendance.person_id == owner))
    }
    assert came == {story.held.id: Presence.PRESENT, story.coming.id: Presence.PRESENT}
    reminders = session.scalars(select(Reminder)).all()
    assert {r.assignment.person_id for r in reminders} == {r.person_id for r in reminders} == {owner}
    assert visitor.get(link).status_code == 200, "links in mails go on working"
    assert other.get("/oppgaver").status_code == 303
    (row,) = session.scalars(select(Audit).where(Audit.deed == Deed.PEOPLE_MERGED))
    assert (row.person_id, row.subject_id) == (cast.secretary.id, owner)
    assert secretary.post(f"/deltakere/{owner}/sammenslaaing", {"other": gone}).status_code == 404


def test_an_address_that_only_the_other_has_is_kept(
    secretary: Visitor, cast: Cast, double: Person, session: Session
) -> None:
    cast.owner.email = None
    session.commit()
    secretary.post(f"/deltakere/{cast.owner.id}/sammenslaaing", {"other": double.id})
    session.refresh(cast.owner)
    assert cast.owner.email == "nils@moland.example"


def test_who_is_in_somebody_elses_body_cannot_be_taken_over(
    secretary: Visitor, cast: Cast, double: Person, session: Session
) -> None:
    """Whoever gets the rows gets the offices with them."""
    session.add(
        Membership(organisation_id=cast.organisation.id, body=cast.other_body, person=double,
                   office=Office.SECRETARY, from_date=SINCE)
    )  # fmt: skip
    people.add_to_body(session, cast.body, double, NOW.date() - timedelta(days=1))
    session.commit()
    for keep, other in ((cast.owner.id, double.id), (double.id, cast.owner.id)):
        answer = secretary.post(f"/deltakere/{keep}/sammenslaaing", {"other": other})
        assert answer.status_code == 422
        assert "Kulturnemnda, der du ikke er sekretær" in answer.text
    path = f"/deltakere/{cast.owner.id}/sammenslaaing"
    for other, status in (
        (cast.owner.id, 422),
        (cast.secretary.id, 422),
        (cast.stranger.id, 404),
        ("x", 422),
    ):
        assert secretary.post(path, {"other": other}).status_code == status
        assert secretary.get(f"{path}?other={other}").status_code == status
