"""The operator's virus scanner, here a small script, decides whether a file comes in."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tracker.errors import InvalidAnswer, Misconfigured
from tracker.services.virus import Scanner, scanner

SCRIPT = """
import sys, time
content = sys.stdin.buffer.read()
if b"SLOW" in content:
    time.sleep(60)
sys.exit(1 if b"EICAR" in content else 2 if b"BROKEN" in content else 0)
"""
INFECTED = "Filen har et virus, og ble ikke tatt imot."
UNKNOWN = "Filen kunne ikke sjekkes for virus nå. Prøv igjen om litt."


@pytest.fixture
def script(tmp_path: Path) -> str:
    place = tmp_path / "min skanner.py"
    place.write_text(SCRIPT)
    return f"{sys.executable} '{place}'"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 et tilbud", ""),
        (b"%PDF-1.7 EICAR", INFECTED),
        (b"%PDF-1.7 BROKEN", UNKNOWN),
        (b"x" * 10_000_000 + b"EICAR", INFECTED),
        (b"", ""),
    ],
)
def test_the_scanner_decides(script: str, content: bytes, said: str) -> None:
    checking = scanner(script, 30)
    if not said:
        checking.check(content)
        return
    with pytest.raises(InvalidAnswer) as refused:
        checking.check(content)
    assert (refused.value.message, refused.value.field) == (said, "file")


def test_a_scanner_that_takes_too_long_lets_nothing_in(script: str) -> None:
    with pytest.raises(InvalidAnswer, match="Prøv igjen"):
        scanner(script, 0.2).check(b"SLOW")


def test_a_scanner_that_is_not_there_lets_nothing_in() -> None:
    with pytest.raises(InvalidAnswer, match="Prøv igjen"):
        scanner("/nowhere/clamdscan -", 5).check(b"%PDF-1.7")


def test_without_a_scanner_files_pass() -> None:
    assert scanner("", 60) == Scanner()
    Scanner().check(b"EICAR")


def test_a_slip_in_the_command_is_said() -> None:
    with pytest.raises(Misconfigured):
        scanner("clamdscan 'uten slutt", 60)
