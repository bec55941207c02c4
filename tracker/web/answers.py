"""The page behind the link in a mail: one task, three answers, no signing in. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from tracker.errors import InvalidAnswer, LinkOutdated
from tracker.language import language
from tracker.models import Action, Assignment, History, Organisation, Part, Person, Task, TaskStatus
from tracker.rules.access import Who
from tracker.rules.reminders import paused
from tracker.services import follow_up, pauses, tasks
from tracker.web import task_view
from tracker.web.access import allow, visit

blueprint = Blueprint("answers", __name__)
Page = Answer | str | tuple[str, int]
BY_OTHERS = (Action.CHANGED, Action.DUE_CHANGED, Action.REOPENED)


@blueprint.get("/o/<token>")
@allow(Who.LINK)
def show(token: str) -> Page:
    """The task and its answers."""
    return _with(token, lambda part: _page(token, part))


@blueprint.post("/o/<token>/utfort")
@allow(Who.LINK)
def done(token: str) -> Page:
    """It is done."""
    seen = visit()
    return answered(token, lambda part: follow_up.report_done(seen.session, part, seen.now, via="mail"))


@blueprint.post("/o/<token>/start")
@allow(Who.LINK)
def start(token: str) -> Page:
    """Seen, and begun."""
    seen = visit()
    return answered(
        token, lambda part: follow_up.start(seen.session, part, seen.now, via="mail"), onward="answers.show"
    )


@blueprint.post("/o/<token>/mer-tid")
@allow(Who.LINK)
def more_time(token: str) -> Page:
    """Another deadline, please."""
    seen = visit()

    def ask(part: Assignment) -> None:
        wanted = task_view.wanted_date(request.form)
        follow_up.ask_more_time(seen.session, part, wanted, "", seen.now, via="mail")

    return answered(token, ask)


@blueprint.post("/o/<token>/ikke-min")
@allow(Who.LINK)
def not_mine(token: str) -> Page:
    """It isn't mine."""
    seen = visit()

    def refuse(part: Assignment) -> None:
        other = task_view.suggested(request.form, task_view.answer_box(part))
        follow_up.not_mine(seen.session, part, other, "", seen.now, via="mail")

    return answered(token, refuse)


@blueprint.post("/o/<token>/angre")
@allow(Who.LINK)
def undo(token: str) -> Page:
    """Take the answer back; then the task stands as before."""
    seen = visit()
    return answered(
        token, lambda part: follow_up.undo(seen.session, part, seen.now, via="mail"), onward="answers.show"
    )


@blueprint.post("/o/<token>/resultat")
@allow(Who.LINK)
def words(token: str) -> Page:
    """What came of it, or why more time is needed."""
    seen, given = visit(), request.form.get("words", "")

    def add(part: Assignment) -> None:
        if not task_view.keeps_unseen(part.task, given):
            follow_up.add_words(seen.session, part, given, seen.now, via="mail")

    return answered(token, add)


@blueprint.get("/o/<token>/kvittering")
@allow(Who.LINK)
def receipt(token: str) -> Page:
    """Thanks, with room for words and a way back; and the person's next task."""
    return _with(token, lambda part: receipt_page(token, part))


@blueprint.get("/o/varsler/<token>")
@allow(Who.LINK)
def pause(token: str) -> str:
    """Pause reminders until a day of one's own choice."""
    seen = visit()
    return _pause_page(token, pauses.by_link(seen.session, seen.program.links, token))


@blueprint.post("/o/varsler/<token>")
@allow(Who.LINK)
def paused_until(token: str) -> Answer | tuple[str, int]:
    """Pause, or end the pause. A mail client's own button (RFC 8058) gets no redirect: two weeks, and 200."""
    seen = visit()
    person = pauses.by_link(seen.session, seen.program.links, token)
    if request.form.get("List-Unsubscribe") == "One-Click":
        pauses.one_click(seen.session, person, seen.today)
        return Response("OK", mimetype="text/plain")
    try:
        if "resume" in request.form:
            pauses.resume(seen.session, person)
        else:
            until = task_view.wanted_date(request.form, "until")
            pauses.pause(seen.session, person, until, seen.today)
    except InvalidAnswer as fault:
        errors = {fault.field: seen.language.explain(fault)}
        return _pause_page(token, person, errors), 422
    return redirect(url_for("answers.pause", token=token), 303)


