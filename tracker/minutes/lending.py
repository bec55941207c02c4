"""What a sentence lends the task before it: its owner, its deadline, its words."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.minutes import agents, due, entrusting, impersonal
from tracker.minutes.deciding import is_bare
from tracker.minutes.draft import Certainty
from tracker.minutes.making import Made, Scene, make, owned, people_of, without_tag
from tracker.minutes.people import Mention
from tracker.minutes.sentences import Piece
from tracker.minutes.statements import Statement
from tracker.minutes.subjects import Clause, Subject, subjects


def with_context(made: Made, before: Piece, scene: Scene) -> Made:
    """A task that leans on the sentence before it is quoted with that: "Nøkkelen er borte. Alle leter."."""
    said, task = made.statement.piece, made.task
    own, led = len(re.findall(r"\w{3,}", said.low)), len(re.findall(r"\w{3,}", before.low))
    if own > 3 or led > 2.7 * own or task.span[0] != said.start:
        return made
    span = (before.start, task.span[1])
    return replace(made, task=replace(task, span=span, evidence=scene.text[span[0] : span[1]]))


def taken_over(last: Made, made: Made, scene: Scene) -> Made | None:
    """ "Det skal lages en plan. Kari gjør dette.": the task that named nobody, with who takes it on."""
    piece, task = made.statement.piece, made.task
    beside = (made.statement.item, made.statement.section) == (last.statement.item, last.statement.section)
    if last.task.owners or not task.owners or not beside or not made.mentions:
        return None
    answered = entrusting.answers(piece, list(made.mentions), scene.words) is not None
    if made.mentions[0].start and not answered:
        return None
    small = frozenset().union(*(scene.words.those(k) for k in ("this", "particles", "taking_over", "must")))
    does = piece.low[made.mentions[-1].end :].replace((task.due.text or "\n").lower(), " ")
    said = re.findall(r"[^\W\d_]+", does)
    left = [word for word in said if word not in small]
    doing = len(left) == 1 and (left[0] in scene.words.present or left[0] in scene.words.infinitives)
    if not (doing or answered):
        return None
    whole = owned(last, Subject(made.mentions), scene)
    span = (last.task.span[0], task.span[1])
    when, tags = (task.due, task.tags) if task.due.kind != "none" else (last.task.due, whole.task.tags)
    lent = replace(whole.task, span=span, evidence=scene.text[slice(*span)], due=when, tags=tags)
    return replace(whole, task=replace(lent, certainty=task.certainty))


_NAMED = re.compile(r"[^()]{3,40}\((?=[^()]{2,40}\)\s*:?$)")


def is_heading(item: list[Statement]) -> bool:
    """Whether a paragraph looks like a heading inside a case: short, and no sentence."""
    text = item[0].piece.text
    return len(item) == 1 and item[0].kind != "item" and len(text) <= 60 and text[-1:] not in ".!?,;"


def named_in_heading(heading: Piece, scene: Scene) -> Subject | None:
    """Who answers for what stands below "Langrenn (Mona)", or below nothing but "Mona"."""
    mentions = scene.people.mentions(heading)
    if alone := _only_names(heading, mentions):
        return alone
    match = _NAMED.match(heading.text)
    groups = subjects(mentions, heading.text) if match else []
    inside = [g for g in groups if match and g.start == match.end() and heading.text[g.end] == ")"]
    return inside[0] if inside and inside[0].kinds <= {"person", "unknown"} else None


def owned_above(made: Made, named: Subject | None, scene: Scene) -> Made:
    """An infinitive of a list below a heading that names somebody is theirs."""
    statement, lead = made.statement, made.statement.lead
    if statement.kind != "item" or made.task.owners or made.task.rule != "infinitive":
        return made
    if statement.block == "actions" and lead and "(" in lead.text:
        named = named or named_in_heading(lead, scene)
    return owned(made, named, scene) if named else made


def due_of_list(made: Made, scene: Scene) -> Made:
    """A task of a list takes the deadline that stands in its label: "Oppgaver til neste møte:"."""
    lead = made.statement.lead
    if made.statement.block != "actions" or lead is None or made.task.due.kind != "none":
        return made
    deadline = due.read(lead, 0, scene.calendar, made.statement.section, made.statement.anchor)
    if not deadline:
        return made
    tags = without_tag(made.task.tags, "no-due") if deadline.due.date else made.task.tags
    return replace(made, task=replace(made.task, due=deadline.due, tags=tags))


def label_of(statement: Statement, mentions: list[Mention], scene: Scene) -> tuple[Subject, int] | None:
    """Who a line names as owner: "Ansvar: Inger", and "Oppfølging: Inger" where a block has that label."""
    piece = statement.piece
    if statement.block == "actions" and statement.kind != "item" and statement.lead and mentions:
        named = _only_names(piece, mentions)
        if named and statement.lead.end > piece.start - 3:
            return named, 0
    if not statement.first and len(piece.text) < 30 and (named := _only_names(piece, mentions)):
        return named, 0
    if not statement.first and (whom := entrusting.answers(piece, mentions, scene.words)):
        return whom, 0
    return agents.owner_label(piece, scene.people, mentions)


def _only_names(piece: Piece, mentions: list[Mention]) -> Subject | None:
    """ "Bestille kaffe. Inger.": a sentence that is nothing but who."""
    groups = subjects(mentions, piece.text)
    alone = len(groups) == 1 and not groups[0].start and not piece.text[groups[0].end :].strip(" .")
    return groups[0] if alone and groups[0].kinds <= {"person", "role"} else None


def is_label(statement: Statement, mentions: list[Mention], scene: Scene) -> bool:
    """Whether a sentence only says who: "Ansvar: Inger"."""
    label = label_of(statement, mentions, scene)
    return (
        label is not None
        and label[1] == 0
        and scene.words.pattern("owner_label").match(statement.piece.low) is not None
    )


def answer(
    said: list[Statement], statement: Statement, mentions: list[Mention], scene: Scene, more: bool
) -> list[Made]:
    """The task that a label or a name makes of what its own item said before it.

    `more`: the item has tasks already, so that the label can't be meant for one of another item.
    """
    last = said[-1].piece
    own = more or impersonal.opening(last, scene.words) is not None
    labelled = own and is_label(statement, mentions, scene)
    if labelled or entrusting.asked_who(last, scene.words):
        return answered_for(said if labelled else said[-1:], statement, mentions, scene)
    return []


def under_title(statement: Statement, scene: Scene) -> list[Statement]:
    """The title of the case as what was said, where a label such as "Ansvar: Kari" stands right below it."""
    title = statement.lead
    if title is None or statement.block != "discussion" or scene.titles.get(statement.section) != title.text:
        return []
    return [replace(statement, piece=title, previous=None)] if len(title.text) < statement.piece.start else []


def answered_for(
    spoken: list[Statement], statement: Statement, mentions: list[Mention], scene: Scene
) -> list[Made]:
    """ "Regnskap til revisor" + "Ansvar: Per": the label makes a task of the sentence before it."""
    label = label_of(statement, mentions, scene)
    if not label or label[1] > 3 or statement.block == "proposal":
        return []
    told = [*under_title(statement, scene), *spoken]
    fact = scene.words.grammar(r"(?:{date_label,place})\s*:")
    said = next(
        (
            s
            for s in reversed(told)
            if not is_bare(s.piece, scene.words.language) and not fact.match(s.piece.low)
        ),
        None,
    )
    if said is None:
        return []
    vocabulary = scene.people.vocabulary
    asked = entrusting.asked_who(said.piece, vocabulary)
    lead = None if asked else impersonal.opening(said.piece, vocabulary)
    if not (lead or asked) and _only_names(statement.piece, mentions) and statement.block != "actions":
        return []
    whole = len(said.piece.text)
    clause = asked or (
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


def continues(
    statement: Statement, earlier: list[Made], spoken: list[Statement], mentions: list[Mention], scene: Scene
) -> bool:
    """Whether a line such as "Ansvar: Inger" belongs to the last task.

    It stands right below it, or names the same people and only what was said (`spoken`) is between them.
    """
    if not earlier or earlier[-1].statement.section != statement.section:
        return False
    if statement.item - earlier[-1].statement.item <= 1:
        return True
    label = label_of(statement, mentions, scene)
    told = bool(spoken) and scene.words.pattern("told").search(spoken[-1].piece.low)
    return bool(label and told and people_of(label[0], statement, scene)[0] == earlier[-1].task.owners)


def with_deadline_before(made: Made, said: list[Statement], scene: Scene) -> Made:
    """ "Frist 15. mai. Inger skriver uttalelsen.": the deadline stands in the sentence before the task."""
    if made.task.due.kind != "none" or not said:
        return made
    piece = said[-1].piece
    if not scene.words.pattern("deadline_said").match(piece.low):
        return made
    deadline = due.read(piece, 0, scene.calendar, said[-1].section, said[-1].anchor)
    if not deadline or not deadline.due.date:
        return made
    tags = without_tag(made.task.tags, "no-due")
    return replace(made, task=replace(made.task, due=deadline.due, certainty="medium", tags=tags))


def lend(
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
    label = label_of(statement, mentions, scene)
    grouped = all(m.kind in ("group", "organisation") for m in last.mentions)
    if label and (not last.task.owners or (grouped and last.mentions)):
        last = owned(last, label[0], scene)
    if label:  # the deadline may stand on the line after this one
        own[-1] = last = replace(last, statement=replace(last.statement, item=statement.item))
    vocabulary = scene.people.vocabulary
    led = vocabulary.grammar(r"(?:{due_label})\s*:").match(statement.piece.low)
    beside = statement.item == last.statement.item
    refers = beside and vocabulary.pattern("this", "lies_ready", "deadline_said").search(statement.piece.low)
    if last.task.due.kind == "none" and (led or label or refers):
        place = (scene.calendar, statement.section, statement.anchor)
        deadline = due.read(statement.piece, 0, *place)
        deadline = deadline or (due.behind(statement.piece, label[0].end, *place) if label else None)
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
