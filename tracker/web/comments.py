"""Comments beside tasks and decisions, also behind a link in a mail. The views stand on those blueprints."""

from __future__ import annotations

from flask import redirect, request, url_for

from tracker.errors import InvalidAnswer, NotAllowed
from tracker.models import Assignment
from tracker.rules.access import Who
from tracker.services import comments, register
from tracker.services.tasks import task_of
from tracker.web import answers, decisions, task_view, tasks
from tracker.web.access import allow, visit
from tracker.web.tasks import Page


@tasks.blueprint.post("/oppgaver/<int:task_id>/kommentarer")
@allow(Who.MEMBER)
def on_task(task_id: int) -> Page:
    """Say something beside a task; those concerned get a mail."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id, to_change=True)
    if task_view.hidden(task.restricted, task.body_id):
        raise NotAllowed("Saken er unntatt offentlighet.")
    try:
        comments.add(seen.session, task, seen.me, request.form.get("comment", ""), seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return tasks.task_page(task_id, errors={fault.field or "comment": seen.language.explain(fault)}), 422
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="kommentarer"), 303)


@answers.blueprint.post("/o/<token>/kommentarer")
@allow(Who.LINK)
def comment(token: str) -> Page:
    """Say something beside the task of a link, without signing in."""
    seen = visit()

    def add(part: Assignment) -> None:
        if not answers.may_comment(part):
            raise NotAllowed("Du har ikke del i oppgaven lenger, eller saken er unntatt offentlighet.")
        comments.add(seen.session, part.task, part.person, request.form.get("comment", ""), seen.now)

    return answers.answered(token, add, onward="answers.show", anchor="kommentarer")


@decisions.blueprint.post("/vedtak/<int:decision_id>/kommentarer")
@allow(Who.MEMBER)
def on_decision(decision_id: int) -> Page:
    """Say something beside a decision; those concerned get a mail."""
    seen = visit()
    decision = register.decision_of(seen.session, seen.mine, decision_id)
    item = decision.agenda_item
    if task_view.hidden(item.restricted, item.meeting.body_id):
        raise NotAllowed("Saken er unntatt offentlighet.")
    try:
        comments.add(seen.session, decision, seen.me, request.form.get("comment", ""), seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        errors = {fault.field or "comment": seen.language.explain(fault)}
        return decisions.decision_page(decision_id, errors), 422
    return redirect(url_for("decisions.show", decision_id=decision_id, _anchor="kommentarer"), 303)
