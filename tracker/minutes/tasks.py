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
    before: list[Statement] = []
    for item in by_item.values():
        if item[0].row is not None:
            found += rows.of_row(item, scene)
            continue
        found += _of_item(item, scene, found, before)
        before = item
    found = rows.listed_once(found)
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


def _of_item(item: list[Statement], scene: Scene, earlier: list[Made], before: list[Statement]) -> list[Made]:
    """The tasks of one paragraph; a sentence may lend its deadline or owner to the one before it."""
    found: list[Made] = []
    for position, statement in enumerate(item):
        mentions = scene.people.mentions(statement.piece)
        here = list(_of_statement(statement, mentions, item[position - 1].piece if position else None, scene))
        if not here:
            targets = found or earlier[-1:] if _continues(statement, earlier) else found
            _lend(targets, statement, mentions, scene, found, earlier)
            if not targets:
                above = [] if position else [s for s in before if s.section == statement.section]
                here = _answered_for(
                    (item[position - 1 : position] or above)[-1:], statement, mentions, scene
                )
        found += [_due_of_list(made, scene) for made in here]
    return found


def _due_of_list(made: Made, scene: Scene) -> Made:
    """A task of a list takes the deadline that stands in its label: "Oppgaver til neste møte:"."""
    lead = made.statement.lead
    if made.statement.block != "actions" or lead is None or made.task.due.kind != "none":
        return made
    deadline = due.read(lead, 0, scene.calendar, made.statement.section, made.statement.anchor)
    if not deadline:
        return made
    tags = without_tag(made.task.tags, "no-due") if deadline.due.date else made.task.tags
    return replace(made, task=replace(made.task, due=deadline.due, tags=tags))


def _answered_for(
    spoken: list[Statement], statement: Statement, mentions: list[Mention], scene: Scene
) -> list[Made]:
    """ "Regnskap til revisor" + "Ansvar: Per": the label makes a task of the sentence before it."""
    label = agents.owner_label(statement.piece, scene.people, mentions)
    if not label or label[1] > 3 or not spoken or statement.block == "proposal":
        return []
    said = spoken[-1]
    vocabulary = scene.people.vocabulary
    lead = impersonal.opening(said.piece, vocabulary)
    whole = len(said.piece.text)
    clause = (
        Clause("answered", 0, whole, lead[0].infinitive, (lead[1], whole))
        if lead
        else impersonal.passive(said.piece, vocabulary)
        or Clause("answered", 0, whole, "", (0, whole), noun=True)
    )
    made = owned(make(clause, said, [], None, scene), label[0], scene)
    deadline = due.read(statement.piece, 0, scene.calendar, statement.section, statement.anchor)
    if deadline and made.task.due.kind == "none":
        tags = without_tag(made.task.tags, "no-due") if deadline.due.date else made.task.tags
        made = replace(made, task=replace(made.task, due=deadline.due, tags=tags))
    return [made]


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
    grouped = all(m.kind in ("group", "organisation") for m in last.mentions)
    if label and (not last.task.owners or (grouped and last.mentions)):
        last = owned(last, label[0], scene)
    if label:  # the deadline may stand on the line after this one
        own[-1] = last = replace(last, statement=replace(last.statement, item=statement.item))
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
    settled = vocabulary.grammar(r"(?:->|→|\s[–-]|:)\s*(?:{done})(?:\s+\d[\d./ ]{0,9})?[\s.!]*$")
    if settled.search(piece.low[-60:]):
        return
    if tagged := _tagged(statement, mentions, scene):
        yield tagged
        return
    if (piece.text.rstrip(" )").endswith("?") and not re.search(r"\(\w+\?\)$", piece.text)) or _is_courtesy(
        piece, vocabulary.every("courtesy")
    ):
        return
    if beside := _beside(statement, mentions, scene):
        yield beside
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


_TAG = re.compile(r"(?:ai|action|aksjon|todo)\s*[\d.]*\s*\((?P<who>[^()]{1,60})\)\s*:\s*(?=\S)")


