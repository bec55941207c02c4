"""Files with tasks: laid beside by whoever answers, by link or signed in, and fetched as files only."""

from __future__ import annotations

from flask import Response, redirect, request, url_for

from tracker import db
from tracker.errors import InvalidAnswer, NotAllowed, NotFound
from tracker.models import Answer, Assignment, Attachment
from tracker.rules.access import Who, hidden
from tracker.services import attachments
from tracker.services.tasks import by_link, part_of, task_of
from tracker.web import answers, task_view, tasks
from tracker.web.access import allow, visit


@answers.blueprint.post("/o/<token>/fil")
@allow(Who.LINK, slow=True)
def attach_by_link(token: str) -> answers.Page:
    """A file with the answer."""
    seen = visit()
    seen.program.links.read("answer", token, (int, int))  # nothing is looked at for who has no link
    sent = _sent()

    def lay(part: Assignment) -> None:
        if part.answer is Answer.NONE:
            raise InvalidAnswer("Svar på oppgaven først.", field="file")
        attachments.add(seen.session, part.task, part.person, *_usable(sent), seen.now, via="mail")

    return answers.answered(token, lay, page=answers.receipt_page)


@answers.blueprint.get("/o/<token>/fil/<int:file_id>")
@allow(Who.LINK)
def fetch_by_link(token: str, file_id: int) -> Response:
    """A file of the task the link is for, unless the case is not public: then one must sign in."""
    seen = visit()
    part = by_link(seen.session, seen.program.links, token, seen.now)
    if hidden(part.task.restricted, part.task.body_id):
        raise NotFound("Vi fant ikke filen.")
    return _file(attachments.of_task(seen.session, part.task, file_id))


@tasks.blueprint.post("/oppgaver/<int:task_id>/fil")
@allow(Who.MEMBER, slow=True)
def attach(task_id: int) -> tasks.Page:
    """A file with a task, by one who has a part in it or the secretary."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id)
    if part_of(task, seen.me.id) is None and not seen.mine.may_manage(task.body_id):
        raise NotAllowed("Bare de som har oppgaven, kan legge ved filer.")
    try:
        attachments.add(seen.session, task, seen.me, *_usable(_sent()), seen.now, via="page")
    except InvalidAnswer as fault:
        seen.session.rollback()
        return tasks.task_page(task_id, errors={fault.field: seen.language.explain(fault)}), 422
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="files"), 303)


@tasks.blueprint.get("/oppgaver/<int:task_id>/fil/<int:file_id>")
@allow(Who.MEMBER)
def fetch(task_id: int, file_id: int) -> Response:
    """A file of a task that the reader may see."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id)
    if task_view.hidden(task.restricted, task.body_id):
        raise NotFound("Vi fant ikke filen.")
    return _file(attachments.of_task(seen.session, task, file_id))


Sent = tuple[str, bytes]


def _sent() -> Sent | InvalidAnswer:
    """Name and bytes of what was sent, no more than tells that it is too large; or why it can't be used.

    The register is written in from here on, not before: a slow virus scanner keeps nobody else waiting.
    """
    seen, file = visit(), request.files.get("file")
    sent: Sent | InvalidAnswer = "", b""
    if file is not None:
        with file.stream:
            name, content = file.filename or "", file.read(attachments.LARGEST + 1)
        try:
            seen.program.scanner.check(content)
            sent = name, content
        except InvalidAnswer as fault:
            sent = fault
    seen.session.commit()
    db.write_at_once(seen.session)
    return sent


def _usable(sent: Sent | InvalidAnswer) -> Sent:
    if isinstance(sent, InvalidAnswer):
        raise sent
    return sent


def _file(row: Attachment) -> Response:
    """As a download of no particular kind, so that no browser runs or shows it as part of our pages."""
    response = Response(row.content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=row.name)
    return response
