"""Reading in a process of its own: no file can hang, crash or fill the one that serves people.

The child gets a line of JSON and the bytes on standard input, and answers with one JSON object. It is given
no environment (so no secrets), and limits for memory and processor time that it sets itself (`__main__.py`).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from tracker.errors import UnreadableDocument
from tracker.minutes.formats import refusals

AT_ONCE = 2
"""Children at one time in this process: together they use no more than so many times `megabytes`."""
STARVED = 3
"""So many times its own time a child may take by the clock: a busy machine is no fault of the document."""

_ROOT = Path(__file__).parents[2]
_seats = BoundedSemaphore(AT_ONCE)
_log = logging.getLogger(__name__)


def run_isolated(
    content: bytes, name: str, known_json: str, *, seconds: float = 10, megabytes: int = 500
) -> str:
    """The draft of the document in `content`, as JSON.

    `known_json` is what is known beforehand (`Known.to_json`), "" for nothing. `seconds` are the processor's,
    where the system counts them; by the clock it may take three times as long. Raises UnreadableDocument
    with the child's reason, or with a general one when it ran out of time or memory, or fell over.
    """
    refusals.check_size(content)
    header = {
        "name": name,
        "known": json.loads(known_json or "{}"),
        "seconds": seconds,
        "megabytes": megabytes,
    }
    frame = json.dumps(header).encode() + b"\n" + content
    if not _seats.acquire(timeout=3 * seconds):
        raise UnreadableDocument("Mange dokumenter leses akkurat nå. Prøv igjen om litt.")
    try:
        done = _run(frame, seconds)
    finally:
        _seats.release()
    answer = _answer(done)
    if "draft" in answer:
        return json.dumps(answer["draft"], ensure_ascii=False)
    if answer.get("cause"):
        _log.error("Reading failed: %s", answer["cause"])
    raise UnreadableDocument(str(answer["error"]), **dict(answer.get("values") or {}))


def _run(frame: bytes, seconds: float) -> subprocess.CompletedProcess[bytes]:
    """The child's end. It is killed when its time by the clock is over, or this thread is interrupted."""
    try:
        return subprocess.run(
            [sys.executable, "-X", "utf8", "-m", "tracker.minutes"],
            input=frame,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=STARVED * seconds,
            check=False,
            cwd=_ROOT,
            env=None if sys.platform == "win32" else {"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise refusals.too_heavy() from error


def _answer(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    if done.returncode == 0:
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        if isinstance(answer, dict) and answer.keys() & {"draft", "error"}:
            return answer
    _log.error("Reading ended with status %s", done.returncode)
    raise refusals.too_heavy()
