"""Minutes that come a second time, corrected: what of them is in the register already.

Each row that was written from the earlier minutes is put beside the proposal that it now is, together with
what the minutes said when it was written. What the document changed is thus told from what the secretary
changed in the register, and only the first is proposed as a change (a comparison of three versions).
Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.minutes.draft import Decision, Draft, Event, Task
from tracker.minutes.likeness import Words, likeness, paired, words
from tracker.models import (
    AgendaItem,
    Assignment,
    Body,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Source,
    SourceState,
    Verdict,
)
from tracker.models import Decision as DecisionRow
from tracker.models import Task as TaskRow

ALIKE = 0.5
"""So much must two texts have in common to be the same task, decision or event, said anew."""
SAME_DOCUMENT = 0.6
"""So many of its lines must minutes share with others to be a correction of them, when the date differs."""
LATEST = 20
"""With how many published minutes of the body a document is compared."""

Row = TypeVar("Row")
Proposal = TypeVar("Proposal")


@dataclass(frozen=True, slots=True)
class Pair(Generic[Row, Proposal]):
    """A row of the register, and what the minutes said when it was written (None: no longer known)."""

    row: Row
    before: Proposal | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The minutes that are corrected, and what came of them, by the ids of the new draft."""

    meeting: Meeting
    source: Source
    draft: Draft
    tasks: Mapping[str, Pair[TaskRow, Task]]
    decisions: Mapping[str, Pair[DecisionRow, Decision]]
    events: Mapping[str, Pair[Meeting, Event]]
    gone: tuple[TaskRow | DecisionRow | Meeting, ...]


def answered(read: Draft, verdicts: Mapping[str, Verdict]) -> Draft:
    """The draft with the edits that answers to its questions make, and the head as it was put right."""
    edits = tuple(
        edit
        for question in read.questions
        if question.id in verdicts
        for choice in question.choices
        if choice.value == verdicts[question.id].value.get("choice")
        for edit in choice.edits
    )
    draft = read.edited(edits)
    head = verdicts["head"].value if "head" in verdicts else {}
    changed: dict[str, Any] = {k: head[k] for k in ("date", "start", "end", "place") if k in head}
    return replace(draft, meeting=replace(draft.meeting, **changed)) if changed else draft


def meeting_before(session: Session, source: Source, body: Body, draft: Draft) -> Meeting | None:
    """The meeting that `draft` is corrected minutes of: of the same body and day, or nearly the same text."""
    day = date.fromisoformat(draft.meeting.date) if draft.meeting.date else None
    others = session.scalars(
        select(Source)
        .join(Meeting, Meeting.minutes_id == Source.id)
        .where(
            Source.organisation_id == source.organisation_id,
            Source.body_id == body.id,
            Source.id != source.id,
            Source.state == SourceState.PUBLISHED,
        )
        .options(joinedload(Source.meeting))
        .order_by((Meeting.starts_on == day).desc(), Source.published_at.desc())
        .limit(LATEST)
    ).unique()
    lines = _lines(draft.text)
    found: list[tuple[float, Meeting]] = []
    for other in others:
        meeting = other.meeting
        if meeting is None or meeting.status is MeetingStatus.CANCELLED:
            continue
        share = likeness(lines, _lines(str(other.draft.get("text", ""))))
        if meeting.starts_on == day or share >= SAME_DOCUMENT:
            found.append((share + (meeting.starts_on == day), meeting))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def still_said(before: Source, read: Draft) -> dict[str, Verdict]:
    """Answers given to the earlier minutes that hold for the new draft, as unsaved verdicts by its ids.

    A question asked in the same words; a proposal that was left out and stands as it did; a person.
    """
    old, given = Draft.from_json(before.draft), {v.card: v for v in before.verdicts}
    found: dict[str, Verdict] = {}

    def keep(card: str, verdict: Verdict) -> None:
        found[card] = Verdict(card=card, value=verdict.value, revision=0, by=verdict.by, at=verdict.at)

    questions = {(q.code, _plain(q.text), _plain(q.evidence)): q for q in old.questions if q.id in given}
    for question in read.questions:
        asked = questions.get((question.code, _plain(question.text), _plain(question.evidence)))
        choice = given[asked.id].value.get("choice") if asked else None
        if asked and choice in {c.value for c in question.choices}:
            keep(question.id, given[asked.id])
    for name, said in (("tasks", "evidence"), ("decisions", "text"), ("events", "evidence")):
        left_out = [
            row for row in getattr(old, name) if row.id in given and given[row.id].value.get("skipped")
        ]
        proposed = getattr(read, name)
        same = paired(left_out, proposed, lambda _a, _b: 0, least=1, key=(_whole(said), _whole(said)))
        for i, j in same.items():
            keep(proposed[j].id, given[left_out[i].id])
    people = {_plain(person.name): person.id for person in old.people if person.id in given}
    for person in read.people:
        if _plain(person.name) in people:
            keep(person.id, given[people[_plain(person.name)]])
    if "head" in given and old.meeting.date == read.meeting.date:
        keep("head", given["head"])
    return found


