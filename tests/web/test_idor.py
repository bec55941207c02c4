"""Every address that names an object × everybody who might ask: what may not be seen isn't there.

The addresses are those of the program itself; one that names an object and isn't in the table fails.
"""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.cast import Cast
from tests.web.conftest import SignInAs, Visitor
from tests.web.objects import IN_REVIEW, lay_out, path_of, roles
from tests.web.test_every_page import writes
from tracker.models import Source
from tracker.program import Program

TRUSTED = frozenset({"secretary", "leader", "owner", "member"})
INSIDE = TRUSTED | {"guest"}
THE_SECRETARY = frozenset({"secretary"})
THE_OWNER = frozenset({"owner"})
WITH_A_PART = frozenset({"owner", "helper"})
SECRETARIES = frozenset({"secretary", "other_secretary"})
OF_THE_ORGANISATION = INSIDE | {"helper", "other_member", "other_secretary"}
NOBODY = "nobody"
EVERYBODY = [*sorted(OF_THE_ORGANISATION), "stranger", NOBODY]
NO_SUCH = 2**31 - 2

# Who gets at what; whoever isn't named is refused. The objects are those of `objects.lay_out`: the task, the
# decision and the mail are of a restricted case; the person is the owner, and the calendar the owner's.
ALLOWED: dict[str, frozenset[str] | set[str]] = {
    "settings.end_session": THE_OWNER,
    "people.choose_double": THE_SECRETARY,
    "people.merge": THE_SECRETARY,
    "people.removal_page": THE_SECRETARY,
    "people.remove": THE_SECRETARY,
    "people.show": {"owner", "secretary", "other_secretary"},
    "people.edit": {"owner", "secretary"},
    "people.correct": {"owner", "secretary"},
    "people.body": OF_THE_ORGANISATION,
    **dict.fromkeys(
        ("people.edit_body", "people.rename_body", "people.new_office",
         "people.openness", "people.set_openness", "people.give_office", "people.leave",
         "people.move_up",
         "people.end_office", "calendars.open_to_all"),
        THE_SECRETARY,
    ),
    **dict.fromkeys(("calendars.revoke", "calendars.options", "calendars.replace"), THE_OWNER),
    **dict.fromkeys(
        ("meetings.show", "calendars.meeting_file", "reports.meeting", "reports.meeting_csv"), INSIDE
    ),
    **dict.fromkeys(
        ("meetings.undo", "meetings.preview_cancel", "meetings.cancel", "meetings.edit", "meetings.move",
         "meetings.preview_move", "meetings.restriction", "meetings.restrict", "meetings.lift",
         "meetings.invited", "meetings.invited_csv", "meetings.invite", "meetings.add_guest",
         "meetings.invitation", "meetings.answer_for", "meetings.withdraw", "meetings.call_substitute",
         "meetings.details", "meetings.change_details"),
        THE_SECRETARY,
    ),
    "tasks.show": INSIDE | {"helper"},
    "tasks.fetch": TRUSTED,
    "tasks.attach": {"secretary", "owner", "helper"},
    "tasks.done": {"secretary", "owner"},
    **dict.fromkeys(
        ("tasks.undo", "tasks.not_mine", "tasks.start", "tasks.words", "tasks.more_time"), WITH_A_PART
    ),
    **dict.fromkeys(
        ("tasks.edit", "tasks.change", "tasks.keep", "tasks.reopen", "tasks.accept", "tasks.hand_over",
         "tasks.drop", "tasks.dropped"),
        THE_SECRETARY,
    ),
    "tasks.on_task": INSIDE | {"helper"},
    "tasks.undo_marked": THE_SECRETARY,
    "saved.forget": THE_OWNER,
    "decisions.on_decision": INSIDE,
    "decisions.show": INSIDE,
    "minutes.show": TRUSTED,
    **dict.fromkeys(
        ("minutes.another", "minutes.mail", "minutes.discard", "minutes.go_through", "minutes.head",
         "minutes.answer", "minutes.accept_events", "minutes.send", "minutes.sent",
         "minutes.accept_statuses"),
        THE_SECRETARY,
    ),
    **dict.fromkeys(("outbox.show", "outbox.stop", "outbox.send_again"), SECRETARIES),
    "outbox.content": {"secretary"},
    **dict.fromkeys(("outbox.original", "outbox.place", "outbox.put_away"), THE_SECRETARY),
}  # fmt: skip
# Where the page of an object is, so that «you may see it, but not do that» (403) can be told from «it isn't».
PAGES = {"task_id": "tasks.show", "person_id": "people.show", "body_id": "people.body",
         "meeting_id": "meetings.show", "source_id": "minutes.show"}  # fmt: skip
# For anyone who holds the link, or for all: not by who asks. They have tests of their own below.
BY_LINK = {"token", "slug"}


def named(app: Flask) -> list[Rule]:
    """The addresses that name an object."""
    return [
        r
        for r in app.url_map.iter_rules()
        if r.arguments - {"filename", "year", "kind"} and not r.arguments & BY_LINK
    ]


