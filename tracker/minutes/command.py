"""`tracker read`: a document in, a summary or JSON out. Hostile files are kept in a process of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tracker.errors import UnreadableDocument
from tracker.minutes.formats import refusals
from tracker.minutes.isolated import run_isolated
from tracker.minutes.printed import as_printed, summary


def read_document(place: Path, *, as_json: bool) -> int:
    """Read the document at `place` and print what was found; 0. Raises UnreadableDocument."""
    try:
        size = place.stat().st_size
        content = place.read_bytes() if size <= refusals.MEGABYTES * 1024 * 1024 else None
    except OSError as fault:
        raise UnreadableDocument(
            "Filen «%(name)s» kan ikke åpnes: %(fault)s.", name=place.name, fault=fault.strerror
        ) from None
    if content is None:
        raise refusals.too_large(size)
    draft = json.loads(run_isolated(content, place.name, "{}"))
    if as_json:
        said = json.dumps(as_printed(draft), ensure_ascii=False, indent=1)
    else:
        from tracker.minutes.draft import Draft  # noqa: PLC0415 - costs a program that asks for JSON nothing

        said = summary(Draft.from_json(draft))
    sys.stdout.write(said + "\n")
    return 0
