"""Files with tasks: who may lay one beside, what is taken, and how it is handed out again."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import make_task
from tests.web.conftest import SetClock, SignInAs, Visitor
from tracker.app import create_app
from tracker.errors import InvalidAnswer
from tracker.models import Action, Attachment, History, Person, Task
from tracker.program import Program
from tracker.services import attachments, follow_up, sign_in
from tracker.services.virus import scanner

PDF = b"%PDF-1.7\nEt notat"


@pytest.fixture
def task(session: Session, cast: Cast) -> Task:
    row = make_task(session, cast, NOW)
    session.commit()
    return row


@pytest.fixture
def link(session: Session, task: Task, program: Program) -> str:
    """The page behind the owner's mail, after the task was reported done."""
    part = task.owners[0]
    follow_up.report_done(session, part, NOW, via="mail")
    session.commit()
    return f"/o/{program.links.token('answer', [part.id, task.version])}"


def file(content: bytes = PDF, name: str = "Tilbud på buss.pdf") -> dict[str, object]:
    return {"data": {"file": (io.BytesIO(content), name)}, "content_type": "multipart/form-data"}


def stored(session: Session) -> list[Attachment]:
    session.rollback()
    return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def test_a_file_goes_with_the_answer_and_comes_back_as_a_file_only(
    session: Session, client: FlaskClient, task: Task, link: str
) -> None:
    assert client.post(f"{link}/fil", **file()).status_code == 303  # type: ignore[arg-type]
    (row,) = stored(session)
    assert (row.name, row.size, row.person.name) == ("Tilbud på buss.pdf", len(PDF), "Nils Arne Holmen")
    assert "Tilbud på buss.pdf" in client.get(f"{link}/kvittering").text
    answer = client.get(f"{link}/fil/{row.id}")
    assert answer.data == PDF
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    last = session.scalars(select(History).where(History.task_id == task.id).order_by(History.id)).all()[-1]
    assert (last.action, last.after, last.via) == (Action.RESULT, "Tilbud på buss.pdf", "mail")


def test_the_same_file_twice_is_one(session: Session, client: FlaskClient, link: str) -> None:
    for name in ("a.pdf", "b.pdf"):
        assert client.post(f"{link}/fil", **file(name=name)).status_code == 303  # type: ignore[arg-type]
    assert [row.name for row in stored(session)] == ["a.pdf"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "tom.pdf"),
        (b"MZ\x90 et program", "tilbud.pdf"),
        (b"<script>alert(1)</script>", "side.html"),
        (b"<svg onload=alert(1)>", "bilde.svg"),
        (b"%PDF-1.7", "tilbud.exe"),
        (b"\xff\xfe\x00", "notat.txt"),
    ],
)
def test_what_is_refused_is_said_on_the_page_and_nothing_is_kept(
    session: Session, client: FlaskClient, link: str, content: bytes, name: str
) -> None:
    answer = client.post(f"{link}/fil", **file(content, name))  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert 'href="#file"' in answer.text or 'aria-invalid="true"' in answer.text
    assert stored(session) == []


def test_a_file_has_a_largest_size(session: Session, cast: Cast, task: Task) -> None:
    large = PDF + b"x" * attachments.LARGEST
    with pytest.raises(InvalidAnswer, match="10 MB"):
        attachments.add(session, task, cast.owner, "stor.pdf", large, NOW, via="page")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Brukere\\kari\\notat.txt", "notat.txt"),
        ('a"b\r\nX: 1.txt', "abX 1.txt"),
        ("x" * 300 + ".txt", "x" * 186 + ".txt"),
    ],
)
def test_names_hold_nothing_that_headers_or_folders_trip_over(
    session: Session, cast: Cast, task: Task, given: str, kept: str
) -> None:
    assert attachments.add(session, task, cast.owner, given, b"Hei", NOW, via="page").name == kept


def test_before_an_answer_the_link_takes_no_file(
    session: Session, client: FlaskClient, task: Task, program: Program
) -> None:
    path = f"/o/{program.links.token('answer', [task.owners[0].id, task.version])}/fil"
    assert client.post(path, **file()).status_code == 422  # type: ignore[arg-type]
    assert stored(session) == []


def test_there_is_an_end_to_how_many(session: Session, client: FlaskClient, link: str) -> None:
    codes = [client.post(f"{link}/fil", **file(PDF + bytes([n]))).status_code for n in range(12)]  # type: ignore[arg-type]
    assert codes == [303] * 10 + [422] * 2


def test_those_without_a_part_in_the_task_neither_lay_nor_fetch(
    session: Session, cast: Cast, client: FlaskClient, sign_in_as: SignInAs, task: Task, link: str
) -> None:
    client.post(f"{link}/fil", **file())  # type: ignore[arg-type]
    (row,) = stored(session)
    for stranger in (cast.outsider, cast.stranger):
        visitor = sign_in_as(stranger)
        assert visitor.get(f"/oppgaver/{task.id}/fil/{row.id}").status_code == 404
        form = {"file": (io.BytesIO(PDF + b"2"), "b.pdf")}
        sent = visitor.post(f"/oppgaver/{task.id}/fil", form, content_type="multipart/form-data")
        assert sent.status_code in (403, 404)
    assert len(stored(session)) == 1
    assert sign_in_as(cast.secretary).get(f"/oppgaver/{task.id}/fil/{row.id}").data == PDF


def test_a_file_of_another_task_is_not_handed_out(
    session: Session, cast: Cast, client: FlaskClient, sign_in_as: SignInAs, task: Task, link: str
) -> None:
    client.post(f"{link}/fil", **file())  # type: ignore[arg-type]
    (row,) = stored(session)
    other = make_task(session, cast, NOW, what="Noe annet")
    session.commit()
    assert sign_in_as(cast.owner).get(f"/oppgaver/{other.id}/fil/{row.id}").status_code == 404


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (PDF, 303, ""),
        (PDF + b"EICAR", 422, "Filen har et virus, og ble ikke tatt imot."),
        (PDF + b"BROKEN", 422, "Prøv igjen om litt."),
    ],
)
def test_a_file_goes_by_the_virus_scanner(
    session: Session, cast: Cast, program: Program, clock: SetClock, task: Task, link: str, tmp_path: Path,
    content: bytes, code: int, said: str,
) -> None:  # fmt: skip
    """By the link and signed in; what it refuses, or can't tell, is said at the field and not kept."""
    script = tmp_path / "scanner.py"
    script.write_text(
        "import sys; c = sys.stdin.buffer.read()\n"
        "sys.exit(1 if b'EICAR' in c else 2 if b'BROKEN' in c else 0)"
    )
    scanning = program.settings.model_copy(update={"virus_scan": f"{sys.executable} '{script}'"})
    app = create_app(replace(program, settings=scanning, scanner=scanner(scanning.virus_scan, 30)))
    by_link = app.test_client().post(f"{link}/fil", **file(content))  # type: ignore[arg-type]
    with program.sessions.begin() as register:
        secret = sign_in.start_session(register, register.get_one(Person, cast.owner.id), clock())
    client = app.test_client()
    with client.session_transaction() as held:
        held["key"] = secret
    form = {"file": (io.BytesIO(content + b" "), "notat.pdf")}
    signed_in = Visitor(app, client).post(
        f"/oppgaver/{task.id}/fil", form, content_type="multipart/form-data"
    )
    for answer in (by_link, signed_in):
        assert (answer.status_code, said in answer.text) == (code, True)
    assert len(stored(session)) == (2 if code == 303 else 0)
