"""Selections that people name and keep, each for themselves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.errors import InvalidAnswer, NotFound
from tracker.models import Person, SavedFilter

MOST = 20
LONGEST_QUERY = 1000


def keep(session: Session, person: Person, page: str, name: str, query: str) -> SavedFilter:
    """Keep the query of a page's address under a name; the same name again replaces what it stood for.

    Raises InvalidAnswer without a name, for a query that is too long, and when there are enough.
    """
    name = " ".join(name.split())[:60]
    if not name:
        raise InvalidAnswer("Skriv hva utvalget skal hete.", field="navn")
    if len(query) > LONGEST_QUERY:
        raise InvalidAnswer("Utvalget er for langt til å lagres.", field="navn")
    present = session.scalars(
        select(SavedFilter).where(
            SavedFilter.organisation_id == person.organisation_id, SavedFilter.person_id == person.id
        )
    ).all()
    same = next((row for row in present if (row.page, row.name) == (page, name)), None)
    if same is None:
        if len(present) >= MOST:
            raise InvalidAnswer("Du kan lagre høyst 20 utvalg. Slett ett du ikke bruker.", field="navn")
        same = SavedFilter(organisation_id=person.organisation_id, person=person, page=page, name=name)
        session.add(same)
    same.query = query
    session.flush()
    return same


def forget(session: Session, person: Person, filter_id: int) -> str:
    """Take one's own out of use; gives the page it was for. Raises NotFound, also for somebody else's."""
    found = session.get(SavedFilter, filter_id)
    if found is None or (found.organisation_id, found.person_id) != (person.organisation_id, person.id):
        raise NotFound("Vi fant ikke utvalget.")
    page = found.page
    session.delete(found)
    session.flush()
    return page
