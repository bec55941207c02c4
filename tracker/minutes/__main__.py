"""`python -m tracker.minutes`: the child that `isolated.py` starts. One document in, one JSON object out.

Nothing but the standard library is imported before the limits stand, and a format's library only when a
file of that format comes.
"""

from __future__ import annotations

import gc
import json
import sys
import traceback
from typing import Any

from tracker.errors import UnreadableDocument
from tracker.minutes.formats import refusals


def main() -> None:
    """Read a frame (a line of JSON, then the file's bytes) and print a draft, or why there is none."""
    header = json.loads(sys.stdin.buffer.readline())
    limit(header.get("seconds", 10), header.get("megabytes", 500))
    gc.disable()  # one document and out: looking for cycles again and again takes a seventh of a long one
    try:
        answer = drafted(sys.stdin.buffer.read(), header)
    except UnreadableDocument as error:
        answer = refused(error)
    except (MemoryError, RecursionError):
        answer = refused(refusals.too_heavy())
    except Exception as error:  # a mistake of ours: said with its place, without the text
        answer = {**refused(refusals.too_heavy()), "cause": place_of(error)}
    sys.stdout.buffer.write(json.dumps(answer).encode())  # ASCII: a character takes a byte, not two or four


def drafted(content: bytes, header: dict[str, Any]) -> dict[str, Any]:
    """The draft of the document in `content`."""
    from tracker.minutes.document import open_document  # noqa: PLC0415
    from tracker.minutes.names import Known  # noqa: PLC0415
    from tracker.minutes.reader import read  # noqa: PLC0415

    document = open_document(content, str(header.get("name", "")))
    return {"draft": read(document, Known.from_json(header.get("known") or {})).to_json()}


def refused(error: UnreadableDocument) -> dict[str, Any]:
    """The message and its values apart, as whoever shows it translates it."""
    return {"error": error.message, "values": error.values}


def place_of(error: BaseException) -> str:
    """Kind and place of an error. Its words are left out: they may hold words of the document."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, {frame.filename}:{frame.lineno}"


def limit(seconds: float, megabytes: int) -> None:
    """Let the system end this process when it takes too much, where the system can."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    size = megabytes * 1024 * 1024
    wanted = {
        resource.RLIMIT_DATA: (size, size),
        resource.RLIMIT_CPU: (int(seconds) + 1, int(seconds) + 2),
        resource.RLIMIT_CORE: (0, 0),
    }
    for what, (soft, hard) in wanted.items():
        try:
            resource.setrlimit(what, (soft, hard))
        except (ValueError, OSError):  # a lower limit stands already
            continue


if __name__ == "__main__":
    main()
