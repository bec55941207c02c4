"""Entering a task by hand: making what the line proposes (`one_line.py`), with its doubts settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.models import Action, Assignment, History, Meeting, Part, Person, Task
from tracker.rules.access import Rights
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import history, one_line, people, remind
from tracker.services.one_line import Proposal

AGAIN = timedelta(minutes=1)


def enter(
    session: Session,
    rights: Rights,
    writer: Person,
    given: str,
    chosen: Mapping[str, str],
    now: datetime,
    code: str = "nb",
    body_id: int = 0,
) -> Task:
    """Make the task that the line proposes, with the doubts settled as `chosen` says, and tell its people.

    `chosen`: Doubt.field → a person's id, "eier" → the owner where the line names none, "frist" → an ISO
    date. Who isn't secretary enters tasks for themselves. The same line twice in a minute makes one task.
    Raises InvalidAnswer with the field to look at, NotAllowed.
    """
    today = local_date(now)
    proposal = one_line.propose(session, rights, given, today, code, body_id)
    if proposal is None:
        raise InvalidAnswer("Skriv hva som skal gjøres.", field="tekst")
    owners, contributors = _settled(session, rights, proposal, chosen)
    if not rights.may_manage(proposal.body.id):
        me = [writer]
        owners = owners or me
        if owners != me or contributors:
            raise InvalidAnswer(
                "Bare sekretæren kan gi oppgaver til andre. Skriv oppgaven som din egen.", field="tekst"
            )
    same = _just_entered(session, writer, proposal.line, now)
    if same is not None:
        return same
    task = Task(
        organisation_id=rights.organisation_id, body=proposal.body, what=proposal.what, created_at=now
    )
    rule, event = _rule(proposal, chosen)
    task.set_due(rule, event)
    for part, some in ((Part.OWNER, owners), (Part.CONTRIBUTOR, contributors)):
        task.assignments += [
            Assignment(organisation_id=rights.organisation_id, person=person, part=part, assigned_at=now)
            for person in some
        ]
    session.add(task)
    session.flush()
    history.note(
        session, task, now, Action.CREATED, writer, "page", after=proposal.what, comment=proposal.line
    )
    session.flush()
    remind.announce(session, [p for p in task.assignments if p.person_id != writer.id], now)
    return task


def _settled(
    session: Session, rights: Rights, proposal: Proposal, chosen: Mapping[str, str]
) -> tuple[list[Person], list[Person]]:
    """The owners and contributors, with every doubt settled. Raises InvalidAnswer for one that isn't."""
    found = {Part.OWNER: list(proposal.owners), Part.CONTRIBUTOR: list(proposal.contributors)}
    for doubt in proposal.doubts:
        answer = chosen.get(doubt.field, "")
        if answer == "ingen" and not doubt.known:
            continue
        if not _number(answer) or (doubt.known and _number(answer) not in dict(doubt.options)):
            raise InvalidAnswer("Velg hvem «%(name)s» er.", field=doubt.field, name=doubt.heard)
        found[doubt.part].append(people.person_of(session, rights.organisation_id, _number(answer)))
    if not found[Part.OWNER] and _number(chosen.get("eier", "")):
        owner = people.person_of(session, rights.organisation_id, _number(chosen["eier"]))
        found[Part.OWNER].append(owner)
    owners = list(dict.fromkeys(found[Part.OWNER]))
    return owners, [p for p in dict.fromkeys(found[Part.CONTRIBUTOR]) if p not in owners]


def _rule(proposal: Proposal, chosen: Mapping[str, str]) -> tuple[DueRule, Meeting | None]:
    given = chosen.get("frist", "")
    if not given:
        return proposal.rule, proposal.event
    try:
        return DueRule(DueKind.DATE, on=date.fromisoformat(given)), None
    except ValueError:
        raise InvalidAnswer("Velg en dato.", field="frist") from None


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _just_entered(session: Session, writer: Person, line: str, now: datetime) -> Task | None:
    """The task that the same person made of the same line a moment ago: the form was sent twice."""
    return session.scalar(
        select(Task)
        .join(History, History.task_id == Task.id)
        .where(
            Task.organisation_id == writer.organisation_id,
            Task.created_at > now - AGAIN,
            History.person_id == writer.id,
            History.action == Action.CREATED,
            History.comment == line,
        )
        .limit(1)
    )