def _with(token: str, page: Callable[[Assignment], str]) -> Page:
    """`page` for the part that the link is for; a dead link gets a page that says what to do."""
    seen = visit()
    try:
        part = tasks.by_link(seen.session, seen.program.links, token, seen.now)
    except LinkOutdated as fault:
        return _outdated(fault)
    _speak(part.person)
    return page(part)


def answered(
    token: str,
    answer: Callable[[Assignment], object],
    onward: str = "answers.receipt",
    page: Callable[[str, Assignment, dict[str, str]], str] | None = None,
    anchor: str | None = None,
) -> Page:
    """Let the holder of the link answer; what can't be used is said on `page`, and nothing is kept."""
    seen = visit()
    try:
        part = tasks.by_link(seen.session, seen.program.links, token, seen.now, to_change=True)
    except LinkOutdated as fault:
        return _outdated(fault)
    _speak(part.person)
    try:
        answer(part)
    except (InvalidAnswer, LinkOutdated) as fault:
        seen.session.rollback()
        field = fault.field if isinstance(fault, InvalidAnswer) else "answer"
        return (page or _page)(token, part, {field: seen.language.explain(fault)}), 422
    return redirect(url_for(onward, token=token, _anchor=anchor), 303)


def _speak(person: Person) -> None:
    """From here on in the language of the person, whatever the browser prefers."""
    visit().language = language(person.language)


def _page(token: str, part: Assignment, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "answers/show.html",
        token=token,
        box=task_view.answer_box(part, request.args.get("svar", "")),
        task=part.task,
        organisation=visit().session.get_one(Organisation, part.organisation_id),
        changed=_changed_since(token, part),
        may_comment=may_comment(part),
        errors=errors or {},
    )


def may_comment(part: Assignment) -> bool:
    """Whether the holder of the link still has a part in the task, and may read what is said of it."""
    dropped = part.task.status is TaskStatus.DROPPED
    return (
        part.ended_at is None
        and not dropped
        and not task_view.hidden(part.task.restricted, part.task.body_id)
    )


def receipt_page(token: str, part: Assignment, errors: dict[str, str] | None = None) -> str:
    """Thanks, also after a file that couldn't be taken."""
    seen = visit()
    following = _next_task(part)
    return render_template(
        "answers/receipt.html",
        token=token,
        box=task_view.answer_box(part),
        task=part.task,
        organisation=seen.session.get_one(Organisation, part.organisation_id),
        more=len(following),
        following=following[0] if following else None,
        errors=errors or {},
        next_url=seen.program.links.answer(following[0].id, following[0].task.version) if following else "",
    )


def _changed_since(token: str, part: Assignment) -> History | None:
    """The last change by somebody else, when the task isn't as it was when the mail was written."""
    _id, version = visit().program.links.read("answer", token, (int, int))
    if version >= part.task.version:
        return None
    rows = [r for r in part.task.history if r.action in BY_OTHERS and r.person_id != part.person_id]
    return rows[-1] if rows else None


def _next_task(part: Assignment) -> list[Assignment]:
    """What else the person owes and hasn't answered, the first due first."""
    seen = visit()
    return list(
        seen.session.scalars(
            select(Assignment)
            .join(Assignment.task)
            .where(
                Assignment.organisation_id == part.organisation_id,
                Assignment.person_id == part.person_id,
                Assignment.id != part.id,
                Assignment.part == Part.OWNER,
                Assignment.ended_at.is_(None),
                Assignment.answer == "none",
                Task.status == TaskStatus.OPEN,
            )
            .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
            .limit(100)
        )
    )


def _outdated(fault: LinkOutdated) -> Page:
    html = render_template("answers/outdated.html", explanation=visit().language.explain(fault))
    return make_response(html, 410)


def _pause_page(token: str, person: Person, errors: dict[str, str] | None = None) -> str:
    seen = visit()
    _speak(person)
    return render_template(
        "answers/pause.html",
        token=token,
        person=person,
        organisation=seen.session.get_one(Organisation, person.organisation_id),
        paused=paused(person.pause_from, person.pause_until, seen.today),
        errors=errors or {},
        suggested=seen.today + pauses.ONE_CLICK,
    )