def _tagged(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """ "AI(Ann, Ben): send the draft": who stands in the parenthesis."""
    piece = statement.piece
    tag = _TAG.match(piece.low)
    if not tag:
        return None
    inside = tuple(m for m in mentions if tag.start("who") <= m.start < tag.end("who"))
    at, whole = tag.end(), len(piece.text)
    lead = impersonal.opening(piece.sub(at, whole), scene.people.vocabulary)
    done = scene.people.vocabulary.pattern("done").search(piece.low[at:])
    if done and "->" in piece.text:
        return None
    subject = Subject(inside) if inside else None
    if lead:
        clause = Clause("label", 0, whole, lead[0].infinitive, (at + lead[1], whole), subject)
    else:
        clause = Clause("label", 0, whole, "", (at, whole), subject, noun=True)
    return make(clause, statement, mentions, None, scene)


def _beside(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """A sentence with somebody in the column Ansvar beside it is their task."""
    cells = [a for a in statement.asides if re.search(r"[^\W\d_]", a.text)]
    vocabulary = scene.people.vocabulary
    if not cells or any(a.low.strip(" .") in vocabulary.those("done") for a in cells):
        return None
    dated = [
        a for a in cells if due.of_cell(a, scene.calendar, statement.section, statement.anchor).kind != "none"
    ]
    subject = rows.owner_of([a for a in cells if a not in dated], scene)
    if subject is None:
        return None
    piece, whole = statement.piece, len(statement.piece.text)
    kept = [c for c in clauses.with_subject(piece, scene.people, mentions) if c.rule in ("subject", "modal")]
    lead = impersonal.opening(piece, vocabulary)
    clause = kept[0] if kept else impersonal.passive(piece, vocabulary)
    if lead:
        clause = Clause("beside", 0, whole, lead[0].infinitive, (lead[1], whole))
    made = make(
        clause or Clause("beside", 0, whole, "", (0, whole), noun=True), statement, mentions, None, scene
    )
    made = owned(made, subject, scene)
    for cell in dated or [a for a in statement.asides if a not in cells]:
        when = due.of_cell(cell, scene.calendar, statement.section, statement.anchor)
        if when.kind != "none" and made.task.due.date is None:
            tags = without_tag(made.task.tags, "no-due") if when.date else made.task.tags
            made = replace(made, task=replace(made.task, due=when, tags=tags))
    return made


def _is_courtesy(piece: Piece, phrases: tuple[str, ...]) -> bool:
    return any(piece.low.startswith(p) for p in phrases)


def _without_subject(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """A task that names nobody, or only in a parenthesis or label at its end."""
    piece, people = statement.piece, scene.people
    vocabulary = people.vocabulary
    label = agents.owner_label(piece, people, mentions)
    listed = statement.kind == "item" or statement.binding
    owner = label or (agents.trailing(piece, mentions) if listed or "(" in piece.text else None)
    owner = owner or (agents.behind_colon(piece, people, mentions) if listed else None)
    if owner is None and listed and impersonal.opening(piece, vocabulary):
        owner = agents.named_loosely(piece)
    led = vocabulary.grammar(r"(?:{due_label})\s*:").match(piece.low)
    if led or (owner and owner[1] <= 3):
        return None  # says who or when of the task before it
    body = piece.sub(0, owner[1]) if owner else piece
    clause = (
        agents.labelled(piece, people, mentions, statement.block == "actions") if statement.first else None
    )
    if clause is None:
        clause = _ownerless(body, statement, listed, owner is not None, scene)
        if clause is None and label and body.text.strip(" ,"):
            clause = Clause("listed", 0, len(body.text), "", (0, len(body.text)), noun=True)
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
        behind = due.read(piece, owner[0].end, scene.calendar, statement.section, statement.anchor)
        if made.task.due.kind == "none" and behind:
            tags = without_tag(made.task.tags, "no-due") if behind.due.date else made.task.tags
            made = replace(made, task=replace(made.task, due=behind.due, tags=tags))
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
    listing = statement.block == "actions" and statement.first and (statement.kind == "item" or owned)
    if listing or (owned and statement.kind == "item"):
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
