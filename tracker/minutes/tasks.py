"""Which sentences hold tasks, from where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tracker.minutes import agents, clauses, due, impersonal, phrasing, rows
from tracker.minutes.clauses import Clause, Subject
from tracker.minutes.draft import Certainty, Task
from tracker.minutes.making import Made, Scene, make, owned, without_tag
from tracker.minutes.obligations import is_task
from tracker.minutes.people import Mention
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement


def read(statements: list[Statement], scene: Scene) -> list[Made]:
    """Every task, in document order."""
    found: list[Made] = []
    by_item: dict[int, list[Statement]] = {}
    for statement in statements:
        by_item.setdefault(statement.item, []).append(statement)
    for item in by_item.values():
        if item[0].row is not None:
            found += rows.of_row(item, scene)
            continue
        found += _of_item(item, scene, found)
    unique: dict[tuple[int | str, str, tuple[str, ...]], Made] = {}
    for made in found:
        key = (
            made.statement.section,
            re.sub(r"\W+", " ", made.task.evidence.lower()).strip(),
            made.task.owners,
        )
        unique.setdefault(key, made)
    ordered = sorted(unique.values(), key=lambda m: m.task.span)
    return [replace(m, task=replace(m.task, id=f"o{n}")) for n, m in enumerate(ordered, 1)]


def _of_item(item: list[Statement], scene: Scene, earlier: list[Made]) -> list[Made]:
    """The tasks of one paragraph; a sentence may lend its deadline or owner to the one before it."""
    found: list[Made] = []
    for position, statement in enumerate(item):
        mentions = scene.people.mentions(statement.piece)
        here = list(_of_statement(statement, mentions, item[position - 1].piece if position else None, scene))
        if not here:
            _lend(
                found or earlier[-1:] if _continues(statement, earlier) else found,
                statement,
                mentions,
                scene,
                found,
                earlier,
            )
        found += here
    return found


def _continues(statement: Statement, earlier: list[Made]) -> bool:
    """Whether a line such as "Ansvar: Inger" stands right below the task it belongs to."""
    return (
        bool(earlier)
        and earlier[-1].statement.section == statement.section
        and statement.item - earlier[-1].statement.item <= 1
    )


def _lend(
    targets: list[Made],
    statement: Statement,
    mentions: list[Mention],
    scene: Scene,
    found: list[Made],
    earlier: list[Made],
) -> None:
    if not targets:
        return
    last = targets[-1]
    own = found if found else earlier
    label = agents.owner_label(statement.piece, scene.people, mentions)
    if label and not last.task.owners:
        own[-1] = owned(last, label[0], scene)
        last = own[-1]
    vocabulary = scene.people.vocabulary
    led = vocabulary.grammar(r"(?:{due_label})\s*:").match(statement.piece.low)
    refers = vocabulary.pattern("this").search(statement.piece.low) and statement.item == last.statement.item
    if last.task.due.kind == "none" and (led or label or refers):
        deadline = due.read(statement.piece, 0, scene.calendar, statement.section, statement.anchor)
        if deadline and (deadline.due.date or led):
            certainty: Certainty = "high" if led else "medium"
            own[-1] = replace(
                last,
                task=replace(
                    last.task,
                    due=deadline.due,
                    certainty=certainty,
                    tags=without_tag(last.task.tags, "no-due"),
                ),
            )


def _of_statement(
    statement: Statement, mentions: list[Mention], before: Piece | None, scene: Scene
) -> Iterator[Made]:
    piece, vocabulary = statement.piece, scene.people.vocabulary
    if statement.type == "proposals" or statement.block == "proposal" or statement.restricted:
        if statement.type == "proposals":
            yield from _asked(statement, scene)
        return
    if piece.text.rstrip(" )").endswith("?") or _is_courtesy(piece, vocabulary.every("courtesy")):
        return
    named = clauses.with_subject(piece, scene.people, mentions)
    kept = [c for c in named if is_task(c, statement, scene)]
    for clause in kept:
        yield make(clause, statement, mentions, before, scene)
    if kept:
        return
    ownerless = _without_subject(statement, mentions, scene)
    if ownerless:
        yield ownerless


def _is_courtesy(piece: Piece, phrases: tuple[str, ...]) -> bool:
    return any(piece.low.startswith(p) for p in phrases)


def _without_subject(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """A task that names nobody, or only in a parenthesis or label at its end."""
    piece, people = statement.piece, scene.people
    vocabulary = people.vocabulary
    owner = agents.owner_label(piece, people, mentions) or agents.trailing(piece, mentions)
    led = vocabulary.grammar(r"(?:{due_label})\s*:").match(piece.low)
    if led or (owner and owner[1] <= 3):
        return None  # says who or when of the task before it
    body = piece.sub(0, owner[1]) if owner else piece
    listed = statement.kind == "item" or statement.binding
    clause = (
        agents.labelled(piece, people, mentions, statement.block == "actions") if statement.first else None
    )
    if clause is None:
        clause = _ownerless(body, statement, listed, owner is not None, scene)
    if clause is None:
        return None
    made = make(clause, statement, mentions, None, scene)
    by = agents.agent(piece, people, mentions, clause.rest[0]) if clause.rule == "passive" else None
    if by and not owner:
        made = make(
            replace(clause, subject=by, rest=(clause.rest[0], _before_agent(piece, by))),
            statement,
            mentions,
            None,
            scene,
        )
    if owner and not made.task.owners:
        made = owned(made, owner[0], scene)
        span = (piece.start, piece.end)
        task = replace(
            made.task,
            span=span,
            evidence=scene.text[span[0] : span[1]],
            suggested_owners=(),
            certainty="high",
        )
        made = replace(made, task=task)
    return made


def _before_agent(piece: Piece, by: Subject) -> int:
    return len(re.sub(r"\s+\w+\s*$", "", piece.low[: by.start]))


def _ownerless(body: Piece, statement: Statement, listed: bool, owned: bool, scene: Scene) -> Clause | None:
    vocabulary = scene.people.vocabulary
    if vocabulary.pattern("wish").search(body.low) or vocabulary.pattern("required_registration").search(
        body.low
    ):
        return None
    if vocabulary.pattern("approval", "briefing").search(body.low):
        return None
    agenda = impersonal.to_agenda(body, vocabulary)
    if agenda:
        return agenda
    lead = impersonal.opening(body, vocabulary)
    if lead and (owned or statement.binding or (listed and statement.first)):
        return Clause("infinitive", 0, len(body.text), lead[0].infinitive, (lead[1], len(body.text)))
    if statement.binding or owned:
        found = impersonal.passive(body, vocabulary)
        if found:
            return found
    if statement.block == "actions" or (owned and statement.kind == "item"):
        return Clause("listed", 0, len(body.text), "", (0, len(body.text)), noun=True)
    return None


def _asked(statement: Statement, scene: Scene) -> Iterator[Made]:
    """An open question to a group is a low-certainty task: "(hva ønsker rådet at N.N. skal si noe om?)"."""
    vocabulary = scene.people.vocabulary
    if not vocabulary.every("ask_wish"):
        return
    match = re.search(
        rf"(?:{vocabulary.either('ask_wish')})\s+([\w-]+)\s+at\s+([^()?]+)", statement.piece.low
    )
    if not match:
        return
    piece = statement.piece
    group, rest = (piece.text[slice(*match.span(n))].strip() for n in (1, 2))
    begin, end = match.start(), match.end()
    span = (piece.start + begin, piece.start + end)
    secretary = scene.people.holder("secretary")
    what = f"{phrasing.capital(vocabulary.say['contact'])} {group} {vocabulary.say['what']} {rest}"
    task = Task(
        "",
        *scene.numbers.get(statement.section, (None, None)),
        what=what,
        evidence=scene.text[span[0] : span[1]],
        span=span,
        certainty="low",
        rule="asked",
        tags=("no-owner", "no-due"),
        suggested_owners=(secretary,) if secretary else (),
    )
    yield Made(task, statement, ())
