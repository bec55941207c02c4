"""Who comes to a meeting, for its secretary: asking people, answering for them, calling substitutes, a list.

The views stand on the blueprint of `meetings.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.errors import ChangedMeanwhile, InvalidAnswer
from tracker.models import Coming, Deed, Invitation, Meeting, Via
from tracker.rules.access import Who
from tracker.services import inviting, sign_up, sign_up_sheet
from tracker.services.inviting import Details
from tracker.services.sign_up import Reply
from tracker.web import task_view
from tracker.web.access import allow, did, visit
from tracker.web.decisions import csv
from tracker.web.meeting_changes import Page, managed
from tracker.web.meetings import blueprint

GUEST = {"name": "", "email": ""}


@blueprint.get("/moter/<int:meeting_id>/innkalte")
@allow(Who.SECRETARY)
def invited(meeting_id: int) -> str:
    """Who is asked, who comes, who waits for a seat, and what there is to do."""
    return _list(managed(meeting_id), GUEST, {})


@blueprint.get("/moter/<int:meeting_id>/innkalte.csv")
@allow(Who.SECRETARY)
def invited_csv(meeting_id: int) -> Response:
    """The same for a spreadsheet."""
    meeting = managed(meeting_id)
    return csv(sign_up_sheet.of_invitations(_standing(meeting), visit().language), "innkalte")


@blueprint.post("/moter/<int:meeting_id>/innkalling")
@allow(Who.SECRETARY)
def invite(meeting_id: int) -> Page:
    """Ask the members, and mail those who haven't been. Pressed twice nobody gets two."""
    seen, meeting = visit(), managed(meeting_id)

    def ask() -> str:
        sent = inviting.invite(seen.session, meeting, seen.now)
        if sent:
            did(Deed.INVITED, body=meeting.body, about=f"meeting {meeting.id}", detail=str(sent))
        tongue = seen.language
        return tongue.ngettext(
            "Innkallingen går til %(num)d person.", "Innkallingen går til %(num)d personer.", sent
        ) % {"num": sent}

    return _done(meeting, ask)


