"""Common and rare words, however they are asked for, find what a plain search of the index finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_task
from tracker.models import Assignment, Part, Task
from tracker.rules.access import Rights
from tracker.services import common_words, people, search, task_register, word_index
from tracker.services.task_register import Filter
from tracker.services.word_index import Kind

TODAY = date(2026, 3, 2)
TASKS = 400
FERRIES = ("fergen", "fergene", "ferge", "FERGENS")
RARE = ("båtskur", "båten", "brygge", "naust")
PLAIN = {
    "sqlite": "SELECT rowid FROM search_task WHERE search_task MATCH :words",
    "postgresql": "SELECT id FROM task WHERE search_words @@ to_tsquery('norwegian', :words)",
}
ASKED = (
    "fergen",
    "ferge",
    "ferg fergen",
    "fergen fergen nummer7",
    "båt",
    "naust",
    "båtskur",
    "utkast båt",
    "fergen naust",
    "fergen nummer7",
    "nummer",
    "nummer39 utkast ferg",
    "og fergen",
    "og båten fergen",
    "og naust",
    "og",
    "om og",
    "fe n u",
    "utkastet fergen",
    "fergen snøscooter",
    "snøscooter",
    "år 2026",
)


@pytest.fixture(params=[(100, 16, 100, 2000), (5, 3, 40, 30), (5, 16, 40, 30), (2, 40, 10, 0)])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What counts as common, as few forms, as much to look at: as it is, and as few rows meet it."""
    many, forms, sample, latest = request.param
    for name, value in (("MANY", many), ("FORMS", forms), ("SAMPLE", sample), ("COMMON", sample // 20)):
        monkeypatch.setattr(common_words, name, value)
    monkeypatch.setattr(search, "LATEST", latest)
    made = (common_words._statement, search._statement)
    for each in made:
        each.cache_clear()
    yield
    for each in made:
        each.cache_clear()


@pytest.fixture
def rights(session: Session, cast: Cast, now: datetime) -> Rights:
    """Those of the leader, among tasks with a common word in several forms and rare ones here and there."""
    chance = Random(4)
    first = make_task(session, cast, now, what="Noe")
    row = {column.name: getattr(first, column.name, None) for column in Task.__table__.columns}
    row |= {"due_kind": "none", "due_date": None, "due_days": 0, "due_working": False}
    session.execute(
        insert(Task),
        [
            {
                **row,
                "id": first.id + n,
                "what": f"Skrive utkast om {chance.choice(FERRIES)} og nummer{n}",
                "evidence": chance.choice(RARE) if chance.random() < 0.05 or 100 < n < 120 else "år 2026",
                "due_on": TODAY + timedelta(days=n % 90),
            }
            for n in range(1, TASKS)
        ],
    )
    session.add_all(
        Assignment(
            organisation_id=cast.organisation.id, task_id=first.id + n, person=cast.outsider,
            part=Part.OWNER, assigned_at=now,
        )
        for n in range(7, TASKS, 19)
    )  # fmt: skip
    session.commit()
    return people.rights(session, cast.leader, TODAY)


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("who", ["leader", "outsider", "nobody's member"])
def test_what_is_found_is_what_a_plain_search_finds(
    session: Session, cast: Cast, rights: Rights, who: str
) -> None:
    seen = set(session.scalars(select(Task.id)))
    if who != "leader":
        seen = set(session.scalars(select(Assignment.task_id).where(Assignment.person == cast.outsider)))
        rights = people.rights(session, cast.outsider, TODAY)
    if who == "nobody's member":
        rights = Rights(person_id=cast.outsider.id, organisation_id=cast.organisation.id)
    plain = text(PLAIN[session.get_bind().dialect.name])
    for given in ASKED:
        words = word_index.looked_for(session, word_index.words_of(given))
        there = sorted(seen.intersection(session.scalars(plain, {"words": words})), reverse=True)
        found: list[int] = []
        for page in range(1, search.MOST_PAGES + 1):
            found += [
                hit.row_id
                for hits in search.find(session, rights, given, Kind.TASK, page).hits.values()
                for hit in hits
            ]
        assert found == there[: search.PAGE * search.MOST_PAGES], given
        first = search.find(session, rights, given).hits.get(Kind.TASK, [])
        assert [hit.row_id for hit in first] == there[: search.FIRST], given
        assert all(any(marked for _, marked in hit.title + hit.quote) for hit in first), given
        listed = task_register.every(session, rights, Filter(words=given, state="all"), TODAY)
        assert sorted((task.id for task in listed or []), reverse=True) == there, given


def test_common_words_are_known(session: Session, rights: Rights) -> None:
    """SQLite's with their forms: not those of a rare one, nor of one with many, which stays as it was typed.

    PostgreSQL's by rows here and there: the rare ones lead, and the others are looked for in what those find.
    """
    if word_index.is_sqlite(session):
        known = common_words.forms(session, ["fergen", "naust", "nummer", "fe"], {"x": "task"})
        assert known == {"x": {"fergen": ["fergen", "fergene", "fergens"]}}
        return
    words = ["fergen", "naust", "og", "snøscooter", "utkast"]
    assert common_words.sampled(session, words, {"x": "task"}) == {"x": {"fergen", "og", "utkast"}}
    asked = word_index.asked_for(session, words, Kind.TASK)
    assert asked["led_TASK"] == "'naust':* & 'snøscooter':*"
    assert asked["rest_TASK"] == "'fergen':* & 'og':* & 'utkast':*"
