"""The indexes of words: what holds the words that are looked for, on either engine.

They follow the tables by themselves (migrations 0009 and 0019): FTS5 with triggers on SQLite, columns and an
index of an expression, with Norwegian stemming, on PostgreSQL. Every word must occur, as itself or as the
beginning of a longer one; capitals don't count. There are no operators: whatever is typed is words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Session, aliased

from tracker import db
from tracker.models import AgendaItem, Decision, Meeting, Source, Task
from tracker.services import common_words
from tracker.services.visible import HOLDER

LONGEST = 200
MOST_WORDS = 8
LONGEST_WORD = 60
NEWEST = 2000  # of the rows that hold the words, those that a register page goes on with
WORD = re.compile(r"[^\W_]+")


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


MINUTES = "source.draft ->> 'text'"
INDEXED = {
    Kind.TASK: _Indexed("task", ("what", "evidence", "result"), "task.search_words"),
    Kind.DECISION: _Indexed("decision", ("text",), "decision.search_words"),
    Kind.CASE: _Indexed("agenda_item", ("number", "title"), "agenda_item.search_words"),
    Kind.MEETING: _Indexed("meeting", ("title", "place"), "meeting.search_words"),
    Kind.MINUTES: _Indexed("source", ("words",), f"search_words({MINUTES})"),
}
MODELS: dict[Kind, Any] = {
    Kind.TASK: Task,
    Kind.DECISION: Decision,
    Kind.CASE: AgendaItem,
    Kind.MEETING: Meeting,
    Kind.MINUTES: Source,
}


def words_of(given: str) -> list[str]:
    """The words that are looked for; of anything else there are none."""
    return [word[:LONGEST_WORD] for word in WORD.findall(given[:LONGEST].casefold())][:MOST_WORDS]


def looked_for(session: Session, words: list[str]) -> str:
    """The words as the database's own search asks for them: FTS5's, or PostgreSQL's `to_tsquery`.

    FTS5's are quoted, so that none of them is an operator.
    """
    return " ".join(map(_begins, words)) if is_sqlite(session) else _all(words)


def asked_for(session: Session, words: list[str], *kinds: Kind) -> dict[str, str]:
    """The values of the conditions below, for these words in the rows of these kinds. One query at most.

    An index gathers all that begins with a word before it gives any of it, which takes long for a common one.
    FTS5 is asked for the forms of it instead, which it reads as it goes. PostgreSQL's is asked for the other
    words, and the rows that it leads to are looked at.
    """
    if is_sqlite(session):
        forms = common_words.forms(session, words, {kind: INDEXED[kind].name for kind in kinds})
        return {_led(kind): " AND ".join(_any(word, forms[kind]) for word in words) for kind in kinds}
    asked = {"words": _all(words)}
    short: dict[str, str] = {kind: INDEXED[kind].name for kind in kinds if kind is not Kind.MINUTES}
    common = common_words.sampled(session, words, short)
    for kind in kinds:
        leading = [word for word in words if word not in common.get(kind, ())] or words
        asked[_led(kind)] = _all(leading)
        asked[_rest(kind)] = _all([word for word in words if word not in leading])
    return asked


def holds(kind: Kind, *, sqlite: bool) -> ColumnElement[bool]:
    """Whether a row of the query itself holds the words that are `asked_for`.

    On SQLite, which else would read every row that holds a common word, of the newest few thousand that do.
    """
    return MODELS[kind].id.in_(_newest(kind, _led(kind))) if sqlite else led_to(kind)


def matches(kind: Kind, words: str = "") -> ColumnElement[bool]:
    """FTS5's condition, of the words that are `asked_for` or of the value that is named."""
    index: ColumnElement[Any] = literal_column(f"search_{INDEXED[kind].name}")
    return index.op("MATCH", is_comparison=True)(bindparam(words or _led(kind)))


def led_to(kind: Kind) -> ColumnElement[bool]:
    """PostgreSQL's condition: its index leads to the rows, and what is common in them is looked for there."""
    none = select(func.numnode(tsquery(_rest(kind))) == 0).scalar_subquery()
    return and_(_found(kind, _led(kind)), or_(none, _found(kind, _rest(kind)).is_(True)))


def tells(kind: Kind) -> ColumnElement[bool]:
    """Whether all the words stand in a row of PostgreSQL's, in a form that no index is used for."""
    return _found(kind, "words").is_(True)


def ids(kind: Kind, words: str, *, sqlite: bool) -> Select[Any]:
    """The ids of the rows of one table that hold what is `looked_for`, for the condition of another query.

    `words` is the name of the value that says so. Which of them may be seen is for that query to say
    (`visible.py`). On SQLite, it is the newest few thousand.
    """
    if sqlite:
        return _newest(kind, words)
    model = MODELS[kind]
    mine = model.organisation_id == HOLDER.organisation_id
    return select(model.id).where(_found(kind, words), mine).correlate(None)


def tsquery(words: str = "words") -> ColumnElement[Any]:
    """What PostgreSQL is to look for."""
    return func.to_tsquery(literal_column("'norwegian'"), bindparam(words, type_=String))


def is_sqlite(session: Session) -> bool:
    """Whether the words are FTS5's."""
    return session.get_bind().dialect.name == "sqlite"


def _newest(kind: Kind, words: str) -> Select[Any]:
    place, same = table(f"search_{INDEXED[kind].name}", column("rowid")), aliased(MODELS[kind])
    return (
        select(place.c.rowid)
        .join(same, same.id == place.c.rowid)
        .where(matches(kind, words), same.organisation_id == HOLDER.organisation_id)
        .order_by(place.c.rowid.desc())
        .limit(db.rows(NEWEST))
    )


def _found(kind: Kind, words: str) -> ColumnElement[bool]:
    """PostgreSQL's condition in the words of its index. The words are read once, not for each row."""
    once = select(tsquery(words)).scalar_subquery()
    return literal_column(INDEXED[kind].ready).op("@@", is_comparison=True)(once)


def _led(kind: Kind) -> str:
    return f"led_{kind.name}"


def _rest(kind: Kind) -> str:
    return f"rest_{kind.name}"


def _begins(word: str) -> str:
    return f'"{word}"*'


def _any(word: str, forms: dict[str, list[str]]) -> str:
    return "(" + " OR ".join(f'"{form}"' for form in forms[word]) + ")" if word in forms else _begins(word)


def _all(words: list[str]) -> str:
    return " & ".join(f"'{word}':*" for word in words)
