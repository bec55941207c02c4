"""What a reader says about a document: proposals with their evidence, and questions with their choices.

Pure data. A draft is stored as JSON (`Draft.to_json`, `Draft.from_json`), printed by `tracker read --json`
and shown on the review page. Every proposal has an `id` that stays the same while the draft lives
("o8" task, "v4" decision, "m1" event, "s2" agenda proposal, "c3" case, "p5" person, "u1" status update,
"q1" question), the verbatim words it came from (`evidence`) and their place in `Draft.text` (`span`,
characters, end exclusive).
"""

from __future__ import annotations

import functools
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal, Self

Span = tuple[int, int]
Attendance = Literal["present", "absent", "substitute", "mentioned"]
Certainty = Literal["high", "medium", "low"]
Severity = Literal["must-resolve", "review", "info"]
DueKind = Literal[
    "explicit", "relative", "week", "event", "before-event", "after-event",
    "next-meeting", "fuzzy", "recurring", "inferred", "none",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meeting:
    """The head of the minutes. Dates are ISO dates, times "HH:MM"; what the text does not say is None."""

    organisation: str | None = None
    body: str | None = None
    kind: str = "meeting"
    title: str | None = None
    date: str | None = None
    start: str | None = None
    end: str | None = None
    place: str | None = None
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the document names, as fully as it allows."""

    id: str
    name: str
    role: str | None = None
    organisation: str | None = None
    attendance: Attendance = "mentioned"
    substitutes_for: str | None = None
    email: str | None = None
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Case:
    """A case (sak). `restricted` is the legal basis as written when the case is not public."""

    id: str
    number: str | None
    title: str
    type: str = "other"
    restricted: str | None = None
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision point (vedtakspunkt). `case` is the case's number, `case_id` its id in this draft.

    `rule` names the rule that saw it, as on every proposal.
    """

    id: str
    case: str | None
    case_id: str | None
    text: str
    kind: str = "substantive"
    vote: str | None = None
    needs_follow_up: bool = True
    evidence: str = ""
    span: Span = (0, 0)
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as the text gives it. `date` is what to propose (ISO), `text` the words.

    Relative deadlines keep what they hang on: `event` is the id of the event, `days` its offset in days
    (negative: before), so that they move when it moves.
    """

    date: str | None = None
    text: str | None = None
    kind: DueKind = "none"
    event: str | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody is to do something. `owners` answer for it, `contributors` help.

    `event` is the id of the event the task prepares, from which a deadline can be suggested;
    `decision` the id of the decision it follows from; `names` maps a full name to the words it was read
    from ("Berit Kampen" → "Berit") where they differ; `rule` names the rule that saw it;
    `tags` holds codes shown on the card ("offer", "outside-decision", "not-decided", "no-owner", "no-due").
    """

    id: str
    case: str | None
    case_id: str | None
    what: str
    owners: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    due: Due = Due()
    status: str = "open"
    evidence: str = ""
    span: Span = (0, 0)
    certainty: Certainty = "high"
    event: str | None = None
    decision: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    suggested_owners: tuple[str, ...] = ()
    rule: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting or gathering named in the text. `start`/`end`: ISO dates or local date-times.

    `assumed` names what the text does not say but custom fills in ("time": lunsj til lunsj, 12.00 → 13.00).
    """

    id: str
    title: str
    start: str | None
    end: str | None = None
    place: str | None = None
    registration: str | None = None
    kind: str = "meeting"
    evidence: str = ""
    span: Span = (0, 0)
    assumed: tuple[str, ...] = ()
    audience: str | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class AgendaProposal:
    """A case put forward for a later meeting: not decided, no task comes of it yet."""

    id: str
    title: str
    for_date: str | None = None
    evidence: str = ""
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """What the minutes say of an earlier case or task.

    `status`: "done", "postponed", "dropped" or "open"; `due` is the new deadline (ISO date), where given.
    """

    id: str
    case: str | None
    status: str
    evidence: str = ""
    span: Span = (0, 0)
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What a choice does to the draft: `field` of the proposal `target` becomes `value`.

    `target` is the id of a proposal, or "meeting". Nested fields are dotted ("due.date").
    The field "skip" with value True leaves the proposal out.
    """

    target: str
    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One button under a question: `label`, the consequence as `detail`, and the edits it makes."""

    label: str
    value: str
    detail: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt that the reader can't settle. `blocks`: ids of proposals that wait for the answer.

    `text` is the question in one line, `why` one sentence that says what is unclear,
    `quotes` further places (spans) that belong to it besides `span`.
    """

    id: str
    code: str
    severity: Severity
    text: str
    why: str = ""
    evidence: str = ""
    span: Span = (0, 0)
    quotes: tuple[Span, ...] = ()
    choices: tuple[Choice, ...] = ()
    suggested: str | None = None
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noise:
    """A stretch of the text that is no content: a running page header, a signature, quoted history."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything a reader found. `text` is the document's text; all spans are places in it."""

    text: str = ""
    language: str = "nb"
    meeting: Meeting = Meeting()
    people: tuple[Person, ...] = ()
    cases: tuple[Case, ...] = ()
    decisions: tuple[Decision, ...] = ()
    tasks: tuple[Task, ...] = ()
    events: tuple[Event, ...] = ()
    agenda_proposals: tuple[AgendaProposal, ...] = ()
    status_updates: tuple[StatusUpdate, ...] = ()
    questions: tuple[Question, ...] = ()
    noise: tuple[Noise, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types; the keys are those of the fields."""
        return typing.cast(dict[str, Any], _plain(self))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`. Keys it doesn't know are ignored (a newer reader wrote them)."""
        return typing.cast(Self, _build(cls, data))

    def edited(self, edits: tuple[Edit, ...]) -> Draft:
        """This draft with `edits` made; edits of things that aren't there are left out."""
        draft = self
        for edit in edits:
            draft = _edited(draft, edit)
        return draft


def _plain(value: Any) -> Any:
    """`value` as plain JSON types. `dataclasses.asdict` copies every string, and takes four times as long."""
    if isinstance(value, (str, int, types.NoneType)):
        return value
    if isinstance(value, (tuple, list)):
        return value.__class__(map(_plain, value))
    if isinstance(value, dict):
        return dict(value)
    return {name: _plain(getattr(value, name)) for name in value.__slots__}


_LISTS = ("people", "cases", "decisions", "tasks", "events", "agenda_proposals", "status_updates")


def _edited(draft: Draft, edit: Edit) -> Draft:
    if edit.target == "meeting":
        return replace(draft, meeting=_with(draft.meeting, edit.field, edit.value))
    for name in _LISTS:
        rows = getattr(draft, name)
        if any(row.id == edit.target for row in rows):
            if edit.field == "skip":
                kept = tuple(r for r in rows if r.id != edit.target or not edit.value)
            else:
                kept = tuple(_with(r, edit.field, edit.value) if r.id == edit.target else r for r in rows)
            changed: dict[str, Any] = {name: kept}
            return replace(draft, **changed)
    return draft


def _with(row: Any, name: str, value: Any) -> Any:
    head, _, rest = name.partition(".")
    known = {f.name: f for f in fields(row)}
    if head not in known:
        return row
    if rest:
        return replace(row, **{head: _with(getattr(row, head), rest, value)})
    return replace(row, **{head: _build(_hints(row.__class__)[head], value)})


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    """`value` (plain JSON) as the type `kind`: dataclasses, tuples, dicts and unions with None."""
    if value is None:
        return None
    origin = typing.get_origin(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, kind):
            return value
        hints = _hints(kind)
        return kind(**{f.name: _build(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    if origin in (typing.Union, types.UnionType):
        inner = [k for k in typing.get_args(kind) if k is not type(None)]
        return _build(inner[0], value)
    if origin is tuple:
        args = typing.get_args(kind)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_build(args[0], v) for v in value)
        return tuple(_build(k, v) for k, v in zip(args, value, strict=True))
    if origin is dict:
        return dict(value)
    return value
