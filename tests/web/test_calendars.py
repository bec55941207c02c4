"""The calendar as people see it, and the feeds as calendar programs fetch them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import vobject
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.web.conftest import SetClock, SignInAs, Visitor
from tracker.models import Body, Feed, Meeting, MeetingStatus, Membership
from tracker.program import Program
from tracker.rules.access import Office

ADDRESS = re.compile(r'<input class="ds-input" id="(address[-\d]*)" type="text" value="([^"]+)" readonly>')


@pytest.fixture
def meeting(session: Session, cast: Cast, now: datetime) -> Meeting:
    row = make_meeting(session, cast, now, date(2026, 3, 9))
    session.commit()
    return row


@pytest.fixture
def member(cast: Cast, sign_in_as: SignInAs) -> Visitor:
    return sign_in_as(cast.owner)


def addresses(member: Visitor) -> list[str]:
    """The paths of the addresses on the subscribe page, the person's own first; made if need be."""
    assert member.post("/kalender/abonner").status_code == 303
    page = member.get("/kalender/abonner").text
    return [found.removeprefix("http://localhost") for _id, found in ADDRESS.findall(page)]


def uids(body: bytes) -> set[str]:
    """The events in a feed, as two readers that don't know each other see them."""
    seen = {str(event["uid"]) for event in Calendar.from_ical(body).walk("VEVENT")}
    other = vobject.readOne(body.decode())
    assert {event.uid.value for event in other.contents.get("vevent", [])} == seen
    return seen


def test_looking_makes_no_address_but_one_press_makes_all(
    member: Visitor, session: Session, cast: Cast
) -> None:
    page = member.get("/kalender/abonner").text
    assert "Lag min adresse" in page
    assert not ADDRESS.search(page)
    assert session.scalars(select(Feed)).all() == []
    session.rollback()
    own, of_body = addresses(member)
    assert own != of_body
    assert addresses(member) == [own, of_body]
    assert {feed.body_id for feed in session.scalars(select(Feed))} == {None, cast.body.id}


def test_the_page_offers_what_each_client_wants(member: Visitor) -> None:
    own = addresses(member)[0]
    page = member.get("/kalender/abonner").text
    assert f'href="webcal://localhost{own}"' in page
    assert '<svg viewBox="0 0 ' in page
    assert "style=" not in page
    for client in ("iPhone og Mac", "Outlook", "Google", "Thunderbird"):
        assert client in page
    assert "Ingen kalender har hentet datoene ennå." in page


def test_a_calendar_fetches_meetings_and_own_deadlines(
    member: Visitor, client: FlaskClient, session: Session, cast: Cast, meeting: Meeting, now: datetime
) -> None:
    mine = make_task(session, cast, now)
    make_task(session, cast, now, owners=[cast.leader], what="Noe andre skal gjøre")
    session.commit()
    answer = client.get(addresses(member)[0])
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["ETag"].startswith('"')
    assert answer.last_modified == now
    assert "Set-Cookie" not in answer.headers
    assert uids(answer.data) == {
        f"meeting-{meeting.public_id}@localhost",
        f"task-{mine.id}-{cast.owner.id}@localhost",
    }


