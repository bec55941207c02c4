"""Taking minutes in and going through them: what each press does, what bad input gets, two at once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.cast import SINCE, Cast
from tests.conftest import NOW
from tests.services.drafts import draft
from tests.web.conftest import SignInAs, Visitor
from tracker.models import (
    Base,
    Body,
    Membership,
    Message,
    Organisation,
    Person,
    Source,
    SourceState,
    Task,
    Verdict,
)
from tracker.program import Program
from tracker.rules.access import Office
from tracker.services import intake

DOCUMENT = """REFERAT FRA MØTE I ELVEDALSRÅDET

Tid: Mandag 2. mars 2026 kl. 10.00–12.00
Sted: Elvedal rådhus
Til stede: Berit Kampen, Nils Arne Holmen, Kari Oremo

Sak 4/26 Samling
Vedtak
- Nils Arne Holmen finner egnet sted innen 20. mars 2026.
"""


@pytest.fixture
def secretary(cast: Cast, sign_in_as: SignInAs) -> Visitor:
    return sign_in_as(cast.secretary)


@pytest.fixture
def source(session: Session, cast: Cast) -> Source:
    """A draft in review, as a reader would leave it."""
    row = Source(
        organisation_id=cast.organisation.id,
        name="referat.txt",
        sha256="0" * 64,
        content=b"",
        draft=draft().to_json(),
        body=cast.body,
        taken_in_by=cast.secretary,
        taken_in_at=NOW,
    )
    session.add(row)
    session.commit()
    return row


def drop(visitor: Visitor, content: bytes, name: str = "referat.txt") -> TestResponse:
    return visitor.post(
        "/referat/nytt", {"file": (io.BytesIO(content), name), "text": ""}, content_type="multipart/form-data"
    )


def card(visitor: Visitor, source: Source, card: str, **form: str) -> TestResponse:
    return visitor.post(f"/referat/{source.id}/kort/{card}", {"revision": "0", **form})


def sources(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Source)) or 0


def test_a_dropped_file_is_read_and_waits_for_review(secretary: Visitor, session: Session) -> None:
    answer = drop(secretary, DOCUMENT.encode())
    assert answer.status_code == 303
    page = secretary.get(answer.location)
    assert "Nils Arne finner" in page.text or "Finne egnet sted" in page.text
    assert "20. mars" in page.text.replace("\u00a0", " ")
    assert sources(session) == 1


def test_pasted_text_is_as_good_as_a_file(secretary: Visitor, session: Session) -> None:
    answer = secretary.post("/referat/nytt", {"text": DOCUMENT})
    assert answer.status_code == 303
    assert sources(session) == 1


def test_the_same_file_again_leads_to_the_one_that_is_there(secretary: Visitor, session: Session) -> None:
    first = drop(secretary, DOCUMENT.encode())
    again = drop(secretary, DOCUMENT.encode(), "annet navn.txt")
    assert first.location == again.location
    assert "lagt inn før" in secretary.get(again.location).text
    assert sources(session) == 1


BAD = {
    "empty": (b"", "tom.txt", "tom"),
    "white space": (b" \n\t\n", "tom.docx", "tom"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), "bilde.png", "."),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "gammel.doc", "."),
    "damaged zip": (b"PK\x03\x04" + bytes(500), "skadet.docx", "."),
    "damaged pdf": (b"%PDF-1.7\n" + bytes(500), "skadet.pdf", "."),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_gets_one_sentence_and_leaves_nothing(
    secretary: Visitor, session: Session, case: str
) -> None:
    content, name, words = BAD[case]
    answer = drop(secretary, content, name)
    assert answer.status_code == 422
    summary = re.search(r'<div class="ds-error-summary.*?</div>', answer.text, re.DOTALL)
    assert summary is not None
    assert words in summary[0]
    assert sources(session) == 0


def test_a_file_over_the_limit_is_refused_before_it_is_read(secretary: Visitor, session: Session) -> None:
    answer = secretary.client.post(
        "/referat/nytt",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(26 * 1024 * 1024 + 1)},
    )
    assert answer.status_code == 413
    assert "25 MB" in answer.text
    assert sources(session) == 0


def test_nothing_chosen_is_said_at_the_field(secretary: Visitor) -> None:
    answer = secretary.post("/referat/nytt", {"text": "  "})
    assert answer.status_code == 422
    assert "Velg en fil, eller lim inn teksten." in answer.text


def test_members_and_strangers_do_not_see_drafts(
    source: Source, cast: Cast, session: Session, sign_in_as: SignInAs, visitor: Visitor
) -> None:
    path = f"/referat/{source.id}/gjennomgang"
    assert visitor.get(path).status_code == 303
    assert sign_in_as(cast.owner).get(path).status_code == 403
    theirs = Body(organisation_id=cast.stranger.organisation_id, name="Styret", aliases=[])
    session.add(theirs)
    session.flush()
    held = {"organisation_id": theirs.organisation_id, "body_id": theirs.id, "person_id": cast.stranger.id}
    session.add(Membership(**held, office=Office.SECRETARY, from_date=SINCE))
    session.commit()
    assert sign_in_as(cast.stranger).get(path).status_code == 404
    assert sign_in_as(cast.stranger).post(f"/referat/{source.id}/sending").status_code == 404


def test_the_page_marks_the_words_and_names_each_card_once(secretary: Visitor, source: Source) -> None:
    page = secretary.get(f"/referat/{source.id}/gjennomgang").text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)
    assert {"k-q1", "k-o1", "k-o2", "k-v1", "q1", "o1", "m1", "v1", "outgoing"} <= set(ids)
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target in ids


def test_no_deadline_is_chosen_beforehand(secretary: Visitor, source: Source) -> None:
    page = secretary.get(f"/referat/{source.id}/gjennomgang?endre=o1").text
    assert re.search(r'name="due"[^>]* checked', page) is None
    refused = card(secretary, source, "o1", do="accept")
    assert refused.status_code == 422
    assert "Velg en frist, eller «Uten frist»" in refused.text


def test_a_task_without_owner_cannot_be_accepted_without_saying_who(
    secretary: Visitor, source: Source
) -> None:
    refused = card(secretary, source, "o3", do="accept", owner="", due="none")
    assert refused.status_code == 422
    assert "Velg hvem som har ansvaret." in refused.text
    nobody = card(secretary, source, "o3", do="accept", owner="-", due="none")
    assert nobody.status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {"do": "accept", "due": "date:2026-13-40"},
        {"do": "accept", "due": "date:0001-01-01"},
        {"do": "accept", "due": "event:m1:99999999999"},
        {"do": "accept", "due": "other", "other_due": ""},
        {"do": "accept", "due": "none", "what": "   "},
    ],
)
def test_nonsense_in_a_form_is_refused_in_words(
    secretary: Visitor, source: Source, form: dict[str, str]
) -> None:
    assert card(secretary, source, "o1", **form).status_code == 422
    assert card(secretary, source, "zz9", do="accept").status_code == 404
    assert card(secretary, source, "q1", do="answer", choice="no such").status_code == 422


def everything(secretary: Visitor, source: Source) -> None:
    card(secretary, source, "q1", do="answer", choice="two")
    card(secretary, source, "o1", do="accept", due="event:m1:-14")
    card(secretary, source, "o2", do="accept", due="text")
    card(secretary, source, "o3", do="accept", owner="Ukjent Mann", due="none")
    secretary.post(f"/referat/{source.id}/moter")


def fingerprint(secretary: Visitor, source: Source) -> str:
    page = secretary.get(f"/referat/{source.id}/gjennomgang").text
    found = re.search(r'name="fingerprint" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_whole_review_by_plain_forms(secretary: Visitor, source: Source, session: Session) -> None:
    everything(secretary, source)
    page = secretary.get(f"/referat/{source.id}/gjennomgang").text
    assert "Send 3 e-poster" in page
    assert "Ukjent Mann får ingenting" in page
    preview = secretary.get(f"/referat/{source.id}/epost/p1")
    assert "Finne egnet sted til samlingen" in preview.text
    assert preview.headers["Content-Security-Policy"].startswith("sandbox")
    sent = secretary.post(f"/referat/{source.id}/sending", {"fingerprint": fingerprint(secretary, source)})
    assert sent.location.endswith("/sendt")
    receipt = secretary.get(sent.location)
    assert "3 e-poster" in receipt.text
    session.expire_all()
    assert session.get_one(Source, source.id).state is SourceState.PUBLISHED
    assert session.scalar(select(func.count()).select_from(Task)) == 3
    assert secretary.get(f"/referat/{source.id}").status_code == 200


def test_the_send_button_pressed_twice_sends_once(
    secretary: Visitor, source: Source, session: Session
) -> None:
    everything(secretary, source)
    shown = {"fingerprint": fingerprint(secretary, source)}
    first = secretary.post(f"/referat/{source.id}/sending", shown)
    second = secretary.post(f"/referat/{source.id}/sending", shown)
    assert first.status_code == second.status_code == 303
    assert session.scalar(select(func.count()).select_from(Message)) == 3


def at_once(*presses: Callable[[], TestResponse]) -> list[int]:
    """The status of each press, all made at the same moment."""
    barrier, found = Barrier(len(presses)), [0] * len(presses)

    def press(place: int, what: Callable[[], TestResponse]) -> None:
        barrier.wait()
        found[place] = what().status_code

    threads = [Thread(target=press, args=pair) for pair in enumerate(presses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_presses_on_send_at_the_same_moment_send_once(
    secretary: Visitor, source: Source, cast: Cast, session: Session, sign_in_as: SignInAs
) -> None:
    everything(secretary, source)
    shown = {"fingerprint": fingerprint(secretary, source)}
    other = sign_in_as(cast.secretary)
    path = f"/referat/{source.id}/sending"
    statuses = at_once(lambda: secretary.post(path, shown), lambda: other.post(path, shown))
    assert set(statuses) == {303}
    assert session.scalar(select(func.count()).select_from(Message)) == 3
    assert session.scalar(select(func.count()).select_from(Task)) == 3


def test_two_secretaries_on_one_card_the_second_is_told(
    secretary: Visitor, source: Source, cast: Cast, session: Session, sign_in_as: SignInAs
) -> None:
    held = {"organisation_id": cast.organisation.id, "body_id": cast.body.id, "person_id": cast.outsider.id}
    session.add(Membership(**held, office=Office.SECRETARY, from_date=date(2021, 1, 1)))
    session.commit()
    second = sign_in_as(cast.outsider)
    card(secretary, source, "q1", do="answer", choice="two")
    told = card(second, source, "q1", do="answer", choice="moved")
    assert told.status_code == 409
    assert "Berit Kampen svarte" in told.text
    assert session.scalars(select(Verdict.value).where(Verdict.card == "q1")).all() == [{"choice": "two"}]
    statuses = at_once(
        lambda: card(secretary, source, "o1", do="skip"),
        lambda: card(second, source, "o1", do="accept", due="none"),
    )
    assert sorted(statuses) == [303, 409]


def test_a_get_changes_nothing(secretary: Visitor, source: Source, session: Session) -> None:
    everything(secretary, source)

    def dump() -> dict[str, list[tuple[object, ...]]]:
        session.rollback()
        return {t.name: [tuple(r) for r in session.execute(select(t))] for t in Base.metadata.sorted_tables}

    before = dump()
    for path in ("/referat/nytt", f"/referat/{source.id}/gjennomgang", f"/referat/{source.id}/epost/p1"):
        for _ in range(3):
            assert secretary.get(path).status_code == 200
            secretary.client.head(path)
    assert dump() == before


def test_a_new_body_is_made_with_one_press_and_its_name_is_known_next_time(
    secretary: Visitor, source: Source, session: Session
) -> None:
    source.body = None
    session.commit()
    answer = secretary.post(
        f"/referat/{source.id}/hode", {"body": "", "new_body": "Styringsgruppa", "revision": "0"}
    )
    assert answer.status_code == 303
    made = session.scalars(select(Body).where(Body.name == "Styringsgruppa")).one()
    assert made.aliases == ["Elvedalsrådet"]
    assert session.scalars(select(Membership.office).where(Membership.body_id == made.id)).all() == [
        Office.SECRETARY
    ]


def test_an_address_given_in_the_review_reaches_the_person(
    secretary: Visitor, source: Source, session: Session
) -> None:
    everything(secretary, source)
    wrong = card(secretary, source, "p4", do="answer", email="ikke en adresse")
    assert wrong.status_code == 422
    assert "navn@kommune.no" in wrong.text
    taken = card(secretary, source, "p4", do="answer", email="kari.oremo@elvedal.example")
    assert "brukes allerede av Kari Oremo" in taken.text
    card(secretary, source, "p4", do="answer", email="ukjent@elvedal.example")
    secretary.post(f"/referat/{source.id}/sending", {"fingerprint": fingerprint(secretary, source)})
    assert (
        session.scalars(select(Person.email).where(Person.name == "Ukjent Mann")).one()
        == "ukjent@elvedal.example"
    )


def test_drafts_put_away_leave_the_list_and_can_come_back(
    secretary: Visitor, session: Session, program: Program
) -> None:
    address = drop(secretary, DOCUMENT.encode()).location
    number = int(address.split("/")[2])
    assert "referat.txt" in secretary.get("/referat/nytt").text
    secretary.post(f"/referat/{number}/forkasting")
    with program.sessions() as fresh:
        organisation = fresh.scalars(select(Organisation.id).order_by(Organisation.id)).first()
        assert intake.waiting(fresh, organisation or 0) == []
    assert drop(secretary, DOCUMENT.encode()).location == address
