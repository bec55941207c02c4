"""Reading minutes: the order of the steps. Everything here is deterministic and knows no register."""

from __future__ import annotations

from tracker.minutes.document import Document
from tracker.minutes.draft import Draft
from tracker.minutes.names import Known


def read(document: Document, known: Known = Known()) -> Draft:  # noqa: B008  (frozen)
    """What `document` says: proposals with their evidence, and the doubts about them as questions."""
    return Draft(text=document.text)
