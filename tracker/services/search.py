"""Full-text search over tasks, decisions, cases, meetings and the words of minutes, on either engine.

The indexes follow the tables by themselves (migrations 0009 and 0019): FTS5 with triggers on SQLite, columns
and an index of an expression, with Norwegian stemming, on PostgreSQL. Every word must occur, as itself or as
the beginning of a longer one; capitals don't count. There are no operators: whatever is typed is words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
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
from tracker.services import visible
from tracker.services.visible import HOLDER, held

LONGEST = 200
MOST_WORDS = 8
LONGEST_WORD = 60
FIRST = 6  # of each kind, on the page that shows all kinds
PAGE = 30
MOST_PAGES = 20
NEWEST = 2000  # of the rows that hold the words, those that a register page goes on with
WORD = re.compile(r"[^\W_]+")
BEGIN, END = "\x02", "\x03"  # around what was found; no text of ours holds them


class Kind(StrEnum):
    """What is searched, in the order of the page."""

    TASK = "oppgaver"
    DECISION = "vedtak"
    CASE = "saker"
    MEETING = "moter"
    MINUTES = "referater"


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A table with its index: the columns of the FTS5 table; what PostgreSQL's index is of."""

    name: str
    columns: tuple[str, ...]
    ready: str


_MINUTES = "source.draft ->> 'text'"
INDEXED = {
    Kind.TASK: _Indexed("task", ("what", "evidence", "result"), "task.search_words"),
    Kind.DECISION: _Indexed("decision", ("text",), "decision.search_words"),
    Kind.CASE: _Indexed("agenda_item", ("number", "title"), "agenda_item.search_words"),
    Kind.MEETING: _Indexed("meeting", ("title", "place"), "meeting.search_words"),
    Kind.MINUTES: _Indexed("source", ("words",), f"search_words({_MINUTES})"),
}
MODELS: dict[Kind, Any] = {
    Kind.TASK: Task,
    Kind.DECISION: Decision,
    Kind.CASE: AgendaItem,
    Kind.MEETING: Meeting,
    Kind.MINUTES: Source,
}

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


def words_of(given: str) -> list[str]:
    """The words that are looked for; of anything else there are none."""
    return [word[:LONGEST_WORD] for word in WORD.findall(given[:LONGEST].casefold())][:MOST_WORDS]


def find(session: Session, rights: Rights, given: str, only: Kind | None = None, page: int = 1) -> Found:
    """What the person may see that holds all the words, the newest first. One query.

    A few of each kind, or a page of `only` one.
    """
    words = words_of(given)
    if not words:
        return Found(words, {}, frozenset())
    most = PAGE if only else FIRST
    skipped = (min(max(page, 1), MOST_PAGES) - 1) * PAGE if only else 0
    asked = held(rights, words=looked_for(session, words), most=most + 1, skipped=skipped)
    hits: dict[Kind, list[Hit]] = {}
    for row in session.execute(_statement(is_sqlite(session), only), asked):
        hits.setdefault(Kind(row.kind), []).append(_hit(row))
    more = frozenset(kind for kind, found in hits.items() if len(found) > most)
    return Found(words, {kind: found[:most] for kind, found in hits.items()}, more)


def looked_for(session: Session, words: list[str]) -> str:
    """The words as the database's own search asks for them: FTS5's, or PostgreSQL's `to_tsquery`.

    FTS5's are quoted, so that none of them is an operator.
    """
    if is_sqlite(session):
        return " ".join(f'"{word}"*' for word in words)
    return " & ".join(f"'{word}':*" for word in words)


def holds(kind: Kind, *, sqlite: bool) -> ColumnElement[bool]:
    """Whether a row of the query itself holds what is looked for, as `ids` finds it."""
    return MODELS[kind].id.in_(ids(kind, sqlite=True)) if sqlite else _holds(INDEXED[kind])


