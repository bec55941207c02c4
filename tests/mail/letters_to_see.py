"""One of each letter, for golden files, and for whoever wants to see them.

`python -m tests.mail.letters_to_see` writes them to tests/mail/golden, to be looked through and committed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path

from tracker.mail.letters import (
    Addressee,
    Letter,
    MeetingNews,
    Occasion,
    Sender,
    Status,
    StatusLine,
    TaskChange,
    TaskLine,
    Thread,
    comments,
    meeting_changed,
    new_tasks,
    receipt,
    reminder,
    request,
    sign_in,
    status,
    tasks_changed,
    trial,
)
from tracker.mail.meeting_letters import Gathering, absence, invitation, moved_up, sign_up_reminder
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

BEFORE = Occasion(date(2022, 3, 14), time(12, 0), date(2022, 3, 15), time(13, 0), "Nordfjellet")
MOVED = MeetingNews(
    title="Fagsamling for hele rådet",
    change="moved",
    before=BEFORE,
    after=replace(BEFORE, starts_on=date(2022, 3, 28), ends_on=date(2022, 3, 28)),
    url=f"{URL}/moter/7",
)
SHIFTED = replace(FIND, due_on=date(2022, 3, 14), due_before=date(2022, 2, 28))
GATHERING = Gathering(
    title="Fagsamling for hele rådet",
    kind="gathering",
    occasion=BEFORE,
    answer_url=f"{URL}/o/mote/6Wn1cJ5h",
    remote_link="https://mote.example/fagsamling",
    register_by=date(2022, 3, 1),
)
COMING = replace(
    GATHERING, title="Møte i IPR", kind="meeting", remote_link="", register_by=None,
    occasion=Occasion(date(2022, 2, 7), time(14), date(2022, 2, 7), time(15, 30), "Elvedal rådhus"),
)  # fmt: skip
STATUS = Status(
    meeting="Møte i IPR",
    meeting_on=date(2022, 2, 7),
    done=3,
    on_track=4,
    overdue=2,
    unowned=1,
    to_settle=[
        StatusLine(
            FIND,
            ("Nils Arne Holmen",),
            overdue=True,
            asks=(("Nils Arne Holmen", date(2022, 2, 11), "Hotellet svarer ikke."),),
        ),
        StatusLine(INVITE, ("Berit Kampen",), overdue=True),
        StatusLine(HELP, (), overdue=False),
        StatusLine(
            replace(RESTRICTED, due_on=date(2022, 1, 31)),
            ("Eva Moen",),
            overdue=True,
            asks=(("Eva Moen", None, "Det gjelder lønnen."),),
        ),
    ],
    url=f"{URL}/status/7",
)


CHANGED = [
    TaskChange(replace(FIND, due_before=date(2022, 1, 25)), "Finne sted til fagsamlingen", due_changed=True),
    TaskChange(replace(HELP, due_on=None, due_before=date(2022, 2, 18)), due_changed=True),
    TaskChange(replace(INVITE, due_before=None), due_changed=True),
    TaskChange(replace(INVITE, due_on=None, answer_url=""), gone="released"),
    TaskChange(replace(RESTRICTED, answer_url=""), "Det som ikke skal stå her", gone="dropped"),
]


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
        "comments": comments(
            to,
            [
                Thread(
                    FIND, (("Kari Oremo", "Har du spurt på Nordfjellet?"), ("Berit Kampen", "De har plass."))
                )
            ],
            SENDER,
            friday,
        ),
        "comments_several": comments(
            to,
            [
                Thread(INVITE, (("Kari Oremo", "Skal vi ta med vara?"),)),
                Thread(RESTRICTED, (("Eva Moen", "Det gjelder lønnen."),)),
            ],
            SENDER,
            friday,
        ),
        "meeting_moved": meeting_changed(
            to, MOVED, [SHIFTED, replace(HELP, due_before=date(2022, 2, 4))], SENDER, friday
        ),
        "meeting_cancelled": meeting_changed(
            to,
            replace(MOVED, change="cancelled", after=MOVED.before),
            [replace(SHIFTED, due_on=None), replace(RESTRICTED, due_on=date(2022, 3, 1))],
            SENDER,
            friday,
        ),
        "meeting_moved_invited": meeting_changed(
            to, replace(MOVED, invited=True, url=f"{URL}/o/mote/8Yb3nT5q"), [SHIFTED], SENDER, friday
        ),
        "meeting_details": meeting_changed(
            to,
            replace(MOVED, change="details", after=MOVED.before, invited=True, url=f"{URL}/o/mote/8Yb3nT5q"),
            [],
            SENDER,
            friday,
        ),
        "meeting_withdrawn": meeting_changed(
            to, replace(MOVED, change="withdrawn", after=MOVED.before, invited=True), [], SENDER, friday
        ),
        "meeting_back": meeting_changed(to, replace(MOVED, change="back"), [], SENDER, friday),
        "meeting_place": meeting_changed(
            to,
            replace(MOVED, change="place", after=replace(MOVED.before, place="Fjellstua")),
            [],
            SENDER,
            friday,
        ),
        "receipt_done": receipt(to, FIND, SENDER, friday, answer="done"),
        "receipt_more_time": receipt(to, FIND, SENDER, friday, answer="more_time"),
        "receipt_accepted": receipt(to, FIND, SENDER, friday, answer="accepted"),
        "receipt_not_mine": receipt(to, FIND, SENDER, friday, answer="not_mine"),
        "task_changed": tasks_changed(to, CHANGED[:1], SENDER, friday),
        "tasks_changed": tasks_changed(to, CHANGED, SENDER, friday),
        "status": status(told, STATUS, SENDER, date(2022, 2, 2)),
        "status_quiet": status(told, replace(STATUS, overdue=0, to_settle=[]), SENDER, date(2022, 2, 2)),
        "trial": trial(to, URL, MEETING),
        "invitation": invitation(to, GATHERING, SENDER, friday),
        "invitation_member": invitation(to, COMING, SENDER, MEETING),
        "invitation_substitute": invitation(
            to, replace(COMING, role="substitute", stands_in_for="Kari Oremo"), SENDER, friday
        ),
        "sign_up_reminder": sign_up_reminder(told, GATHERING, SENDER, date(2022, 2, 24)),
        "moved_up": moved_up(to, GATHERING, SENDER, friday),
        "absence": absence(
            to, COMING, SENDER, friday, who="Kari Oremo", offer="Ola Dal", url=f"{URL}/moter/7/innkalte"
        ),
        "absence_nobody": absence(
            to, COMING, SENDER, friday, who="Kari Oremo", offer="", url=f"{URL}/moter/7/innkalte"
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
