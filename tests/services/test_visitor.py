"""Who a session's secret belongs to, and what they may today: all in one query."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.services.test_worklist import counted
from tracker.models import Body, Membership, Person
from tracker.rules.access import Office, Rights
from tracker.services import people, sign_in

TODAY = date(2026, 3, 2)


def rights(session: Session, person: Person, now: datetime) -> Rights:
    secret = sign_in.start_session(session, person, now)
    session.commit()
    found = sign_in.visitor(session, secret, now)
    assert found is not None
    assert found.key.person is person
    return found.rights


def take_office(session: Session, person: Person, body: Body, office: Office, **days: date) -> None:
    held = {"from_date": date(2020, 1, 1)} | days
    session.add(
        Membership(organisation_id=body.organisation_id, body=body, person=person, office=office, **held)
    )
    session.flush()


@pytest.mark.parametrize("office", list(Office))
def test_what_a_visitor_may_is_what_their_offices_of_today_give(
    session: Session, cast: Cast, now: datetime, office: Office
) -> None:
    first, last, yesterday = date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 1)
    assert now.date() == TODAY
    take_office(session, cast.owner, cast.other_body, office, from_date=first, to_date=last)
    take_office(session, cast.contributor, cast.other_body, office, to_date=yesterday)
    take_office(session, cast.leader, cast.other_body, office, from_date=date(2026, 3, 3))
    for person in (cast.owner, cast.contributor, cast.leader, cast.secretary, cast.outsider, cast.stranger):
        known = people.rights(session, person, TODAY)
        assert replace(rights(session, person, now), elsewhere=True) == known
    assert cast.other_body.id in people.rights(session, cast.owner, TODAY).bodies
    assert cast.other_body.id not in people.rights(session, cast.leader, TODAY).bodies


def test_a_visitor_knows_whether_there_are_bodies_elsewhere(
    session: Session, cast: Cast, now: datetime
) -> None:
    assert rights(session, cast.secretary, now).elsewhere
    assert rights(session, cast.owner, now).elsewhere
    take_office(session, cast.secretary, cast.other_body, Office.GUEST)
    take_office(session, cast.owner, cast.other_body, Office.MEMBER, to_date=date(2026, 3, 1))
    assert not rights(session, cast.secretary, now).elsewhere
    assert rights(session, cast.owner, now).elsewhere
    assert not rights(session, cast.stranger, now).elsewhere  # of an organisation that has no bodies
    session.add(Body(organisation_id=cast.organisation.id, name="Ungdomsrådet", aliases=[]))
    assert rights(session, cast.secretary, now).elsewhere


def test_a_visitor_costs_one_query(session: Session, cast: Cast, now: datetime, engine: Engine) -> None:
    secret = sign_in.start_session(session, cast.secretary, now)
    session.commit()
    session.expunge_all()
    with counted(engine) as statements:
        found = sign_in.visitor(session, secret, now)
        assert found is not None
        assert (found.key.person.name, found.key.person.organisation.short_name) == (
            "Berit Kampen",
            "Elvedal",
        )
    assert len([statement for statement in statements if statement != "BEGIN"]) == 1
