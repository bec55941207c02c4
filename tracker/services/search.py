"""The search page: tasks, decisions, cases, meetings and minutes that hold the words, the newest first.

FTS5 gives what it finds in that order. PostgreSQL's index gives all there is, in none: so the newest rows are
looked at one by one, which is all that a common word takes, and the index is asked where they don't suffice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker import db
from tracker.models import AgendaItem, Body, Decision, Meeting, Source, Task
from tracker.rules.access import Rights
from tracker.services import visible, word_index
from tracker.services.visible import HOLDER, held
from tracker.services.word_index import INDEXED, MODELS, Kind, is_sqlite, words_of

FIRST = 6  # of each kind, on the page that shows all kinds
PAGE = 30
MOST_PAGES = 20
LATEST = 2000  # rows that are looked at before PostgreSQL's index is: half a millisecond's
BEGIN, END = "\x02", "\x03"  # around what was found; no text of ours holds them

Pieces = list[tuple[str, bool]]
"""A text in pieces, each with whether it was found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. `row_id` is the id of what its page shows (for a case: its meeting).

    `quote`: words of it around what was found, when the title doesn't say it all.
    """

    kind: Kind
    row_id: int
    title: Pieces
    quote: Pieces
    body: str
    day: date | None
    number: str | None
    restricted: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by kind; `more`: the kinds of which there is more than is shown."""

    words: list[str]
    hits: dict[Kind, list[Hit]]
    more: frozenset[Kind]

    def __len__(self) -> int:
        return sum(map(len, self.hits.values()))


def find(session: Session, rights: Rights, given: str, only: Kind | None = None, page: int = 1) -> Found:
    """What the person may see that holds all the words, the newest first. Two queries.

    A few of each kind, or a page of `only` one.
    """
    words = words_of(given)
    if not words:
        return Found(words, {}, frozenset())
    most = PAGE if only else FIRST
    skipped = (min(max(page, 1), MOST_PAGES) - 1) * PAGE if only else 0
    asked = held(
        rights,
        **word_index.asked_for(session, words, *([only] if only else Kind)),
        most=most + 1,
        skipped=skipped,
        wanted=skipped + most + 1,
    )
    hits: dict[Kind, list[Hit]] = {}
    for row in session.execute(_statement(is_sqlite(session), only, not rights.bodies), asked):
        hits.setdefault(Kind(row.kind), []).append(_hit(row))
    more = frozenset(kind for kind, found in hits.items() if len(found) > most)
    return Found(words, {kind: found[:most] for kind, found in hits.items()}, more)


@cache
def _statement(sqlite: bool, only: Kind | None, bodiless: bool) -> CompoundSelect[Any]:
    most, skipped = db.rows("most"), db.rows("skipped")
    kinds = [only] if only else list(Kind)
    each = (_hits(sqlite, kind, bodiless).limit(most).offset(skipped) for kind in kinds)
    return union_all(*(select(one.subquery()) for one in each))


def _hits(sqlite: bool, kind: Kind, bodiless: bool) -> Select[Any]:
    """The query of one kind: what `Hit` wants, with the marks; its tables as they are to be read in turn."""
    model, place = MODELS[kind], table(f"search_{INDEXED[kind].name}", column("rowid"))
    title, quote, number, restricted = _shown(sqlite, kind)
    row_id = {Kind.CASE: AgendaItem.meeting_id}.get(kind, model.id)
    day = Meeting.starts_on if kind is not Kind.TASK else Task.due_on
    query = select(
        literal(kind.value).label("kind"),
        row_id.label("row_id"),
        title.label("title"),
        quote.label("quote"),
        Body.name.label("body"),
        day.label("day"),
        cast(number, String).label("number"),
        restricted.label("restricted"),
    )
    if sqlite:
        found = place.c.rowid + 0  # `+ 0`: what holds the words is found first, and not asked of each meeting
        query = query.select_from(place).join(model, model.id == found)
        query = query.where(word_index.matches(kind)).order_by(place.c.rowid.desc())
    else:
        newest = (_own() if bodiless and kind is Kind.TASK else _newest(kind)).subquery()
        query = query.select_from(newest).join(model, model.id == newest.c.id).order_by(model.id.desc())
    if kind is Kind.TASK:
        query = query.outerjoin(AgendaItem, AgendaItem.id == Task.agenda_item_id)
    of_body = Task.body_id if kind is Kind.TASK else Meeting.body_id
    return _seen(query, kind).join(Body, Body.id == of_body)


