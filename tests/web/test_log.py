"""The log of who did what: complete, for secretaries only, only added to, and silent about what is said."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from jobs import keep_house
from tests.cast import Cast
from tests.conftest import NOW
from tests.web.conftest import SetClock, SignInAs, Visitor
from tests.web.objects import lay_out, roles
from tests.web.story import tell
from tracker.models import Audit, Deed, Membership, Source
from tracker.program import Program
from tracker.rules.access import Office

LOG = "/innstillinger/logg"


def lines(page: str) -> list[str]:
    """The rows of the log as a reader sees them."""
    rows = re.findall(r'<tr role="row">(.*?)</tr>', page, re.S)[1:]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


@pytest.fixture
def secretary(sign_in_as: SignInAs, cast: Cast) -> Visitor:
    return sign_in_as(cast.secretary)


def test_what_secretaries_do_stands_in_the_log(
    secretary: Visitor, cast: Cast, session: Session, program: Program
) -> None:
    story, ids = lay_out(session, cast)
    body, version = cast.body.id, story.tasks["secret"].version
    done: list[tuple[str, dict[str, object], str]] = [
        (f"/deltakere/organ/{body}/verv",
         {"person": cast.outsider.id, "office": "guest", "from": "2026-03-02"},
         "Ga Tove Strand vervet gjest"),
        ("/deltakere/ny", {"name": "Mia Ny", "language": "nb"}, "La til Mia Ny"),
        ("/deltakere/liste/innlegging", {"lines": "Ole A\nPer B", "office": "member"}, "La til 2 personer"),
        (f"/deltakere/{cast.owner.id}/endre",
         {"name": cast.owner.name, "email": "nils@elvedal.example", "language": "nb"},
         "Endret e-postadressen til Nils Arne Holmen"),
        (f"/deltakere/organ/{body}/endre", {"name": "Elvedalsrådet", "aliases": ""},
         "Endret navnene på organet"),
        (f"/kalender/offentlig/{body}", {"public": "yes"}, "Åpnet møtene for alle"),
        (f"/kalender/offentlig/{body}", {}, "Lukket møtene"),
        (f"/referat/{ids['in_review']}/forkasting", {}, "La bort et utkast"),
        (f"/moter/{ids['meeting_id']}/avlysning", {"version": "0"}, "Avlyste møtet Møte i Elvedalsrådet"),
        (f"/oppgaver/{ids['task_id']}/slett", {"reason": "Nei", "version": version},
         "Berit Kampen lot oppgaven utgå."),
    ]  # fmt: skip
    for path, form, _said in done:
        answer = secretary.post(path, form)
        assert answer.status_code == 303, (path, answer.text)
    guest = session.scalars(select(Membership.id).where(Membership.office == Office.GUEST)).one()
    secretary.post(f"/deltakere/organ/{body}/verv/{guest}/avslutning", {"until": "2026-03-02"})
    assert secretary.get("/vedtak.csv").status_code == 200

    found = lines(secretary.get(f"{LOG}?fra=2026-03-02").text)
    said = [*(said for _path, _form, said in done), "Avsluttet vervet gjest for Tove Strand",
            "Lastet ned vedtak-2026-03-02.csv", "Logget inn"]  # fmt: skip
    for words in said:
        assert any(words in line and "Berit Kampen" in line for line in found), words
    session.rollback()
    assert {row.deed for row in session.scalars(select(Audit))} >= {Deed.EXPORTED, Deed.DISCARDED}


def test_sending_minutes_out_stands_in_the_log(secretary: Visitor, cast: Cast, session: Session) -> None:
    text = (
        "Møte i Elvedalsrådet\nMandag 2. mars 2026\n\nTil stede: Berit Kampen\n\n"
        "Sak 4/26 Samling\nVedtak: Tatt til orientering.\n"
    )
    form = {"file": (io.BytesIO(text.encode()), "referat.txt"), "text": ""}
    secretary.post("/referat/nytt", form, content_type="multipart/form-data")
    source = session.scalars(select(Source)).one()
    page = secretary.get(f"/referat/{source.id}/gjennomgang").text
    fingerprint = re.search(r'name="fingerprint" value="([^"]+)"', page)
    assert fingerprint, page
    answer = secretary.post(f"/referat/{source.id}/sending", {"fingerprint": fingerprint[1]})
    assert answer.status_code == 303, answer.text
    assert any("Sendte ut et referat" in line for line in lines(secretary.get(LOG).text))


def test_whom_the_secretary_calls_takes_off_and_answers_for_stands_in_the_log(
    secretary: Visitor, cast: Cast, session: Session
) -> None:
    _story, ids = lay_out(session, cast)
    meeting = f"/moter/{ids['meeting_id']}"
    theirs = f"{meeting}/innkalte/{ids['invitation_id']}"
    for path, form in (
        (f"{meeting}/innkalling", {}),
        (f"{meeting}/gjester", {"name": "Mia Ny", "email": "mia@elvedal.example"}),
        (f"{theirs}/svar", {"answer": "yes"}),
        (f"{theirs}/tilbaketrekking", {}),
    ):
        answer = secretary.post(path, form)
        assert answer.status_code == 303, (path, answer.text)
    found = lines(secretary.get(LOG).text)
    for words in ("Kalte inn Mia Ny", "Kalte inn", "Skrev inn svaret fra", "av listen over innkalte"):
        assert any(words in line and "Berit Kampen" in line for line in found), (words, found)
    assert any(re.search(r"Kalte inn \d+ person", line) for line in found), found


def test_it_is_for_secretaries_and_tells_each_of_their_own_bodies(
    secretary: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    story, ids = lay_out(session, cast)
    everybody = roles(session, cast, story)
    secretary.post(f"/moter/{ids['meeting_id']}/saker/{ids['item_id']}/unntak", {"basis": "offl. § 23"})
    assert any("Unntok en sak" in line for line in lines(secretary.get(LOG).text))
    elsewhere = lines(sign_in_as(everybody["other_secretary"]).get(LOG).text)
    assert any("Logget inn" in line for line in elsewhere)
    assert not any("Unntok en sak" in line or "la inn oppgaven" in line for line in elsewhere)
    stranger = lines(sign_in_as(everybody["stranger"]).get(LOG).text)
    assert [line for line in stranger if "Even Fjord" not in line] == []
    for role in ("leader", "member", "guest"):
        assert sign_in_as(everybody[role]).get(LOG).status_code == 403


def test_it_is_found_by_person_and_day(
    secretary: Visitor, sign_in_as: SignInAs, cast: Cast, session: Session, clock: SetClock
) -> None:
    tell(session, cast, NOW)
    clock.now = NOW + timedelta(days=1)
    sign_in_as(cast.leader)
    leader = lines(secretary.get(f"{LOG}?person={cast.leader.id}").text)
    assert len(leader) == 1
    assert "Sigurd Lien Logget inn" in leader[0]
    assert len(lines(secretary.get(f"{LOG}?fra=2026-03-03&til=2026-03-03").text)) == 1
    assert lines(secretary.get(f"{LOG}?til=2025-03-03").text) == []
    for odd in (
        "fra=x",
        "til=0001-01-01",
        "side=-1",
        "side=99999",
        f"person={10**30}",
        "person=x",
        "til=9999-12-31",
    ):
        assert secretary.get(f"{LOG}?{odd}").status_code == 200, odd


def test_it_has_pages(secretary: Visitor, cast: Cast, session: Session) -> None:
    for number in range(70):
        session.add(
            Audit(organisation_id=cast.organisation.id, at=NOW - timedelta(hours=number), person=cast.leader,
                  deed=Deed.EXPORTED, detail=f"{number}.csv")
        )  # fmt: skip
    session.commit()
    first, second = (lines(secretary.get(f"{LOG}?person={cast.leader.id}&side={n}").text) for n in (1, 2))
    assert [len(first), len(second)] == [50, 20]
    assert "Lastet ned 0.csv" in first[0]
    assert "Lastet ned 69.csv" in second[-1]


def test_it_is_kept_as_long_as_the_operator_says(
    secretary: Visitor, cast: Cast, session: Session, program: Program, clock: SetClock
) -> None:
    clock.now = NOW + timedelta(days=30 * program.settings.audit_months)
    keep_house.run(program)
    assert len(session.scalars(select(Audit)).all()) == 1
    session.rollback()
    clock.now += timedelta(days=40)
    keep_house.run(program)
    assert session.scalars(select(Audit)).all() == []


def test_the_program_only_adds_to_it(
    secretary: Visitor, cast: Cast, session: Session, program: Program
) -> None:
    """Whatever a secretary does, no row is changed."""
    _story, ids = lay_out(session, cast)
    seen: list[str] = []

    def look(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(program.engine, "before_cursor_execute", look)
    path = f"/moter/{ids['meeting_id']}/saker/{ids['item_id']}/unntak"
    secretary.post(path, {"basis": "offl. § 23"})
    secretary.post(f"{path}/opphevelse")
    secretary.get("/status.csv")
    secretary.get(LOG)
    event.remove(program.engine, "before_cursor_execute", look)
    about = [s for s in seen if "audit" in s and not s.startswith("SELECT")]
    assert len(about) == 3
    assert all(s.startswith("INSERT INTO audit") for s in about)


def test_nothing_of_what_is_said_is_in_it(secretary: Visitor, cast: Cast, session: Session) -> None:
    _story, ids = lay_out(session, cast)
    secretary.post(f"/moter/{ids['meeting_id']}/saker/{ids['item_id']}/unntak", {"basis": "offl. § 23"})
    secretary.post(
        f"/deltakere/{cast.owner.id}/endre", {"name": "Nils", "email": "n@x.example", "language": "nb"}
    )
    session.rollback()
    kept = " ".join(f"{row.about} {row.detail}" for row in session.scalars(select(Audit)))
    assert not re.search(r"@|Nils|innkjøp|emmelig", kept)
