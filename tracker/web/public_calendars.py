"""What everybody may see of a body that is open to all: its meetings and decisions, and its calendar.

The views stand on the blueprint of `calendars.py`; what is open is set among the people.
"""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.calendars.feed import read_public
from tracker.models import Body, Deed, Organisation
from tracker.rules.access import Who
from tracker.services import feeds, people, public, schedule
from tracker.web.access import allow, did, visit
from tracker.web.calendars import answer, blueprint
from tracker.web.people import blueprint as of_people


@blueprint.post("/kalender/offentlig/<int:body_id>")
@allow(Who.SECRETARY)
def open_to_all(body_id: int) -> Response:
    """Open the meetings of a body to all, or close them."""
    seen = visit()
    body = people.in_charge(seen.session, seen.mine, body_id)
    opened = request.form.get("public") == "yes"
    feeds.open_to_all(seen.session, body, opened)
    did(Deed.OPENED if opened else Deed.CLOSED, body=body, detail="meetings")
    _ = seen.language.gettext
    said = _("Møtene i %(name)s er åpne for alle.") if opened else _("Møtene i %(name)s er lukket.")
    flash(said % {"name": body.name}, "success")
    return redirect(url_for("calendars.subscribe") + "#public", 303)


@blueprint.get("/r/<slug>/<int:body_id>")
@allow(Who.ANYONE)
def public_page(slug: str, body_id: int) -> Response:
    """The meetings to come and what was decided, without what only members may know."""
    seen = visit()
    body = feeds.public_body(seen.session, slug, body_id)
    links = seen.program.links
    html = render_template(
        "calendars/public.html",
        body=body,
        organisation=seen.session.get_one(Organisation, body.organisation_id),
        decisions=public.decisions(seen.session, body, seen.today, request.args.get("side", 1, type=int)),
        slug=slug,
        meetings=schedule.coming(seen.session, body.organisation_id, [body.id], seen.today),
        https=f"{links.public(slug, body.id)}.ics",
        webcal=f"{links.public(slug, body.id, scheme='webcal')}.ics",
    )
    return _for_searchers(make_response(html), body)


@blueprint.get("/r/<slug>/<int:body_id>.ics")
@allow(Who.ANYONE)
def public_feed(slug: str, body_id: int) -> Response:
    """What calendar programs fetch; caches on the way may keep it for five minutes."""
    seen = visit()
    body = feeds.public_body(seen.session, slug, body_id)
    content = read_public(seen.session, body, slug, seen.today, seen.program.links)
    return _for_searchers(answer(content, "public, max-age=300"), body)


@of_people.get("/deltakere/organ/<int:body_id>/offentlig")
@allow(Who.SECRETARY)
def openness(body_id: int) -> str:
    """What everybody may see of the body."""
    seen = visit()
    body = people.in_charge(seen.session, seen.mine, body_id)
    slug = seen.organisation.slug if seen.organisation else ""
    return render_template(
        "people/openness.html", body=body, address=seen.program.links.public(slug, body.id)
    )


@of_people.post("/deltakere/organ/<int:body_id>/offentlig")
@allow(Who.SECRETARY)
def set_openness(body_id: int) -> Response:
    """Open it, or close it."""
    seen = visit()
    body = people.in_charge(seen.session, seen.mine, body_id)
    meetings = "meetings" in request.form
    decisions = meetings and "decisions" in request.form
    for what, before, now in (
        ("meetings", body.public, meetings),
        ("decisions", body.public_decisions, decisions),
    ):
        if before != now:
            did(Deed.OPENED if now else Deed.CLOSED, body=body, detail=what)
    feeds.open_to_all(seen.session, body, meetings)
    body.public_decisions, body.noindex = decisions, "noindex" in request.form
    flash(seen.language.gettext("Lagret."))
    return redirect(url_for("people.openness", body_id=body.id), 303)


def _for_searchers(response: Response, body: Body) -> Response:
    """Whether search engines may keep the page (robots.txt lets them read it)."""
    if body.noindex:
        response.headers["X-Robots-Tag"] = "noindex"
    return response