@blueprint.post("/moter/<int:meeting_id>/gjester")
@allow(Who.SECRETARY)
def add_guest(meeting_id: int) -> Page:
    """Ask somebody by name and address."""
    seen, meeting = visit(), managed(meeting_id)
    given = {name: request.form.get(name, "") for name in GUEST}
    try:
        added = inviting.add_guest(seen.session, meeting, given["name"], given["email"], seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _list(managed(meeting_id), given, {fault.field: seen.language.explain(fault)}), 422
    _did(Deed.INVITED, added)
    flash(seen.language.gettext("%(name)s er lagt til.") % {"name": added.person.name}, "success")
    return _back(meeting)


@blueprint.get("/moter/<int:meeting_id>/innkalte/<int:invitation_id>")
@allow(Who.SECRETARY)
def invitation(meeting_id: int, invitation_id: int) -> str:
    """One person's answer, to write down or change."""
    meeting = managed(meeting_id)
    return _one(inviting.invitation_of(visit().session, meeting, invitation_id), {})


@blueprint.post("/moter/<int:meeting_id>/innkalte/<int:invitation_id>/svar")
@allow(Who.SECRETARY)
def answer_for(meeting_id: int, invitation_id: int) -> Page:
    """Write down what somebody has answered by telephone or mail."""
    seen, meeting = visit(), managed(meeting_id)
    found = inviting.invitation_of(seen.session, meeting, invitation_id)
    try:
        sign_up.answer(seen.session, found, _given_reply(), seen.now, Via.SECRETARY)
        if meeting.asks_diet:
            sign_up.wish_food(seen.session, found, request.form.get("diet", ""))
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _one(found, {fault.field: seen.language.explain(fault)}), 422
    _did(Deed.ANSWERED_FOR, found)
    flash(seen.language.gettext("Svaret fra %(name)s er lagret.") % {"name": found.person.name}, "success")
    return _back(meeting)


@blueprint.post("/moter/<int:meeting_id>/innkalte/<int:invitation_id>/tilbaketrekking")
@allow(Who.SECRETARY)
def withdraw(meeting_id: int, invitation_id: int) -> Page:
    """Take somebody off the list."""
    seen, meeting = visit(), managed(meeting_id)
    found = inviting.invitation_of(seen.session, meeting, invitation_id)

    def take_off() -> str:
        inviting.withdraw(seen.session, found, seen.now)
        _did(Deed.UNINVITED, found)
        return seen.language.gettext("%(name)s er tatt av listen.") % {"name": found.person.name}

    return _done(meeting, take_off)


@blueprint.post("/moter/<int:meeting_id>/innkalte/<int:invitation_id>/vara")
@allow(Who.SECRETARY)
def call_substitute(meeting_id: int, invitation_id: int) -> Page:
    """Call the next substitute in somebody's place. Pressed twice one is called."""
    seen, meeting = visit(), managed(meeting_id)
    absent = inviting.invitation_of(seen.session, meeting, invitation_id)

    def call() -> str:
        called = inviting.call_substitute(
            seen.session, absent, task_view.number(request.form, "person"), seen.now
        )
        if called is None:
            return seen.language.gettext("Vara er alt kalt inn.")
        _did(Deed.INVITED, called)
        return seen.language.gettext("%(name)s er kalt inn.") % {"name": called.person.name}

    return _done(meeting, call)


@blueprint.get("/moter/<int:meeting_id>/opplysninger")
@allow(Who.SECRETARY)
def details(meeting_id: int) -> str:
    """What it is called, and how one takes part."""
    meeting = managed(meeting_id)
    given = {
        "title": meeting.title,
        "remote_link": meeting.remote_link or "",
        "register_by": meeting.register_by.isoformat() if meeting.register_by else "",
        "seats": str(meeting.seats or ""),
        "asks_diet": "1" if meeting.asks_diet else "",
        "version": str(meeting.version),
    }
    return _details_form(meeting, given, {})


@blueprint.post("/moter/<int:meeting_id>/opplysninger")
@allow(Who.SECRETARY)
def change_details(meeting_id: int) -> Page:
    """Keep them."""
    seen, meeting = visit(), managed(meeting_id)
    try:
        _guard(meeting)
        inviting.change(seen.session, meeting, _given_details(), seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        errors = {fault.field: seen.language.explain(fault)}
        return _details_form(managed(meeting_id), dict(request.form), errors), 422
    except ChangedMeanwhile as fault:
        seen.session.rollback()
        now = managed(meeting_id)
        given = {**request.form, "version": str(now.version)}
        return _details_form(now, given, {}, seen.language.explain(fault)), 409
    flash(seen.language.gettext("Lagret."), "success")
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


def _given_reply() -> Reply:
    """Raises InvalidAnswer."""
    form, said = request.form, request.form.get("answer", "")
    if said not in set(Coming):
        raise InvalidAnswer("Velg et svar.", field="answer-yes")
    return Reply(Coming(said), form.get("partly_text", ""), form.get("comment", ""))


def _guard(meeting: Meeting) -> None:
    """Raises ChangedMeanwhile unless the form was made from the meeting as it is."""
    if task_view.number(request.form, "version") != meeting.version:
        raise ChangedMeanwhile("Noen endret møtet mens du hadde siden åpen. Se over før du lagrer.")


def _given_details() -> Details:
    """Raises InvalidAnswer."""
    form = request.form
    seats = task_view.number(form, "seats")
    if form.get("seats") and not seats:
        raise InvalidAnswer("Skriv et tall fra 1 til %(most)d.", field="seats", most=inviting.MOST_SEATS)
    return Details(
        title=form.get("title", ""),
        remote_link=form.get("remote_link", ""),
        register_by=task_view.wanted_date(form, "register_by") if form.get("register_by") else None,
        seats=seats or None,
        asks_diet=form.get("asks_diet") == "1",
    )


def _did(deed: Deed, to: Invitation) -> None:
    """Note in the log what the secretary does with somebody's invitation."""
    did(deed, body=to.meeting.body, subject=to.person, about=f"meeting {to.meeting_id}")


def _done(meeting: Meeting, change: Callable[[], str]) -> Response:
    """Do it and say so; or say why not."""
    seen = visit()
    try:
        flash(change(), "success")
    except InvalidAnswer as fault:
        seen.session.rollback()
        flash(seen.language.explain(fault), "warning")
    return _back(meeting)


def _back(meeting: Meeting) -> Response:
    return redirect(url_for("meetings.invited", meeting_id=meeting.id), 303)


def _standing(meeting: Meeting) -> list[Invitation]:
    """Who is asked: those with a seat, those who wait in their order, then the others, each by name."""
    line, key = sign_up.line(meeting), visit().language.sort_key
    others = [i for i in meeting.invitations if i.stands and not i.comes]
    by_name = sorted(line.seated, key=lambda i: key(i.person.name))
    rest = sorted(others, key=lambda i: (i.answer is Coming.NO, key(i.person.name)))
    return [*by_name, *line.waiting, *rest]


def _list(meeting: Meeting, given: dict[str, str], errors: dict[str, str]) -> str:
    session = visit().session
    line, standing = sign_up.line(meeting), _standing(meeting)
    unsent = inviting.to_mail(session, meeting) if inviting.is_coming(meeting, visit().today) else []
    return render_template(
        "meetings/invited.html",
        meeting=meeting,
        invitations=standing,
        waiting={i.id: number for number, i in enumerate(line.waiting, 1)},
        seated=len(line.seated),
        counts=Counter(i.answer.value for i in standing),
        moved={i.id for i in standing if inviting.answered_before_move(i)},
        absences=inviting.absences(session, meeting),
        not_needed=inviting.not_needed(meeting),
        unsent=[person.name for person in unsent if person.email],
        silent=[person.name for person in unsent if not person.email],
        may_change=inviting.is_coming(meeting, visit().today),
        on_paper=request.args.get("utskrift") == "1",
        given=given,
        errors=errors,
    )


def _one(found: Invitation, errors: dict[str, str]) -> str:
    kept = {
        "answer": found.answer.value,
        "partly_text": found.partly_text,
        "comment": found.comment,
        "diet": found.diet or "",
    }
    return render_template(
        "meetings/invitation.html",
        meeting=found.meeting,
        invitation=found,
        given=kept | dict(request.form),
        errors=errors,
    )


def _details_form(meeting: Meeting, given: dict[str, str], errors: dict[str, str], conflict: str = "") -> str:
    return render_template(
        "meetings/details.html",
        meeting=meeting,
        given={"asks_diet": ""} | given,
        errors=errors,
        conflict=conflict,
        taken=len(sign_up.line(meeting).seated),
    )
