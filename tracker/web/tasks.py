"""Tasks: my list, one task, the owner's answers. What the secretary settles stands in `task_settling.py`."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.errors import ChangedMeanwhile, InvalidAnswer, LinkOutdated, NotAllowed, TrackerError
from tracker.models import Answer, Assignment, MessageState, Task
from tracker.rules.access import Who
from tracker.rules.reminders import Step
from tracker.services import counts, follow_up, history, waiting, worklist
from tracker.services.tasks import mails_about, part_of, task_of
from tracker.web import task_view
from tracker.web.access import allow, visit

blueprint = Blueprint("tasks", __name__)
task_view.install(blueprint)
Page = Response | str | tuple[str, int]


@blueprint.get("/oppgaver")
@allow(Who.MEMBER)
def mine() -> Page:
    """What the reader owes and when; for a secretary also what waits. An old address led to all tasks."""
    seen = visit()
    if request.args.get("hvem") == "alle":
        return redirect(url_for("tasks.register"), 303)
    days = worklist.dates(seen.session, seen.mine, seen.today)
    since, meeting = days.since(seen.today), days.next
    just_done = task_view.number(request.args, "utfort")
    work = worklist.my_tasks(seen.session, seen.me, seen.today, since, just_done=just_done)
    counted = None
    if meeting:
        since = days.since(seen.today, meeting.body_id)
        counted = counts.count(seen.session, seen.mine, meeting.body_id, since, seen.today)
    left = waiting.waiting_for(seen.session, seen.mine, seen.today) if seen.mine.is_secretary else None
    return render_template("tasks/mine.html", days=days, work=work, waiting=left, counts=counted)


@blueprint.get("/oppgaver/<int:task_id>")
@allow(Who.MEMBER)
def show(task_id: int) -> str:
    """One task."""
    return task_page(task_id)


@blueprint.post("/oppgaver/<int:task_id>/fullforing")
@allow(Who.MEMBER)
def done(task_id: int) -> Page:
    """The owner has done it; or the secretary knows that it is done."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id, to_change=True)
    part = part_of(task, seen.me.id)
    if part is not None and follow_up.may_answer(part):
        follow_up.report_done(seen.session, part, seen.now, via="page")
        return back(task_id, just_done=True)
    return settle(
        task, lambda: not task.is_open, lambda: follow_up.close(seen.session, task, seen.me, seen.now)
    )


@blueprint.post("/oppgaver/<int:task_id>/angring")
@allow(Who.MEMBER)
def undo(task_id: int) -> Page:
    """Take one's own answer back."""
    seen = visit()
    return _answered(task_id, lambda part: follow_up.undo(seen.session, part, seen.now, via="page"))


@blueprint.post("/oppgaver/<int:task_id>/start")
@allow(Who.MEMBER)
def start(task_id: int) -> Page:
    """Seen, and begun."""
    seen = visit()
    return _answered(task_id, lambda part: follow_up.start(seen.session, part, seen.now, via="page"))


@blueprint.post("/oppgaver/<int:task_id>/utsettelse")
@allow(Who.MEMBER)
def more_time(task_id: int) -> Page:
    """Ask for another deadline."""
    seen = visit()

    def ask(part: Assignment) -> None:
        wanted = task_view.wanted_date(request.form)
        follow_up.ask_more_time(seen.session, part, wanted, "", seen.now, via="page")

    return _answered(task_id, ask)


@blueprint.post("/oppgaver/<int:task_id>/avvisning")
@allow(Who.MEMBER)
def not_mine(task_id: int) -> Page:
    """It isn't mine."""
    seen = visit()

    def refuse(part: Assignment) -> None:
        other = task_view.suggested(request.form, task_view.answer_box(part))
        follow_up.not_mine(seen.session, part, other, "", seen.now, via="page")

    return _answered(task_id, refuse)


@blueprint.post("/oppgaver/<int:task_id>/merknad")
@allow(Who.MEMBER)
def words(task_id: int) -> Page:
    """What came of it, or why more time is needed."""
    seen = visit()
    given = request.form.get("words", "")

    def add(part: Assignment) -> None:
        if not task_view.keeps_unseen(part.task, given):
            follow_up.add_words(seen.session, part, given, seen.now, via="page")

    return _answered(task_id, add)


