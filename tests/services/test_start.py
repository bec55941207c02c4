"""The first start: what it makes, how long it stays open, and that two at once make one council."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tracker.clock import local_date
from tracker.errors import InvalidAnswer, LinkOutdated, NotFound
from tracker.links import Links, without_secrets
from tracker.models import Body, Organisation
from tracker.services import people, start


def set_up(session: Session, now: datetime) -> None:
    session.rollback()  # as a request that writes begins: with the lock, and nothing read before
    start.name_council(session, "Ærfjord råd", "Rådet", "nn")
    start.name_secretary(session, "Åse Øy", "ase@aerfjord.example", now)
    session.commit()


def test_it_makes_a_council_a_body_and_a_secretary(session: Session, now: datetime) -> None:
    assert start.is_empty(session)
    set_up(session, now)
    held = start.begun(session)
    assert held is not None
    assert held.organisation is not None
    assert held.body is not None
    assert held.person is not None
    assert (held.organisation.name, held.organisation.slug) == ("Ærfjord råd", "arfjord-rad")
    assert (held.body.name, held.person.name, held.person.language) == ("Rådet", "Åse Øy", "nn")
    assert people.rights(session, held.person, local_date(now)).secretary_of == {held.body.id}
    assert not start.is_empty(session)


def test_going_back_corrects_and_makes_nothing_twice(session: Session, now: datetime) -> None:
    set_up(session, now)
    session.rollback()
    start.name_council(session, "Ærfjord interkommunale råd", "Ærfjordrådet", "nb")
    start.name_secretary(session, "Åse Øyen", "ase.oyen@aerfjord.example", now)
    session.commit()
    held = start.begun(session)
    assert held is not None
    assert held.organisation is not None
    assert held.organisation.short_name == "Ærfjord interkommunale råd"
    assert session.scalar(select(func.count()).select_from(Organisation)) == 1
    assert session.scalar(select(func.count()).select_from(Body)) == 1
    assert held.person is not None
    assert (held.person.name, held.person.email) == ("Åse Øyen", "ase.oyen@aerfjord.example")


def test_it_is_over_when_there_is_more(session: Session, cast: Cast, now: datetime) -> None:
    assert start.begun(session) is None
    session.rollback()
    with pytest.raises(InvalidAnswer):
        start.name_council(session, "Kapret", "Styret", "nb")
    session.rollback()
    with pytest.raises(InvalidAnswer):
        start.name_secretary(session, "Kaprer", "kaprer@utenfor.example", now)


@pytest.mark.parametrize(
    ("name", "body", "language", "field"),
    [("  ", "Rådet", "nb", "name"), ("Rådet", "", "nb", "body"), ("Rådet", "Rådet", "xx", "language")],
)
def test_what_is_missing_is_pointed_out(
    session: Session, name: str, body: str, language: str, field: str
) -> None:
    with pytest.raises(InvalidAnswer) as fault:
        start.name_council(session, name, body, language)
    assert fault.value.field == field


@pytest.mark.parametrize(
    ("name", "email", "field"), [("", "a@b.example", "name"), ("Åse", "", "email"), ("Åse", "a@", "email")]
)
def test_a_secretary_has_a_name_and_an_address(
    session: Session, now: datetime, name: str, email: str, field: str
) -> None:
    start.name_council(session, "Rådet", "Rådet", "nb")
    with pytest.raises(InvalidAnswer) as fault:
        start.name_secretary(session, name, email, now)
    assert fault.value.field == field


def test_a_link_works_for_a_day_and_is_hidden_in_logs(links: Links, now: datetime) -> None:
    address = start.link(links, now)
    token = address.rpartition("/")[2]
    start.check(links, token, now + timedelta(hours=23))
    with pytest.raises(LinkOutdated):
        start.check(links, token, now + timedelta(hours=25))
    for other in ("", "x", token[:-1] + "!", links.token("pause", [int(now.timestamp())])):
        with pytest.raises(NotFound):
            start.check(links, other, now)
    assert token not in without_secrets(f"GET {address}/epost")
