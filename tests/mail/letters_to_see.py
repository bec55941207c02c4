"""One of each letter, for golden files, and for whoever wants to see them.

`python -m tests.mail.letters_to_see` writes them to tests/mail/golden, to be looked through and committed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from tracker.mail.letters import (
    Addressee,
    Letter,
    Sender,
    TaskLine,
    new_tasks,
    reminder,
    request,
    sign_in,
)
from tracker.rules.reminders import Step

GOLDEN = Path(__file__).parent / "golden"
MEETING = date(2022, 1, 17)
URL = "https://oppfolging.example"
SENDER = Sender("Interkommunalt politisk råd for Elvedalsregionen", "Berit Kampen", "berit@elvedal.example")
NILS = Addressee("Nils Arne Holmen", "Nils Arne")
FIND = TaskLine(
    what="Finne egnet sted på Nordfjellet til fagsamlingen 14.–15. mars",
    due_on=date(2022, 2, 1),
    answer_url=f"{URL}/o/7Kq2mF9x",
    quote="Nils Arne finner egnet sted på Nordfjellet.",
    case_number="7/22",
    meeting_on=MEETING,
    next_reminder_on=date(2022, 1, 25),
    next_meeting=("Møte i IPR", date(2022, 2, 7)),
)
INVITE = TaskLine(
    what="Invitere til samlingen 22.–23. februar",
    due_on=date(2022, 1, 31),
    answer_url=f"{URL}/o/5Pz8kQ1w",
    quote="Det inviteres til samling 22.–23. februar fra lunsj til lunsj.",
    case_number="4/22",
    meeting_on=MEETING,
    together_with=("Kari Oremo",),
)
HELP = TaskLine(
    what="Skaffe oversikt over frivillige lag",
    due_on=date(2022, 2, 18),
    answer_url=f"{URL}/o/9Lm3nB7v",
    case_number="5/22",
    meeting_on=MEETING,
    contributor=True,
)
RESTRICTED = TaskLine(
    what="Ringe Eva om lønnen",
    due_on=None,
    answer_url=f"{URL}/o/2Xc6dR4t",
    quote="Eva Moen får ny lønn.",
    case_number="3/22",
    meeting_on=MEETING,
    restricted="offl. § 23",
    together_with=("Eva Moen",),
    taken_up_on=date(2022, 2, 7),
)


def letters(code: str = "nb") -> dict[str, Letter]:
    """Every letter, and every turn that one can take, in a language."""
    to = replace(NILS, language=code)
    told = replace(to, pause_url=f"{URL}/o/varsler/4Hj6sW0y")
    nearing, passed = replace(FIND, step=Step.BEFORE), replace(FIND, step=Step.OVERDUE_1)
    last = replace(FIND, step=Step.OVERDUE_3)
    asked = {"who": "Nils Arne Holmen", "url": f"{URL}/oppgaver/7"}
    friday, later = date(2022, 2, 4), date(2022, 2, 18)
    several = [replace(RESTRICTED, due_on=date(2022, 3, 1)), HELP, INVITE, last]
    return {
        "new_task": new_tasks(to, [FIND], SENDER, MEETING),
        "new_task_handed_over": new_tasks(to, [replace(FIND, handed_over=True)], SENDER, MEETING),
        "new_task_contributor": new_tasks(to, [HELP], SENDER, MEETING),
        "new_task_restricted": new_tasks(to, [RESTRICTED], SENDER, MEETING),
        "new_tasks": new_tasks(to, [FIND, INVITE, HELP, RESTRICTED], SENDER, MEETING),
        "reminder": reminder(told, [nearing], SENDER, date(2022, 1, 25)),
        "reminder_contributor": reminder(told, [replace(HELP, step=Step.BEFORE)], SENDER, date(2022, 2, 11)),
        "overdue": reminder(told, [passed], SENDER, friday),
        "overdue_last": reminder(told, [last], SENDER, later),
        "bundle": reminder(told, several, SENDER, friday),
        "request_more_time": request(
            to,
            FIND,
            SENDER,
            friday,
            wanted=date(2022, 2, 11),
            suggested="",
            why="Hotellet svarer ikke.",
            **asked,
        ),
        "request_not_mine": request(
            to, FIND, SENDER, friday, wanted=None, suggested="Kari Oremo", why="", **asked
        ),
        "sign_in": sign_in(to, f"{URL}/inn/8Vb5gT2r", MEETING),
    }


def main() -> None:
    """Write the golden files anew."""
    GOLDEN.mkdir(exist_ok=True)
    for name, letter in letters().items():
        (GOLDEN / f"{name}.txt").write_text(f"Emne: {letter.subject}\n\n{letter.text}", "utf-8")
        (GOLDEN / f"{name}.html").write_text(letter.html, "utf-8")


if __name__ == "__main__":
    main()
