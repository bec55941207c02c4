"""Comments on the pages of tasks and decisions."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tests.web.story import Story, answer_path, tell
from tracker.models import Task
from tracker.program import Program


@pytest.fixture
def story(session: Session, cast: Cast) -> Story:
    return tell(session, cast, NOW)


def test_a_comment_stands_on_the_page_as_it_was_written(
    sign_in_as: SignInAs, cast: Cast, story: Story
) -> None:
    browser = sign_in_as(cast.leader)
    for path in (f"/oppgaver/{story.tasks['open'].id}", f"/vedtak/{story.decision.id}"):
        answer = browser.post(f"{path}/kommentarer", {"comment": "Går det <b>bra</b>?"})
        assert answer.headers["Location"] == f"{path}#kommentarer"
        assert "Går det &lt;b&gt;bra&lt;/b&gt;?" in sign_in_as(cast.owner).get(path).text


def test_a_comment_that_cannot_be_taken_is_not_lost(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    browser = sign_in_as(cast.leader)
    for path in (f"/oppgaver/{story.tasks['open'].id}", f"/vedtak/{story.decision.id}"):
        answer = browser.post(f"{path}/kommentarer", {"comment": "x" * 4001})
        assert answer.status_code == 422
        assert "x" * 4001 in answer.text
        assert "høyst 4 000 tegn" in answer.text


def test_strangers_find_nothing_to_comment_on(sign_in_as: SignInAs, cast: Cast, story: Story) -> None:
    for path in (f"/oppgaver/{story.tasks['open'].id}", f"/vedtak/{story.decision.id}"):
        for person in (cast.outsider, cast.stranger):
            answer = sign_in_as(person).post(f"{path}/kommentarer", {"comment": "Hei"})
            assert answer.status_code == 404


def test_an_owner_from_outside_neither_reads_nor_writes_about_a_restricted_case(
    sign_in_as: SignInAs, cast: Cast, story: Story, session: Session
) -> None:
    task = story.tasks["secret"]
    sign_in_as(cast.leader).post(f"/oppgaver/{task.id}/kommentarer", {"comment": "Fortrolig"})
    task.owners[0].person = cast.outsider
    session.commit()
    browser = sign_in_as(cast.outsider)
    assert "Fortrolig" not in browser.get(f"/oppgaver/{task.id}").text
    assert browser.post(f"/oppgaver/{task.id}/kommentarer", {"comment": "Hei"}).status_code == 403


def test_the_holder_of_a_link_reads_and_writes_without_signing_in(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast, story: Story, program: Program
) -> None:
    task = story.tasks["open"]
    sign_in_as(cast.leader).post(f"/oppgaver/{task.id}/kommentarer", {"comment": "Husk <garasje>"})
    path = answer_path(program.links, story.part("open", cast.contributor))
    assert "Husk &lt;garasje&gt;" in visitor.get(path).text
    answer = visitor.post(f"{path}/kommentarer", {"comment": "Skal gjøre det"})
    assert answer.headers["Location"] == f"{path}#kommentarer"
    page = visitor.get(path).text
    assert "Skal gjøre det" in page
    assert cast.contributor.name in page
    refused = visitor.post(f"{path}/kommentarer", {"comment": "x" * 4001})
    assert refused.status_code == 422
    assert "x" * 4001 in refused.text


def test_a_link_gives_no_part_in_what_is_restricted_or_over(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast, story: Story, session: Session, program: Program
) -> None:
    over = story.part("open", cast.contributor)
    over.ended_at = NOW
    session.commit()
    for task, part in ((story.tasks["secret"], story.tasks["secret"].assignments[0]), (over.task, over)):
        sign_in_as(cast.leader).post(f"/oppgaver/{task.id}/kommentarer", {"comment": "Fortrolig"})
        path = answer_path(program.links, part)
        assert "Fortrolig" not in visitor.get(path).text
        assert visitor.post(f"{path}/kommentarer", {"comment": "Hei"}).status_code == 403
        assert "Hei" not in [row.text for row in session.get_one(Task, task.id).comments]
