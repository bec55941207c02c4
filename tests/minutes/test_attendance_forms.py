"""Lists of people in every form that minutes have: who is found, in what office, by what initials."""

from __future__ import annotations

import pytest

from tracker.minutes.document import from_text
from tracker.minutes.reader import read

MINUTES = """Referat fra styremøte i Fjordvik grendelag
Dato: 15. mars 2023

{head}

Sak 1/23 Godkjenning av innkalling
Innkallingen godkjennes.

Sak 2/23 Utleie
{words}

Sak 3/23 Eventuelt
Ingen saker.
"""
PEOPLE = {"Yngvild Moe", "Torbergine Lunde", "Dagrun Vik"}


@pytest.mark.parametrize(
    "head",
    [
        "Til stede: Yngvild Moe, Torbergine Lunde, Dagrun Vik",
        "Til stede; Yngvild Moe; Torbergine Lunde; Dagrun Vik",
        "Til stede:\nLeder: Yngvild Moe\nKasserer: Torbergine Lunde\nSekretær: Dagrun Vik",
        "Til stede:\nLeder – Yngvild Moe\nKasserer – Torbergine Lunde\nSekretær – Dagrun Vik",
        "Til stede: Leder: Yngvild Moe, Kasserer: Torbergine Lunde, Sekretær: Dagrun Vik",
        "Til stede fra styret: Yngvild Moe, Torbergine Lunde, Dagrun Vik",
        "Til stede:\n1A Yngvild Moe\n2B Torbergine Lunde\n3A Dagrun Vik",
        "Til stede: 1A: Yngvild Moe, 2B: Torbergine Lunde, 3A: Dagrun Vik",
        "Til stede: Yngvild Moe v/Fotballgruppa, Torbergine Lunde v/skigruppa, Dagrun Vik v/hovedstyret",
        "Yngvild Moe, Torbergine Lunde og Dagrun Vik var til stede.",
        "Fra styret møtte Yngvild Moe, Torbergine Lunde og Dagrun Vik.",
        "Fjordvik kommune: Yngvild Moe, Torbergine Lunde\nSundet kommune: Dagrun Vik",
        "Styret: Yngvild Moe, Torbergine Lunde, Dagrun Vik",
        "Fotball: Yngvild Moe\nSki: Torbergine Lunde\nHåndball: Dagrun Vik",
        "Yngvild Moe +\nTorbergine Lunde +\nDagrun Vik -",
        "Navn                 Funksjon        Møtt\nYngvild Moe          Leder           x\n"
        "Torbergine Lunde     Kasserer        x\nDagrun Vik           Sekretær        -",
    ],
)
def test_everybody_is_found(head: str) -> None:
    draft = read(from_text(MINUTES.format(head=head, words="Torbergine lager en oversikt.")))
    assert {p.name for p in draft.people} == PEOPLE
    assert [t.owners for t in draft.tasks] == [("Torbergine Lunde",)]


@pytest.mark.parametrize(
    "head",
    [
        "Til stede:\nLeder: Yngvild Moe\nKasserer: Torbergine Lunde",
        "Til stede:\nLeder – Yngvild Moe\nKasserer – Torbergine Lunde",
        "Til stede: Leder: Yngvild Moe, Kasserer: Torbergine Lunde",
        "Navn                 Funksjon        Møtt\nYngvild Moe          Leder           x\n"
        "Torbergine Lunde     Kasserer        x",
    ],
)
def test_an_office_is_resolved_to_who_holds_it(head: str) -> None:
    words = "Styreleder ringer kommunen. Kassereren sender faktura."
    draft = read(from_text(MINUTES.format(head=head, words=words)))
    assert [t.owners for t in draft.tasks] == [("Yngvild Moe",), ("Torbergine Lunde",)]


@pytest.mark.parametrize(
    "head",
    [
        "Til stede: Yngvild Moe (YM), Torbergine Lunde (TL)",
        "Til stede: Yngvild Moe = YM, Torbergine Lunde = TL",
        "Til stede:\nYngvild Moe, YM\nTorbergine Lunde, TL",
        "Til stede:\nYM – Yngvild Moe\nTL – Torbergine Lunde",
    ],
)
def test_initials_are_resolved(head: str) -> None:
    draft = read(from_text(MINUTES.format(head=head, words="TL ringer kommunen.")))
    assert [t.owners for t in draft.tasks] == [("Torbergine Lunde",)]


@pytest.mark.parametrize(
    "text",
    [
        "# 2023-03-15 Arbeidsmøte\n\n## Tema: Nettside\n\n## Tilstede\n\nTorbergine, Yngvild og Dagrun\n\n"
        "## Agenda\n\n1. Status\n2. Eventuelt\n\n## Notater\n\n"
        "* Torbergine sender beskjed.\n* Yngvild og co lager liste.\n",
        "Referat 15. mars 2023\n\n1. Nettside\nTorbergine sender beskjed. Yngvild lager liste.\n\n"
        "2. Eventuelt\nIngen saker.\n\nTil stede: Torbergine, Yngvild og Dagrun\n",
    ],
)
def test_a_list_below_the_head_counts_when_the_head_has_none(text: str) -> None:
    draft = read(from_text(text))
    assert {p.name for p in draft.people} == {"Torbergine", "Yngvild", "Dagrun"}
    assert [t.owners for t in draft.tasks] == [("Torbergine",), ("Yngvild",)]


def test_a_list_of_abbreviations_is_no_list_of_people() -> None:
    head = "Til stede: Yngvild Moe (prosjektleder)\n\nForkortelser: SG = styringsgruppen, PL = prosjektleder"
    draft = read(from_text(MINUTES.format(head=head, words="Yngvild ringer kommunen.")))
    assert [p.name for p in draft.people] == ["Yngvild Moe"]
