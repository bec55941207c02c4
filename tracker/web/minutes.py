"""New minutes: taking a document in, going through it, sending."""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from tracker.errors import (
    ChangedMeanwhile,
    InvalidAnswer,
    NotFound,
    NotReady,
    TrackerError,
    UnreadableDocument,
)
from tracker.models import Deed, Source, SourceState
from tracker.rules.access import Who
from tracker.services import intake, outcome, people, preview, publish, verdicts, visible
from tracker.services.cards import by_case
from tracker.services.review import Review, review
from tracker.web import review_forms
from tracker.web.access import allow, did, visit
from tracker.web.headers import MAIL_POLICY
from tracker.web.marked_text import card_label, groups

blueprint = Blueprint("minutes", __name__)


@blueprint.get("/referat/nytt")
@allow(Who.SECRETARY)
def new() -> str:
    """Drop a file or paste text; and the drafts that wait."""
    return _new_page()


@blueprint.post("/referat/nytt")
@allow(Who.SECRETARY, slow=True)
def take_in() -> Answer | tuple[str, int]:
    """Read the document and go on to the review; a document that can't be read changes nothing."""
    seen, pasted = visit(), request.form.get("text", "")
    try:
        content, name = _document(pasted)
        seen.program.scanner.check(content)
        taken = intake.take_in(seen.session, content, name, seen.me, seen.now)
    except (UnreadableDocument, InvalidAnswer) as fault:
        return _new_page({"file": seen.language.explain(fault)}, pasted), 422
    seen.session.flush()
    if taken.seen_before:
        flash(seen.language.gettext("Dette referatet er lagt inn før. Her er det."), "warning")
    if request.headers.get("X-Requested-With"):  # upload.js goes there itself: a 303 would be fetched twice
        return jsonify(location=_address(taken.source))
    return redirect(_address(taken.source), 303)


@blueprint.get("/referat/<int:source_id>/gjennomgang")
@allow(Who.SECRETARY)
def go_through(source_id: int) -> str | Answer:
    """The review."""
    source = _source(source_id)
    if source.state is not SourceState.REVIEW:
        return redirect(_address(source), 303)
    return _review_page(_state(source))


@blueprint.post("/referat/<int:source_id>/kort/<card>")
@allow(Who.SECRETARY)
def answer(source_id: int, card: str) -> Answer | tuple[str, int]:
    """One answer to one card, kept at once."""
    seen, source = visit(), _source(source_id)
    state = _state(source)
    try:
        value = review_forms.verdict(state, card, request.form)
        if value.get("email"):
            people.checked_address(seen.session, source.organisation_id, value["email"])
        verdicts.record(seen.session, source, card, value, _revision(), seen.me, seen.now)
    except InvalidAnswer as fault:
        return _review_page(state, {fault.field or card: seen.language.explain(fault)}, editing=card), 422
    except ChangedMeanwhile as fault:
        seen.session.rollback()
        return _conflict(source_id, card, fault), 409
    return _onward(_state(source))


@blueprint.post("/referat/<int:source_id>/moter")
@allow(Who.SECRETARY)
def accept_events(source_id: int) -> Answer:
    """Accept every dated event that nothing stands in the way of."""
    seen, source = visit(), _source(source_id)
    for event in _state(source).open_events:
        if event.waits_for is None:
            verdicts.record(
                seen.session, source, event.id, {"accepted": True}, event.revision, seen.me, seen.now
            )
    return _onward(_state(source))


@blueprint.post("/referat/<int:source_id>/statuser")
@allow(Who.SECRETARY)
def accept_statuses(source_id: int) -> Answer:
    """Accept everything that the minutes say of earlier tasks."""
    seen, source = visit(), _source(source_id)
    for card in _state(source).open_statuses:
        verdicts.record(seen.session, source, card.id, {"accepted": True}, card.revision, seen.me, seen.now)
    return _onward(_state(source))


