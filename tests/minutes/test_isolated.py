"""Reading in a child process."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys

import pytest

from tests.minutes.made_files import minutes_docx, word
from tracker.errors import UnreadableDocument
from tracker.minutes import __main__ as child
from tracker.minutes import isolated
from tracker.minutes.draft import Draft
from tracker.minutes.isolated import run_isolated


def test_a_document_becomes_a_draft() -> None:
    draft = Draft.from_json(json.loads(run_isolated(minutes_docx(), "referat.docx", "{}")))
    assert "Åpne påmelding" in draft.text


def test_the_reason_comes_through_with_its_values_apart() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        run_isolated(b"a" * 3_000_000, "x.txt", "")
    assert caught.value.values == {"limit": 2_000_000}
    assert "%(limit)s" in caught.value.message


@pytest.mark.parametrize("content", [b"", b"a" * (25 * 1024 * 1024 + 1)])
def test_nothing_and_too_much_start_no_child(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(subprocess, "run")
    with pytest.raises(UnreadableDocument):
        run_isolated(content, "x.txt", "{}")


def test_too_long_a_time_is_a_sentence() -> None:
    with pytest.raises(UnreadableDocument, match="for tung"):
        run_isolated(b"Hei", "x.txt", "{}", seconds=0.001)


@pytest.mark.skipif(sys.platform != "linux", reason="the system counts the processor's time")
def test_the_time_is_the_processors_so_that_a_busy_machine_refuses_nothing() -> None:
    endless = "from tracker.minutes.__main__ import limit\nlimit(0, 500)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", endless], check=False)
    assert done.returncode == -signal.SIGXCPU


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits of data are Linux's")
def test_too_much_memory_is_a_sentence() -> None:
    body = "".join(f"<w:p><w:r><w:t>{n}</w:t></w:r></w:p>" for n in range(250_000))
    with pytest.raises(UnreadableDocument, match="for tung"):
        run_isolated(word(body), "x.docx", "{}", megabytes=60)


@pytest.mark.parametrize(
    ("status", "printed"), [(-11, b""), (1, b"{}"), (0, b""), (0, b"[]"), (0, b"{}"), (0, b"\xff")]
)
def test_a_child_that_falls_over_is_a_sentence(
    status: int, printed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: object, **options: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], status, printed, b"")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(UnreadableDocument, match="for tung"):
        run_isolated(b"Hei", "x.txt", "{}")


def test_the_child_gets_no_environment_but_where_the_code_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_SECRET", "hemmelig")
    seen: dict[str, object] = {}

    def run(*words: object, **options: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(options)
        return subprocess.CompletedProcess([], 0, b'{"draft": {}}', b"")

    monkeypatch.setattr(subprocess, "run", run)
    assert run_isolated(b"Hei", "x.txt", '{"people": []}') == "{}"
    if sys.platform != "win32":
        assert seen["env"] == {"PYTHONPATH": str(isolated._ROOT), "LC_ALL": "C.UTF-8"}


def test_too_many_at_once_wait_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def acquire(self, timeout: float) -> bool:
            return False

    monkeypatch.setattr(isolated, "_seats", Full())
    with pytest.raises(UnreadableDocument, match="Prøv igjen"):
        run_isolated(b"Hei", "x.txt", "{}")


def answered(monkeypatch: pytest.MonkeyPatch, content: bytes) -> dict[str, object]:
    """What the child prints, run here without its limits."""

    class Stream:
        def __init__(self, data: bytes = b"") -> None:
            self.buffer = io.BytesIO(data)

    out = Stream()
    monkeypatch.setattr(child, "limit", lambda *_: None)
    monkeypatch.setattr(sys, "stdin", Stream(b'{"name": "x", "known": {}}\n' + content))
    monkeypatch.setattr(sys, "stdout", out)
    child.main()
    return dict(json.loads(out.buffer.getvalue()))


def test_a_mistake_of_ours_is_said_without_words_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(content: bytes, header: object) -> None:
        raise KeyError("Kari er syk")

    assert "draft" in answered(monkeypatch, b"Hei")
    monkeypatch.setattr(child, "drafted", fails)
    answer = answered(monkeypatch, b"Hei")
    assert str(answer["cause"]).startswith("KeyError in fails")
    assert "Kari" not in json.dumps(answer)


def test_starting_loads_no_format_that_is_not_needed() -> None:
    code = "import sys, tracker.minutes.formats.kinds as k; k.opened(b'Hei', 'x'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"lxml", "docx", "pypdfium2", "email"} & set(done.stdout.split())
