"""Full-text search on both engines: what is found, what is never found, and what follows a change."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.factories import make_meeting, make_task
from tracker.models import AgendaItem, Decision, Meeting, Membership, Person, Source, SourceState, Task
from tracker.rules.access import Office, Rights
from tracker.services import people, search
from tracker.services.word_index import Kind

TODAY = date(2026, 3, 2)


def rights_of(session: Session, person: Person) -> Rights:
    return people.rights(session, person, TODAY)


def found(session: Session, person: Person, words: str) -> dict[str, list[str]]:
    result = search.find(session, rights_of(session, person), words)
    return {
        kind.value: ["".join(piece for piece, _ in hit.title) for hit in hits]
        for kind, hits in result.hits.items()
    }


@pytest.fixture
def meeting(session: Session, cast: Cast, now: datetime) -> Meeting:
    """A meeting held, with minutes, a case, a decision and a task."""
    held = make_meeting(session, cast, now, date(2026, 2, 2), title="Vintermøte på Ålgård")
    task = make_task(
        session, cast, now, what="Finne lokaler til ÅRSMØTET", meeting=held, due_on=date(2026, 3, 20)
    )
    task.evidence = "Nils Arne Holmen undersøker prisen på øya."
    assert task.agenda_item is not None
    task.agenda_item.title = "Bærekraftige innkjøp"
    source = Source(
        organisation_id=cast.organisation.id, name="referat.txt", sha256="1" * 64, content=b"x",
        draft={"text": "Rådet drøftet ferjesambandet lenge.\nDet ble enighet om <b>ruten</b>."},
        state=SourceState.PUBLISHED, body=cast.body, taken_in_at=now,
    )  # fmt: skip
    session.add(source)
    session.flush()
    held.minutes = source
    session.add(
        Decision(
            organisation_id=cast.organisation.id, agenda_item=task.agenda_item, position=1,
            text="Rådet går inn for felles brannvesen.", needs_follow_up=True,
        )
    )  # fmt: skip
    session.commit()
    return held


TASK, DECISION, CASE = "Finne lokaler til ÅRSMØTET", "Bærekraftige innkjøp", "Bærekraftige innkjøp"


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("lokaler", {"oppgaver": [TASK]}),
        ("LOKALER", {"oppgaver": [TASK]}),
        ("lokal", {"oppgaver": [TASK]}),  # the beginning of a word
        ("årsmøtet", {"oppgaver": [TASK]}),
        ("ÅRSMØTET finne", {"oppgaver": [TASK]}),
        ("øya", {"oppgaver": [TASK]}),  # in the words of the minutes
        ("oya", {}),  # å, ø and æ are letters of their own
        ("brannvesen", {"vedtak": [DECISION]}),
        ("bærekraftige", {"saker": [CASE]}),
        ("4/26", {"saker": [CASE]}),
        ("Ålgård", {"moter": ["Vintermøte på Ålgård"]}),
        ("ferjesambandet", {"referater": ["Vintermøte på Ålgård"]}),
        ("lokaler brannvesen", {}),  # every word must be there
        ("snøscooter", {}),
    ],
)
@pytest.mark.usefixtures("meeting")
def test_what_words_find(session: Session, cast: Cast, words: str, result: dict[str, list[str]]) -> None:
    assert found(session, cast.owner, words) == result


@pytest.mark.parametrize(
    "given",
    ["", "   ", "AND (", '"', "NEAR(", "*", "' OR 1=1 --", "lokaler*", "a:b", "\\", "%", "x" * 10_000,
     "\x00", "-lokaler", "{what}: x", "^", "!!!", "&|!():*<->", "😀", "og", "i", "_"],
)  # fmt: skip
@pytest.mark.usefixtures("meeting")
def test_whatever_is_typed_is_words(session: Session, cast: Cast, given: str) -> None:
    search.find(session, rights_of(session, cast.owner), given)


def test_what_was_found_is_marked(session: Session, cast: Cast, meeting: Meeting) -> None:
    hits = search.find(session, rights_of(session, cast.owner), "lokaler").hits
    assert hits[Kind.TASK][0].title == [("Finne ", False), ("lokaler", True), (" til ÅRSMØTET", False)]
    (hit,) = search.find(session, rights_of(session, cast.owner), "ruten").hits[Kind.MINUTES]
    assert ("ruten", True) in hit.quote
    assert hit.row_id == meeting.minutes_id


@pytest.mark.usefixtures("meeting")
def test_the_index_follows_every_change(session: Session, cast: Cast) -> None:
    task = session.query(Task).one()
    task.what = "Bestille skyss"
    session.commit()
    assert found(session, cast.owner, "lokaler") == {}
    assert found(session, cast.owner, "skyss") == {"oppgaver": ["Bestille skyss"]}
    session.execute(delete(Decision))
    source = session.query(Source).one()
    source.draft = {"text": "Helt andre ord om havna."}
    session.commit()
    assert found(session, cast.owner, "brannvesen") == {}
    assert found(session, cast.owner, "ferjesambandet") == {}
    assert "referater" in found(session, cast.owner, "havna")


@pytest.mark.parametrize(
    "words", ["lokaler", "øya", "brannvesen", "bærekraftige", "ålgård", "ferjesambandet"]
)
@pytest.mark.usefixtures("meeting")
def test_nobody_finds_what_they_may_not_see(session: Session, cast: Cast, words: str) -> None:
    assert found(session, cast.owner, words)
    assert found(session, cast.outsider, words) == {}
    assert found(session, cast.stranger, words) == {}


def test_restricted_cases_are_found_by_those_who_may_read_them_alone(
    session: Session, cast: Cast, meeting: Meeting
) -> None:
    """The outsider owns the task, and sees it; its words are for members of the body."""
    task = session.query(Task).one()
    for part in task.assignments:
        part.person = cast.outsider
    session.commit()
    assert found(session, cast.outsider, "lokaler") == {"oppgaver": [TASK]}
    meeting.agenda[0].restricted = "offl. § 13"
    session.commit()
    for words in ("lokaler", "øya", "brannvesen", "bærekraftige", "ferjesambandet"):
        assert found(session, cast.outsider, words) == {}, words
        assert found(session, cast.leader, words), words


def test_withdrawn_decisions_and_unpublished_minutes_are_not_found(
    session: Session, cast: Cast, meeting: Meeting, now: datetime
) -> None:
    session.query(Decision).one().withdrawn_at = now
    session.query(Source).one().state = SourceState.REVIEW
    session.commit()
    assert found(session, cast.owner, "brannvesen") == {}
    assert found(session, cast.owner, "ferjesambandet") == {}


def test_a_member_of_two_bodies_finds_in_both_and_more_is_said_to_be_more(
    session: Session, cast: Cast, now: datetime
) -> None:
    session.add(
        Membership(
            organisation_id=cast.organisation.id, body=cast.other_body, person=cast.owner,
            office=Office.MEMBER, from_date=SINCE,
        )
    )  # fmt: skip
    held = make_meeting(session, cast, now, TODAY)
    held.body = cast.other_body
    for number in range(40):
        session.add(
            AgendaItem(
                organisation_id=cast.organisation.id,
                meeting=held,
                position=number,
                title=f"Budsjett {number}",
            )
        )
    session.commit()
    rights = rights_of(session, cast.owner)
    few = search.find(session, rights, "budsjett")
    assert (len(few), few.more) == (search.FIRST, frozenset({Kind.CASE}))
    first, second = (search.find(session, rights, "budsjett", Kind.CASE, page) for page in (1, 2))
    assert (len(first), len(second), second.more) == (30, 10, frozenset())
    assert first.hits[Kind.CASE][0].title[-1] == (" 39", False)


@pytest.mark.postgresql
@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("meeting")
def test_postgresql_knows_the_forms_of_a_word(session: Session, cast: Cast) -> None:
    assert found(session, cast.owner, "lokalene") == {"oppgaver": [TASK]}
    assert "referater" in found(session, cast.owner, "drøfte ruter")


def test_minutes_with_more_words_than_an_index_holds_are_kept_and_searched(
    session: Session, cast: Cast, meeting: Meeting
) -> None:
    words = " ".join(f"ord{number}å" for number in range(150_000))
    session.query(Source).one().draft = {"text": f"Begynnelsen {words}"}
    session.commit()
    assert "referater" in found(session, cast.owner, "begynnelsen")