def test_an_unchanged_feed_is_304_and_a_changed_one_is_not(
    member: Visitor, client: FlaskClient, session: Session, meeting: Meeting, now: datetime
) -> None:
    path = addresses(member)[0]
    etag = client.get(path).headers["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
    meeting.place, meeting.changed_at = "Nordfjellet", now + timedelta(hours=1)
    session.commit()
    changed = client.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert "Nordfjellet" in changed.text
    assert changed.headers["ETag"] != etag


def test_what_goes_out_of_a_feed_is_not_taken_for_unchanged(
    member: Visitor, client: FlaskClient, session: Session, meeting: Meeting
) -> None:
    path = addresses(member)[0]
    first = client.get(path)
    session.delete(meeting)
    session.commit()
    again = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 200
    assert uids(again.data) == set()


def test_head_tells_the_same_without_the_content(
    member: Visitor, client: FlaskClient, meeting: Meeting
) -> None:
    path = addresses(member)[0]
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified"):
        assert head.headers[name] == whole.headers[name]


def test_a_replaced_address_is_gone_and_the_new_one_works(
    member: Visitor, client: FlaskClient, session: Session, meeting: Meeting
) -> None:
    old = addresses(member)[0]
    feed = session.scalars(select(Feed).where(Feed.body_id.is_(None))).one()
    place = f"/kalender/abonner/{feed.id}/ny-adresse"
    session.rollback()
    for _press in range(2):
        assert member.post(place, {"generation": "1"}).status_code == 303
    new = addresses(member)[0]
    assert new != old
    assert client.get(old).status_code == 410
    assert client.get(old, headers={"If-None-Match": "*"}).status_code == 410
    assert client.get(new).status_code == 200
    session.expire_all()
    assert session.get_one(Feed, feed.id).generation == 2


def test_a_forged_address_is_not_found(member: Visitor, client: FlaskClient) -> None:
    path = addresses(member)[0]
    wrong = path.replace(".ics", "x.ics")
    for forged in (wrong, "/ics/WzEsMV0.ics", "/ics/x.ics", f"/ics/{'a' * 5000}.ics"):
        assert client.get(forged).status_code == 404


def test_nobody_changes_the_address_of_another(
    member: Visitor, sign_in_as: SignInAs, session: Session, cast: Cast
) -> None:
    addresses(member)
    feed = session.scalars(select(Feed).where(Feed.body_id.is_(None))).one()
    session.rollback()
    other = sign_in_as(cast.leader)
    assert (
        other.post(f"/kalender/abonner/{feed.id}/ny-adresse", {"generation": "1"}).status_code,
        other.post(f"/kalender/abonner/{feed.id}/innhold", {"deadlines": "no"}).status_code,
    ) == (404, 404)


def test_deadlines_can_be_left_out(
    member: Visitor, client: FlaskClient, session: Session, cast: Cast, now: datetime
) -> None:
    make_task(session, cast, now)
    session.commit()
    path = addresses(member)[0]
    feed = session.scalars(select(Feed).where(Feed.body_id.is_(None))).one()
    session.rollback()
    assert len(uids(client.get(path).data)) == 1
    member.post(f"/kalender/abonner/{feed.id}/innhold", {"deadlines": "no"})
    assert uids(client.get(path).data) == set()


def test_who_leaves_a_body_gets_its_meetings_no_more(
    member: Visitor, client: FlaskClient, session: Session, cast: Cast, meeting: Meeting, clock: SetClock
) -> None:
    own = addresses(member)[0]
    assert len(uids(client.get(own).data)) == 1
    office = session.scalars(select(Membership).where(Membership.person_id == cast.owner.id)).one()
    office.to_date = date(2026, 3, 2)
    session.commit()
    assert len(uids(client.get(own).data)) == 1
    clock.now += timedelta(days=1)
    assert uids(client.get(own).data) == set()


def test_a_restricted_case_is_not_told_in_the_feed_but_on_the_page(
    member: Visitor, client: FlaskClient, session: Session, cast: Cast, meeting: Meeting, now: datetime
) -> None:
    task = make_task(session, cast, now, meeting=meeting, case="3/22", restricted="offentleglova § 13")
    session.commit()
    sent = client.get(addresses(member)[0]).text
    assert "Frist: sak 3/22 (unntatt offentlighet)" in sent
    assert "egnet" not in sent
    assert task.what in member.get("/kalender").text


def test_the_page_tells_when_a_calendar_was_here_at_most_hourly(
    member: Visitor, client: FlaskClient, clock: SetClock, session: Session, now: datetime
) -> None:
    path = addresses(member)[0]
    client.get(path).close()
    assert "Sist hentet mandag 2. mars 2026" in member.get("/kalender/abonner").text.replace("\u00a0", " ")
    clock.now += timedelta(minutes=30)
    client.get(path).close()
    session.expire_all()
    feed = session.scalars(select(Feed).where(Feed.body_id.is_(None))).one()
    assert feed.fetched_at == now
    session.rollback()
    clock.now += timedelta(minutes=30)
    client.get(path).close()
    session.expire_all()
    assert session.get_one(Feed, feed.id).fetched_at == clock.now


def test_a_fetch_that_cannot_be_noted_is_answered_all_the_same(
    member: Visitor, client: FlaskClient, program: Program, monkeypatch: pytest.MonkeyPatch, meeting: Meeting
) -> None:
    path = addresses(member)[0]

    def broken(session: Session, *_: object) -> None:
        session.execute(text("SELECT no_such_column"))

    monkeypatch.setattr("tracker.services.feeds.fetched", broken)
    answer = client.get(path)
    assert len(uids(answer.data)) == 1
    answer.close()


def test_a_database_fault_is_503_and_never_an_empty_calendar(
    member: Visitor, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = addresses(member)[0]

    def broken(session: Session, *_: object) -> None:
        session.execute(text("SELECT no_such_column"))

    monkeypatch.setattr("tracker.web.calendars.read_feed", broken)
    assert client.get(path).status_code == 503


def test_the_list_shows_what_is_to_come_and_nothing_of_others(
    member: Visitor, session: Session, cast: Cast, meeting: Meeting, now: datetime
) -> None:
    make_meeting(session, cast, now, date(2026, 2, 2), title="Møtet som var")
    elsewhere = make_meeting(session, cast, now, date(2026, 3, 10), title="Andres møte")
    elsewhere.body = session.get_one(Body, cast.other_body.id)
    cancelled = make_meeting(session, cast, now, date(2026, 4, 13), title="Aprilmøtet")
    cancelled.status = MeetingStatus.CANCELLED
    make_task(session, cast, now)
    make_task(session, cast, now, owners=[cast.leader], what="Noe andre skal gjøre")
    session.commit()
    page = member.get("/kalender").text
    places = [page.index(word) for word in ("Møte i Elvedalsrådet", "Frist: Finne", "Aprilmøtet")]
    assert places == sorted(places)
    assert "Avlyst" in page
    for hidden in ("Møtet som var", "Andres møte", "Noe andre"):
        assert hidden not in page


def test_the_month_shows_weeks_today_and_holidays(
    member: Visitor, session: Session, cast: Cast, now: datetime
) -> None:
    make_meeting(session, cast, now, date(2026, 3, 31), title="Samling", ends_on=date(2026, 4, 1))
    session.commit()
    page = member.get("/kalender?vis=maaned&maaned=2026-03").text
    assert page.count('<th scope="row">') == 6
    assert "i dag" in page
    assert "Skjærtorsdag" in page
    assert page.count("Samling</a>") == 2
    assert "Forrige måned: februar 2026" in page.replace("\u00a0", " ")
    for odd in ("2026-13", "tull", "9999-01", ""):
        assert "Mars 2026" in member.get(f"/kalender?vis=maaned&maaned={odd}").text


def test_one_body_can_be_chosen(
    member: Visitor, session: Session, cast: Cast, meeting: Meeting, now: datetime
) -> None:
    session.add(
        Membership(
            organisation_id=cast.organisation.id,
            body_id=cast.other_body.id,
            person_id=cast.owner.id,
            office=Office.MEMBER,
            from_date=date(2020, 1, 1),
        )
    )
    session.commit()
    assert meeting.title in member.get("/kalender").text
    assert meeting.title not in member.get(f"/kalender?organ={cast.other_body.id}").text
    assert meeting.title in member.get(f"/kalender?organ={cast.body.id}").text


def test_one_meeting_is_a_file_for_those_who_may_see_it(
    member: Visitor, sign_in_as: SignInAs, cast: Cast, meeting: Meeting
) -> None:
    answer = member.get(f"/moter/{meeting.id}.ics")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=2026-03-09-")
    assert uids(answer.data) == {f"meeting-{meeting.public_id}@localhost"}
    for other in (cast.outsider, cast.stranger):
        assert sign_in_as(other).get(f"/moter/{meeting.id}.ics").status_code == 404


def test_the_pages_are_for_those_who_are_signed_in(client: FlaskClient) -> None:
    for path in ("/kalender", "/kalender/abonner", "/moter/1.ics"):
        assert client.get(path).status_code == 303


def own_feed(session: Session) -> Feed:
    session.rollback()
    session.expire_all()
    feed = session.scalars(select(Feed).where(Feed.body_id.is_(None))).one()
    session.rollback()
    return feed


def test_an_address_that_is_turned_off_is_gone_and_another_can_be_made(
    member: Visitor, client: FlaskClient, session: Session, sign_in_as: SignInAs, cast: Cast
) -> None:
    old, _of_body = addresses(member)
    feed = own_feed(session)
    place = f"/kalender/abonner/{feed.id}/avslutning"
    assert sign_in_as(cast.leader).post(place, {"generation": "1"}).status_code == 404
    assert client.get(old).status_code == 200
    for _press in range(2):
        assert member.post(place, {"generation": "1"}).status_code == 303
    assert client.get(old).status_code == 410
    assert "Lag min adresse" in member.get("/kalender/abonner").text
    new = addresses(member)[0]
    assert new != old
    assert (client.get(old).status_code, client.get(new).status_code) == (410, 200)


def test_what_is_in_the_calendar_can_be_chosen(
    member: Visitor, client: FlaskClient, session: Session, cast: Cast, meeting: Meeting, now: datetime
) -> None:
    make_task(session, cast, now)
    session.commit()
    path = addresses(member)[0]
    place = f"/kalender/abonner/{own_feed(session).id}/innhold"
    assert member.post(place, {"deadlines": "tasks", "alarms": "1", "language": "en"}).status_code == 303
    said = client.get(path).text
    assert said.count("BEGIN:VTODO") == 1
    assert said.count("BEGIN:VALARM") == 2
    assert "SUMMARY:Deadline: Finne" in said.replace("\r\n ", "")
    page = member.get("/kalender/abonner").text
    assert re.search(r'value="tasks" checked', page)
    assert re.search(r'name="alarms" value="1" checked', page)
    assert '<option value="en" selected>' in page
    assert member.post(place, {"deadlines": "no"}).status_code == 303
    assert not {"VTODO", "VALARM", "Deadline"} & set(re.findall(r"\w+", client.get(path).text))
    assert member.post(place, {"deadlines": "no", "language": "tull"}).status_code == 422


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Google-Calendar-Importer", "av Google."),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", "av Outlook."),
        ("Microsoft.Exchange/15.20", "av Outlook.com / Microsoft 365."),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.2.0", "av Thunderbird."),
        ("iOS/18.1 (22B83) dataaccessd/1.0", "av iPhone."),
        ("macOS/15.1 (24B83) dataaccessd/1.0", "av Mac."),
        ("ICSx5/2.2.4 (ical4j/3.2) Android/14", "av Android."),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "09.00."),
        ("", "09.00."),
    ],
)
def test_the_page_tells_which_kind_of_program_was_here(
    member: Visitor, client: FlaskClient, agent: str, said: str
) -> None:
    client.get(addresses(member)[0], headers={"User-Agent": agent}).close()
    page = member.get("/kalender/abonner").text.replace("\u00a0", " ")
    assert f"Sist hentet mandag 2. mars 2026 kl. 09.00 {said}".replace("09.00 09.00", "09.00") in page
    for detail in ("17328", "140.2", "22B83"):
        assert detail not in page


