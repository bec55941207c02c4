"""People and bodies: who may see and change what, and what the pages say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import make_meeting, make_task
from tests.web.conftest import SetClock, SignInAs
from tracker.models import Body, Membership, Person
from tracker.rules.access import Office

TODAY = NOW.date()


def test_members_see_who_is_in_but_no_addresses(sign_in_as: SignInAs, cast: Cast) -> None:
    page = sign_in_as(cast.owner).get("/deltakere").text
    assert "Kari Oremo" in page
    assert "Tove Strand" in page
    assert "Even Fjord" not in page  # of another organisation
    assert "kari.oremo@" not in page
    assert "Legg til person" not in page

    page = sign_in_as(cast.secretary).get("/deltakere").text
    assert "kari.oremo<wbr>@elvedal.example" in page
    assert "Legg til person" in page


def test_members_see_their_own_record_and_nobody_elses(sign_in_as: SignInAs, cast: Cast) -> None:
    visitor = sign_in_as(cast.owner)
    assert "nils.arne.holmen<wbr>@" in visitor.get(f"/deltakere/{cast.owner.id}").text
    assert visitor.get(f"/deltakere/{cast.contributor.id}").status_code == 403
    assert visitor.get(f"/deltakere/{cast.contributor.id}/endre").status_code == 403


@pytest.mark.parametrize("path", ["/deltakere/{0}", "/deltakere/{0}/endre"])
def test_people_of_another_organisation_do_not_exist(sign_in_as: SignInAs, cast: Cast, path: str) -> None:
    assert sign_in_as(cast.secretary).get(path.format(cast.stranger.id)).status_code == 404
    assert sign_in_as(cast.secretary).get(path.format(987654)).status_code == 404


def test_a_person_is_found_by_name_title_or_employer(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    cast.owner.employer = "Sørli kommune"
    session.commit()
    visitor = sign_in_as(cast.secretary)
    page = visitor.get("/deltakere", query_string={"q": "SØRLI ordfører"}).text
    assert "Nils Arne Holmen" in page
    assert "Sigurd Lien" not in page
    assert "Ingen passer med søket" in visitor.get("/deltakere", query_string={"q": "%' OR 1=1"}).text


def test_many_people_come_in_pages_sorted_as_norwegian(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    for name in ("Åse Å", "Ærlend Æ", "Øyvind Ø", *(f"Person {n:03}" for n in range(60))):
        session.add(Person(organisation_id=cast.organisation.id, name=name))
    session.commit()
    visitor = sign_in_as(cast.secretary)
    last = visitor.get("/deltakere?side=2").text
    assert last.index("Ærlend Æ") < last.index("Øyvind Ø") < last.index("Åse Å")
    assert "Side 2 av 2" in last
    for odd in ("0", "-1", "99999", "x"):
        assert visitor.get(f"/deltakere?side={odd}").status_code == 200


def test_a_new_person_comes_into_the_body(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    form = {
        "name": " Ola   Nordmann ", "title": "Ordfører", "employer": "Moland", "email": "ola@moland.example",
        "language": "nn", "body": cast.body.id, "office": "substitute",
    }  # fmt: skip
    answer = sign_in_as(cast.secretary).post("/deltakere/ny", form)

    ola = session.scalars(select(Person).where(Person.name == "Ola Nordmann")).one()
    assert answer.location == f"/deltakere/{ola.id}"
    assert (ola.email, ola.language) == ("ola@moland.example", "nn")
    assert [(m.body_id, m.office, m.from_date) for m in ola.memberships] == [
        (cast.body.id, Office.SUBSTITUTE, TODAY)
    ]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": " "}, "name", "Skriv navnet."),
        ({"email": "ola"}, "email", "Skriv e-postadressen slik: navn@kommune.no."),
        ({"email": "SIGURD.LIEN@elvedal.example"}, "email", "E-postadressen brukes allerede av Sigurd Lien."),
        ({"office": "king"}, "office", "Velg et verv."),
        ({"body": "x"}, "body", "Velg et organ."),
    ],
)
def test_what_is_wrong_with_a_new_person_is_pointed_out(
    sign_in_as: SignInAs, cast: Cast, session: Session, change: dict[str, str], field: str, sentence: str
) -> None:
    form = {"name": "Ola", "email": "", "body": str(cast.body.id), "office": "member", **change}
    answer = sign_in_as(cast.secretary).post("/deltakere/ny", form)

    assert answer.status_code == 422
    assert "<title>Feil: " in answer.text
    assert f'href="#{field}"' in answer.text
    assert sentence in answer.text
    assert session.scalars(select(Person).where(Person.name == "Ola")).all() == []


def test_nobody_is_put_into_a_body_that_one_does_not_manage(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    visitor = sign_in_as(cast.secretary)
    form = {"name": "Ola", "body": cast.other_body.id, "office": "member"}
    assert visitor.post("/deltakere/ny", form).status_code == 404
    listed = {"lines": "Ola", "body": cast.other_body.id, "office": "member"}
    assert visitor.post("/deltakere/liste/innlegging", listed).status_code == 404
    office = {"person": cast.secretary.id, "office": "secretary", "from": TODAY.isoformat()}
    assert visitor.post(f"/deltakere/organ/{cast.other_body.id}/verv", office).status_code == 404
    assert session.scalars(select(Membership).where(Membership.body_id == cast.other_body.id)).one()


def test_a_list_is_shown_before_it_is_put_in(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor = sign_in_as(cast.secretary)
    form = {
        "lines": "Ola Nordmann; ola@moland.example\nKari Oremo\nMoe; feil@",
        "body": cast.body.id, "office": "member",
    }  # fmt: skip
    page = visitor.post("/deltakere/liste", form).text
    assert "Legg til 2 personer" in page
    assert "Finnes fra før" in page
    assert "Utelatt: adressen er feil" in page
    assert session.scalars(select(Person).where(Person.name == "Ola Nordmann")).all() == []

    answer = visitor.post("/deltakere/liste/innlegging", form)

    session.rollback()
    assert answer.location == f"/deltakere/organ/{cast.body.id}"
    assert session.scalars(select(Person).where(Person.name == "Ola Nordmann")).one()
    assert "2 personer er lagt til." in visitor.get(answer.location).text
    empty = visitor.post("/deltakere/liste", {"lines": " \n", "body": "", "office": "member"})
    assert empty.status_code == 422


def test_one_corrects_ones_own_record(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor = sign_in_as(cast.owner)
    form = {"name": "Nils A. Holmen", "email": "nah@moland.example", "title": "", "language": "nn"}
    answer = visitor.post(f"/deltakere/{cast.owner.id}/endre", form)

    session.refresh(cast.owner)
    assert answer.status_code == 303
    assert (cast.owner.name, cast.owner.email, cast.owner.title) == (
        "Nils A. Holmen", "nah@moland.example", None,
    )  # fmt: skip
    assert visitor.get("/innstillinger").status_code == 200  # still signed in


def test_a_new_address_ends_what_the_old_one_opened(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    visitor, owner = sign_in_as(cast.secretary), sign_in_as(cast.owner)
    form = {"name": cast.owner.name, "email": "other@moland.example", "language": "nb"}

    visitor.post(f"/deltakere/{cast.owner.id}/endre", form)

    assert owner.get("/innstillinger").status_code == 303
    assert visitor.get("/innstillinger").status_code == 200


def test_nobody_takes_over_the_account_of_somebody_in_another_secretarys_body(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    session.add(
        Membership(
            organisation_id=cast.organisation.id, body_id=cast.other_body.id, person_id=cast.owner.id,
            office=Office.MEMBER, from_date=date(2025, 1, 1),
        )
    )  # fmt: skip
    session.commit()
    visitor = sign_in_as(cast.secretary)
    form = {"name": "Nils", "email": "mine@elvedal.example", "language": "nb"}

    answer = visitor.post(f"/deltakere/{cast.owner.id}/endre", form)

    assert answer.status_code == 422
    assert "er også med i Kulturnemnda" in answer.text
    session.refresh(cast.owner)
    assert cast.owner.name == "Nils Arne Holmen"
    assert visitor.get(f"/deltakere/{cast.outsider.id}/endre").status_code == 403


def test_a_body_shows_its_people_in_order_and_its_former_ones_apart(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    gone = Membership(
        organisation_id=cast.organisation.id, body_id=cast.body.id, person_id=cast.outsider.id,
        office=Office.DEPUTY_CHAIR, from_date=date(2021, 1, 1), to_date=TODAY - timedelta(days=1),
    )  # fmt: skip
    session.add(gone)
    session.commit()
    page = sign_in_as(cast.owner).get(f"/deltakere/organ/{cast.body.id}").text

    order = ["Sigurd Lien", "Kari Oremo", "Nils Arne Holmen", "Berit Kampen", "Tidligere medlemmer"]
    places = [page.index(words, page.index("<table")) for words in [*order, "Tove Strand"]]
    assert places == sorted(places)
    assert "1.1.2021–1.3.2026" in page
    assert "Kjent som rådet, ER" in page
    assert "Avslutt vervet" not in page  # a member changes nothing


def test_an_office_ends_with_its_last_day(
    sign_in_as: SignInAs, cast: Cast, session: Session, clock: SetClock
) -> None:
    make_task(session, cast, NOW)
    session.commit()
    visitor, number = sign_in_as(cast.secretary), membership(session, cast, cast.owner).id
    path = f"/deltakere/organ/{cast.body.id}/verv/{number}/avslutning"
    assert "Nils Arne Holmen har 1 oppgave. Hvem overtar?" in visitor.get(path).text

    assert visitor.post(path, {"until": TODAY.isoformat()}).status_code == 303

    owner = sign_in_as(cast.owner)
    assert f"/deltakere/organ/{cast.body.id}" in owner.get(f"/deltakere/{cast.owner.id}").text
    session.rollback()
    assert membership(session, cast, cast.owner).covers(TODAY)
    clock.now += timedelta(days=1)
    assert "Tidligere medlemmer" in visitor.get(f"/deltakere/organ/{cast.body.id}").text


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("", "Velg den siste dagen."),
        ("2019-12-31", "Vervet slutter før det begynner."),
        ("9999-12-31", "Datoen ligger for langt unna."),
        ("31.12.2026", "Velg den siste dagen."),
    ],
)
def test_an_office_ends_on_a_day_that_can_be(
    sign_in_as: SignInAs, cast: Cast, session: Session, until: str, sentence: str
) -> None:
    number = membership(session, cast, cast.owner).id
    path = f"/deltakere/organ/{cast.body.id}/verv/{number}/avslutning"
    answer = sign_in_as(cast.secretary).post(path, {"until": until})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_body_keeps_a_secretary(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor, number = sign_in_as(cast.secretary), membership(session, cast, cast.secretary).id
    path = f"/deltakere/organ/{cast.body.id}/verv/{number}/avslutning"
    answer = visitor.post(path, {"until": TODAY.isoformat()})
    assert answer.status_code == 422
    assert "Elvedalsrådet må ha en sekretær. Legg til den nye sekretæren først." in answer.text

    office = {"person": cast.contributor.id, "office": "secretary", "from": TODAY.isoformat()}
    assert visitor.post(f"/deltakere/organ/{cast.body.id}/verv", office).status_code == 303
    assert visitor.post(path, {"until": TODAY.isoformat()}).status_code == 303


def test_an_office_is_held_once_and_goes_on_when_it_is_taken_up_again(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    visitor, path = sign_in_as(cast.secretary), f"/deltakere/organ/{cast.body.id}/verv"
    form = {"person": cast.owner.id, "office": "member", "from": TODAY.isoformat()}
    answer = visitor.post(path, form)
    assert answer.status_code == 422
    assert "Nils Arne Holmen har dette vervet allerede." in answer.text

    number = membership(session, cast, cast.owner).id
    visitor.post(f"{path}/{number}/avslutning", {"until": TODAY.isoformat()})
    assert visitor.post(path, form).status_code == 303
    assert visitor.post(path, form).status_code == 422

    session.rollback()
    assert membership(session, cast, cast.owner).to_date is None
    for wrong in ({"person": ""}, {"person": "²"}, {"office": "king"}, {"from": "x"}):
        assert visitor.post(path, {**form, **wrong}).status_code == 422
    assert visitor.post(path, {**form, "person": cast.stranger.id}).status_code == 404


def test_a_body_is_named(sign_in_as: SignInAs, cast: Cast, session: Session) -> None:
    visitor = sign_in_as(cast.secretary)
    form = {"name": "Grunneierlaget", "short_name": "GL", "aliases": "Laget\n\n laget sitt styre\nLaget"}
    answer = visitor.post("/deltakere/organ/nytt", form)

    made = session.scalars(select(Body).where(Body.name == "Grunneierlaget")).one()
    assert answer.location == f"/deltakere/organ/{made.id}"
    assert made.aliases == ["Laget", "laget sitt styre"]
    assert [m.office for m in made.memberships] == [Office.SECRETARY]
    form["name"] = "Grunneierlaget i Moland"
    assert visitor.post(f"/deltakere/organ/{made.id}/endre", form).status_code == 303
    session.rollback()
    session.refresh(made)
    assert made.name == "Grunneierlaget i Moland"
    assert visitor.get(f"/deltakere/organ/{cast.other_body.id}/endre").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"name": "kulturnemnda"}, "name"), ({"aliases": "Kulturnemnda"}, "aliases")],
)
def test_two_bodies_do_not_share_a_name(
    sign_in_as: SignInAs, cast: Cast, change: dict[str, str], field: str
) -> None:
    form = {"name": "Elvedalsrådet", "short_name": "", "aliases": "", **change}
    answer = sign_in_as(cast.secretary).post(f"/deltakere/organ/{cast.body.id}/endre", form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_persons_page_hides_what_the_reader_may_not_see(
    sign_in_as: SignInAs, cast: Cast, session: Session
) -> None:
    """A contributor from outside the body has a part in a restricted case."""
    meeting = make_meeting(session, cast, NOW, date(2026, 2, 2))
    make_task(
        session, cast, NOW, what="Tilsette ny leder", owners=[cast.outsider], meeting=meeting,
        restricted="offentleglova § 25",
    )  # fmt: skip
    session.commit()

    page = sign_in_as(cast.outsider).get(f"/deltakere/{cast.outsider.id}").text
    assert "Tilsette ny leder" not in page
    assert "Unntatt offentlighet" in page
    assert "Tilsette ny leder" in sign_in_as(cast.secretary).get(f"/deltakere/{cast.outsider.id}").text


def membership(session: Session, cast: Cast, person: Person) -> Membership:
    return session.scalars(
        select(Membership).where(Membership.person_id == person.id, Membership.body_id == cast.body.id)
    ).one()
