"""Minutes that come again: the same change nothing, corrected ones what they correct, with a trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.services.drafts import draft
from tests.services.test_review import without_tokens
from tracker.errors import NotReady
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.minutes.draft import AgendaProposal, Draft, Due, StatusUpdate
from tracker.models import (
    Action,
    AgendaItem,
    Assignment,
    Attendance,
    Decision,
    DecisionChange,
    History,
    Meeting,
    MeetingStatus,
    Message,
    MessageKind,
    Presence,
    Source,
    SourceState,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import compose, follow_up, outcome, preview, publish, verdicts
from tracker.services.cards import State
from tracker.services.review import Review, review

NO_DUE = {"kind": "none", "on": None, "event": None, "days": 0}
ANSWERS: dict[str, dict[str, Any]] = {
    "q1": {"choice": "two"},
    "o1": {"accepted": True, "due": {"kind": "event", "event": "m1", "days": -14, "on": None}},
    "o2": {"accepted": True},
    "o3": {"accepted": True, "owners": ["Ukjent Mann"], "due": NO_DUE},
    "m1": {"accepted": True},
    "m2": {"skipped": True},
    "m3": {"accepted": True},
}
TakeIn = Callable[..., Source]


@pytest.fixture
def take_in(session: Session, cast: Cast, now: datetime) -> TakeIn:
    def take(read: Draft, name: str = "referat.txt") -> Source:
        number = (session.scalar(select(func.count()).select_from(Source)) or 0) + 1
        row = Source(
            organisation_id=cast.organisation.id, name=name, sha256=f"{number:064d}", content=b"",
            draft=read.to_json(), body=cast.body, taken_in_by=cast.secretary, taken_in_at=now,
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row

    return take


@pytest.fixture
def first(session: Session, cast: Cast, now: datetime, take_in: TakeIn) -> Source:
    """The minutes as they were first published."""
    source = take_in(draft())
    say(session, source, cast, now, **ANSWERS)
    publish.publish(session, source, cast.secretary, now)
    session.commit()
    return source


def say(session: Session, source: Source, cast: Cast, now: datetime, **values: dict[str, Any]) -> Review:
    for card, value in values.items():
        verdicts.record(session, source, card, value, 0, cast.secretary, now)
    return review(session, source, now)


def corrected(**changes: Any) -> Draft:
    """The draft with rows of it replaced by id: `o2={"due": …}`; None takes a row out."""
    read = draft()
    for name in ("tasks", "decisions", "events", "people", "cases"):
        rows = (
            replace(row, **changes.get(row.id, {}))
            for row in getattr(read, name)
            if changes.get(row.id, {}) is not None
        )
        kept: dict[str, Any] = {name: tuple(rows)}
        read = replace(read, **kept)
    return replace(read, text=read.text + "\nRettet.")


def counts(session: Session) -> dict[str, int]:
    tables = (Task, Decision, Meeting, AgendaItem, Attendance, Assignment)
    return {t.__name__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def task(session: Session, what: str) -> Task:
    return session.scalars(select(Task).where(Task.what == what)).one()


def history(session: Session, row: Task) -> list[tuple[Action, str, str, str]]:
    rows = session.scalars(select(History).where(History.task_id == row.id).order_by(History.id))
    return [(h.action, h.before, h.after, h.via) for h in rows]


def test_the_same_minutes_in_another_file_ask_nothing_and_change_nothing(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    before, rows = (
        counts(session),
        {t.id: (t.what, t.due_on, t.status) for t in session.scalars(select(Task))},
    )
    again = take_in(draft(), "referat.pdf")
    state = review(session, again, now)
    assert state.missing == ()
    assert state.earlier is not None
    assert state.earlier.source is first
    assert [card.unchanged for card in (*state.tasks, *state.decisions)] == [True] * 5
    assert [card.state for card in state.events] == [State.ACCEPTED, State.SKIPPED, State.ACCEPTED]
    assert state.gone == ()
    assert state.told() == []
    done = publish.publish(session, again, cast.secretary, now)
    session.commit()
    assert done.messages == ()
    assert counts(session) == before
    assert {t.id: (t.what, t.due_on, t.status) for t in session.scalars(select(Task))} == rows
    assert [action for t in session.scalars(select(Task)) for action, *_ in history(session, t)] == [
        Action.CREATED
    ] * 3
    assert session.scalars(select(DecisionChange)).all() == []
    assert again.replaces is first
    assert (again.meeting, first.meeting) == (done.meeting, None)


def test_what_the_document_changed_is_shown_and_changed_with_history(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    before = counts(session)
    again = take_in(
        corrected(
            o2={"due": Due("2026-04-10", "innen 10. april", "explicit"), "owners": ("Nils Arne Holmen",)},
            v1={"text": "Det inviteres til samling 20.–22. april."},
        )
    )
    state = review(session, again, now)
    assert state.missing == ("o2",)
    assert [(c.field, c.before, c.after) for c in state.tasks[1].changes] == [
        ("owners", "Berit Kampen", "Nils Arne Holmen"),
        ("due", date(2026, 3, 27), date(2026, 4, 10)),
    ]
    assert [(c.before, c.after) for c in state.decisions[0].changes] == [
        ("Det inviteres til samling 20.–21. april.", "Det inviteres til samling 20.–22. april.")
    ]
    with pytest.raises(NotReady):
        publish.publish(session, again, cast.secretary, now)
    state = say(session, again, cast, now, o2={"accepted": True})
    assert [(p.name, [c.id for c in cards]) for p, cards in state.told()] == [("Nils Arne Holmen", ["o2"])]
    done = publish.publish(session, again, cast.secretary, now)
    session.commit()
    row = task(session, "Lage program for samlingen")
    assert ([a.person.name for a in row.owners], row.due_on) == (["Nils Arne Holmen"], date(2026, 4, 10))
    assert history(session, row)[1:] == [
        (Action.OWNER_CHANGED, "Berit Kampen", "Nils Arne Holmen", "minutes"),
        (Action.DUE_CHANGED, "2026-03-27", "2026-04-10", "minutes"),
    ]
    assert [m.person.name for m in done.messages] == ["Nils Arne Holmen"]
    change = session.scalars(select(DecisionChange)).one()
    assert (change.before, change.after) == (
        "Det inviteres til samling 20.–21. april.",
        "Det inviteres til samling 20.–22. april.",
    )
    assert change.decision.text == change.after
    assert counts(session) == before | {"Assignment": before["Assignment"] + 1}


def test_what_the_secretary_changed_since_stands_where_the_document_says_as_before(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    row = task(session, "Lage program for samlingen")
    follow_up.change_due(session, row, DueRule(DueKind.DATE, on=date(2026, 4, 1)), cast.secretary, now)
    follow_up.hand_over(session, row, cast.leader, cast.secretary, now)
    follow_up.report_done(session, task(session, "Bestille buss").owners[0], now, via="page")
    session.commit()
    again = take_in(corrected(o2={"what": "Lage program og talerliste for samlingen"}))
    state = say(session, again, cast, now, o2={"accepted": True})
    assert [(c.field, c.after) for c in state.tasks[1].changes] == [
        ("what", "Lage program og talerliste for samlingen")
    ]
    publish.publish(session, again, cast.secretary, now)
    session.commit()
    session.refresh(row)
    assert (row.what, row.due_on, [a.person.name for a in row.owners]) == (
        "Lage program og talerliste for samlingen", date(2026, 4, 1), ["Sigurd Lien"],
    )  # fmt: skip
    assert task(session, "Bestille buss").status is TaskStatus.DONE


def test_what_is_gone_from_the_document_is_asked_about_and_never_dropped_silently(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    before = counts(session)
    again = take_in(corrected(o3=None, v1=None, m3=None))
    state = review(session, again, now)
    gone = {card.kind: card for card in state.gone}
    assert {kind: card.text for kind, card in gone.items()} == {
        "task": "Bestille buss",
        "decision": "Det inviteres til samling 20.–21. april.",
        "event": "Møte i Elvedalsrådet",
    }
    assert set(state.missing) == {card.id for card in state.gone}
    with pytest.raises(NotReady):
        publish.publish(session, again, cast.secretary, now)
    say(
        session, again, cast, now,
        **{gone["task"].id: {"accepted": True}, gone["decision"].id: {"accepted": True}},
        **{gone["event"].id: {"skipped": True}},
    )  # fmt: skip
    publish.publish(session, again, cast.secretary, now)
    session.commit()
    assert counts(session) == before
    assert task(session, "Bestille buss").status is TaskStatus.DROPPED
    assert history(session, task(session, "Bestille buss"))[-1][0] is Action.DROPPED
    taken_out = session.scalars(select(Decision).where(Decision.withdrawn_at.is_not(None))).one()
    assert taken_out.changes[0].before == taken_out.text
    kept = session.scalars(select(Meeting).where(Meeting.starts_on == date(2026, 4, 7))).one()
    assert kept.status is MeetingStatus.CALLED
    third = take_in(corrected(o3=None, v1=None, m3=None, o1={"what": "Finne egnet sted"}))
    assert [card.text for card in review(session, third, now).gone] == []


def test_a_moved_event_takes_the_deadlines_that_hang_on_it_along(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    row = task(session, "Finne egnet sted til samlingen")
    assert row.due_on == date(2026, 4, 6)
    again = take_in(corrected(m1={"start": "2026-05-04T12:00", "end": "2026-05-05T13:00"}))
    state = review(session, again, now)
    assert [c.field for c in state.events[0].changes] == ["when"]
    assert state.missing == ("m1",)
    say(session, again, cast, now, m1={"accepted": True})
    publish.publish(session, again, cast.secretary, now)
    session.commit()
    session.refresh(row)
    moved = row.due_event
    assert moved is not None
    assert (moved.starts_on, moved.ends_on, moved.sequence) == (date(2026, 5, 4), date(2026, 5, 5), 1)
    assert row.due_on == date(2026, 4, 20)
    assert (Action.DUE_CHANGED, "2026-04-06", "2026-04-20", "meeting") in history(session, row)
    told = session.scalars(select(Message).where(Message.kind == MessageKind.MEETING_CHANGED)).all()
    assert [message.person.name for message in told] == ["Nils Arne Holmen"]


def test_a_corrected_date_of_the_meeting_itself_moves_it_and_makes_no_second_one(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    before = counts(session)
    read = corrected()
    again = take_in(replace(read, meeting=replace(read.meeting, date="2026-03-03", place="Dalen")))
    state = review(session, again, now)
    assert state.earlier is not None
    assert state.missing == ()
    done = publish.publish(session, again, cast.secretary, now)
    assert done.meeting is not None
    assert (done.meeting.starts_on, done.meeting.place, done.meeting.sequence) == (
        date(2026, 3, 3), "Dalen", 1,
    )  # fmt: skip
    assert counts(session) == before


def test_who_came_is_put_right(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    again = take_in(corrected(p3={"attendance": "present"}, p4=None))
    done = publish.publish(session, again, cast.secretary, now)
    session.commit()
    assert done.meeting is not None
    session.refresh(done.meeting, ["attendances"])
    assert {a.person.name: a.presence for a in done.meeting.attendances} == {
        "Nils Arne Holmen": Presence.PRESENT,
        "Berit Kampen": Presence.PRESENT,
        "Kari Oremo": Presence.PRESENT,
    }


def test_the_secretary_may_say_that_it_is_another_meeting_of_the_same_day(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    again = take_in(corrected())
    state = say(session, again, cast, now, head={"another": True}, **ANSWERS)
    assert state.earlier is None
    publish.publish(session, again, cast.secretary, now)
    session.commit()
    held = session.scalars(select(Meeting).where(Meeting.minutes_id.is_not(None))).all()
    assert [m.minutes for m in held] == [first, again]
    assert len(session.scalars(select(Task)).all()) == 6


def test_minutes_of_the_next_meeting_are_no_correction(
    session: Session, first: Source, now: datetime, take_in: TakeIn
) -> None:
    read = replace(
        draft(), text="Møte i Elvedalsrådet\nTirsdag 7. april 2026\nSak 9/26 Noe helt annet enn sist\n"
    )
    later = take_in(replace(read, meeting=replace(read.meeting, date="2026-04-07")))
    assert review(session, later, now).earlier is None


def test_proposals_for_a_later_meeting_are_not_put_forward_twice(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    assert draft().agenda_proposals == (AgendaProposal("s1", "Budsjett", "2026-04-07"),)
    publish.publish(session, take_in(corrected()), cast.secretary, now)
    coming = session.scalars(select(Meeting).where(Meeting.starts_on == date(2026, 4, 7))).one()
    assert [item.title for item in coming.agenda] == ["Budsjett"]


def test_a_third_version_is_compared_with_the_second(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    second = take_in(corrected(o2={"what": "Lage et kort program"}))
    say(session, second, cast, now, o2={"accepted": True})
    publish.publish(session, second, cast.secretary, now)
    third = take_in(corrected(o2={"what": "Lage et langt program"}))
    state = review(session, third, now)
    assert state.earlier is not None
    assert state.earlier.source is second
    assert [(c.before, c.after) for c in state.tasks[1].changes] == [
        ("Lage et kort program", "Lage et langt program")
    ]


def test_two_corrections_at_once_do_not_undo_each_other(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    one, other = (take_in(corrected(o2={"what": f"Lage program {n}"})) for n in (1, 2))
    shown = say(session, other, cast, now, o2={"accepted": True}).fingerprint
    say(session, one, cast, now, o2={"accepted": True})
    publish.publish(session, one, cast.secretary, now)
    session.commit()
    state = review(session, other, now)
    assert state.fingerprint != shown
    assert [(c.before, c.after) for c in state.tasks[1].changes] == [("Lage program 1", "Lage program 2")]


# --- what minutes say of tasks from earlier meetings ----------------------------------------------


def next_minutes(*updates: StatusUpdate) -> Draft:
    read = draft()
    return replace(
        read, text="Møte i Elvedalsrådet 7. april 2026", meeting=replace(read.meeting, date="2026-04-07"),
        tasks=(), decisions=(), events=(), questions=(), agenda_proposals=(), status_updates=updates,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("update", "status", "due", "action"),
    [
        (
            StatusUpdate("u1", None, "done", "Lage program for samlingen: utført."),
            "done", "2026-03-27", "done",
        ),
        (
            StatusUpdate("u1", None, "postponed", "Program for samlingen lages senere, ny frist 1. oktober.",
                         due="2026-10-01"),
            "open", "2026-10-01", "due_changed",
        ),
        (StatusUpdate("u1", "4/26", "dropped", "4/26 Program for samlingen utgår."), "dropped", "2026-03-27",
         "dropped"),
    ],
)  # fmt: skip
def test_a_status_in_later_minutes_is_one_press_from_the_register(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn,
    update: StatusUpdate, status: str, due: str, action: str,
) -> None:  # fmt: skip
    later = now + timedelta(days=36)
    source = take_in(next_minutes(update))
    state = review(session, source, later)
    assert [card.known.what for card in state.statuses] == ["Lage program for samlingen"]
    assert state.missing == ("u1",)
    say(session, source, cast, later, u1={"accepted": True})
    publish.publish(session, source, cast.secretary, later)
    session.commit()
    row = task(session, "Lage program for samlingen")
    assert (row.status, str(row.due_on)) == (status, due)
    assert history(session, row)[-1][0] == action
    assert history(session, row)[-1][3] == "minutes"


def test_a_status_the_secretary_skips_changes_nothing(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    source = take_in(next_minutes(StatusUpdate("u1", None, "done", "Lage program for samlingen: utført.")))
    say(session, source, cast, now, u1={"skipped": True})
    publish.publish(session, source, cast.secretary, now)
    assert task(session, "Lage program for samlingen").is_open


def test_what_is_said_of_an_earlier_task_is_no_new_task(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    words = "Lage program for samlingen: ny frist 1. oktober."
    update = StatusUpdate("u1", None, "postponed", words, (0, len(words)), due="2026-10-01")
    proposed = replace(draft().tasks[1], id="o1", evidence=words, span=(0, 30))
    source = take_in(replace(next_minutes(update), tasks=(proposed,)))
    assert review(session, source, now).tasks == ()
    assert [card.id for card in say(session, source, cast, now, u1={"skipped": True}).tasks] == ["o1"]


def test_a_status_that_fits_no_task_or_several_is_not_guessed(
    session: Session, first: Source, now: datetime, take_in: TakeIn
) -> None:
    source = take_in(
        next_minutes(
            StatusUpdate("u1", None, "done", "Innkjøp av kaffetrakter er utført."),
            StatusUpdate("u2", "4/26", "done", "Sak 4/26: utført."),
        )
    )
    assert review(session, source, now).statuses == ()


def test_a_list_carried_to_the_next_meeting_makes_no_second_task(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    later = now + timedelta(days=36)
    again = replace(draft().tasks[1], id="o1", due=Due("2026-05-01", "1. mai", "explicit"), contributors=())
    other = replace(draft().tasks[1], id="o2", owners=("Kari Oremo",))
    source = take_in(replace(next_minutes(), tasks=(again, other)))
    state = review(session, source, later)
    assert [card.twin and card.twin.what for card in state.tasks] == ["Lage program for samlingen", None]
    state = say(session, source, cast, later, o1={"accepted": True, "same": True}, o2={"skipped": True})
    assert [(c.field, c.after) for c in state.tasks[0].changes] == [("due", date(2026, 5, 1))]
    publish.publish(session, source, cast.secretary, later)
    session.commit()
    row = task(session, "Lage program for samlingen")
    assert (row.due_on, row.source_id, row.meeting_id) == (date(2026, 5, 1), first.id, row.meeting_id)
    assert history(session, row)[-1] == (Action.DUE_CHANGED, "2026-03-27", "2026-05-01", "minutes")


def test_a_published_review_reads_no_register(session: Session, first: Source, now: datetime) -> None:
    assert first.state is SourceState.PUBLISHED
    assert review(session, first, now).earlier is None


def test_owners_are_told_of_what_changed_in_their_tasks_in_the_mail_that_was_shown(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn, links: Links
) -> None:
    later = now + timedelta(days=1)
    changes = corrected(
        o1=None,
        o2={
            "what": "Lage program og talerliste",
            "due": Due("2026-04-10", "innen 10. april", "explicit"),
            "contributors": (),
        },
    )
    again = take_in(changes)
    state = review(session, again, later)
    answers = {card.id: {"accepted": True} for card in state.gone if card.kind == "task"}
    state = say(session, again, cast, later, o2={"accepted": True}, **answers)
    shown = {mail.name: mail.letter for mail in preview.mails(state, cast.secretary, links)}
    done = publish.publish(session, again, cast.secretary, later)
    session.commit()
    assert {m.person.name: m.kind for m in done.messages} == dict.fromkeys(shown, MessageKind.TASKS_CHANGED)
    sent = {}
    for message in done.messages:
        mail = compose.compose(session, message, later, links, "post@elvedal.example")
        assert isinstance(mail, Outgoing)
        sent[message.person.name] = mail.letter
    assert {name: letter.subject for name, letter in sent.items()} == {
        "Nils Arne Holmen": "Utgår: Finne egnet sted til samlingen",
        "Berit Kampen": "Ny frist: Lage program og talerliste",
        "Kari Oremo": "Ikke lenger din oppgave: Lage program og talerliste",
    }
    assert "Før: Lage program for samlingen" in sent["Berit Kampen"].text
    for name, letter in sent.items():
        assert without_tokens(letter.text) == without_tokens(shown[name].text)
        assert without_tokens(letter.html) == without_tokens(shown[name].html)
    assert outcome.outcome(session, again).messages == list(done.messages)


def test_what_changed_again_before_the_mail_went_is_not_told(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn, links: Links
) -> None:
    later = now + timedelta(days=1)
    again = take_in(corrected(o2={"due": Due("2026-04-10", "innen 10. april", "explicit")}))
    say(session, again, cast, later, o2={"accepted": True})
    done = publish.publish(session, again, cast.secretary, later)
    row = task(session, "Lage program for samlingen")
    follow_up.change_due(session, row, DueRule(DueKind.DATE, on=date(2026, 4, 1)), cast.secretary, later)
    session.commit()
    made = [compose.compose(session, m, later, links, "post@elvedal.example") for m in done.messages]
    assert len(made) == 2
    assert all(isinstance(mail, compose.Stopped) for mail in made)


def test_minutes_that_change_nothing_for_anybody_send_nothing(
    session: Session, first: Source, cast: Cast, now: datetime, take_in: TakeIn
) -> None:
    again = take_in(corrected(v1={"text": "Det inviteres til samling 20.–22. april."}))
    review(session, again, now)
    assert publish.publish(session, again, cast.secretary, now + timedelta(days=1)).messages == ()
