"""Questions that the words of one sentence raise: what is not public, health, a gathering that is moved."""

from __future__ import annotations

import pytest

from tests.minutes.test_phrases import drafted


def codes(words: str) -> set[str]:
    return {q.code for q in drafted("tekst", words).questions}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Dugnaden flyttes fra 3. mai til 10. mai.", "2023-05-10"),
        ("Dugnaden flyttes fra lørdag 6. mai til onsdag 10. mai.", "2023-05-10"),
        ("Dugnaden 3. mai flyttes til 10. mai.", "2023-05-10"),
        ("Dugnaden blir 10. mai i stedet for 3. mai.", "2023-05-10"),
        ("Dugnaden er flyttet til 10. mai.", "2023-05-10"),
        ("Dugnaden 3. mai vert flytta til 10. mai.", "2023-05-10"),
    ],
)
def test_a_gathering_that_is_moved_stands_once_on_its_new_day(words: str, day: str) -> None:
    draft = drafted("tekst", words)
    found = [e for e in draft.events if "ugnad" in e.title]
    assert [(e.start, e.end) for e in found] == [(day, None)]
    assert [q.severity for q in draft.questions if q.code == "DATE_CHANGED"] == ["review"]


@pytest.mark.parametrize(
    "words",
    ["Dugnaden er 10. mai.", "Kassa ble flyttet inn. Dugnad 10. mai.", "Turen varer fra 3. mai til 10. mai."],
)
def test_what_only_stays_where_it_is(words: str) -> None:
    assert "DATE_CHANGED" not in codes(words)


@pytest.mark.parametrize(
    "words",
    [
        "Tuva er langtidssykmeldt.",
        "Tuva skal opereres i mai.",
        "Tuva har hatt hjerneslag.",
        "Per er sjukmeld til mai.",
    ],
)
def test_health(words: str) -> None:
    assert "SENSITIVE_HEALTH" in codes(words)


@pytest.mark.parametrize(
    ("words", "restricted"),
    [
        ("Saken er unntatt innsyn.", True),
        ("Møtet ble lukket under behandlingen.", True),
        ("Sakspapirene unntas offentlighet.", True),
        ("Alle har taushetsplikt.", False),
        ("Saken er offentlig.", False),
    ],
)
def test_what_is_not_public(words: str, restricted: bool) -> None:
    assert ("RESTRICTED" in codes(words)) is restricted


def test_who_follows_up_a_case_that_is_not_public_is_found_and_what_it_is_about_is_not_said() -> None:
    made = [
        t for t in drafted("tekst", "Saken er unntatt innsyn. Tuva ringer eieren.").tasks if t.case == "2/23"
    ]
    assert [(t.owners, t.what) for t in made] == [(("Tuva Strøm",), "Følge opp saken (unntatt offentlighet)")]
