"""What a body shows everybody: opened by its secretary, and nothing of persons that the minutes don't say."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.story import Story, tell
from tracker.models import Audit, Decision, Deed
from tracker.services import follow_up


@pytest.fixture
def story(session: Session, cast: Cast) -> Story:
    return tell(session, cast, NOW)


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def opened(secretary: Visitor, cast: Cast, *what: str) -> None:
    path = f"/deltakere/organ/{cast.body.id}/offentlig"
    assert secretary.post(path, dict.fromkeys(what, "1")).location == path


def test_decisions_are_shown_when_the_secretary_opens_them(
    secretary: Visitor, visitor: Visitor, cast: Cast, story: Story, session: Session
) -> None:
    page = f"/r/elvedal/{cast.body.id}"
    assert visitor.get(page).status_code == 410
    opened(secretary, cast, "decisions")  # not without the meetings
    assert visitor.get(page).status_code == 410
    opened(secretary, cast, "meetings")
    assert "Rådet holder samling." not in visitor.get(page).text

    opened(secretary, cast, "meetings", "decisions")
    said = visitor.get(page).text
    assert "Rådet holder samling." in said
    assert "4/26 Samarbeid om samlingen" in said
    assert "I rute" in said
    assert "Møte i Elvedalsrådet" in said
    assert f"{page}.ics" in said

    opened(secretary, cast)
    assert visitor.get(page).status_code == 410
    session.rollback()
    rows = session.scalars(select(Audit).where(Audit.body_id == cast.body.id).order_by(Audit.id)).all()
    assert [(row.deed, row.detail) for row in rows] == [
        (Deed.OPENED, "meetings"), (Deed.OPENED, "decisions"), (Deed.CLOSED, "meetings"),
        (Deed.CLOSED, "decisions"),
    ]  # fmt: skip


def test_nobody_is_named_there_but_in_the_words_of_the_minutes(
    secretary: Visitor, visitor: Visitor, cast: Cast, story: Story, session: Session
) -> None:
    follow_up.report_done(session, story.part("open", cast.owner), NOW, via="page")
    follow_up.add_words(session, story.part("open", cast.owner), "Avtalt med verten", NOW, via="page")
    story.decision.text = "Rådet holder samling. Kari Oremo lager program."
    session.commit()
    opened(secretary, cast, "meetings", "decisions")
    said = visitor.get(f"/r/elvedal/{cast.body.id}").text
    assert "Kari Oremo lager program." in said
    assert "Utført" in said
    for words in (
        "Nils Arne",
        "Holmen",
        "@elvedal",
        "Finne sted til samlingen",
        "Avtalt med verten",
        "Berit",
    ):
        assert words not in said, words


def test_withdrawn_decisions_and_those_of_other_bodies_are_not_there(
    secretary: Visitor, visitor: Visitor, cast: Cast, story: Story, session: Session
) -> None:
    opened(secretary, cast, "meetings", "decisions")
    story.decision.withdrawn_at = NOW
    cast.other_body.public = cast.other_body.public_decisions = True
    session.commit()
    for body in (cast.body, cast.other_body):
        answer = visitor.get(f"/r/elvedal/{body.id}")
        assert answer.status_code == 200
        assert "samling." not in answer.text
    assert visitor.get(f"/r/fjordvik/{cast.body.id}").status_code == 404


def test_search_engines_are_asked_to_leave_it_where_the_secretary_wants_that(
    secretary: Visitor, visitor: Visitor, cast: Cast, story: Story
) -> None:
    page = f"/r/elvedal/{cast.body.id}"
    opened(secretary, cast, "meetings")
    assert "X-Robots-Tag" not in visitor.get(page).headers
    opened(secretary, cast, "meetings", "noindex")
    for path in (page, f"{page}.ics"):
        assert visitor.get(path).headers["X-Robots-Tag"] == "noindex"


def test_many_decisions_have_pages(
    secretary: Visitor, visitor: Visitor, cast: Cast, story: Story, session: Session
) -> None:
    item = story.decision.agenda_item
    for number in range(2, 61):
        session.add(
            Decision(organisation_id=cast.organisation.id, agenda_item=item, position=number,
                     text=f"Punkt {number}.", needs_follow_up=False)
        )  # fmt: skip
    session.commit()
    opened(secretary, cast, "meetings", "decisions")
    page = f"/r/elvedal/{cast.body.id}"
    first, second = visitor.get(page).text, visitor.get(f"{page}?side=2").text
    assert "Punkt 50." in first
    assert "Punkt 51." not in first
    assert "Punkt 60." in second
    for odd in ("-1", "999", "x"):
        assert visitor.get(f"{page}?side={odd}").status_code == 200
