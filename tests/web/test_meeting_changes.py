"""Moving and cancelling a meeting on its page: first what follows, then one press, and a way back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting
from tests.web.conftest import SetClock, SignInAs, Visitor
from tests.web.story import Story, tell
from tests.web.test_every_page import writes
from tests.web.test_tasks import text_of
from tracker.models import Meeting, MeetingKind, Message, MessageKind
from tracker.program import Program
from tracker.rules.deadlines import DueKind, DueRule

FORM = {
    "starts_on": "2026-04-28", "days": "2", "starts_at": "12:00", "ends_at": "13:00", "place": "Nordfjellet",
    "version": "0",
}  # fmt: skip


@pytest.fixture
def story(session: Session, cast: Cast, now: datetime) -> Story:
    return tell(session, cast, now)


@pytest.fixture
def gathering(session: Session, cast: Cast, now: datetime, story: Story) -> Meeting:
    made = make_meeting(
        session, cast, now, date(2026, 4, 14),
        kind=MeetingKind.GATHERING, title="Fagsamling", ends_on=date(2026, 4, 15),
    )  # fmt: skip
    story.tasks["open"].set_due(DueRule(DueKind.EVENT, days=-14), made)
    session.commit()
    return made


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def mails(session: Session) -> int:
    session.rollback()
    found = select(func.count()).select_from(Message).where(Message.kind == MessageKind.MEETING_CHANGED)
    return session.scalar(found) or 0


def test_the_secretary_sees_what_follows_before_anything_is_kept(
    secretary: Visitor, gathering: Meeting, program: Program
) -> None:
    assert 'value="2026-04-14"' in secretary.get(f"/moter/{gathering.id}/endre").text
    with writes(program.engine) as written:
        page = text_of(secretary.post(f"/moter/{gathering.id}/endring/visning", FORM).text)
    assert not written
    assert "28.–29. april 2026 kl. 12.00, Nordfjellet" in page.replace("\u2060", "")
    assert "Frister som følger med 1 Finne sted til samlingen Nils Arne Holmen" in page
    assert "Ny frist tirsdag 14. april 2026. Den var tirsdag 31. mars." in page
    assert "Får e-post 3 Kari Oremo, Nils Arne Holmen, Sigurd Lien" in page
    assert "Lagre og send 3 e-poster Send bare til 2 med ny frist" in page


def test_one_press_moves_it_and_a_second_does_nothing(
    secretary: Visitor, session: Session, gathering: Meeting, story: Story
) -> None:
    for _ in range(2):
        answer = secretary.post(f"/moter/{gathering.id}/endring", FORM | {"tell": "1"})
        assert (answer.status_code, answer.location) == (303, f"/moter/{gathering.id}")
    assert mails(session) == 3
    session.refresh(gathering)
    session.refresh(story.tasks["open"])
    assert (gathering.starts_on, gathering.place, gathering.sequence) == (date(2026, 4, 28), "Nordfjellet", 1)
    assert story.tasks["open"].due_on == date(2026, 4, 14)
    page = text_of(secretary.get(f"/oppgaver/{story.tasks['open'].id}").text)
    assert "Berit Kampen flyttet møtet, og fristen fulgte med fra tirsdag 31. mars 2026 til" in page


def test_it_can_be_undone_from_the_page(
    secretary: Visitor, session: Session, gathering: Meeting, story: Story, clock: SetClock
) -> None:
    secretary.post(f"/moter/{gathering.id}/endring", FORM)
    page = secretary.get(f"/moter/{gathering.id}").text
    assert "Du kan angre i ett døgn." in page
    change = page.split('name="change" value="')[1].split('"')[0]
    for _ in range(2):
        assert secretary.post(f"/moter/{gathering.id}/angring", {"change": change}).status_code == 303
    session.expire_all()
    assert (gathering.starts_on, gathering.sequence) == (date(2026, 4, 14), 2)
    clock.now += timedelta(days=2)
    assert "Du kan angre i ett døgn." not in secretary.get(f"/moter/{gathering.id}").text


def test_cancelling_asks_first(
    secretary: Visitor, session: Session, gathering: Meeting, story: Story
) -> None:
    page = text_of(secretary.get(f"/moter/{gathering.id}/avlys").text)
    assert "Fristen tirsdag 31. mars gjelder ikke lenger. Du må sette en ny." in page
    session.refresh(gathering)
    assert not gathering.is_cancelled
    for _ in range(2):
        secretary.post(f"/moter/{gathering.id}/avlysning", {"version": "0", "tell": "1"})
    assert mails(session) == 3
    page = text_of(secretary.get(f"/moter/{gathering.id}").text)
    assert "Avlyst: Fagsamling" in page
    assert "Endre Avlys" not in page


def test_an_old_form_changes_nothing(
    secretary: Visitor, session: Session, gathering: Meeting, story: Story
) -> None:
    secretary.post(f"/moter/{gathering.id}/endring", FORM)
    answer = secretary.post(f"/moter/{gathering.id}/endring", FORM | {"starts_on": "2026-05-05"})
    page = text_of(secretary.get(answer.location or "").text)
    assert "Noen endret møtet mens du hadde siden åpen." in page
    session.refresh(gathering)
    assert gathering.starts_on == date(2026, 4, 28)


@pytest.mark.parametrize(
    ("field", "value"),
    [("starts_on", ""), ("starts_on", "2026-03-01"), ("days", "0"), ("ends_at", "tull"), ("starts_at", "")],
)
def test_what_cannot_be_is_said_at_its_field(
    secretary: Visitor, session: Session, gathering: Meeting, field: str, value: str
) -> None:
    for place in ("endring/visning", "endring"):
        answer = secretary.post(f"/moter/{gathering.id}/{place}", FORM | {field: value})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
    session.refresh(gathering)
    assert gathering.sequence == 0


def test_soon_and_on_a_sunday_is_said(secretary: Visitor, gathering: Meeting) -> None:
    page = text_of(
        secretary.post(f"/moter/{gathering.id}/endring/visning", FORM | {"starts_on": "2026-03-08"}).text
    )
    assert "Få er på jobb søndag 8. mars 2026." in page
    assert "under 72 timer" not in page
    page = secretary.post(f"/moter/{gathering.id}/endring/visning", FORM | {"starts_on": "2026-03-04"}).text
    assert "Møtet er om under 72 timer." in text_of(page)


def test_only_its_own_secretary_may(
    sign_in_as: SignInAs, cast: Cast, session: Session, gathering: Meeting
) -> None:
    for person, status in ((cast.owner, 403), (cast.leader, 403), (cast.stranger, 403), (cast.outsider, 403)):
        visitor = sign_in_as(person)
        assert visitor.get(f"/moter/{gathering.id}/endre").status_code == status
        assert visitor.post(f"/moter/{gathering.id}/endring", FORM).status_code == status
        assert visitor.post(f"/moter/{gathering.id}/avlysning", {"version": "0"}).status_code == status
    session.refresh(gathering)
    assert gathering.sequence == 0
