"""Which sentences hold tasks, from where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tracker.minutes import agents, beside, clauses, due, entrusting, impersonal, lending, phrasing, rows
from tracker.minutes.draft import Task
from tracker.minutes.making import Made, Scene, make, owned, without_tag
from tracker.minutes.obligations import is_task
from tracker.minutes.people import Mention
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.subjects import Clause, Subject


def read(statements: list[Statement], scene: Scene) -> list[Made]:
    """Every task, in document order."""
    found: list[Made] = []
    by_item: dict[int, list[Statement]] = {}
    for statement in statements:
        by_item.setdefault(statement.item, []).append(statement)
    before: list[Statement] = []
    above: dict[int, Subject | None] = {}
    for item in by_item.values():
        if item[0].row is not None:
            here = rows.of_row(item, scene)
            found += here or _labelled_in_cell(item, scene)
            continue
        here = _of_item(item, scene, found, before)
        if _is_agenda(item[0], scene) or (scene.introduced and item[0].section == 0):
            here = [made for made in here if made.task.owners]
        if lending.is_heading(item):
            above[item[0].section] = lending.named_in_heading(item[0].piece, scene)
        found += [lending.owned_above(made, above.get(made.statement.section), scene) for made in here]
        before = item
    found = rows.listed_once(found)
    unique: dict[tuple[int | str, str, tuple[str, ...], str], Made] = {}
    for made in found:
        key = (
            made.statement.section,
            re.sub(r"\W+", " ", made.task.evidence.lower()).strip(),
            made.task.owners,
            re.sub(r"\W+", " ", made.task.what.lower()).strip(),
        )
        unique.setdefault(key, made)
    ordered = sorted(unique.values(), key=lambda m: m.task.span)
    return [replace(m, task=replace(m.task, id=f"o{n}")) for n, m in enumerate(ordered, 1)]


def _is_agenda(statement: Statement, scene: Scene) -> bool:
    """Whether a line stands in a list of cases for another meeting ("Saker til årsmøtet:")."""
    lead = statement.lead
    return (
        statement.kind == "item"
        and lead is not None
        and scene.words.pattern("forward_title").match(lead.low) is not None
    )


def _labelled_in_cell(item: list[Statement], scene: Scene) -> list[Made]:
    """ "Nettside. Vi trenger ny. Ansvarlig: Kari" in a cell of a table without a column of owners."""
    row = item[0].row
    label = scene.words.grammar(r"(?:{owner_label})\s*:")
    if row is None or row.owner is not None or not any(label.match(s.piece.low) for s in item):
        return []
    return _of_item([replace(s, row=None, kind="text") for s in item], scene, [], [])


LOOK_BACK = 8
"""How many sentences before an "Ansvar: Inger" may hold what she is to do."""


def _of_item(item: list[Statement], scene: Scene, earlier: list[Made], before: list[Statement]) -> list[Made]:
    """The tasks of one paragraph; a sentence may lend its deadline or owner to the one before it."""
    found: list[Made] = []
    told = False
    for position, statement in enumerate(item):
        mentions = scene.people.mentions(statement.piece)
        said = item[max(0, position - LOOK_BACK) : position]
        here = list(_of_statement(statement, mentions, said[-1].piece if said else None, scene))
        if not here and said and not told:
            here = lending.answer(said, statement, mentions, scene, bool(found))
        if not here:
            spoken = said or [s for s in before if s.section == statement.section]
            follows = lending.continues(statement, earlier, spoken, mentions, scene)
            targets = found or earlier[-1:] if follows else found
            lending.lend(targets, statement, mentions, scene, found, earlier)
            if not targets:
                here = lending.answered_for(spoken, statement, mentions, scene)
        elif told and len(here) == 1 and found and (whole := lending.taken_over(found[-1], here[0], scene)):
            found[-1] = whole
            continue
        elif position and not told:
            here = [lending.with_context(made, item[position - 1].piece, scene) for made in here]
        if not found:
            here = [lending.with_deadline_before(made, said, scene) for made in here]
        told = bool(here)
        found += [lending.due_of_list(made, scene) for made in here]
    return found


def _of_statement(
    statement: Statement, mentions: list[Mention], before: Piece | None, scene: Scene
) -> Iterator[Made]:
    piece, vocabulary = statement.piece, scene.people.vocabulary
    put_forward = statement.type == "proposals" or statement.block == "proposal"
    if statement.restricted:
        open_one = replace(statement, restricted=False)
        yield from (
            _hidden(m, scene) for m in _of_statement(open_one, mentions, before, scene) if m.task.owners
        )
        return
    if put_forward and not statement.asides:
        if statement.type == "proposals":
            yield from _asked(statement, scene)
        return
    settled = vocabulary.grammar(r"(?:->|→|\s[–-]|:)\s*(?:{done})(?:\s+\d[\d./ ]{0,9})?[\s.!]*$")
    if settled.search(piece.low[-60:]):
        return
    if piece.low.startswith(("[x]", "~~")):
        return
    if tagged := _tagged(statement, mentions, scene):
        yield tagged
        return
    if (piece.text.rstrip(" )").endswith("?") and not re.search(r"\(\w+\?\)$", piece.text)) or _is_courtesy(
        piece, vocabulary.every("courtesy")
    ):
        return
    if given := beside.of_column(statement, mentions, scene) or beside.under_name(statement, mentions, scene):
        yield given
        return
    if clause := entrusting.entrusted(piece, mentions, vocabulary):
        yield make(clause, statement, mentions, None, scene)
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


def _hidden(made: Made, scene: Scene) -> Made:
    """A task of a case that isn't public: who is to follow it up, and nothing of what it is about."""
    what = f"{phrasing.capital(scene.words.say['follow_up'])} saken (unntatt offentlighet)"
    return replace(made, task=replace(made.task, what=what))


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


