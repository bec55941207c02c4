"""Tasks in tables: one row with columns for what, who and when."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.minutes import clauses, due, impersonal, phrasing
from tracker.minutes.draft import Due, Task
from tracker.minutes.making import Made, Scene, make, owned, without_tag
from tracker.minutes.obligations import is_task
from tracker.minutes.people import Mention
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.subjects import Clause, Subject, subjects


def of_row(item: list[Statement], scene: Scene) -> list[Made]:
    """The task of a table row with columns for owner and deadline."""
    row, first = item[0].row, item[0]
    if row is None:
        return []
    vocabulary = scene.people.vocabulary
    status = row.due.low.strip(" .") if row.due else ""
    said = f"{status} | {row.status.low if row.status else ''}"
    done = bool(vocabulary.pattern("done", "dropped").search(said)) and not vocabulary.pattern(
        "still_open"
    ).search(said)
    named: list[Made] = []
    rest: list[Statement] = []
    for position, statement in enumerate(item):
        mentions = scene.people.mentions(statement.piece)
        explicit = [
            c
            for c in clauses.with_subject(statement.piece, scene.people, mentions)
            if is_task(c, statement, scene)
        ]
        if explicit and not statement.restricted:
            named += [
                make(c, statement, mentions, item[position - 1].piece if position else None, scene)
                for c in explicit
            ]
        elif not _is_settled(
            statement, vocabulary.either("approval", "briefing", "decision_label", "registration_due")
        ):
            rest.append(statement)
    owner = _row_owner(row.owner, scene)
    due_here = due.of_cell(row.due, scene.calendar, first.section, first.anchor) if row.due else Due()
    if named:
        return [replace(m, task=_filled(m.task, due_here)) for m in named]
    if pending := _of_status(row.status, item, scene):
        return pending
    if row.owner and row.owner.low.strip(" .-–") in vocabulary.those("no_owner_needed"):
        return []
    to_do = row.owner is not None and bool(rest) and impersonal.opening(rest[0].piece, vocabulary)
    if done or not (owner or (row.owner and row.owner.text.strip(" -–")) or to_do):
        return []
    owner = owner or _row_owner(row.above, scene)
    return _row_tasks(item, rest, owner, due_here, scene)


def _of_status(cell: Piece | None, item: list[Statement], scene: Scene) -> list[Made]:
    """The task that a status tells of: "Ikke svart ennå, sekretæren purrer"."""
    if cell is None or len(cell.text) < 8:
        return []
    statement = replace(item[0], piece=cell, first=True)
    mentions = scene.people.mentions(cell)
    said = clauses.with_subject(cell, scene.people, mentions)
    kept = [c for c in said if is_task(c, statement, scene) and c.verb]
    made = [make(c, statement, mentions, item[-1].piece, scene) for c in kept]
    if len(made) == 1 and len(re.findall(r"\w{3,}", made[0].task.what)) <= 3:
        span = (item[0].piece.start, made[0].task.span[1])
        made = [replace(made[0], task=replace(made[0].task, span=span, evidence=scene.text[slice(*span)]))]
    return made


def _is_settled(statement: Statement, pattern: str) -> bool:
    return bool(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", statement.piece.low))


def _filled(task: Task, due_here: Due) -> Task:
    if task.due.kind != "none" and task.due.date:
        return task
    tags = without_tag(task.tags, "no-due") if due_here.date else task.tags
    return replace(task, due=due_here, tags=tags) if due_here.text else task


def owner_of(cells: list[Piece], scene: Scene) -> Subject | None:
    """Who stands in a column of owners: people and groups that are known, else the words as written."""
    found: list[Mention] = []
    for cell in cells:
        groups = subjects(scene.people.mentions(cell), cell.text)
        named = [m for g in groups for m in g.mentions]
        found += named or _as_written(cell, scene)
    return Subject(tuple(found)) if found else None


def _as_written(cell: Piece, scene: Scene) -> list[Mention]:
    """The names in a cell that nobody knows: "Norddata", "VT + MO"."""
    nobody = scene.people.vocabulary.those("nobody")
    parts = re.finditer(r"[^,/+&;]+", cell.text)
    said = [(m.start(), m.group().strip(" .:-–()")) for m in parts]
    return [
        Mention(at, at + len(name), "unknown", (name,), name)
        for at, name in said
        if re.fullmatch(r"[^\W\d_]{2}[^\d]*", name) and name.lower() not in nobody and len(name) < 40
    ]


def _row_owner(cell: Piece | None, scene: Scene) -> Subject | None:
    return owner_of([cell], scene) if cell else None


def _row_tasks(
    item: list[Statement], rest: list[Statement], owner: Subject | None, due_here: Due, scene: Scene
) -> list[Made]:
    """One task for the row; a passive beside it is somebody else's when the owner is a group."""
    vocabulary = scene.people.vocabulary
    found: list[Made] = []
    first = item[0]
    grouped = owner is not None and owner.kinds <= {"group"}
    own = rest or item[:1]
    if grouped and len(rest) > 1:
        passives = [s for s in rest if impersonal.passive(s.piece, vocabulary)]
        own = [s for s in rest if s not in passives] or rest
        for statement in passives if own != rest else []:
            clause = impersonal.passive(statement.piece, vocabulary)
            if clause:
                found.append(make(clause, statement, [], None, scene))
    piece = own[0].piece
    lead = impersonal.opening(piece, vocabulary)
    clause = (
        Clause("row", 0, len(piece.text), lead[0].infinitive, (lead[1], len(piece.text)))
        if lead
        else impersonal.passive(piece, vocabulary)
        or Clause("row", 0, len(piece.text), "", (0, len(piece.text)), noun=True)
    )
    statement = replace(own[0], first=True)
    made = make(replace(clause, rule="row"), statement, [], None, scene)
    span = (
        (item[0].piece.start, item[-1].piece.end)
        if own is not rest or len(rest) == 1
        else (own[0].piece.start, own[-1].piece.end)
    )
    if first.restricted:
        made = replace(
            made,
            task=replace(
                made.task,
                what=f"{phrasing.capital(vocabulary.say['follow_up'])} saken (unntatt offentlighet)",
            ),
        )
    task = replace(
        made.task, due=due_here, span=span, evidence=scene.text[span[0] : span[1]], suggested_owners=()
    )
    task = replace(
        task,
        tags=tuple(
            t
            for t in ("no-owner", "no-due")
            if (t == "no-due" and not due_here.date) or (t == "no-owner" and not owner)
        ),
    )
    made = replace(made, task=task)
    if owner and owner.kinds != {"nobody"}:
        made = owned(made, owner, scene)
    elif owner:
        made = replace(
            made, task=replace(made.task, tags=("no-owner", *without_tag(made.task.tags, "no-owner")))
        )
    found.append(made)
    return found


