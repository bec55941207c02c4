"""Tables for spreadsheets, with the columns that councils ask for. What is not public stays out of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO

from tracker.clock import local_date
from tracker.language import Language
from tracker.models import AgendaItem, Decision, TaskStatus
from tracker.rules.access import hidden
from tracker.services.counts import State, state_of
from tracker.services.reports import requests
from tracker.services.rows import AnyTask, CaseRow
from tracker.services.standing import decision_state

COLUMNS = ("Utvalg", "Møtedato", "Ansvarlig", "Sak", "Vedtak", "Status", "Merknader")
STATE_WORDS = {
    State.DONE: "Utført",
    State.ON_TRACK: "I rute",
    State.OVERDUE: "Over fristen",
    State.UNOWNED: "Uten ansvarlig",
    State.DROPPED: "Utgår",
}
RESTRICTED = "Unntatt offentlighet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the beginning of a formula


def of_tasks(tasks: Iterable[AnyTask], today: date, tongue: Language) -> bytes:
    """The status: one row a task."""
    return written((task_row(task, today, tongue) for task in tasks), tongue)


def remark(task: AnyTask, tongue: Language) -> str:
    """The report's «Merknad»: what came of it, what is asked for, why it was dropped, or who takes part."""
    if not task.is_open:
        said = tongue.gettext("Meldt %(day)s") % {"day": tongue.date_numeric(_closed_on(task))}
        return ". ".join(filter(None, (said if task.status is TaskStatus.DONE else "", task.result)))
    parts = []
    for part in requests(task):
        if part.wanted_due_on:
            asked = {"day": tongue.date_numeric(part.wanted_due_on)}
            parts.append(tongue.gettext("Ber om ny frist %(day)s") % asked)
        else:
            parts.append(tongue.gettext("%(name)s: ikke min oppgave") % {"name": part.person.name})
        parts.append(part.comment)
    if not parts and task.contributors:
        names = ", ".join(c.person.name for c in task.contributors)
        parts.append(tongue.gettext("Med %(names)s") % {"names": names})
    return ". ".join(filter(None, parts))


def _what_came(task: AnyTask, tongue: Language) -> str:
    due = _due(task, tongue) if task.is_open else ""
    said = ". ".join(filter(None, (due, remark(task, tongue))))
    return f"{task.what}: {said}" if said else task.what


def _due(task: AnyTask, tongue: Language) -> str:
    return tongue.gettext("Frist %(day)s") % {"day": tongue.date_numeric(task.due_on)} if task.due_on else ""


def _closed_on(task: AnyTask) -> date:
    return local_date(task.closed_at or task.created_at)


def task_row(task: AnyTask, today: date, tongue: Language) -> list[str]:
    """The cells of a task, in the order of COLUMNS."""
    meeting, decision = task.meeting, task.decision
    remarks = [tongue.gettext("Oppgave: %(what)s") % {"what": task.what}] if decision else []
    remarks += [_due(task, tongue), remark(task, tongue)]
    return [
        task.body.name,
        tongue.date_numeric(meeting.starts_on) if meeting else "",
        ", ".join(owner.person.name for owner in task.owners),
        _case(task.agenda_item, tongue),
        _open(task.restricted, task.body_id, decision.text if decision else task.what, tongue),
        tongue.gettext(STATE_WORDS[state_of(task, today)]),
        _open(task.restricted, task.body_id, ". ".join(filter(None, remarks)), tongue),
    ]


def decision_row(decision: Decision, today: date, tongue: Language) -> list[str]:
    """The cells of a decision with its tasks, in the order of COLUMNS."""
    item = decision.agenda_item
    owners = dict.fromkeys(owner.person.name for task in decision.tasks for owner in task.owners)
    remarks = (_what_came(task, tongue) for task in decision.tasks)
    state = decision_state(decision, today)
    return [
        item.meeting.body.name,
        tongue.date_numeric(item.meeting.starts_on),
        ", ".join(owners),
        _case(item, tongue),
        _open(item.restricted, item.meeting.body_id, decision.text, tongue),
        tongue.gettext(STATE_WORDS[state] if state else "Krever ikke oppfølging"),
        _open(item.restricted, item.meeting.body_id, ". ".join(remarks), tongue),
    ]


def _case(item: AgendaItem | CaseRow | None, tongue: Language) -> str:
    if item is None:
        return ""
    title = f"{tongue.gettext(RESTRICTED)} ({item.restricted})" if item.restricted else item.title
    return f"{item.number} {title}" if item.number else title


def _open(basis: str | None, body_id: int, text: str, tongue: Language) -> str:
    """A spreadsheet is passed on: nobody's rights count."""
    return tongue.gettext(RESTRICTED) if hidden(basis, body_id) else text


def written(rows: Iterable[Sequence[str]], tongue: Language, columns: Sequence[str] = COLUMNS) -> bytes:
    """Semicolons and a byte order mark, as Excel in Norwegian reads them without asking."""
    place = StringIO()
    writer = csv.writer(place, delimiter=";", lineterminator="\r\n")
    writer.writerow([tongue.gettext(column) for column in columns])
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return place.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """`cell`, never read as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