def compare(session: Session, meeting: Meeting, draft: Draft) -> Earlier:
    """What is in the register from the minutes of `meeting`, beside the proposals of `draft`."""
    assert meeting.minutes is not None
    tasks = _tasks(session, meeting)
    decisions = _decisions(session, meeting)
    numbers = {meeting.minutes_id, *(t.source_id for t in tasks), *(d.source_id for d in decisions)}
    sources = session.scalars(
        select(Source).where(Source.id.in_(numbers)).options(selectinload(Source.verdicts))
    ).all()
    said = {s.id: answered(Draft.from_json(s.draft), {v.card: v for v in s.verdicts}) for s in sources}
    latest = said[meeting.minutes.id]
    events = _events(session, meeting, set(said), latest)

    task_pairs = paired(
        [_TaskSeen.row(t) for t in tasks], [_TaskSeen.proposal(t) for t in draft.tasks], _TaskSeen.worth,
        least=ALIKE, key=(_TaskSeen.key, _TaskSeen.key),
    )  # fmt: skip
    decision_pairs = paired(
        [(words(d.text), d.agenda_item.number) for d in decisions],
        [(words(d.text), d.case) for d in draft.decisions],
        lambda a, b: _alike(a[0], b[0], bonus=0.3 * (a[1] == b[1])), least=ALIKE,
        key=(lambda a: a, lambda b: b),
    )  # fmt: skip
    event_pairs = paired(
        [_EventSeen.row(e) for e in events], [_EventSeen.proposal(e) for e in draft.events],
        _EventSeen.worth, least=ALIKE,
    )  # fmt: skip
    left: list[TaskRow | DecisionRow | Meeting] = [
        *(row for i, row in enumerate(tasks) if i not in task_pairs),
        *(row for i, row in enumerate(decisions) if i not in decision_pairs),
        *(row for i, row in enumerate(events) if i not in event_pairs),
    ]
    return Earlier(
        meeting=meeting,
        source=meeting.minutes,
        draft=latest,
        tasks={
            draft.tasks[j].id: Pair(tasks[i], _task_before(tasks[i], said)) for i, j in task_pairs.items()
        },
        decisions={
            draft.decisions[j].id: Pair(decisions[i], _decision_before(decisions[i], said))
            for i, j in decision_pairs.items()
        },
        events={
            draft.events[j].id: Pair(events[i], _event_before(events[i], said, latest))
            for i, j in event_pairs.items()
        },
        gone=tuple(row for row in left if row.source_id == meeting.minutes_id and _in_use(row)),
    )


def _in_use(row: TaskRow | DecisionRow | Meeting) -> bool:
    """Whether anything follows if the minutes no longer have it; what was added by hand never stood there."""
    if isinstance(row, TaskRow):
        return row.is_open and bool(row.evidence)
    return isinstance(row, DecisionRow) or row.status is MeetingStatus.CALLED


# --- what the register has -----------------------------------------------------------------------


def _tasks(session: Session, meeting: Meeting) -> Sequence[TaskRow]:
    return session.scalars(
        select(TaskRow)
        .where(TaskRow.meeting_id == meeting.id, TaskRow.source_id.is_not(None))
        .options(
            joinedload(TaskRow.agenda_item),
            joinedload(TaskRow.due_event),
            selectinload(TaskRow.assignments).joinedload(Assignment.person),
        )
        .order_by(TaskRow.id)
    ).all()


def _decisions(session: Session, meeting: Meeting) -> Sequence[DecisionRow]:
    return session.scalars(
        select(DecisionRow)
        .join(DecisionRow.agenda_item)
        .where(AgendaItem.meeting_id == meeting.id, DecisionRow.withdrawn_at.is_(None))
        .options(joinedload(DecisionRow.agenda_item))
        .order_by(AgendaItem.position, DecisionRow.position)
    ).all()


