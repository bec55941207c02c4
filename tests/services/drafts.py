"""A small draft as a reader would give it, for tests of what comes after the reading."""

# ruff: noqa: E501 - a table of values reads best with a value a line

from __future__ import annotations

from tracker.minutes.draft import (
    AgendaProposal,
    Case,
    Choice,
    Decision,
    Draft,
    Due,
    Edit,
    Event,
    Meeting,
    Person,
    Question,
    Task,
)

TEXT = """Møte i Elvedalsrådet
Mandag 2. mars 2026 kl. 10.00–12.00

Sak 4/26 Samling
Vedtak
- Det inviteres til samling 20.–21. april.
- Nils Arne finner egnet sted
- Berit lager program i samarbeid med Kari innen 27. mars
- Samling 27.–28. april for alle.
- Noen må bestille buss
"""


def place(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def draft() -> Draft:
    """Two tasks with owners, one without, a moved gathering in doubt, a decision and a proposal."""
    invite, find, programme, other, bus = TEXT.splitlines()[5:10]

    def task(number: int, line: str, what: str, **more: object) -> Task:
        words = line[2:]
        return Task(f"o{number}", "4/26", "c1", what, evidence=words, span=place(words), **more)  # type: ignore[arg-type]

    return Draft(
        text=TEXT,
        meeting=Meeting(body="Elvedalsrådet", date="2026-03-02", start="10:00", end="12:00", place="Elvedal rådhus"),
        people=(
            Person("p1", "Nils Arne Holmen", "Ordfører", "Elvedal", "present"),
            Person("p2", "Berit Kampen", "Rådgiver", None, "present"),
            Person("p3", "Kari Oremo", "Kommunedirektør", "Dalen", "absent"),
            Person("p4", "Ukjent Mann", None, None, "present"),
        ),
        cases=(Case("c1", "4/26", "Samling"),),
        decisions=(
            Decision("v1", "4/26", "c1", invite[2:], evidence=invite[2:], span=place(invite[2:])),
            Decision("v2", "4/26", "c1", find[2:], evidence=find[2:], span=place(find[2:])),
        ),
        tasks=(
            task(1, find, "Finne egnet sted til samlingen", owners=("Nils Arne Holmen",), event="m1", decision="v2"),
            task(
                2,
                programme,
                "Lage program for samlingen",
                owners=("Berit Kampen",),
                contributors=("Kari Oremo",),
                due=Due("2026-03-27", "innen 27. mars", "explicit"),
                event="m1",
            ),
            task(3, bus, "Bestille buss", suggested_owners=("Berit Kampen",)),
        ),
        events=(
            Event(
                "m1", "Samling", "2026-04-20T12:00", "2026-04-21T13:00",
                kind="gathering", evidence="samling 20.–21. april", span=place("samling 20.–21. april"),
                assumed=("time",),
            ),
            Event("m2", "Samling", "2026-04-27", "2026-04-28", kind="gathering", evidence=other[2:], span=place(other[2:])),
            Event("m3", "Møte i Elvedalsrådet", "2026-04-07T10:00", "2026-04-07T12:00"),
        ),
        agenda_proposals=(AgendaProposal("s1", "Budsjett", "2026-04-07"),),
        questions=(
            Question(
                "q1", "POSSIBLE_DUPLICATE", "must-resolve", "Er samlingen flyttet?",
                evidence=invite[2:], span=place(invite[2:]),
                choices=(
                    Choice("Ja, den er flyttet", "moved", edits=(Edit("m1", "skip", value=True), Edit("o1", "event", "m2"))),
                    Choice("Nei, det er to", "two"),
                ),
                blocks=("m1", "m2"),
            ),
            Question("q2", "OWNER_MISSING", "review", "Hvem bestiller buss?"),
        ),
    )  # fmt: skip