def ids(kind: Kind, words: str = "words", *, sqlite: bool) -> Select[Any]:
    """The ids of the rows of one table that hold all the words, for the condition of another query.

    `words` is the name of the value that says what is `looked_for`. Which of them may be seen is for that
    query to say (`visible.py`). On SQLite, which else would read every row that holds a common word, it is
    the newest few thousand.
    """
    indexed, model = INDEXED[kind], MODELS[kind]
    if not sqlite:
        mine = model.organisation_id == HOLDER.organisation_id
        return select(model.id).where(_holds(indexed, words), mine).correlate(None)
    place, same = table(f"search_{indexed.name}", column("rowid")), aliased(model)
    return (
        select(place.c.rowid)
        .join(same, same.id == place.c.rowid)
        .where(_matches(indexed, words), same.organisation_id == HOLDER.organisation_id)
        .order_by(place.c.rowid.desc())
        .limit(db.rows(NEWEST))
    )


@cache
def _statement(sqlite: bool, only: Kind | None) -> CompoundSelect[Any]:
    most, skipped = db.rows("most"), db.rows("skipped")
    kinds = [only] if only else list(Kind)
    return union_all(*(select(_hits(sqlite, kind).limit(most).offset(skipped).subquery()) for kind in kinds))


def _hits(sqlite: bool, kind: Kind) -> Select[Any]:
    """The query of one kind: what `Hit` wants, with the marks in it."""
    model, indexed = MODELS[kind], INDEXED[kind]
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
        place = table(f"search_{indexed.name}", column("rowid"))
        query = query.select_from(place).join(model, model.id == place.c.rowid)
        newest: ColumnElement[Any] = place.c.rowid.desc()
        condition: ColumnElement[bool] = _matches(indexed)
    else:
        query, newest = query.select_from(model), model.id.desc()
        condition = _holds(indexed)
    return _joined(query, kind).where(condition).order_by(newest)


def _joined(query: Select[Any], kind: Kind) -> Select[Any]:
    """The query with the rows around its own, restricted to what the person may see and read."""
    if kind is Kind.TASK:
        query = query.join(Body, Body.id == Task.body_id).outerjoin(
            AgendaItem, AgendaItem.id == Task.agenda_item_id
        )
        return query.where(visible.tasks(HOLDER), visible.words_of_tasks(HOLDER))
    if kind is Kind.DECISION:
        query = query.join(AgendaItem, AgendaItem.id == Decision.agenda_item_id).where(
            Decision.withdrawn_at.is_(None)
        )
    if kind in (Kind.DECISION, Kind.CASE):
        query = query.join(Meeting, Meeting.id == AgendaItem.meeting_id).where(visible.cases(HOLDER))
    if kind is Kind.MINUTES:
        query = query.join(Meeting, Meeting.minutes_id == Source.id).where(visible.minutes(HOLDER))
    return query.join(Body, Body.id == Meeting.body_id).where(visible.meetings(HOLDER))


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
    return func.ts_headline(literal_column("'norwegian'"), _column(kind, at), _tsquery(), how)


def _part(sqlite: bool, kind: Kind, at: int) -> ColumnElement[Any]:
    """The place in a long column that holds the most of what was found, with marks."""
    indexed = INDEXED[kind]
    if sqlite:
        return func.snippet(literal_column(f"search_{indexed.name}"), at, BEGIN, END, "…", 32)
    how = f"StartSel={BEGIN}, StopSel={END}, MaxWords=32, MinWords=16, MaxFragments=1"
    return func.ts_headline(literal_column("'norwegian'"), _column(kind, at), _tsquery(), how)


def _column(kind: Kind, at: int) -> ColumnElement[Any]:
    indexed = INDEXED[kind]
    if kind is Kind.MINUTES:
        return literal_column(_MINUTES)
    return func.coalesce(literal_column(f"{indexed.name}.{indexed.columns[at]}"), "")


def _matches(indexed: _Indexed, words: str = "words") -> ColumnElement[bool]:
    """FTS5's condition."""
    return literal_column(f"search_{indexed.name}").op("MATCH", is_comparison=True)(bindparam(words))


def _holds(indexed: _Indexed, words: str = "words") -> ColumnElement[bool]:
    """PostgreSQL's condition, in the words of its index."""
    return literal_column(indexed.ready).op("@@")(_tsquery(words))


def _tsquery(words: str = "words") -> ColumnElement[Any]:
    return func.to_tsquery(literal_column("'norwegian'"), bindparam(words, type_=String))


def is_sqlite(session: Session) -> bool:
    """Whether the words are FTS5's."""
    return session.get_bind().dialect.name == "sqlite"


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
