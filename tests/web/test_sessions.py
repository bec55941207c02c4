"""Where one is signed in: seen, and ended, by nobody but oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SetClock, SignInAs, Visitor
from tests.web.test_sign_in import ask, mailed_link, signed_in
from tracker.models import Audit, Deed, Key, KeyPurpose
from tracker.program import Program
from tracker.web.device import device_of

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox/Windows",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/143.0.0.0": "Edge/Windows",
    f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36": "Chrome/Android",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36": "Chrome/Chromebook",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1": "Safari/iPhone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 "
    "Safari/605.1.15": "Safari/Mac",
    "curl/8.5.0": "",
    "": "",
}
IPHONE = list(AGENTS)[4]


@pytest.mark.parametrize(("agent", "device"), AGENTS.items())
def test_a_device_is_known_by_browser_and_system(agent: str, device: str) -> None:
    assert device_of(agent) == device


def keys(session: Session) -> list[Key]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Key).where(Key.purpose == KeyPurpose.SESSION).order_by(Key.id)))


@pytest.fixture
def phone(visitor: Visitor, cast: Cast, program: Program, session: Session) -> Visitor:
    """The owner, signed in on an iPhone by the link in a mail."""
    ask(visitor)
    visitor.post(mailed_link(program, session), headers={"User-Agent": IPHONE})
    return visitor


def test_one_sees_where_one_is_signed_in_and_when_it_was_used(
    phone: Visitor, sign_in_as: SignInAs, cast: Cast, clock: SetClock, session: Session
) -> None:
    page = phone.get("/innstillinger/innlogginger").text
    assert "Safari på iPhone" in page
    assert "sist brukt mandag 2.\u00a0mars 2026" in page
    assert "andre/avslutning" not in page
    other = sign_in_as(cast.owner)
    clock.now = NOW + timedelta(minutes=59)
    other.get("/moter")
    assert keys(session)[1].used_at == NOW, "not more often than once an hour"
    clock.now = NOW + timedelta(days=1)
    other.get("/moter")
    assert keys(session)[1].used_at == clock.now
    page = phone.get("/innstillinger/innlogginger").text
    assert "Ukjent nettleser" in page
    assert "sist brukt tirsdag 3.\u00a0mars 2026" in page


def test_one_ends_another_session_or_all_others(
    phone: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    second, third = sign_in_as(cast.owner), sign_in_as(cast.owner)
    leader = sign_in_as(cast.leader)
    numbers = [key.id for key in keys(session)]
    assert phone.post(f"/innstillinger/innlogginger/{numbers[1]}/avslutning").status_code == 303
    assert phone.post(f"/innstillinger/innlogginger/{numbers[1]}/avslutning").status_code == 404
    assert [signed_in(v) for v in (phone, second, third)] == [True, False, True]

    answer = phone.post("/innstillinger/innlogginger/andre/avslutning")
    assert answer.location == "/innstillinger/innlogginger"
    assert "1 innlogging er avsluttet." in phone.get(answer.location).text
    assert [signed_in(v) for v in (phone, third, leader)] == [True, False, True]

    assert phone.post(f"/innstillinger/innlogginger/{numbers[3]}/avslutning").status_code == 404
    assert signed_in(leader)
    assert phone.post(f"/innstillinger/innlogginger/{numbers[0]}/avslutning").location == "/logg-inn"
    assert not signed_in(phone)


def test_a_link_that_lies_in_a_mailbox_ends_with_the_other_sessions(
    phone: Visitor, visitor: Visitor, cast: Cast, program: Program, session: Session
) -> None:
    other = Visitor(visitor.app, visitor.app.test_client())
    ask(other)
    link = mailed_link(program, session)
    phone.post("/innstillinger/innlogginger/andre/avslutning")
    assert other.post(link).status_code == 404


def test_signing_in_and_ending_sessions_stand_in_the_log(
    phone: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    sign_in_as(cast.owner)
    phone.post("/innstillinger/innlogginger/andre/avslutning")
    session.rollback()
    rows = session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.deed, row.subject_id, row.detail) for row in rows] == [
        (Deed.SIGNED_IN, cast.owner.id, "Safari/iPhone"),
        (Deed.SIGNED_IN, cast.owner.id, ""),
        (Deed.SESSIONS_ENDED, cast.owner.id, "1"),
    ]