def test_only_what_the_secretary_opened_is_public(
    member: Visitor,
    client: FlaskClient,
    session: Session,
    cast: Cast,
    meeting: Meeting,
    sign_in_as: SignInAs,
    now: datetime,
) -> None:
    make_task(session, cast, now, meeting=meeting)
    meeting.register_by, meeting.remote_link = date(2026, 3, 5), "https://mote.example/hemmelig"
    session.commit()
    page, feed = f"/r/elvedal/{cast.body.id}", f"/r/elvedal/{cast.body.id}.ics"
    assert (client.get(page).status_code, client.get(feed).status_code) == (410, 410)
    secretary, place = sign_in_as(cast.secretary), f"/kalender/offentlig/{cast.body.id}"
    assert member.post(place, {"public": "yes"}).status_code == 403
    assert secretary.post(f"/kalender/offentlig/{cast.other_body.id}", {"public": "yes"}).status_code in (
        403,
        404,
    )
    assert secretary.post(place, {"public": "yes"}).status_code == 303
    shown, sent = client.get(page).text, client.get(feed)
    assert meeting.title in shown
    assert f'value="http://localhost{feed}"' in shown
    assert f"webcal://localhost{feed}" in shown
    assert uids(sent.data) == {f"meeting-{meeting.public_id}@localhost"}
    assert sent.headers["Cache-Control"] == "public, max-age=300"
    assert client.get(feed, headers={"If-None-Match": sent.headers["ETag"]}).status_code == 304
    for inside in ("Finne", "/moter/", "Påmelding", "mote.example", cast.owner.name):
        assert inside not in shown + sent.text
    assert client.get(f"/r/fjordvik/{cast.body.id}").status_code == 404
    assert f"http://localhost{page}" in member.get("/kalender/abonner").text
    assert secretary.post(place, {"public": "no"}).status_code == 303
    assert (client.get(page).status_code, client.get(feed).status_code) == (410, 410)


def test_programs_of_microsoft_get_it_as_it_is(member: Visitor, client: FlaskClient) -> None:
    """A feed that was compressed broke Outlook."""
    agent = {"User-Agent": "Microsoft.Exchange/15.20", "Accept-Encoding": "gzip, deflate, br"}
    answer = client.get(addresses(member)[0], headers=agent)
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"BEGIN:VCALENDAR")
