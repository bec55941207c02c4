"""Entering a task by hand: a page with a preview, and the preview alone for the box on every page.

The views stand on the blueprint of `tasks.py`. Previews are GET and write nothing.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import InvalidAnswer, NotAllowed
from tracker.rules.access import Who
from tracker.services import entry, one_line, people
from tracker.services.one_line import Proposal
from tracker.web import task_view
from tracker.web.access import allow, visit
from tracker.web.tasks import Page, blueprint


@blueprint.get("/oppgaver/ny")
@allow(Who.MEMBER)
def new() -> str:
    """A line to write, and what the one in the address comes to."""
    return _page(request.args.get("tekst", ""))


@blueprint.get("/oppgaver/ny/forslag")
@allow(Who.MEMBER)
def proposal() -> str:
    """What the line so far comes to, for the box that shows it as it is typed."""
    return render_template("tasks/proposal.html", **_values(request.args.get("tekst", ""), {}))


@blueprint.post("/oppgaver/ny")
@allow(Who.MEMBER)
def enter() -> Page:
    """Make the task, or ask what is in doubt."""
    seen, form = visit(), request.form
    line = form.get("tekst", "")
    try:
        task = entry.enter(
            seen.session, seen.mine, seen.me, line, form, seen.now, seen.language.code,
            task_view.number(form, "organ"),
        )  # fmt: skip
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _page(line, {fault.field or "tekst": seen.language.explain(fault)}), 422
    told = [
        part.person.name for part in task.assignments if part.person.email and part.person_id != seen.me.id
    ]
    said = seen.language.gettext("Oppgaven er lagt inn.")
    if told and task.body.rhythm.on_assignment:
        said += " " + seen.language.gettext("%(names)s får e-post.") % {"names": ", ".join(told)}
    flash(said)
    return redirect(url_for("tasks.show", task_id=task.id), 303)


def _page(line: str, errors: dict[str, str] | None = None) -> str:
    return render_template("tasks/new.html", line=line[: one_line.LONGEST + 1], **_values(line, errors or {}))


def _values(line: str, errors: dict[str, str]) -> dict[str, object]:
    """What the preview shows of a line: the proposal, or what is wrong with it."""
    seen, found = visit(), None
    given = request.values
    try:
        found = one_line.propose(
            seen.session, seen.mine, line, seen.today, seen.language.code, task_view.number(given, "organ")
        )
    except (InvalidAnswer, NotAllowed) as fault:
        errors = {"tekst": seen.language.explain(fault), **errors}
    asks_owner = found is not None and not found.owners and not found.doubts
    manages = found is not None and seen.mine.may_manage(found.body.id)
    return {
        "found": found,
        "errors": errors,
        "given": given,
        "manages": manages,
        "bodies": [(b.id, b.name) for b in one_line.bodies(seen.session, seen.mine)] if found else [],
        "people": _people(found) if found and manages and (asks_owner or found.doubts) else [],
    }


def _people(found: Proposal) -> list[tuple[int, str]]:
    """Who could be meant: the body's members first, then everybody else, by name."""
    seen = visit()
    near = task_view.members(found.body.id)
    ids = {person.id for person in near}
    others = [p for p in people.everyone(seen.session, seen.mine.organisation_id) if p.id not in ids]
    others.sort(key=lambda person: seen.language.sort_key(person.name))
    return [(person.id, person.name) for person in (*near, *others)]
