"""Which words stand in so many rows that an index had better not gather them all before it gives any."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from sqlalchemy import ARRAY, String, TextClause, bindparam, text
from sqlalchemy.orm import Session

MANY = 100  # rows that begin with a word, after which SQLite looks for its forms
FORMS = 16  # that it is asked for at most
SHORT = 3  # letters: what begins with so few has an index of its own
SAMPLE = 100  # rows here and there, which PostgreSQL reckons by
COMMON = SAMPLE // 20  # of those, from which on a word is common
SQLITE = """
SELECT * FROM (
    WITH RECURSIVE asked (word, last) AS (SELECT value, value || char(1114111) FROM json_each(:words)),
    walk (word, last, form, number) AS (
        SELECT word, last, (SELECT term FROM search_{table}_forms WHERE term BETWEEN word AND last LIMIT 1), 1
        FROM asked WHERE (
            SELECT count(*) = {many} AND count(DISTINCT term) < {forms} FROM (
                SELECT term FROM search_{table}_forms
                WHERE term BETWEEN asked.word AND asked.last LIMIT {many}
            )
        )
        UNION ALL
        SELECT word, last, (
            SELECT term FROM search_{table}_forms
            WHERE term BETWEEN walk.form || char(1) AND walk.last LIMIT 1
        ), number + 1 FROM walk WHERE form IS NOT NULL AND number <= {forms}
    )
    SELECT '{kind}' AS kind, word, form FROM walk
)
"""
POSTGRESQL = """
SELECT '{kind}' AS kind, word
FROM unnest(:words) word, to_tsquery('norwegian', quote_literal(word) || ':*') sought
WHERE numnode(sought) = 0 OR {common} <= (
    SELECT count(*) FROM {table} WHERE search_words @@ sought AND id IN (
        SELECT (last * place / {sample})::integer
        FROM generate_series(1, {sample}) place, (SELECT max(id)::bigint AS last FROM {table}) those
    )
)
"""
Tables = Mapping[str, str]
"""Kinds of rows, each with the name of its table."""


def sampled(session: Session, words: list[str], tables: Tables) -> dict[str, set[str]]:
    """The common words of each kind's rows, on PostgreSQL, with those that stand in no index. One query."""
    common: dict[str, set[str]] = {kind: set() for kind in tables}
    if len(words) > 1:  # else there is none that could do instead
        for kind, word in session.execute(_statement(POSTGRESQL, tuple(tables.items())), {"words": words}):
            common[kind].add(word)
    return common


def forms(session: Session, words: list[str], tables: Tables) -> dict[str, dict[str, list[str]]]:
    """The common words of each kind's rows, on SQLite, each with its forms, if they are few. One query."""
    common: dict[str, dict[str, list[str]]] = {kind: {} for kind in tables}
    long = [word for word in dict.fromkeys(words) if len(word) > SHORT]
    if not long:
        return common
    walked: dict[tuple[str, str], list[str | None]] = {}
    asked = {"words": json.dumps(long)}
    for kind, word, form in session.execute(_statement(SQLITE, tuple(tables.items())), asked):
        walked.setdefault((kind, word), []).append(form)
    for (kind, word), given in walked.items():
        if None in given:  # the walk came to its end
            common[kind][word] = [form for form in given if form]
    return common


@cache
def _statement(template: str, tables: tuple[tuple[str, str], ...]) -> TextClause:
    numbers = {"many": MANY, "forms": FORMS, "sample": SAMPLE, "common": COMMON}
    each = (template.format(kind=kind, table=table, **numbers) for kind, table in tables)
    made = text(" UNION ALL ".join(each))
    return made.bindparams(bindparam("words", type_=ARRAY(String) if template is POSTGRESQL else String))
