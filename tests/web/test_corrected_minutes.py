"""Minutes that come a second time, on the page: what is shown, asked and said of them."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.web.conftest import SignInAs, Visitor
from tracker.models import Decision, Meeting, Message, Source, SourceState, Task

FIRST = """REFERAT FRA MØTE I ELVEDALSRÅDET

Tid: Mandag 2. mars 2026 kl. 10.00–12.00
Sted: Elvedal rådhus
Til stede: Berit Kampen, Nils Arne Holmen, Kari Oremo

Sak 4/26 Samling
Vedtak
1. Nils Arne Holmen finner egnet sted innen 20. mars 2026.
2. Berit Kampen bestiller buss innen 1. april 2026.
3. Kari Oremo skriver rapport innen 10. april 2026.
"""
CORRECTED = FIRST.replace("20. mars", "27. mars").replace(
    "2. Berit Kampen bestiller buss innen 1. april 2026.\n3.", "2."
)
NEXT = """REFERAT FRA MØTE I ELVEDALSRÅDET

Tid: Mandag 13. april 2026 kl. 10.00–12.00
Sted: Dalen
Til stede: Berit Kampen, Nils Arne Holmen, Kari Oremo

Sak 8/26 Oppfølging av tidligere vedtak
- Sak 4/26: Finne egnet sted. Utført.
- Sak 4/26: Skrive rapport: ny frist 1. juni.

Sak 9/26 Budsjett
Vedtak
Rådet tar budsjettet til orientering.
"""


@pytest.fixture
def secretary(cast: Cast, sign_in_as: SignInAs) -> Visitor:
    return sign_in_as(cast.secretary)


def page(visitor: Visitor, source: Source) -> str:
    return visitor.get(f"/referat/{source.id}/gjennomgang").text


def drop(visitor: Visitor, session: Session, text: str, name: str) -> Source:
    form = {"file": (io.BytesIO(text.encode()), name), "text": ""}
    answer = visitor.post("/referat/nytt", form, content_type="multipart/form-data")
    assert answer.status_code == 303
    session.rollback()
    return session.scalars(select(Source).where(Source.name == name)).one()


def accept_all(visitor: Visitor, source: Source) -> None:
    for card in re.findall(r'<article class="card[^"]*" id="(o\d+)"', page(visitor, source)):
        visitor.post(f"/referat/{source.id}/kort/{card}", {"revision": "0", "do": "accept", "due": "text"})


def send(visitor: Visitor, session: Session, source: Source) -> int:
    found = re.search(r'name="fingerprint" value="([^"]+)"', page(visitor, source))
    assert found
    code = visitor.post(f"/referat/{source.id}/sending", {"fingerprint": found[1]}).status_code
    session.rollback()
    return code


@pytest.fixture
def published(secretary: Visitor, session: Session) -> Source:
    source = drop(secretary, session, FIRST, "referat.txt")
    accept_all(secretary, source)
    assert send(secretary, session, source) == 303
    assert source.state is SourceState.PUBLISHED
    return source


def test_corrected_minutes_ask_for_what_changed_and_what_is_gone(
    secretary: Visitor, session: Session, published: Source
) -> None:
    mails = session.scalar(select(func.count()).select_from(Message))
    again = drop(secretary, session, CORRECTED, "rettet.txt")
    text = page(secretary, again)
    assert "Rettet utgave av referatet fra mandag 2. mars 2026" in text.replace("\u00a0", " ")
    assert "fredag 27. mars" in text.replace("\u00a0", " ")
    assert "Står ikke lenger i referatet" in text
    assert send(secretary, session, again) == 422
    accept_all(secretary, again)
    for card in dict.fromkeys(re.findall(r'id="(g[tv]\d+)"', page(secretary, again))):
        secretary.post(f"/referat/{again.id}/kort/{card}", {"revision": "0", "do": "accept"})
    assert send(secretary, session, again) == 303
    assert {t.what: (t.status.value, str(t.due_on)) for t in session.scalars(select(Task))} == {
        "Finne egnet sted": ("open", "2026-03-27"),
        "Bestille buss": ("dropped", "2026-04-01"),
        "Skrive rapport": ("open", "2026-04-10"),
    }
    assert session.scalar(select(func.count()).select_from(Meeting)) == 1
    assert session.scalar(select(func.count()).select_from(Message)) == mails
    assert "Sendt" in secretary.get(f"/referat/{again.id}/sendt").text
    assert secretary.get(f"/referat/{published.id}/sendt").status_code == 200
    assert "Dette referatet er rettet." in secretary.get(f"/referat/{published.id}").text
    assert "Se den tidligere utgaven" in secretary.get(f"/referat/{again.id}").text
    taken_out = session.scalars(select(Decision).where(Decision.withdrawn_at.is_not(None))).one()
    assert "Bestiller buss" not in secretary.get("/vedtak").text
    assert "er tatt ut" in secretary.get(f"/vedtak/{taken_out.id}").text


def test_another_meeting_of_the_same_day_can_be_said_and_taken_back(
    secretary: Visitor, session: Session, published: Source
) -> None:
    again = drop(secretary, session, CORRECTED, "rettet.txt")
    address = f"/referat/{again.id}/eget-mote"
    assert secretary.post(address, {"revision": "0", "another": "1"}).status_code == 303
    assert "Rettet utgave" not in page(secretary, again)
    assert secretary.post(address, {"revision": "1", "another": "0"}).status_code == 303
    assert "Rettet utgave" in page(secretary, again)
    assert secretary.post(address, {"revision": "0", "another": "1"}).status_code == 409


def test_what_the_minutes_say_of_earlier_tasks_is_accepted_with_one_press(
    secretary: Visitor, session: Session, published: Source
) -> None:
    later = drop(secretary, session, NEXT, "april.txt")
    text = page(secretary, later)
    assert "Oppgaver fra tidligere møter" in text
    assert "Finne egnet sted: meldes utført" in text
    assert secretary.post(f"/referat/{later.id}/statuser").status_code == 303
    accept_all(secretary, later)
    assert send(secretary, session, later) == 303
    assert {t.what: (t.status.value, str(t.due_on)) for t in session.scalars(select(Task))} == {
        "Finne egnet sted": ("done", "2026-03-20"),
        "Bestille buss": ("open", "2026-04-01"),
        "Skrive rapport": ("open", "2026-06-01"),
    }
