"""A page asks the database six times at most, however much stands on it; those that ask more are named."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.test_worklist import counted
from tests.web.conftest import SignInAs, Visitor
from tests.web.every_page import addresses
from tracker import example
from tracker.clock import local_date
from tracker.models import Body, Membership, Person, Task
from tracker.program import Program
from tracker.rules.access import Office
from tracker.services import comments
from tracker.services import people as register

MOST = 6
# What gathers many kinds of things, each with a query of its own and none for each row.
MORE = {
    "/innstillinger/meg/lagret": 29,  # every table that may know something of a person
    "/innstillinger/meg/lagret.json": 29,
}
PATHS = (
    "/oppgaver",
    "/oppgaver/alle",
    "/oppgaver/alle?sorter=ansvarlig&q=sted&status=all",
    "/oppgaver/{task}",
    "/vedtak",
    "/status",
    "/sok?q=buss",
)


@pytest.fixture
def people(session: Session, program: Program) -> list[Person]:
    """The secretary and an ordinary member of the example's council."""
    example.load(session, program.clock(), links=program.links)
    session.commit()
    return [
        session.scalars(
            select(Person)
            .join(Membership)
            .where(Membership.office == office)
            .order_by(Membership.id)
            .limit(1)
        ).one()
        for office in (Office.SECRETARY, Office.MEMBER)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_little(
    path: str, people: list[Person], session: Session, program: Program, sign_in_as: SignInAs
) -> None:
    task = session.scalars(select(Task.id).where(Task.evidence != "").order_by(Task.id).limit(1)).one()
    for person in people:
        browser = sign_in_as(person)
        browser.get("/oppgaver")  # notes that the session is used
        status, statements = asked(program, browser, path.format(task=task))
        assert status == 200
        assert 0 < len(statements) <= MOST, "\n\n".join(statements)


def asked(program: Program, browser: Visitor, path: str) -> tuple[int, list[str]]:
    """The status of a page, and what it asked the database."""
    with counted(program.reader) as statements:
        status = browser.get(path).status_code
    return status, [said for said in statements if said.startswith(("SELECT", "WITH"))]


def test_every_page_asks_little(
    app: Flask, people: list[Person], session: Session, program: Program, sign_in_as: SignInAs
) -> None:
    """All that is fetched with GET and without a secret, with numbers filled in, as secretary and member."""
    paths = [a.path for a in addresses(app, {}) if "/x" not in a.path and not a.path.startswith("/static")]
    found, seen = dict[str, int](), set[str]()
    for person in people:
        browser = sign_in_as(person)
        browser.get("/oppgaver")
        for path in paths:
            status, statements = asked(program, browser, path)
            if status == 200:
                seen.add(path)
                if len(statements) > MORE.get(path, MOST):
                    found[path] = len(statements)
    assert found == {}
    assert seen >= MORE.keys()
    assert len(seen) > 60


def test_more_rows_ask_no_more(
    people: list[Person], session: Session, program: Program, sign_in_as: SignInAs
) -> None:
    """Three more bodies with members, and a comment beside every task, which is told by mail."""
    secretary, now = people[0], program.clock()
    paths = (
        "/utboks", "/innstillinger/logg", "/moter", "/kalender", "/deltakere", "/deltakere?vis=organ",
        "/rapporter/vedtak", "/innstillinger/paaminnelser", "/referat/1/sendt",
    )  # fmt: skip
    browser = sign_in_as(secretary)
    browser.get("/oppgaver")
    before = {path: len(asked(program, browser, path)[1]) for path in paths}
    session.rollback()  # a read that began before what was written meanwhile can't go on to write
    for number in range(3):
        body = Body(organisation_id=secretary.organisation_id, name=f"Nytt utvalg {number}", aliases=[])
        session.add(body)
        session.flush()
        new = register.add_person(session, secretary.organisation_id, f"Ny Person {number}")
        for person, office in ((secretary, Office.SECRETARY), (new, Office.MEMBER)):
            register.add_to_body(session, body, person, local_date(now), office)
    for task in session.scalars(select(Task)).all():
        comments.add(session, task, people[1], f"Om {task.what}", now)
    session.commit()
    assert {path: len(asked(program, browser, path)[1]) for path in paths} == before
