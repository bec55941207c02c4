"""The command `tracker`: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cast import make_cast
from tests.conftest import SHARED
from tracker.models import Heartbeat, Message, MessageKind, MessageState, Outcome, ReceivedMail
from tracker.program import open_program
from tracker.settings import Settings

ROOT = Path(__file__).parents[1]


def tracker(*arguments: str, data: Path | None = None, **own: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "OPPFOLGING_DATA": str(data or ROOT / "data"), **own}
    command = [sys.executable, "-m", "tracker.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, check=False, timeout=60)


MINUTES = """REFERAT FRA MØTE I ELVEDALSRÅDET
Tid: Mandag 2. mars 2026 kl. 10.00–12.00
Til stede: Berit Kampen, Nils Arne Holmen

Sak 4/26 Samling
Vedtak
- Nils Arne Holmen finner egnet sted innen 20. mars 2026.
"""


def test_read_prints_a_summary(tmp_path: Path) -> None:
    place = tmp_path / "referat.txt"
    place.write_text(MINUTES, "utf-8")
    done = tracker("read", str(place))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nils Arne Holmen" in done.stdout
    assert "Finne egnet sted" in done.stdout


def test_read_json_prints_one_object_of_the_agreed_form(tmp_path: Path) -> None:
    place = tmp_path / "referat.md"
    place.write_text(MINUTES, "utf-8")
    done = tracker("read", "--json", str(place))
    found = json.loads(done.stdout)
    assert {"meeting", "people", "cases", "decisions", "tasks", "events", "questions"} <= found.keys()
    assert found["meeting"]["date"] == "2026-03-02"
    (task,) = found["tasks"]
    assert task["owners"] == ["Nils Arne Holmen"]
    assert task["due"]["date"] == "2026-03-20"
    assert task["evidence"] in MINUTES
    start, end = task["span"]
    assert MINUTES[start:end] == task["evidence"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tom.txt", b""),
        ("bilde.docx", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("skadet.pdf", b"%PDF-1.4\n%%EOF"),
        ("gammel.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)),
    ],
)
def test_what_cannot_be_read_gets_one_line_and_exit_2(tmp_path: Path, name: str, content: bytes) -> None:
    place = tmp_path / name
    place.write_bytes(content)
    done = tracker("read", "--json", str(place))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_gets_one_line_and_exit_2(tmp_path: Path) -> None:
    done = tracker("read", str(tmp_path / "finnes ikke.docx"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "finnes ikke.docx" in done.stderr


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    done = tracker("migrate", data=tmp_path, OPPFOLGING_SMTP_PORT="mange")
    assert done.returncode == 1
    assert "smtp_port" in done.stderr


def test_the_first_secretary_of_an_empty_installation(tmp_path: Path) -> None:
    names = ("--organisation", "Sameiet Fjordgløtt", "--body", "Styret", "--secretary")
    done = tracker("person", "Åse Øy", "ase@sameiet.example", *names, data=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    again = tracker("person", "Åse Øy", "ase@sameiet.example", *names, data=tmp_path)
    assert again.returncode == 2
    assert "brukes allerede" in again.stderr
    link = tracker("link", "ASE@sameiet.example", data=tmp_path)
    assert (link.returncode, link.stderr) == (0, "")
    assert link.stdout.startswith("http://127.0.0.1:8000/inn/")
    nobody = tracker("link", "nobody@sameiet.example", data=tmp_path)
    assert (nobody.returncode, nobody.stdout) == (2, "")


def test_the_link_to_the_first_start_is_for_whoever_sees_the_console(tmp_path: Path) -> None:
    done = tracker("start-link", data=tmp_path, OPPFOLGING_BASE_URL="https://raad.example/")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"https://raad\.example/inn/start/[\w.~-]{40,}\n", done.stdout)


@pytest.mark.shared
def test_the_real_case_is_read_from_the_command_line() -> None:
    done = tracker("read", "--json", str(SHARED / "minutes" / "ringeriksregionen_2022-01-17.txt"))
    found = json.loads(done.stdout)
    assert (found["meeting"]["date"], found["meeting"]["start"]) == ("2022-01-17", "14:00")
    assert len([p for p in found["people"] if p["attendance"] != "mentioned"]) == 11
    assert (len(found["cases"]), len(found["decisions"])) == (7, 6)


def test_a_backup_is_read_back_and_restored(tmp_path: Path) -> None:
    person = ("person", "Åse Øy", "ase@elvedal.example", "--organisation", "Elvedal", "--body", "Rådet")
    assert tracker(*person, data=tmp_path / "one").returncode == 0
    place = tmp_path / "kopi.zip"
    made = tracker("backup", str(place), data=tmp_path / "one")
    assert (made.returncode, made.stderr) == (0, "")
    assert "lest tilbake" in made.stdout
    assert tracker("restore", str(place), data=tmp_path / "one").returncode == 2
    done = tracker("restore", str(place), data=tmp_path / "two")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "two" / "secret").read_text() == (tmp_path / "one" / "secret").read_text()
    assert "/inn/" in tracker("link", "ase@elvedal.example", data=tmp_path / "two").stdout


def test_check_says_on_a_page_how_it_is_and_ends_with_one_when_something_is_wrong(tmp_path: Path) -> None:
    assert tracker("check", data=tmp_path).returncode == 1  # no register yet
    assert tracker("migrate", data=tmp_path).returncode == 0
    never = tracker("check", data=tmp_path)
    assert (never.returncode, never.stderr) == (1, "")
    assert "FEIL: Jobbene har aldri gått." in never.stdout

    program = open_program(Settings(data=tmp_path))
    now = program.clock()
    with program.sessions() as session:
        person = make_cast(session, now).owner
        for state, reason in (("failed", "Adressen finnes ikke hos mottakeren (550)."), ("waiting", "")):
            session.add(
                Message(
                    organisation_id=person.organisation_id, kind=MessageKind.REMINDER, person=person,
                    state=MessageState(state), reason=reason, address="", created_at=now, send_at=now,
                )
            )  # fmt: skip
        session.add(Heartbeat(job="deliver_mail", ran_at=now, expected_by=now + timedelta(minutes=5)))
        session.commit()
    well = tracker("check", data=tmp_path)
    assert (well.returncode, well.stderr) == (0, "")
    assert "1 × Adressen finnes ikke hos mottakeren (550)." in well.stdout
    assert "Alt i orden." in well.stdout

    with program.sessions.begin() as session:
        waiting = session.scalars(select(Message).where(Message.state == MessageState.WAITING)).one()
        waiting.send_at = now - timedelta(minutes=42)
        session.scalars(select(Heartbeat)).one().expected_by = now - timedelta(minutes=5)
    ill = tracker("check", data=tmp_path)
    assert ill.returncode == 1
    assert "FEIL: Jobben deliver_mail har ikke gått når den skulle." in ill.stdout
    assert "for 42 min siden" in ill.stdout
    program.close()


MAIL = b"From: Kari <kari@elvedal.example>\nSubject: Kommer\nMessage-ID: <1@x>\n\nJa.\n"


def receive(content: bytes, data: Path, **own: str) -> subprocess.CompletedProcess[bytes]:
    env = {"PATH": os.environ["PATH"], "OPPFOLGING_DATA": str(data), **own}
    command = [sys.executable, "-m", "tracker.cli", "receive"]
    return subprocess.run(
        command, input=content, capture_output=True, env=env, cwd=ROOT, check=False, timeout=60
    )


def test_receive_takes_a_mail_from_a_pipe_and_the_same_again_once(tmp_path: Path) -> None:
    program = open_program(Settings(data=tmp_path))
    with program.sessions.begin() as session:
        make_cast(session, program.clock())
    for content in (MAIL, MAIL, b"", b"\xff\x00" * 2_000_000):
        done = receive(content, tmp_path)
        assert (done.returncode, done.stdout) == (0, b""), done.stderr
        assert b"kari@" not in done.stderr
    with program.sessions() as session:
        rows = session.scalars(select(ReceivedMail).order_by(ReceivedMail.id)).all()
        assert [row.outcome for row in rows] == [Outcome.NO_ANSWER, Outcome.NO_ANSWER, Outcome.TOO_LARGE]
        assert rows[0].said == "Ja."
    program.close()


@pytest.mark.parametrize(
    "own",
    [
        {},  # no database yet
        {"OPPFOLGING_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        {"OPPFOLGING_PORT": "not a number"},
        {"OPPFOLGING_DATABASE_URL": "mysql://x"},
    ],
)
def test_receive_asks_the_mail_server_to_try_again_whatever_is_wrong(
    tmp_path: Path, own: dict[str, str]
) -> None:
    done = receive(MAIL, tmp_path, **own)
    assert done.returncode == 75
    assert done.stderr
    assert b"kari@" not in done.stderr
