"""The cast: a secretary, one who owns, one who contributes, a leader, and one who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.models import Body, Membership, Organisation, Person
from tracker.rules.access import Office

SINCE = date(2020, 1, 1)


@dataclass
class Cast:
    """Everybody a test may need, in one organisation; `stranger` belongs to another."""

    organisation: Organisation
    body: Body
    other_body: Body
    secretary: Person
    leader: Person
    owner: Person
    contributor: Person
    outsider: Person
    stranger: Person


def make_cast(session: Session, _now: datetime) -> Cast:
    """The cast, written and committed."""
    ours = Organisation(slug="elvedal", name="Elvedal interkommunale råd", short_name="Elvedal")
    theirs = Organisation(slug="fjordvik", name="Fjordvik borettslag", short_name="Fjordvik")
    session.add_all([ours, theirs])
    session.flush()

    def person(organisation: Organisation, name: str, title: str) -> Person:
        address = name.lower().replace(" ", ".").replace("ø", "o").replace("å", "a") + "@elvedal.example"
        row = Person(organisation_id=organisation.id, name=name, email=address, title=title)
        session.add(row)
        return row

    body = Body(organisation_id=ours.id, name="Elvedalsrådet", short_name="rådet", aliases=["ER", "rådet"])
    other_body = Body(organisation_id=ours.id, name="Kulturnemnda", aliases=[])
    people = {
        "secretary": person(ours, "Berit Kampen", "Rådgiver"),
        "leader": person(ours, "Sigurd Lien", "Ordfører"),
        "owner": person(ours, "Nils Arne Holmen", "Ordfører"),
        "contributor": person(ours, "Kari Oremo", "Kommunedirektør"),
        "outsider": person(ours, "Tove Strand", "Leder"),
        "stranger": person(theirs, "Even Fjord", "Styreleder"),
    }
    session.add_all([body, other_body])
    session.flush()
    offices = {
        "secretary": Office.SECRETARY,
        "leader": Office.CHAIR,
        "owner": Office.MEMBER,
        "contributor": Office.MEMBER,
    }
    for role, office in offices.items():
        session.add(
            Membership(
                organisation_id=ours.id,
                body_id=body.id,
                person_id=people[role].id,
                office=office,
                from_date=SINCE,
            )
        )
    session.add(
        Membership(
            organisation_id=ours.id,
            body_id=other_body.id,
            person_id=people["outsider"].id,
            office=Office.MEMBER,
            from_date=SINCE,
        )
    )
    session.commit()
    return Cast(organisation=ours, body=body, other_body=other_body, **people)
