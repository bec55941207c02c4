"""The pages everybody begins with ask the database six times at most, however much stands on them."""

from __future__ import annotations

import gc

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.test_worklist import counted
from tests.web.conftest import SignInAs
from tracker import example
from tracker.models import Membership, Person, Task
from tracker.program import Program
from tracker.rules.access import Office

MOST = 6
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
        gc.collect()
        with counted(program.engine) as statements:
            assert browser.get(path.format(task=task)).status_code == 200
        asked = [statement for statement in statements if statement.startswith(("SELECT", "WITH"))]
        assert 0 < len(asked) <= MOST, "\n\n".join(asked)
