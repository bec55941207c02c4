"""The outbox: every mail that went or will go. We show delivery, never opening."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from tracker.errors import NotFound
from tracker.links import without_secrets
from tracker.models import Message, MessageKind, MessageState
from tracker.rules.access import Who
from tracker.services import directory, outbox, people, unplaced
from tracker.services.outbox import Filter
from tracker.web.access import allow, visit
from tracker.web.headers import MAIL_POLICY
from tracker.web.people import HIGHEST_ROW

blueprint = Blueprint("outbox", __name__)

# In the demo the links in a mail are the only way on, so a press on one may leave the frame.
DEMO_SANDBOX = "allow-top-navigation-by-user-activation allow-popups"
DEMO_POLICY = MAIL_POLICY.replace("sandbox;", f"sandbox {DEMO_SANDBOX};")


@blueprint.get("/utboks")
@allow(Who.SECRETARY)
def index() -> str:
    """What went, what waits, and first what didn't arrive."""
    seen = visit()
    organisation = seen.me.organisation_id
    state, person = request.args.get("status", ""), request.args.get("person", type=int)
    wanted = Filter(
        state=MessageState(state) if state in list(MessageState) else None,
        person_id=min(person, HIGHEST_ROW) if person is not None else None,
    )
    listing = outbox.listing(
        seen.session, organisation, wanted, request.args.get("side", 1, type=int), seen.now
    )
    everyone = sorted(
        people.everyone(seen.session, organisation), key=lambda p: seen.language.sort_key(p.name)
    )
    return render_template(
        "outbox/index.html",
        listing=listing,
        answers=unplaced.count_waiting(seen.session, seen.mine),
        restricted=outbox.restricted(seen.session, [*listing.failed, *listing.messages], seen.mine),
        wanted=wanted,
        people=[(person.id, person.name) for person in everyone],
        states=list(MessageState),
        say=seen.language.gettext,
    )


@blueprint.get("/utboks/<int:message_id>")
@allow(Who.SECRETARY)
def show(message_id: int) -> str:
    """One mail: to whom, when, how it went, and the words."""
    seen, message = visit(), _message(message_id)
    return render_template(
        "outbox/show.html",
        message=message,
        restricted=message.id in outbox.restricted(seen.session, [message], seen.mine),
        hidden_content=_hidden(message),
        as_text=request.args.get("vis") == "tekst",
        text=_shown(message, message.body_text),
        say=seen.language.gettext,
        sandbox=DEMO_SANDBOX if _demo() else "",
        editable=directory.may_edit(seen.mine, message.person, seen.today),
    )


@blueprint.get("/utboks/<int:message_id>/innhold")
@allow(Who.SECRETARY)
def content(message_id: int) -> Response:
    """The HTML of a mail, for the frame on its page, and as powerless as a page can be."""
    message = _message(message_id)
    if _hidden(message):
        raise NotFound("Vi fant ikke e-posten.")
    html = _shown(message, message.body_html)
    if _demo():
        html = html.replace("<head>", '<head><base target="_top">', 1)
    response = make_response(html)
    response.headers["Content-Security-Policy"] = DEMO_POLICY if _demo() else MAIL_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/utboks/<int:message_id>/stopp")
@allow(Who.SECRETARY)
def stop(message_id: int) -> Answer:
    """Keep a planned mail back."""
    seen = visit()
    reason = seen.language.gettext("Stoppet av %(name)s.") % {"name": seen.me.name}
    outbox.stop(seen.session, seen.me.organisation_id, message_id, reason)
    flash(seen.language.gettext("E-posten er stoppet og blir ikke sendt."))
    return _back(message_id)


@blueprint.post("/utboks/<int:message_id>/utsending")
@allow(Who.SECRETARY)
def send_again(message_id: int) -> Answer:
    """Try an undelivered mail once more."""
    seen = visit()
    outbox.send_again(seen.session, seen.me.organisation_id, message_id, seen.now)
    flash(seen.language.gettext("Vi prøver å sende e-posten på nytt nå."))
    return _back(message_id)


def _back(message_id: int) -> Answer:
    if request.form.get("back") == "list":
        return redirect(url_for("outbox.index") + f"#message-{message_id}", 303)
    return redirect(url_for("outbox.show", message_id=message_id), 303)


def _message(message_id: int) -> Message:
    seen = visit()
    return outbox.message_of(seen.session, seen.me.organisation_id, message_id)


def _hidden(message: Message) -> bool:
    """Whether the words are not for the reader: a sign-in mail opens somebody's account."""
    if message.kind is MessageKind.SIGN_IN:
        return not _demo()
    return message.id in outbox.restricted(visit().session, [message], visit().mine)


def _shown(message: Message, words: str) -> str:
    """The words as a secretary may see them: the secret links are the recipient's, save in the demo."""
    if _demo() and message.state is MessageState.CAPTURED:
        return words
    return without_secrets(words)


def _demo() -> bool:
    running = visit().program
    return running.settings.demo and running.captures_mail
