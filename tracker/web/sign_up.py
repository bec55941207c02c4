"""The page behind the link of an invitation: whether one comes, without signing in. Looking changes nothing.

The views stand on the blueprint of `answers.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.errors import InvalidAnswer, LinkOutdated
from tracker.language import language
from tracker.models import Coming, Invitation, Organisation, Role, Via
from tracker.rules.access import Who
from tracker.services import inviting, people, sign_up
from tracker.services.sign_up import Reply
from tracker.web.access import allow, visit
from tracker.web.answers import blueprint

Page = Response | str | tuple[str, int]
CHOICES = {"ja": Coming.YES, "delvis": Coming.PARTLY, "nei": Coming.NO}


@blueprint.get("/o/mote/<token>")
@allow(Who.LINK)
def invitation(token: str) -> Page:
    """The meeting, and the answers there are."""
    seen = visit()
    try:
        found = sign_up.by_link(seen.session, seen.program.links, token, seen.now)
    except LinkOutdated as fault:
        return _outdated(fault)
    seen.language = language(found.person.language)
    return _page(token, found)


@blueprint.post("/o/mote/<token>/svar")
@allow(Who.LINK)
def coming(token: str) -> Page:
    """Coming, coming for some of it, or not."""
    seen, form = visit(), request.form

    def answer(found: Invitation) -> None:
        if form.get("answer", "") not in CHOICES:
            raise InvalidAnswer("Velg et svar.", field="answer")
        reply = Reply(CHOICES[form["answer"]], form.get("partly_text", ""))
        sign_up.answer(seen.session, found, reply, seen.now, Via.PAGE)

    return _changed(token, answer)


@blueprint.post("/o/mote/<token>/mat")
@allow(Who.LINK)
def food(token: str) -> Page:
    """What one can't eat."""
    given = request.form.get("diet", "")
    return _changed(token, lambda found: sign_up.wish_food(visit().session, found, given))


@blueprint.post("/o/mote/<token>/vara")
@allow(Who.LINK)
def substitute(token: str) -> Page:
    """Whom one suggests in one's place."""
    seen, given = visit(), request.form.get("who", "")

    def name(found: Invitation) -> None:
        known = inviting.substitutes(seen.session, found.meeting)
        chosen = next((person for person in known if str(person.id) == given), None)
        sign_up.name_substitute(seen.session, found, chosen)

    return _changed(token, name)


def _changed(token: str, change: Callable[[Invitation], None]) -> Page:
    """Let the holder of the link change something; what can't be used is said on the page."""
    seen = visit()
    try:
        found = sign_up.by_link(seen.session, seen.program.links, token, seen.now, to_change=True)
        seen.language = language(found.person.language)
        change(found)
    except LinkOutdated as fault:
        seen.session.rollback()
        return _outdated(fault)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _page(token, found, {fault.field: seen.language.explain(fault)}), 422
    return redirect(url_for("answers.invitation", token=token), 303)


def _page(token: str, found: Invitation, errors: dict[str, str] | None = None) -> str:
    seen, meeting = visit(), found.meeting
    secretaries = people.secretaries(seen.session, meeting.body, seen.today)
    member = found.role is Role.MEMBER
    return render_template(
        "answers/invitation.html",
        token=token,
        invitation=found,
        meeting=meeting,
        organisation=seen.session.get_one(Organisation, found.organisation_id),
        secretary=secretaries[0].name if secretaries else seen.language.gettext("Sekretæren"),
        open=sign_up.is_open(found, seen.today),
        full=sign_up.is_full(meeting),
        place=sign_up.line(meeting).place(found),
        moved=inviting.answered_before_move(found),
        substitutes=[(p.id, p.name) for p in inviting.substitutes(seen.session, meeting)] if member else [],
        choice=request.args.get("svar", ""),
        partly_text=request.form.get("partly_text", found.partly_text),
        errors=errors or {},
    )


def _outdated(fault: LinkOutdated) -> Page:
    seen = visit()
    html = render_template("answers/invitation_outdated.html", explanation=seen.language.explain(fault))
    return make_response(html, 410)