def test_every_address_that_names_an_object_stands_in_the_table(app: Flask) -> None:
    assert {rule.endpoint for rule in named(app)} == set(ALLOWED)


def _path(rule: Rule, ids: dict[str, int | str]) -> str:
    review = rule.endpoint.startswith("minutes.") and rule.endpoint not in ("minutes.show", "minutes.sent")
    return path_of(rule, ids, **({"source_id": ids[IN_REVIEW]} if review else {}))


@pytest.mark.parametrize("role", EVERYBODY)
def test_what_may_not_be_seen_is_not_there(
    role: str,
    app: Flask,
    visitor: Visitor,
    sign_in_as: SignInAs,
    cast: Cast,
    session: Session,
    program: Program,
) -> None:
    story, ids = lay_out(session, cast)
    everybody = roles(session, cast, story)
    browser = visitor if role == NOBODY else sign_in_as(everybody[role])
    for rule in named(app):
        methods = sorted((rule.methods or set()) & {"GET", "POST"})
        for method in methods:
            ask = browser.get if method == "GET" else browser.post
            said = f"{role}: {method} {_path(rule, ids)}"
            if role in ALLOWED[rule.endpoint]:
                if method == "GET" and rule.endpoint != "minutes.mail":  # no such mail, but for the secretary
                    assert ask(_path(rule, ids)).status_code < 400, said
                continue
            with writes(program.engine) as written:
                answer = ask(_path(rule, ids))
            assert not written, said
            assert "emmelig" not in answer.get_data(as_text=True), said
            if role == NOBODY:
                assert answer.status_code == 303, said
                assert answer.location.startswith("/logg-inn"), said
            elif answer.status_code == 403:
                missing = ask(path_of(rule, ids, **dict.fromkeys(rule.arguments - {"card"}, NO_SUCH)))
                page = next((p for name, p in PAGES.items() if name in rule.arguments), None)
                assert missing.status_code == 403 or (page and role in ALLOWED[page]), f"{said} tells"
            else:
                assert answer.status_code == 404, said


@pytest.mark.parametrize("role", ["stranger", "other_member"])
def test_what_a_form_names_must_be_of_the_same_organisation(
    role: str, sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    """A secretary may not bring in somebody from elsewhere, nor a body that isn't theirs."""
    story, _ids = lay_out(session, cast)
    everybody = roles(session, cast, story)
    browser, task = sign_in_as(cast.secretary), story.tasks["open"]
    other_body = {
        "stranger": everybody["stranger"].memberships[0].body_id,
        "other_member": cast.other_body.id,
    }
    if role == "stranger":
        form = {"person": str(cast.stranger.id), "version": str(task.version)}
        assert browser.post(f"/oppgaver/{task.id}/overlevering", form).status_code == 404
        office = {"person": str(cast.stranger.id), "office": "member", "from": "2026-03-02"}
        assert browser.post(f"/deltakere/organ/{cast.body.id}/verv", office).status_code == 404
    for path, field in (
        ("/deltakere/ny", "body"),
        ("/innstillinger/paaminnelser", "organ"),
        ("/moter/nytt", "body"),
    ):
        assert browser.post(path, {"name": "Ny", field: str(other_body[role])}).status_code == 404, path
    assert browser.get(f"/innstillinger/paaminnelser?organ={other_body[role]}").status_code == 404


def test_a_link_opens_what_it_is_for_and_nothing_beside(
    visitor: Visitor, cast: Cast, session: Session, program: Program, app: Flask
) -> None:
    """A link can't be made longer, put together from two, or used for another purpose."""
    story, ids = lay_out(session, cast)
    mine, other = story.tasks["open"].owners[0], story.tasks["late"].owners[0]
    links = program.links
    answer, pause = links.token("answer", [mine.id, 1]), links.token("pause", [cast.owner.id])
    swapped = links.token("answer", [other.id, 1]).partition(".")[0] + "." + answer.rpartition(".")[2]
    assert visitor.get(f"/o/{answer}").status_code == 200
    for rule in app.url_map.iter_rules():
        if "token" not in rule.arguments:
            continue
        for token in (swapped, answer[:-1], f"{answer}x", pause if "varsler" not in rule.rule else answer):
            path = path_of(rule, ids, token=token)
            for method in (rule.methods or set()) & {"GET", "POST"}:
                status = (visitor.get if method == "GET" else visitor.post)(path).status_code
                assert status == 404, f"{method} {path}"
    assert visitor.get(f"/o/{answer}/fil/{ids['file_id']}").status_code == 404  # a file of another task


def test_minutes_in_which_nothing_is_restricted_are_for_guests_too(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    story, ids = lay_out(session, cast)
    guest = sign_in_as(roles(session, cast, story)["guest"])
    assert guest.get(f"/referat/{ids['source_id']}").status_code == 404
    for item in story.held.agenda:
        item.restricted = None
    session.commit()
    assert guest.get(f"/referat/{ids['source_id']}").status_code == 200
    session.get_one(Source, ids["source_id"]).meeting = None  # corrected minutes took its place
    session.commit()
    assert guest.get(f"/referat/{ids['source_id']}").status_code == 404