@blueprint.post("/referat/<int:source_id>/eget-mote")
@allow(Who.SECRETARY)
def another(source_id: int) -> Answer | tuple[str, int]:
    """Say that the minutes correct none, but are of another meeting (or take that back)."""
    seen, source = visit(), _source(source_id)
    try:
        given = review_forms.another(request.form, _state(source))
        verdicts.record(seen.session, source, "head", given, _revision(), seen.me, seen.now)
    except ChangedMeanwhile as fault:
        seen.session.rollback()
        return _conflict(source_id, "head", fault), 409
    return _onward(_state(source))


@blueprint.post("/referat/<int:source_id>/hode")
@allow(Who.SECRETARY)
def head(source_id: int) -> Answer | tuple[str, int]:
    """Which body met, and when, where the text doesn't say or says it wrong."""
    seen, source = visit(), _source(source_id)
    try:
        source.body = people.body_for_minutes(
            seen.session,
            seen.mine,
            request.form.get("body", ""),
            request.form.get("new_body", ""),
            seen.today,
        )
        people.learn_alias(source.body, source.draft["meeting"].get("body"))
        given = review_forms.head(request.form, _state(source))
        verdicts.record(seen.session, source, "head", given, _revision(), seen.me, seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _review_page(_state(_source(source_id)), {fault.field: seen.language.explain(fault)}), 422
    except ChangedMeanwhile as fault:
        seen.session.rollback()
        return _conflict(source_id, "head", fault), 409
    return _onward(_state(source))


@blueprint.post("/referat/<int:source_id>/sending")
@allow(Who.SECRETARY)
def send(source_id: int) -> Answer | tuple[str, int]:
    """Publish: the register, the calendar and the mails, at once or not at all."""
    seen, source = visit(), _source(source_id)
    try:
        publish.publish(
            seen.session, source, seen.me, seen.now, fingerprint=request.form.get("fingerprint", "")
        )
    except NotReady as fault:
        seen.session.rollback()
        missing = {card: _missing_text(card) for card in fault.cards}
        return _review_page(_state(_source(source_id)), missing), 422
    except (ChangedMeanwhile, InvalidAnswer) as fault:
        seen.session.rollback()
        state = _state(_source(source_id))
        if state.over:
            return redirect(_address(state.source), 303)
        return _review_page(state, {"outgoing": seen.language.explain(fault)}), 409
    did(Deed.PUBLISHED, body=source.body, about=f"source {source.id}")
    return redirect(url_for("minutes.sent", source_id=source.id), 303)


@blueprint.post("/referat/<int:source_id>/forkasting")
@allow(Who.SECRETARY)
def discard(source_id: int) -> Answer:
    """Put a draft away."""
    source = _source(source_id)
    intake.discard(visit().session, source)
    did(Deed.DISCARDED, body=source.body, about=f"source {source.id}")
    flash(visit().language.gettext("Utkastet er lagt bort. Legg inn filen på nytt hvis du angrer."))
    return redirect(url_for("minutes.new"), 303)


@blueprint.get("/referat/<int:source_id>/sendt")
@allow(Who.SECRETARY)
def sent(source_id: int) -> str | Answer:
    """The receipt."""
    source = _source(source_id)
    if source.state is not SourceState.PUBLISHED:
        return redirect(_address(source), 303)
    led_to = outcome.outcome(visit().session, source)
    return render_template("minutes/sent.html", active="meetings", source=source, outcome=led_to)


@blueprint.get("/referat/<int:source_id>")
@allow(Who.MEMBER)
def show(source_id: int) -> str | Answer:
    """The minutes, with what was read from them marked."""
    seen = visit()
    source = intake.source_of(seen.session, seen.mine.organisation_id, source_id)
    if source.state is not SourceState.PUBLISHED and _source(source_id):
        return redirect(_address(source), 303)
    if not visible.whole_minutes(seen.mine, source):
        raise NotFound("Vi fant ikke referatet.")
    state = review(seen.session, source, seen.now)
    return render_template(
        "minutes/show.html",
        active="meetings",
        source=source,
        state=state,
        groups=groups(state),
        label=card_label,
    )


@blueprint.get("/referat/<int:source_id>/epost/<card>")
@allow(Who.SECRETARY)
def mail(source_id: int, card: str) -> Response:
    """The mail that a person will get, as it will be sent, in a frame that runs nothing."""
    seen = visit()
    state = _state(_source(source_id))
    found = next((p for p in preview.mails(state, seen.me, seen.program.links) if p.id == card), None)
    if found is None:
        raise NotFound("Vi fant ikke e-posten.")
    response = make_response(found.letter.html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _new_page(errors: Mapping[str, str] | None = None, text: str = "") -> str:
    seen = visit()
    waiting = intake.waiting(seen.session, seen.mine.organisation_id)
    return render_template(
        "minutes/new.html", active="meetings", errors=errors or {}, text=text, waiting=waiting
    )


def _document(pasted: str) -> tuple[bytes, str]:
    """The bytes and name of what was sent: a file, or pasted text."""
    file = request.files.get("file")
    if file is not None and file.filename:
        return file.read(), file.filename
    if pasted.strip():
        return pasted.encode(), visit().language.gettext("Innlimt tekst") + ".txt"
    raise InvalidAnswer("Velg en fil, eller lim inn teksten.", field="file")


def _source(source_id: int) -> Source:
    """A source that this secretary may review: of the organisation, and of no body or one of theirs."""
    seen = visit()
    source = intake.source_of(seen.session, seen.mine.organisation_id, source_id)
    managed = seen.mine.may_manage(source.body_id) if source.body_id else seen.mine.is_secretary
    if not managed:
        raise NotFound("Vi fant ikke referatet.")
    return source


def _state(source: Source) -> Review:
    seen = visit()
    return review(seen.session, source, seen.now)


def _revision() -> int:
    given = request.form.get("revision", "0")
    return int(given) if given.isdigit() and len(given) < 10 else -1


def _review_page(state: Review, errors: Mapping[str, str] | None = None, editing: str | None = None) -> str:
    seen = visit()
    return render_template(
        "minutes/review.html",
        active="meetings",
        state=state,
        tasks_by_case=by_case(state.tasks, state.draft.cases),
        groups=groups(state),
        label=card_label,
        errors=errors or {},
        editing=editing or request.args.get("endre"),
        names=_names(state),
        bodies=[
            b for b in people.bodies(seen.session, seen.mine.organisation_id) if seen.mine.may_manage(b.id)
        ],
        mails=preview.mails(state, seen.me, seen.program.links),
        unreached=preview.unreached(state),
        others=sorted({v.by.name for v in state.source.verdicts if v.by and v.by_id != seen.me.id}),
        focus=state.current if request.headers.get("HX-Request") else None,
        next_added=review_forms.next_added(state),
    )


def _names(state: Review) -> list[str]:
    """Who can be picked as owner: those in the minutes first, then the rest of the register."""
    named = dict.fromkeys(person.name for person in state.people)
    folded = {name.casefold() for name in named}
    named.update(dict.fromkeys(p.name for p in state.register if p.name.casefold() not in folded))
    return list(named)


def _address(source: Source) -> str:
    if source.state is SourceState.REVIEW:
        return url_for("minutes.go_through", source_id=source.id)
    if source.state is SourceState.PUBLISHED:
        return url_for("minutes.show", source_id=source.id)
    return url_for("minutes.new")


def _onward(state: Review) -> Answer:
    """To the next card that waits for an answer, or to the sending."""
    anchor = state.current or "outgoing"
    return redirect(f"{url_for('minutes.go_through', source_id=state.source.id)}#{anchor}", 303)


def _missing_text(card: str) -> str:
    tongue = visit().language
    if card == "head":
        return tongue.gettext("Velg hvilket organ som møttes, og når.")
    kind = {
        "q": "Svar på spørsmål %(label)s.",
        "m": "Godta eller hopp over %(label)s.",
        "u": "Godta eller hopp over %(label)s.",
        "g": "Velg hva som skal skje med det som ikke lenger står i referatet.",
    }
    text = tongue.gettext(kind.get(card[0], "Godta eller hopp over oppgave %(label)s."))
    return text % {"label": card_label(card)}


def _conflict(source_id: int, card: str, fault: TrackerError) -> str:
    """Told, and nothing overwritten: the page as it is now, with the other's answer."""
    return _review_page(_state(_source(source_id)), {card: visit().language.explain(fault)})