def _answered(task_id: int, answer: Callable[[Assignment], None]) -> Page:
    """Let the owner answer; what can't be used is said on the task's page, and nothing is kept."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id, to_change=True)
    part = part_of(task, seen.me.id)
    if part is None:
        raise NotAllowed("Bare den som har ansvaret, kan svare på oppgaven.")
    try:
        answer(part)
    except InvalidAnswer as fault:
        return _refused(task_id, {fault.field: seen.language.explain(fault)}), 422
    except LinkOutdated as fault:
        return _refused(task_id, {"answer": seen.language.explain(fault)}), 422
    return back(task_id)


def _refused(task_id: int, errors: dict[str, str]) -> str:
    visit().session.rollback()
    return task_page(task_id, errors=errors)


def settle(task: Task, already: Callable[[], bool], act: Callable[[], None], said: str = "") -> Page:
    """Let the secretary change `task`, unless it is so already (a form sent twice has one effect).

    When somebody changed the task after it was shown, nothing is kept and the page shows who did what.
    `said`: what the next page says was done (bokmål).
    """
    seen = visit()
    if not seen.mine.may_manage(task.body_id):
        raise NotAllowed("Bare sekretæren kan endre oppgaven.")
    if not already():
        try:
            history.guard(task, task_view.number(request.form, "version"))
            act()
        except ChangedMeanwhile as fault:
            return conflict_page(task.id, fault), 409
        if said:
            flash(seen.language.gettext(said))
    if request.form.get("back") == "list":
        return redirect(url_for("tasks.mine"), 303)
    return back(task.id)


def conflict_page(task_id: int, fault: TrackerError) -> str:
    """The task as it is now, and who changed it."""
    seen = visit()
    seen.session.rollback()
    return task_page(task_id, conflict=seen.language.explain(fault))


def back(task_id: int, *, just_done: bool = False) -> Response:
    """To where the form stood: the list, at this task, or the task's page."""
    if request.form.get("back") != "list":
        return redirect(url_for("tasks.show", task_id=task_id), 303)
    shown = task_id if just_done else None
    return redirect(url_for("tasks.mine", utfort=shown, _anchor=f"oppgave-{task_id}"), 303)


def task_page(task_id: int, *, errors: dict[str, str] | None = None, conflict: str = "") -> str:
    """The task's page, also after something that couldn't be done."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id, whole=True)
    part = part_of(task, seen.me.id)
    manage = seen.mine.may_manage(task.body_id)
    return render_template(
        "tasks/show.html",
        task=task,
        box=task_view.answer_box(part, request.args.get("svar", "")) if part else None,
        manage=manage,
        member=task.body_id in seen.mine.bodies,
        requests=_requests(task) if manage else [],
        mails=mails_about(seen.session, task),
        mail_names=_mail_names(),
        mail_states=_mail_states(),
        errors=errors or {},
        conflict=conflict,
    )


def _requests(task: Task) -> list[Assignment]:
    if not task.is_open:
        return []
    return [owner for owner in task.owners if owner.answer in (Answer.MORE_TIME, Answer.NOT_MINE)]


def _mail_names() -> dict[Step, str]:
    text = visit().language.gettext
    names = dict.fromkeys(Step, text("Purring"))
    return names | {
        Step.ASSIGNED: text("Ny oppgave"),
        Step.BEFORE: text("Påminnelse"),
        Step.DAY_BEFORE: text("Påminnelse"),
    }


def _mail_states() -> dict[MessageState, str]:
    text = visit().language.gettext
    return {
        MessageState.WAITING: text("Planlagt"),
        MessageState.SENDING: text("Planlagt"),
        MessageState.SENT: text("Sendt"),
        MessageState.CAPTURED: text("Fanget i utboksen"),
        MessageState.FAILED: text("Ikke levert"),
        MessageState.STOPPED: text("Stoppet"),
    }


from tracker.web import entry, task_register, task_settling  # noqa: E402, F401 - their views stand on the same blueprint
