"""The register of tasks as a table for a file. What is not public stays out of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tracker.clock import local_date
from tracker.language import Language
from tracker.services.counts import state_of
from tracker.services.rows import AnyTask
from tracker.services.sheets import Cell
from tracker.services.spreadsheet import RESTRICTED, STATE_WORDS, remark

COLUMNS = (
    "Utvalg", "Møtedato", "Sak", "Oppgave", "Ansvarlig", "Sammen med", "Frist", "Status",
    "Utført dato", "Merknader",
)  # fmt: skip


def columns(tongue: Language) -> list[str]:
    """The headings in the reader's language."""
    return [tongue.gettext(name) for name in COLUMNS]


def rows(tasks: Iterable[AnyTask], today: date, tongue: Language) -> Iterable[list[Cell]]:
    """One row a task, in the order of COLUMNS. Dates stay dates."""
    for task in tasks:
        secret = tongue.gettext(RESTRICTED) if task.restricted else ""
        yield [
            task.body.name,
            task.meeting.starts_on if task.meeting else None,
            task.case_number,
            secret or task.what,
            ", ".join(owner.person.name for owner in task.owners),
            ", ".join(helper.person.name for helper in task.contributors),
            task.due_on,
            tongue.gettext(STATE_WORDS[state_of(task, today)]),
            local_date(task.closed_at) if task.closed_at else None,
            secret or remark(task, tongue),
        ]