def _newest(kind: Kind) -> Select[Any] | CompoundSelect[Any]:
    """The ids of the newest rows that the person may see and that hold the words, on PostgreSQL."""
    model, most = MODELS[kind], db.rows("wanted")
    place = (model.id + 0).label("place")  # `+ 0`: not by walking back through the table, but by the index
    led_to = select(place).where(word_index.led_to(kind)).order_by(place.desc()).offset(db.rows(0))
    if kind is Kind.MINUTES:  # are long: to look at one takes a thousand times as long
        return _by_index(kind, led_to)
    latest = select(func.max(aliased(model).id) - LATEST).scalar_subquery()
    looked_at = _seen(select(model.id).select_from(model), kind).where(
        model.id > latest, word_index.tells(kind)
    )
    near = looked_at.order_by(model.id.desc()).limit(most).cte(f"near_{INDEXED[kind].name}")
    enough = select(func.count() == most).select_from(near).scalar_subquery()
    far = _by_index(kind, led_to.where(~enough)).subquery()
    return union_all(select(near.c.id).where(enough), select(far))


def _own() -> Select[Any]:
    """Those of somebody in no body, who sees the few tasks that are theirs: each of them is looked at."""
    seen = _seen(select(Task.id), Kind.TASK).where(visible.own_tasks(HOLDER), word_index.tells(Kind.TASK))
    return seen.order_by(Task.id.desc()).limit(db.rows("wanted"))


def _by_index(kind: Kind, led_to: Select[Any]) -> Select[Any]:
    """The first of those rows that the person may see; whose they are is asked of as few as do."""
    model, found = MODELS[kind], led_to.subquery()
    query = select(model.id).select_from(found).join(model, model.id == found.c.place)
    return _seen(query, kind).order_by(found.c.place.desc()).limit(db.rows("wanted"))


def _seen(query: Select[Any], kind: Kind) -> Select[Any]:
    """The query with its meetings, restricted to what the person may see and read."""
    if kind is Kind.TASK:
        return query.where(visible.tasks(HOLDER), visible.words_of_tasks(HOLDER))
    if kind is Kind.DECISION:
        query = query.join(AgendaItem, AgendaItem.id == Decision.agenda_item_id).where(
            Decision.withdrawn_at.is_(None)
        )
    if kind in (Kind.DECISION, Kind.CASE):
        query = query.join(Meeting, Meeting.id == AgendaItem.meeting_id).where(visible.cases(HOLDER))
    if kind is Kind.MINUTES:
        query = query.join(Meeting, Meeting.minutes_id == Source.id).where(visible.minutes(HOLDER))
    return query.where(visible.meetings(HOLDER))


def _shown(sqlite: bool, kind: Kind) -> tuple[Any, ...]:
    """Title, quotation, case number and whether it is restricted."""
    nothing = literal("")
    of_case = AgendaItem.number, AgendaItem.restricted.is_not(None)
    if kind is Kind.TASK:
        return _whole(sqlite, kind, 0), _part(sqlite, kind, 1), *of_case
    if kind is Kind.DECISION:
        return AgendaItem.title, _part(sqlite, kind, 0), *of_case
    if kind is Kind.CASE:
        return _whole(sqlite, kind, 1), nothing, *of_case
    public = null(), literal(value=False)
    if kind is Kind.MEETING:
        return _whole(sqlite, kind, 0), _whole(sqlite, kind, 1), *public
    return Meeting.title, _part(sqlite, kind, 0), *public


def _whole(sqlite: bool, kind: Kind, at: int) -> ColumnElement[Any]:
    """A column with marks around what was found."""
    indexed = INDEXED[kind]
    if sqlite:
        return func.highlight(literal_column(f"search_{indexed.name}"), at, BEGIN, END)
    how = f"StartSel={BEGIN}, StopSel={END}, HighlightAll=true"
    return func.ts_headline(literal_column("'norwegian'"), _column(kind, at), word_index.tsquery(), how)


def _part(sqlite: bool, kind: Kind, at: int) -> ColumnElement[Any]:
    """The place in a long column that holds the most of what was found, with marks."""
    indexed = INDEXED[kind]
    if sqlite:
        return func.snippet(literal_column(f"search_{indexed.name}"), at, BEGIN, END, "…", 32)
    how = f"StartSel={BEGIN}, StopSel={END}, MaxWords=32, MinWords=16, MaxFragments=1"
    return func.ts_headline(literal_column("'norwegian'"), _column(kind, at), word_index.tsquery(), how)


def _column(kind: Kind, at: int) -> ColumnElement[Any]:
    indexed = INDEXED[kind]
    if kind is Kind.MINUTES:
        return literal_column(word_index.MINUTES)
    return func.coalesce(literal_column(f"{indexed.name}.{indexed.columns[at]}"), "")


def _hit(row: Any) -> Hit:
    quote = list(_pieces(" ".join((row.quote or "").split())))
    return Hit(
        kind=Kind(row.kind),
        row_id=row.row_id,
        title=list(_pieces(row.title)),
        quote=quote if any(found for _, found in quote) else [],
        body=row.body,
        day=row.day,
        number=row.number,
        restricted=bool(row.restricted),
    )


def _pieces(marked: str) -> Iterator[tuple[str, bool]]:
    """«a\\x02b\\x03c» as a, b (found), c."""
    for number, piece in enumerate(re.split(f"[{BEGIN}{END}]", marked)):
        if piece:
            yield piece, number % 2 == 1
