"""What everybody may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SignInAs, Visitor
from tracker.app import create_app
from tracker.models import Heartbeat, Message, MessageKind, MessageState
from tracker.program import Program


def test_the_front_door_leads_to_sign_in_or_to_ones_own_day(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast
) -> None:
    assert visitor.get("/").location == "/logg-inn"
    assert sign_in_as(cast.owner).get("/").location == "/oppgaver"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/hjelp", "Ingenting går ut før du trykker Send."),
        ("/personvern", "ingen sporing"),
        ("/tilgjengelighet", "ikke prøvd med skjermleser"),
    ],
)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_statements_are_for_everybody(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast, path: str, words: str, language: str
) -> None:
    answer = visitor.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    if language == "nb":
        assert words in answer.text
    assert sign_in_as(cast.owner).get(path).status_code == 200


def test_a_monitor_is_told_whether_the_database_answers(visitor: Visitor, program: Program) -> None:
    answer = visitor.get("/health")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "jobs": "ok"})


def beat(session: Session, **values: object) -> None:
    session.add(Heartbeat(job="deliver_mail", **values))
    session.commit()


def test_a_jobs_process_that_died_is_told_of_to_the_secretary_and_to_monitors(
    visitor: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    secretary, owner = sign_in_as(cast.secretary), sign_in_as(cast.owner)
    words = "Påminnelser og e-post har stått stille siden"
    assert words not in secretary.get("/oppgaver").text
    beat(session, ran_at=NOW - timedelta(minutes=20), expected_by=NOW - timedelta(minutes=14))
    assert f"{words} mandag 2.\u00a0mars 2026 kl.\u00a008.40" in secretary.get("/oppgaver").text
    assert words not in owner.get("/oppgaver").text
    answer = visitor.get("/health")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "jobs": "late"})
    session.scalars(select(Heartbeat)).one().expected_by = NOW + timedelta(minutes=5)
    session.commit()
    assert words not in secretary.get("/oppgaver").text


def test_metrics_are_for_a_monitor_with_the_token(
    program: Program, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    beat(session, ran_at=NOW, expected_by=NOW + timedelta(minutes=5))
    for state, minutes in (("waiting", 3), ("waiting", -60), ("failed", 0), ("sent", 0), ("captured", 90)):
        moment = NOW - timedelta(minutes=minutes)
        sent_at = moment if state in ("sent", "captured") else None
        session.add(
            Message(
                organisation_id=cast.organisation.id, kind=MessageKind.REMINDER, person=cast.owner,
                state=MessageState(state), created_at=moment, send_at=moment, sent_at=sent_at, address="",
            )
        )  # fmt: skip
    session.commit()
    own = program.settings.model_copy(update={"metrics_token": SecretStr("a token")})
    client = create_app(replace(program, settings=own)).test_client()
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer another"}):
        assert client.get("/metrics", headers=header).status_code == 404
    assert sign_in_as(cast.secretary).get("/metrics").status_code == 404  # not switched on here
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    values = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert values == {
        "oppfolging_mails_waiting": "2",
        "oppfolging_mails_in_hand": "0",
        "oppfolging_mails_sent_last_hour": "1",
        "oppfolging_mails_failed_last_week": "1",
        "oppfolging_mail_oldest_waiting_seconds": "180",
        "oppfolging_mail_last_sent_timestamp_seconds": f"{NOW.timestamp():.0f}",
        'oppfolging_job_last_run_timestamp_seconds{job="deliver_mail"}': f"{NOW.timestamp():.0f}",
        'oppfolging_job_late{job="deliver_mail"}': "0",
        'oppfolging_job_failing{job="deliver_mail"}': "0",
    }
    assert "@" not in answer.text


def test_a_monitor_is_told_when_the_database_is_away(
    visitor: Visitor, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def away(*_given: object, **_more: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("host db.internal is away"))

    monkeypatch.setattr(Session, "execute", away)
    monkeypatch.setattr(Session, "scalar", away)
    answer = visitor.get("/health")

    assert (answer.status_code, answer.json) == (503, {"database": "unavailable"})


def test_search_engines_are_kept_out(visitor: Visitor) -> None:
    answer = visitor.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /\n" in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/deltakere/x", "/%ff"])
def test_a_page_that_is_not_there_says_so(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path, headers={"Accept-Language": "nb"})
    assert answer.status_code == 404
    assert "Vi fant ikke siden" in answer.text


def test_a_static_file_that_is_not_there_gets_the_page_that_says_so(visitor: Visitor) -> None:
    assert visitor.get("/static/nope.css").status_code == 404


def test_a_number_that_no_row_can_have_is_a_page_that_is_not_there(cast: Cast, sign_in_as: SignInAs) -> None:
    for path in ("/oppgaver/", "/moter/", "/vedtak/", "/referat/", "/utboks/", "/deltakere/"):
        assert sign_in_as(cast.secretary).get(f"{path}99999999999").status_code == 404
