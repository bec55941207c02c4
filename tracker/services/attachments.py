"""Files with tasks: taking them in by strict rules, and handing them out."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.errors import InvalidAnswer, NotFound
from tracker.models import Action, Attachment, Person, Task
from tracker.services import history

LARGEST = 10 * 1024 * 1024
MOST = 10
BEGINNINGS = {
    ".pdf": b"%PDF-", ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff",
    ".docx": b"PK\x03\x04", ".xlsx": b"PK\x03\x04", ".pptx": b"PK\x03\x04",
    ".odt": b"PK\x03\x04", ".ods": b"PK\x03\x04", ".odp": b"PK\x03\x04",
}  # fmt: skip
"""What may come, by its ending, and how such a file begins: a name alone proves nothing."""
TEXTS = (".txt", ".csv", ".md")


def add(
    session: Session, task: Task, person: Person, name: str, content: bytes, now: datetime, *, via: str
) -> Attachment:
    """Lay a file beside the task. The same bytes again change nothing.

    Raises InvalidAnswer (field "file") for an empty or too large file, for one of another kind than its
    name says, and when there are enough already.
    """
    name = _plain(name)
    if not content:
        raise InvalidAnswer("Velg en fil.", field="file")
    if len(content) > LARGEST:
        raise InvalidAnswer("Filen kan være høyst 10 MB.", field="file")
    if not _is_of_its_kind(name, content):
        raise InvalidAnswer(
            "Denne filen kan ikke legges ved. Bruk PDF, Word, Excel, PowerPoint, bilde eller tekst.",
            field="file",
        )
    sha256 = hashlib.sha256(content).hexdigest()
    history.hold(session, task.id)
    present = session.scalar(
        select(Attachment).where(Attachment.task_id == task.id, Attachment.sha256 == sha256)
    )
    if present is not None:
        return present
    count = session.scalar(select(func.count(Attachment.id)).where(Attachment.task_id == task.id)) or 0
    if count >= MOST:
        raise InvalidAnswer("Det kan høyst ligge ti filer ved en oppgave.", field="file")
    row = Attachment(
        organisation_id=task.organisation_id, task=task, person=person, at=now, name=name,
        size=len(content), sha256=sha256, content=content,
    )  # fmt: skip
    session.add(row)
    history.note(session, task, now, Action.RESULT, person, via, after=name)
    session.flush()
    return row


def of_task(session: Session, task: Task, attachment_id: int) -> Attachment:
    """A file of this task. Raises NotFound, also for another task's."""
    found = session.get(Attachment, attachment_id)
    if found is None or found.task_id != task.id:
        raise NotFound("Vi fant ikke filen.")
    return found


def _plain(name: str) -> str:
    """A file name without folders, control characters or what headers and file systems trip over."""
    bare = re.sub(r"[\x00-\x1f\x7f\"<>|:*?\u200e-\u202e]", "", PurePath(name.replace("\\", "/")).name).strip()
    stem, ending = PurePath(bare).stem, PurePath(bare).suffix
    return f"{stem[: 190 - len(ending)]}{ending[:10]}" or "fil"


def _is_of_its_kind(name: str, content: bytes) -> bool:
    ending = PurePath(name).suffix.lower()
    if ending in BEGINNINGS:
        return content.startswith(BEGINNINGS[ending])
    if ending not in TEXTS or b"\0" in content:
        return False
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True
