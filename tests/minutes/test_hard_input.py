"""Input that once broke the reader or slowed it down, and mixtures of lines that nobody wrote."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.minutes.document import from_text
from tracker.minutes.draft import Draft, Task
from tracker.minutes.isolated import run_isolated
from tracker.minutes.reader import read

HEAD = "Referat fra styremøte\nDato: 12. mars 2026\nTil stede: Kari Moe, Per Li\n\n"
COLUMNS = "| Tiltak | Ansvar | Frist |\n| --- | --- | --- |\n"
TOLD = "Kari sender brev til kommunen om veien.\n"
LISTED = "| Sende brev til kommunen om veien | Kari | 1. april |\n"


def tasks(text: str) -> tuple[Task, ...]:
    return read(from_text(HEAD + text)).tasks


@pytest.mark.parametrize(
    "text",
    [
        f"Sak 1 Veien\n{TOLD}\nSak 2 Oppgaver\n{COLUMNS}{LISTED}",
        f"Sak 1 Oppgaver\n{COLUMNS}{LISTED}\nSak 2 Veien\n{TOLD}",
        f"Sak 1 Veien\n{TOLD}\nSak 2 Oppgaver\n{COLUMNS}{LISTED}"
        "| Brev til kommunen om veien sendes | Kari | 2. april |\n",
    ],
    ids=["the list last", "the list first", "listed twice"],
)
def test_a_task_told_and_listed_counts_once_and_has_the_deadline_of_the_list(text: str) -> None:
    assert [(t.what, t.owners, t.due.date) for t in tasks(text)] == [
        ("Sende brev til kommunen om veien", ("Kari Moe",), "2026-04-01")
    ]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("Kari skriver planen – ferdig innen fredag.", 1),
        ("Kari skriver planen – ferdig.", 0),
        ("Kari skriver planen -> ferdig 14/10", 0),
    ],
)
def test_done_is_no_task_but_done_by_a_day_is(words: str, count: int) -> None:
    assert len(tasks(f"Sak 1 Plan\n- {words}\n")) == count


MAIL = """Fra: Kari Moe <kari@raad.example>
Sendt: tirsdag 3. mars 2026 10:00
Til: Styret
Emne: Oppsummering fra i går

1) Veien
Per sender brev til kommunen.
2) Dugnad
Jeg bestiller buss.

mvh
Kari

---
Fra: Per Li
Sendt: tirsdag 3. mars 2026 12:00
Emne: SV: Oppsummering fra i går

Jeg ringer også kommunen innen fredag.
"""


def test_a_mail_with_numbered_points_keeps_its_writers_and_later_messages() -> None:
    assert [t.owners for t in read(from_text(MAIL)).tasks] == [("Per Li",), ("Kari Moe",), ("Per Li",)]


LONG = {
    "case headings": HEAD + "Sak 1/22 Tittel\n" * 8_000,
    "a gap beside columns": HEAD
    + "Sak     Innhold                      Ansvar    Frist\nx"
    + " " * 400_000
    + "\n",
    "hyphens among the attending": "Til stede:\nKari Moe, " + "-a" * 200_000 + "\n",
    "letters before no address": "Fra: " + "a" * 400_000 + "\nSendt: 3. mars 2026\nEmne: x\n\nHei\n",
    "full stops": HEAD + "Leie buss " + "." * 400_000 + " Kari\n",
    "questions in one paragraph": HEAD + "Sak 1/26 Program\n" + "? " * 90_000,
    "headings in one case": "<html>" + HEAD + "<p>Sak 1/26 Program" + "<h1>Sak 1</h1>x" * 16_000,
    "first names": HEAD + "".join(f"Kari Nr{n} sender brev\n" for n in range(8_000)),
    "next meetings": HEAD + "Sak 1/26 Program\n" + "".join(f"Neste møte: {n}. mai\n" for n in range(11_000)),
    "parameters of a header": "From: a <a@x.example>\nMIME-Version: 1.0\nContent-Type: text/plain; "
    + "a=b; " * 40_000
    + "\n\nHei!",
}


@pytest.mark.parametrize("name", LONG)
def test_no_long_run_takes_the_time_that_a_document_may_have(name: str) -> None:
    """The child that reads is stopped after ten seconds; what grows with the square of a run is refused."""
    assert Draft.from_json(json.loads(run_isolated(LONG[name].encode(), "referat.txt", "{}"))).text


KARI = "Kari sender brev til Per innen fredag 3. april, jf. sak 1/26.\n"
GROWING = {
    "sentences": lambda n: "Kari sender brev. Hvem? Per lager plan! " * n,
    "one sentence": lambda n: "Kari sender brev og Per lager plan, " * n,
    "items": lambda n: f"- {KARI}" * n,
    "items in items": lambda n: "".join(" " * (k % 40) + f"- {KARI}" for k in range(n)),
    "rows": lambda n: COLUMNS + LISTED * n,
    "cases": lambda n: "".join(f"Sak {k}/26 Program\n{KARI}Vedtak:\n1. {KARI}" for k in range(n)),
    "bold lines": lambda n: f"**Program**\n{KARI}" * n,
    "labels": lambda n: f"Leie buss\nAnsvar: Kari\nFrist: 3. april\nVedtak: {KARI}" * n,
    "names": lambda n: "".join(f"Kari Nr{k} og Per Nr{k} sender brev.\n" for k in range(n)),
    "people present": lambda n: "Til stede:\n" + "".join(f"Kari Nr{k}, leder\n" for k in range(n)),
    "meetings": lambda n: "".join(f"Neste møte: {k % 28 + 1}. mai {2027 + k}\n" for k in range(n)),
    "dates": lambda n: "3. april, uke 12, neste fredag, før påske, 1. kvartal, " * n,
    "quotations": lambda n: "".join(">" * (k % 15 + 1) + f" {KARI}" for k in range(n)),
    "messages": lambda n: (MAIL + "\n---\n") * n,
    "columns": lambda n: (
        "Sak     Innhold                      Ansvar    Frist\n"
        + "1/26    Leie buss til turen           Kari      3. april\n" * n
    ),
    "proposals": lambda n: "Forslag til saker til neste møte\n" + "- Program (hva ønsker rådet?)\n" * n,
}


def calls(text: str) -> int:
    """How many functions are called to read `text`."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    document = from_text(HEAD + text)
    sys.setprofile(count)
    try:
        read(document)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("name", GROWING)
def test_four_times_the_text_takes_four_times_the_work(name: str) -> None:
    few, many = GROWING[name](15), GROWING[name](60)
    read(from_text(HEAD + few))  # what is made once is made
    assert calls(many) < 5 * calls(few)


LINES = sorted(
    {
        line
        for path in (Path(__file__).parent / "invented").rglob("*.txt")
        for line in path.read_text("utf-8").split("\n")
        if len(line) < 300
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=60))
def test_any_mixture_of_lines_is_read_and_quoted_word_for_word(lines: list[str]) -> None:
    draft = read(from_text("\n".join(lines)))
    for row in (*draft.tasks, *draft.decisions, *draft.events):
        assert draft.text[row.span[0] : row.span[1]] == row.evidence


@pytest.mark.parametrize(
    "listed", ["Kari <kari@x.example> Moe", "Kari M<kari@x.example>oe", "Kari <k@x.example>Moe"]
)
def test_an_address_in_the_midst_of_a_name_costs_nothing(listed: str) -> None:
    draft = read(from_text(f"Referat fra møte i rådet\nTil stede: {listed}, Per Li\nForfall: Eva Vik\n"))
    assert {"Per Li", "Eva Vik"} <= {person.name for person in draft.people}