def _events(session: Session, meeting: Meeting, sources: set[int], latest: Draft) -> list[Meeting]:
    """The meetings that the minutes announced: those written from them, and those that were there before."""
    days = {date.fromisoformat(e.start[:10]) for e in latest.events if e.start}
    said = {(e.kind, e.start[:10]) for e in latest.events if e.start}
    found = session.scalars(
        select(Meeting)
        .where(
            Meeting.organisation_id == meeting.organisation_id,
            Meeting.body_id == meeting.body_id,
            Meeting.id != meeting.id,
            or_(Meeting.source_id.in_(sources), Meeting.starts_on.in_(days)),
        )
        .order_by(Meeting.starts_on, Meeting.id)
    )
    return [m for m in found if m.source_id in sources or (m.kind, m.starts_on.isoformat()) in said]


def _task_before(row: TaskRow, said: Mapping[int, Draft]) -> Task | None:
    """The proposal that `row` was written from."""
    draft = said.get(row.source_id or 0)
    places = [t for t in draft.tasks if t.span == (row.span_start, row.span_end)] if draft else []
    wanted = words(row.what)
    return max(places, key=lambda t: likeness(words(t.what), wanted), default=None)


def _decision_before(row: DecisionRow, said: Mapping[int, Draft]) -> Decision | None:
    draft = said.get(row.source_id or 0)
    return (
        next((d for d in draft.decisions if d.span == (row.span_start, row.span_end)), None)
        if draft
        else None
    )


def _event_before(row: Meeting, said: Mapping[int, Draft], latest: Draft) -> Event | None:
    draft = said.get(row.source_id or 0, latest)
    if row.source_id in said:
        same = [e for e in draft.events if e.evidence == row.evidence]
    else:
        same = [e for e in draft.events if e.kind == row.kind]
    day = row.starts_on.isoformat()
    return max(
        same,
        key=lambda e: ((e.start or "")[:10] == day, likeness(words(e.title), words(row.title))),
        default=None,
    )


# --- what is the same ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _TaskSeen:
    """What tells whether two tasks are the same."""

    evidence: Words
    what: Words
    case: str | None
    owners: frozenset[str]

    @classmethod
    def row(cls, task: TaskRow) -> _TaskSeen:
        owners = frozenset(_plain(a.person.name) for a in task.owners)
        return cls(words(task.evidence), words(task.what), task.case_number, owners)

    @classmethod
    def proposal(cls, task: Task) -> _TaskSeen:
        return cls(words(task.evidence), words(task.what), task.case, frozenset(map(_plain, task.owners)))

    def key(self) -> tuple[Words, Words, frozenset[str]]:
        return self.evidence, self.what, self.owners

    def worth(self, other: _TaskSeen) -> float:
        same_words = likeness(self.what, other.what)
        bonus = 0.3 * same_words + 0.2 * (self.case == other.case) + 0.1 * bool(self.owners & other.owners)
        return _alike(self.evidence, other.evidence, bonus=bonus, least=same_words)


@dataclass(frozen=True, slots=True)
class _EventSeen:
    evidence: Words
    title: Words
    kind: str
    day: str

    @classmethod
    def row(cls, meeting: Meeting) -> _EventSeen:
        return cls(words(meeting.evidence), words(meeting.title), meeting.kind, meeting.starts_on.isoformat())

    @classmethod
    def proposal(cls, event: Event) -> _EventSeen:
        kind = event.kind if event.kind in set(MeetingKind) else MeetingKind.MEETING
        return cls(words(event.evidence), words(event.title), kind, (event.start or "")[:10])

    def worth(self, other: _EventSeen) -> float:
        if self.kind != other.kind:
            return 0.0
        bonus = float(self.day == other.day) + 0.3 * likeness(self.title, other.title)
        return _alike(self.evidence, other.evidence, bonus=bonus, least=float(self.day == other.day))


def _alike(one: Words, other: Words, *, bonus: float, least: float = 0.0) -> float:
    """How well two fit: nothing when they have too little in common, whatever else speaks for them."""
    alike = max(likeness(one, other), least)
    return alike + bonus if alike >= ALIKE else 0.0


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _whole(name: str) -> Any:
    """A proposal by all its words."""
    return lambda row: (
        _plain(getattr(row, name)),
        _plain(getattr(row, "what", "") or getattr(row, "title", "")),
    )


def _lines(text: str) -> frozenset[str]:
    return frozenset(plain for line in text.splitlines() if len(plain := _plain(line)) > 15)
