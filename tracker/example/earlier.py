"""The earlier meetings: their minutes as documents, and what a reader made of them, as it was published.

The drafts stand here as they were read then, so that the example is the same whatever the reader learns.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.example.days import Day
from tracker.minutes.draft import AgendaProposal, Case, Decision, Draft, Due, Event, Meeting, Person, Task

HERE = Path(__file__).parent
FILES = ("1_utvalget.toml", "2_nettverket.toml", "3_utvalget.toml")
MOST_CASES = 9

_CASE = re.compile(r"Sak (?P<number>\d+/\d\d) (?P<title>.+)")
_DECIDED = re.compile(r"Vedtak(?: \((?P<vote>.+)\))?:")
_RESTRICTED = re.compile(r"Unntatt offentlighet, jf\. (?P<basis>.+?\d.*?)\. ")
_POINT = re.compile(r"(?:\d\. |- )?(?P<text>.+)")


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes of one earlier meeting. `keys`: what the story calls its tasks, in the draft's order."""

    name: str
    body: str
    held_on: Day
    draft: Draft
    keys: tuple[str, ...]


def read_all(days: dict[str, Day], present: dict[str, list[dict[str, Any]]]) -> list[Minutes]:
    """The minutes in the order they were published. `present`: the people of each body."""
    found: list[Minutes] = []
    for file in FILES:
        told = tomllib.loads((HERE / file).read_text("utf-8"))
        day = days[told["day"]]
        before = next((m for m in reversed(found) if m.body == told["body"]), None)
        names = {**days, **case_numbers(first_number(before, day), day)}
        found.append(_minutes(told, names, day, present[told["body"]]))
    return found


def first_number(before: Minutes | None, day: Day) -> int:
    """The number of a meeting's first case: on from the body's last meeting, from 1 in a new year."""
    if before is None:
        return 3 * (day.month - 1) + 1
    if before.held_on.year != day.year:
        return 1
    return int((before.draft.cases[-1].number or "0").split("/")[0]) + 1


def case_numbers(first: int, day: Day) -> dict[str, str]:
    """s1, s2 … → "13/26", "14/26" …"""
    return {f"s{n + 1}": f"{first + n}/{day.year % 100:02}" for n in range(MOST_CASES)}


def _minutes(told: dict[str, Any], names: dict[str, Any], day: Day, present: list[dict[str, Any]]) -> Minutes:
    text = told["text"].strip().format_map(names) + "\n"
    cases, decisions = _decided(text)
    events = tuple(_event(n, event, text, names) for n, event in enumerate(told.get("events", ()), 1))
    draft = Draft(
        text=text,
        meeting=Meeting(
            body=told["body"], title=told["title"], date=day.isoformat(),
            start=told["start"], end=told["end"], place=told["place"],
        ),
        people=tuple(
            Person(
                f"p{n}", row["name"], row["title"], row["employer"],
                "absent" if row["name"] in told["absent"] else "present",
            )
            for n, row in enumerate(present, 1)
        ),
        cases=cases,
        decisions=decisions,
        tasks=tuple(
            _task(n, task, text, names, cases, decisions, events) for n, task in enumerate(told["tasks"], 1)
        ),
        events=events,
        agenda_proposals=tuple(
            AgendaProposal(
                f"s{n}", row["title"], row["for_date"].format_map(names), *_place(row["title"], text)
            )
            for n, row in enumerate(told.get("proposals", ()), 1)
        ),
    )  # fmt: skip
    return Minutes(
        told["name"].format_map(names), told["body"], day, draft, tuple(t["key"] for t in told["tasks"])
    )


def _decided(text: str) -> tuple[tuple[Case, ...], tuple[Decision, ...]]:
    """The cases of the minutes, and the decision points under each «Vedtak»."""
    cases: list[Case] = []
    decisions: list[Decision] = []
    vote: str | None = None
    under, place = False, 0
    for line in text.splitlines(keepends=True):
        row, begin = line.rstrip(), place
        place += len(line)
        if case := _CASE.fullmatch(row):
            cases.append(_case(len(cases) + 1, case, (begin, begin + len(row)), text))
        elif decided := _DECIDED.fullmatch(row):
            under, vote = True, decided["vote"]
        elif not row:
            under = False
        elif under and (point := _POINT.fullmatch(row)):
            span = (begin + point.start("text"), begin + point.end("text"))
            kind = _kind(point["text"])
            decisions.append(
                Decision(
                    f"v{len(decisions) + 1}", cases[-1].number, cases[-1].id, point["text"], kind, vote,
                    kind == "substantive", point["text"], span,
                )
            )  # fmt: skip
    return tuple(cases), tuple(decisions)


def _case(count: int, found: re.Match[str], span: tuple[int, int], text: str) -> Case:
    title = found["title"]
    words = {"Godkjenning": "approval", "Orientering": "briefing", "Eventuelt": "any_other_business"}
    basis = _RESTRICTED.match(text, span[1] + 1)
    kind = words.get(title.split()[0], "other")
    return Case(f"c{count}", found["number"], title, kind, basis["basis"] if basis else None, span)


def _kind(decision: str) -> str:
    if decision.endswith("godkjennes."):
        return "approval"
    return "briefing" if decision.endswith("tas til etterretning.") else "substantive"


def _event(count: int, told: dict[str, Any], text: str, names: dict[str, Any]) -> Event:
    evidence, span = _place(told["evidence"].format_map(names), text)
    return Event(
        f"m{count}",
        told["title"],
        told["start"].format_map(names),
        told["end"].format_map(names),
        told["place"],
        kind=told.get("kind", "meeting"),
        evidence=evidence,
        span=span,
    )


def _task(
    count: int,
    told: dict[str, Any],
    text: str,
    days: dict[str, Any],
    cases: Iterable[Case],
    decisions: Iterable[Decision],
    events: Iterable[Event],
) -> Task:
    evidence, span = _place(told["quote"], text, whole_line=True)
    case = [c for c in cases if c.span[0] < span[0]][-1]
    decision = next((d.id for d in decisions if d.span == span), None)
    due, hangs_on = told.get("due"), next((e for e in events if e.id == told.get("event")), None)
    rule = Due()
    if hangs_on is not None:
        rule = Due(text=evidence, kind="before-event", event=hangs_on.id, days=told["days"])
    elif due == "next_meeting":
        rule = Due(text="neste møte", kind="next-meeting")
    elif due is not None:
        rule = Due(date=days[due].isoformat(), text=f"innen {days[due]:dag}", kind="explicit")
    return Task(
        f"o{count}",
        case.number,
        case.id,
        told["what"],
        tuple(told.get("owners", ())),
        tuple(told.get("contributors", ())),
        rule,
        evidence=evidence,
        span=span,
        event=hangs_on.id if hangs_on else None,
        decision=decision,
    )


def _place(words: str, text: str, *, whole_line: bool = False) -> tuple[str, tuple[int, int]]:
    """`words` and where they stand; the whole line (without its number) that they stand in when asked for."""
    begin = text.index(words)
    end = begin + len(words)
    if whole_line:
        start = text.rfind("\n", 0, begin) + 1
        found = _POINT.match(text, start)
        assert found is not None
        begin, end = found.span("text")
    return text[begin:end], (begin, end)
