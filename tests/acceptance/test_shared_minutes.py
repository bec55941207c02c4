"""The example minutes beside the repository, read against their gold lists. Names stay there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.minutes.saved_as import as_docx, as_eml, as_pdf
from tests.minutes.scoring import of_folder
from tracker.minutes.document import from_text
from tracker.minutes.draft import Draft
from tracker.minutes.reader import read

SHARED = Path(__file__).parents[3] / "shared" / "minutes"
REAL = "ringeriksregionen_2022-01-17"
NAMES = (REAL, "01_nynorsk_skuggefjord", "02_bokmaal_tabell_elvestrand", "03_epost_granlia")

pytestmark = pytest.mark.shared


@cache
def draft(name: str) -> Draft:
    return read(from_text((SHARED / f"{name}.txt").read_text("utf-8")))


@cache
def gold(name: str) -> dict[str, Any]:
    return json.loads((SHARED / f"{name}.gold.json").read_text("utf-8"))


def words(text: str) -> set[str]:
    return {w for w in re.findall(r"\w+", text.lower()) if len(w) > 2 or w.isdigit()}


def full_names(name: str, keys: list[str]) -> set[str]:
    people = {p["key"]: p["name"] for p in gold(name)["people"]}
    return {people.get(k, k) for k in keys}


def covers(evidence: str, wanted: str) -> bool:
    return len(words(wanted) & words(evidence)) >= 0.6 * len(words(wanted))


def test_the_meeting_of_the_real_case() -> None:
    meeting = draft(REAL).meeting
    assert (meeting.date, meeting.start, meeting.end) == ("2022-01-17", "14:00", "15:30")
    assert meeting.place == gold(REAL)["meeting"]["place"]
    inferred = next(q for q in draft(REAL).questions if q.code == "YEAR_INFERRED")
    assert "2022" in inferred.why


def test_people_of_the_real_case() -> None:
    listed = [(p.name, p.role, p.organisation) for p in draft(REAL).people if p.attendance == "present"]
    wanted = [(p["name"], p["role"], p["org"]) for p in gold(REAL)["people"] if p["attendance"] == "listed"]
    assert listed == wanted


def test_cases_and_decisions_of_the_real_case() -> None:
    cases = gold(REAL)["cases"]
    assert [c.number for c in draft(REAL).cases] == [
        c.get("asWritten", c["no"])[:4] if "/" in c.get("asWritten", "") else c["no"] for c in cases
    ]
    assert [d.text for d in draft(REAL).decisions] == [d["text"] for d in gold(REAL)["decisions"]]
    assert [d.needs_follow_up for d in draft(REAL).decisions] == [False] * 3 + [True] * 3


def test_events_of_the_real_case() -> None:
    events = {(e.start or "")[:10]: e for e in draft(REAL).events}
    assert {e["start"] for e in gold(REAL)["events"] if e["start"]} <= set(events)
    assert (events["2022-03-14"].start, events["2022-03-14"].end) == ("2022-03-14T12:00", "2022-03-15T13:00")
    assert events["2022-03-14"].assumed == ("time",)


@pytest.mark.parametrize("name", NAMES)
def test_every_task_with_its_people_and_deadline(name: str) -> None:
    tasks = list(draft(name).tasks)
    for action in gold(name)["actions"]:
        if action.get("optional"):
            continue
        hits = [t for t in tasks if covers(t.evidence, action["evidence"]) or covers(t.what, action["what"])]
        owners, helpers = (full_names(name, action.get(k, [])) for k in ("owners", "collaborators"))
        hits = [t for t in hits if set(t.owners) <= owners and (t.owners or not owners)]
        assert hits, action["what"]
        due = action["due"]["date"]
        assert any(set(t.contributors) == helpers for t in hits)
        if due and action["due"]["kind"] != "inferred":
            assert any(t.due.date in (due, *action["due"].get("alt", [])) for t in hits), action["what"]


@pytest.mark.parametrize("name", NAMES)
def test_no_task_is_made_up(name: str) -> None:
    wanted = gold(name)["actions"]
    for task in draft(name).tasks:
        assert any(covers(task.evidence, a["evidence"]) or covers(task.what, a["what"]) for a in wanted), (
            task.what
        )


@pytest.mark.parametrize("name", NAMES)
def test_the_doubts_that_matter_are_asked(name: str) -> None:
    asked = [q.code for q in draft(name).questions]
    wanted = [f["code"] for f in gold(name)["flags"] if f["severity"] != "info"]
    assert not [code for code in wanted if code not in asked]


def test_what_must_be_settled_in_the_real_case() -> None:
    must = {q.code for q in draft(REAL).questions if q.severity == "must-resolve"}
    assert must == {f["code"] for f in gold(REAL)["flags"] if f["severity"] == "must-resolve"}


def test_a_gathering_that_was_moved_leaves_one_in_the_calendar() -> None:
    found = draft(REAL)
    question = next(q for q in found.questions if q.code == "POSSIBLE_DUPLICATE")
    moved = found.edited(next(c for c in question.choices if c.value == "moved").edits)
    gatherings = [e.start for e in moved.events if e.kind == "gathering"]
    assert gatherings == ["2022-03-14T12:00"]
    assert len(found.tasks) - len(moved.tasks) == 3
    assert {t.id for t in found.tasks} - {t.id for t in moved.tasks} < set(question.blocks)
    both = found.edited(next(c for c in question.choices if c.value == "two").edits)
    assert both == found


def test_answers_correct_the_record() -> None:
    found = draft(REAL)
    for code, check in {
        "CASE_NO_YEAR": lambda d: [c.number for c in d.cases][4] == "5/22",
        "YEAR_TYPO": lambda d: "2022" not in d.cases[1].title and "2021" in d.cases[1].title,
        "ROLE_CONFLICT": lambda d: sum("leder" in (p.role or "").lower() for p in d.people) == 1,
    }.items():
        question = next(q for q in found.questions if q.code == code)
        assert question.suggested
        chosen = next(c for c in question.choices if c.value == question.suggested)
        assert check(found.edited(chosen.edits)), code


@pytest.mark.parametrize(
    ("saved", "suffix"), [(as_docx, "docx"), (as_pdf, "pdf"), (as_eml, "eml")], ids=["docx", "pdf", "eml"]
)
def test_the_same_minutes_in_other_formats_read_as_well(saved: Callable[[str], bytes], suffix: str) -> None:
    scores = of_folder(SHARED, saved, suffix)
    assert {kind: score.f1 for kind, score in scores.items() if score.f1 < 0.95} == {}
    assert scores["meeting date"].f1 == 1.0