NEAR = 40
"""A row is compared with so many tasks of the same people at most: a list of thousands stays linear."""


def listed_once(found: list[Made]) -> list[Made]:
    """`found` without rows of a list of tasks that only repeat what stands in the text, wherever it stands.

    A row's deadline goes to the task in the text that has none.
    """
    told: dict[tuple[str, ...], list[int]] = {}
    for place, made in enumerate(found):
        if made.statement.row is None and made.task.owners:
            told.setdefault(made.task.owners, []).append(place)
    kept: dict[int, Made] = dict(enumerate(found))
    for place, made in enumerate(found):
        same = told.get(made.task.owners, [])[-NEAR:] if made.statement.row is not None else []
        twin = next((n for n in same if _alike(kept[n].task.what, made.task.what)), None)
        if twin is None:
            continue
        del kept[place]
        task = kept[twin].task
        if task.due.date is None and made.task.due.date:
            dated = replace(task, due=made.task.due, tags=without_tag(task.tags, "no-due"))
            kept[twin] = replace(kept[twin], task=dated)
    return list(kept.values())


def _alike(one: str, other: str) -> bool:
    first, second = ({w[:6] for w in re.findall(r"\w{4,}", text.lower())} for text in (one, other))
    return len(first & second) * 2 > min(len(first), len(second))
