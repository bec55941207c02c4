"""Answers by mail that a human must place: whose they are, and what they say. Nobody is written back to."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from tracker.errors import NotFound, TrackerError
from tracker.models import Coming
from tracker.rules.access import Who
from tracker.services import unplaced
from tracker.web import task_view
from tracker.web.access import allow, visit
from tracker.web.outbox import blueprint
from tracker.web.people import HIGHEST_ROW


@blueprint.get("/utboks/svar")
@allow(Who.SECRETARY)
def answers() -> str:
    """What has come, and can't be placed by itself."""
    return _list({}, 0)


@blueprint.get("/utboks/svar/<int:mail_id>.eml")
@allow(Who.SECRETARY)
def original(mail_id: int) -> Response:
    """The mail as it came, to open in a mail program."""
    row = unplaced.mail_of(visit().session, visit().mine, mail_id)
    if row.content is None:
        raise NotFound("E-posten er lagt bort.")
    response = Response(row.content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=f"svar-{row.id}.eml")
    return response


@blueprint.post("/utboks/svar/<int:mail_id>/plassering")
@allow(Who.SECRETARY)
def place(mail_id: int) -> Answer | tuple[str, int]:
    """Write the answer down as somebody's."""
    seen = visit()
    row = unplaced.mail_of(seen.session, seen.mine, mail_id, to_change=True)
    coming = Coming.NO if request.form.get("coming") == Coming.NO else Coming.YES
    number = min(task_view.number(request.form, f"invitation-{mail_id}"), HIGHEST_ROW)
    try:
        invitation = unplaced.invitation_of(seen.session, seen.mine, number)
        unplaced.settle(seen.session, row, invitation, coming, seen.me, seen.now)
    except TrackerError as fault:
        seen.session.rollback()
        return _list({f"invitation-{mail_id}": seen.language.explain(fault)}, number), 422
    tongue = seen.language
    said = (
        tongue.gettext("%(name)s kommer ikke.") if coming is Coming.NO else tongue.gettext("%(name)s kommer.")
    )
    flash(said % {"name": invitation.person.name}, "success")
    return redirect(url_for("outbox.answers"), 303)


@blueprint.post("/utboks/svar/<int:mail_id>/bortlegging")
@allow(Who.SECRETARY)
def put_away(mail_id: int) -> Answer:
    """There is nothing to write down."""
    seen = visit()
    row = unplaced.mail_of(seen.session, seen.mine, mail_id, to_change=True)
    unplaced.dismiss(seen.session, row, seen.me, seen.now)
    flash(seen.language.gettext("E-posten er lagt bort."), "success")
    return redirect(url_for("outbox.answers"), 303)


def _list(errors: dict[str, str], chosen: int) -> str:
    seen = visit()
    return render_template(
        "outbox/answers.html",
        mails=unplaced.waiting(seen.session, seen.mine),
        choices=[
            (invitation.id, f"{invitation.person.name} – {invitation.meeting.title}, {day}")
            for invitation in unplaced.choices(seen.session, seen.mine, seen.today)
            for day in [seen.language.day(invitation.meeting.starts_on, year=False)]
        ],
        errors=errors,
        chosen=chosen,
    )
