"""What is stored about me: seen, taken along, and taken out where the register allows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import String, Text, select
from sqlalchemy.orm import Session

from jobs import deliver_mail, send_reminders
from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SetClock, SignInAs, Visitor
from tests.web.objects import lay_out, roles
from tests.web.story import answer_path
from tracker.models import Action, Audit, Deed, Feed, History, Key, Message, Person
from tracker.program import Program
from tracker.services import people, personal, removal

STORED = "/innstillinger/meg/lagret"

# Each text in a table that points to a person: whether it goes with the person. A new one must be settled.
STAYS = {
    "assignment": {"part", "answer"}, "attachment": {"name"}, "attendance": {"presence"},
    "audit": {"deed", "about", "detail"}, "decision_change": {"before", "after"},
    "history": {"via", "action", "before", "after"}, "membership": {"office"},
    "invitation": {"role", "answer", "answered_via", "sent_method"},
    "message": {"kind", "message_id", "state", "reason"}, "reminder": {"step"}, "source": {"name", "state"},
    "verdict": {"card"},
    "received_mail": {  # whoever placed it; those of the person's own invitations go
        "digest", "from_address", "from_name", "outcome", "partstat", "said", "subject",
    },
}  # fmt: skip
GOES = {"message": {"subject", "body_text", "body_html"}}  # besides `personal.OWN_WORDS`
WHOLE_ROWS_GO = {"key", "feed", "saved_filter"}


def test_every_text_beside_a_person_is_settled() -> None:
    found = {
        (column.table.name, text.name)
        for column in personal.references()
        for text in column.table.columns
        if isinstance(text.type, String | Text) and text.name not in {"sha256", *personal.OWN_WORDS}
    }
    settled = {(table, name) for kept in (STAYS, GOES) for table, names in kept.items() for name in names}
    assert {pair for pair in found if pair[0] not in WHOLE_ROWS_GO} == settled


def test_everything_about_me_is_on_the_page_and_in_the_file(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    story, _ids = lay_out(session, cast)
    owner = sign_in_as(cast.owner)
    page, file = owner.get(STORED), owner.get(f"{STORED}.json")
    assert page.status_code == file.status_code == 200
    assert "attachment" in file.headers["Content-Disposition"]
    found = file.json
    assert found is not None
    assert set(found) >= {
        "person", "membership", "assignment", "history", "attendance", "message", "key", "feed", "attachment",
        "audit",
    }  # fmt: skip
    assert found["person"][0]["email"] == cast.owner.email
    assert {row["task_id"] for row in found["assignment"]} >= {story.tasks["open"].id, story.tasks["late"].id}
    assert found["attendance"][0]["presence"] == "present"
    for row in (row for rows in found.values() for row in rows):
        assert not {"sha256", "content", "organisation_id"} & set(row)
    for words in ("nils.arne.holmen@elvedal.example", "Verv", "Kalenderadresser", "Bli slettet"):
        assert words in page.text
    assert "Berit Kampen" not in str(found["person"])


def test_nobody_gets_what_is_anothers(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    lay_out(session, cast)
    found = sign_in_as(cast.stranger).get(f"{STORED}.json").json
    assert found is not None
    assert set(found) == {"person", "key", "audit"}
    assert [row["name"] for row in found["person"]] == ["Even Fjord"]


def test_words_of_a_restricted_case_are_left_out_where_i_may_not_read_it(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    story, _ids = lay_out(session, cast)
    helper = roles(session, cast, story)["helper"]
    story.tasks["secret"].history.append(
        History(organisation_id=cast.organisation.id, at=NOW, person=helper, via="page",
                action=Action.RESULT, after="Hemmelig utfall")
    )  # fmt: skip
    session.commit()
    browser = sign_in_as(helper)
    for path in (STORED, f"{STORED}.json"):
        assert "emmelig" not in browser.get(path).text


def test_what_another_said_in_a_row_that_names_me_is_theirs(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    """«Refused», with the leader as the one who may have it: the owner's comment is the owner's."""
    story, _ids = lay_out(session, cast)
    part = story.part("refused", cast.owner)
    assert part.suggested_person_id == cast.leader.id
    part.comment = "Jeg er syk"
    session.commit()
    assert "Jeg er syk" in sign_in_as(cast.owner).get(STORED).text
    assert "Jeg er syk" not in sign_in_as(cast.leader).get(STORED).text
    removal.remove(
        session, cast.leader, cast.secretary, people.rights(session, cast.secretary, NOW.date()), NOW
    )
    assert part.comment == "Jeg er syk"


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def test_i_ask_and_one_press_takes_me_out(
    secretary: Visitor, sign_in_as: SignInAs, visitor: Visitor, cast: Cast, session: Session,
    program: Program, clock: SetClock,
) -> None:  # fmt: skip
    story, ids = lay_out(session, cast)
    owner, name, address = sign_in_as(cast.owner), cast.owner.name, cast.owner.email or ""
    link = answer_path(program.links, story.tasks["open"].owners[0])
    feed = program.links.feed(int(ids["feed_id"]), 1).removeprefix("http://localhost")
    pause = program.links.pause(cast.owner.id).removeprefix("http://localhost")
    owner.post(f"/oppgaver/{story.tasks['asked'].id}/merknad", {"words": "Jeg er syk"})
    for _twice in range(2):
        assert owner.post("/innstillinger/meg/sletting").location == STORED
    assert "Du ba om å bli slettet" in owner.get(STORED).text
    page = f"/deltakere/{cast.owner.id}/sletting"
    assert page in secretary.get("/deltakere").text
    assert "oppgaver som gjenstår, blir uten ansvarlig" in secretary.get(page).text
    assert owner.post(page).status_code == 403

    assert secretary.post(page).location == "/deltakere"

    assert secretary.get(page).status_code == secretary.post(page).status_code == 404
    session.rollback()
    session.expire_all()
    person = session.get_one(Person, cast.owner.id)
    assert person.name == "Tidligere medlem (ordfører)"
    assert (person.email, person.title, person.employer) == (None, None, None)
    assert all(not held.covers(NOW.date()) for held in person.memberships)
    for table in (Key, Feed):
        assert session.scalars(select(table).where(table.person_id == person.id)).all() == []
    for path in (link, feed, pause):
        assert visitor.get(path).status_code == 404, path
    assert owner.get("/oppgaver").status_code == 303

    everything = personal.stored(session, person, people.rights(session, person, NOW.date()))
    assert "Jeg er syk" not in str(everything)
    assert "nils" not in str(everything).lower()
    for path in (
        f"/moter/{ids['meeting_id']}", f"/moter/{story.held.id}", f"/oppgaver/{story.tasks['refused'].id}",
        f"/oppgaver/{story.tasks['open'].id}", "/oppgaver/alle?status=all", "/status", "/status.csv",
        "/deltakere", f"/deltakere/organ/{cast.body.id}", "/utboks", "/innstillinger/logg",
    ):  # fmt: skip
        said = secretary.get(path).text
        assert name not in said, path
        assert address not in said, path
    assert "Tidligere medlem (ordfører)" in secretary.get(f"/moter/{story.held.id}").text
    assert "Berit Kampen tok ansvaret fra" in secretary.get(f"/oppgaver/{story.tasks['open'].id}").text
    assert story.tasks["open"].owners == []
    rows = session.scalars(select(Audit).where(Audit.subject_id == person.id).order_by(Audit.id)).all()
    assert [row.deed for row in rows][-2:] == [Deed.REMOVAL_ASKED, Deed.REMOVED]

    before = len(session.scalars(select(Message).where(Message.person_id == person.id)).all())
    clock.now += timedelta(days=30)
    send_reminders.run(program)
    deliver_mail.run(program)
    session.rollback()
    assert len(session.scalars(select(Message).where(Message.person_id == person.id)).all()) == before


def test_i_may_change_my_mind(secretary: Visitor, sign_in_as: SignInAs, cast: Cast) -> None:
    owner = sign_in_as(cast.owner)
    owner.post("/innstillinger/meg/sletting")
    owner.post("/innstillinger/meg/sletting/angring")
    assert "bedt om å bli slettet" not in secretary.get("/deltakere").text
    assert "Be sekretæren om å bli slettet" in owner.get(STORED).text


def test_a_secretary_takes_out_only_their_own_people_and_never_the_last_secretary(
    secretary: Visitor, cast: Cast, session: Session
) -> None:
    refused = secretary.post(f"/deltakere/{cast.outsider.id}/sletting")
    assert refused.status_code == 404
    own = secretary.post(f"/deltakere/{cast.secretary.id}/sletting")
    assert own.status_code == 422
    assert "Du kan ikke slette deg selv." in own.text
    people.add_to_body(session, cast.other_body, cast.owner, date(2026, 1, 1))
    session.commit()
    both = secretary.post(f"/deltakere/{cast.owner.id}/sletting")
    assert both.status_code == 422
    assert "Kulturnemnda, der du ikke er sekretær" in both.text
    session.refresh(cast.owner)
    assert cast.owner.name == "Nils Arne Holmen"