def _is_courtesy(piece: Piece, phrases: tuple[str, ...]) -> bool:
    return any(piece.low.startswith(p) for p in phrases)


def _without_subject(statement: Statement, mentions: list[Mention], scene: Scene) -> Made | None:
    """A task that names nobody, or only in a parenthesis or label at its end."""
    piece, people = statement.piece, scene.people
    vocabulary = people.vocabulary
    label = agents.owner_label(piece, people, mentions)
    listed = statement.kind == "item" or statement.binding
    told = statement.first and bool(mentions) and impersonal.opening(piece, vocabulary) is not None
    seen = listed or told or "(" in piece.text or "   " in piece.text
    short = told and len(piece.text) <= entrusting.LONGEST_CLIPPED
    owner = label or (agents.trailing(piece, mentions, told and (listed or short)) if seen else None)
    owner = owner or (agents.behind_colon(piece, vocabulary, mentions) if listed or short else None)
    clipped = (
        None
        if owner or not statement.first
        else entrusting.clipped(piece, mentions, vocabulary, statement.lead)
    )
    owner, listed = clipped or owner, listed or clipped is not None
    if owner is None and listed and impersonal.opening(piece, vocabulary):
        owner = agents.named_loosely(piece, statement.block == "actions")
    led = vocabulary.grammar(r"(?:{due_label})\s*:").match(piece.low)
    if led or (owner and not re.search(r"\w{2}", piece.text[: owner[1]])):
        return None  # says who or when of the task before it
    body = piece.sub(0, owner[1]) if owner else piece
    clause = (
        agents.labelled(piece, people, mentions, statement.block == "actions", statement.kind == "item")
        if statement.first
        else None
    )
    if clause is None:
        clause = _ownerless(body, statement, listed, owner is not None, scene)
        if clause is None and (label or clipped) and body.text.strip(" ,"):
            clause = Clause("listed", 0, len(body.text), "", (0, len(body.text)), noun=True)
    if clause is None and not owner:
        clause = _by_somebody(body, mentions, scene)
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
        behind = due.behind(piece, owner[0].end, scene.calendar, statement.section, statement.anchor)
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


def _by_somebody(body: Piece, mentions: list[Mention], scene: Scene) -> Clause | None:
    """ "Saken følges opp av styreleder", "Premiar blir kjøpte inn av 6. klasse": who does it stands last."""
    people = scene.people
    if not mentions or len(body.text) > 160:
        return None
    by = agents.agent(body, people, mentions, 1)
    if by is None or not by.kinds <= {"person", "role", "unknown", "group"}:
        return None
    if any(m.said.lower() in people.vocabulary.those("body_nouns") for m in by.mentions):
        return None
    if people.vocabulary.pattern("wish", "subordinate", "recurring", "customary").search(body.low, 0, by.end):
        return None
    clause = impersonal.passive(body, people.vocabulary)
    return clause if clause and clause.rest[0] <= by.start else None


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
    if owned and (lead := impersonal.behind_topic(body, vocabulary)):
        return Clause("infinitive", 0, len(body.text), lead[0].infinitive, (lead[1], len(body.text)))
    if statement.binding or owned:
        found = impersonal.passive(body, vocabulary)
        if found:
            return found
    else:
        found = impersonal.obliged(body, vocabulary) or impersonal.shortened(body, vocabulary)
        found = found or impersonal.ours(body, vocabulary)
        if found is None and not scene.uses_decisions:
            found = impersonal.ordered(body, vocabulary)
        if found:
            return found
    spoken = re.match(r"[^\W\d_]+", body.low)
    if spoken and spoken.group() in vocabulary.those("spoken_of") and statement.block != "actions":
        return None
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
