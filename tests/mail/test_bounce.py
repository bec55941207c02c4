"""Delivery reports as servers write them: which mail didn't arrive, and why. All names are invented."""

from __future__ import annotations

import pytest

from tracker.mail.bounce import Undelivered, why
from tracker.mail.received import opened

ID = "0123456789abcdef01234567@oppfolging.example"
POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.elvedal.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: oppfolging@elvedal.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elvedal.example
X-Postfix-Queue-ID: 4XyZ
Arrival-Date: Mon,  2 Mar 2026 10:00:00 +0100 (CET)

Final-Recipient: rfc822; kari.oremo@elvedal.example
Original-Recipient: rfc822;kari.oremo@elvedal.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <kari.oremo@elvedal.example>: Recipient address rejected

--B
{returned}

--B--
"""
WHOLE = """\
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: oppfolging@elvedal.example
To: kari.oremo@elvedal.example
Subject: Frist tirsdag
Message-ID: <0123456789abcdef01234567@oppfolging.example>
Content-Type: text/plain

Hei"""
HEAD = """\
Content-Type: text/rfc822-headers

From: oppfolging@elvedal.example
Message-Id:
 <0123456789abcdef01234567@oppfolging.example>"""
EXIM = """\
Return-path: <>
X-Failed-Recipients: kari.oremo@elvedal.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.elvedal.example>
To: oppfolging@elvedal.example
Subject: Mail delivery failed: returning message to sender
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=B

--B
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

--B
{returned}

--B--
"""


def report(*, action: str = "failed", status: str = "5.1.1", returned: str = WHOLE) -> str:
    return POSTFIX.format(action=action, status=status, returned=returned)


REPORTS: dict[str, tuple[str, Undelivered | None]] = {
    "no such address": (report(), Undelivered(ID, "5.1.1")),
    "only the head came back": (report(returned=HEAD), Undelivered(ID, "5.1.1")),
    "given up after days": (report(status="4.4.7"), Undelivered(ID, "4.4.7")),
    "in capitals": (report(action="FAILED"), Undelivered(ID, "5.1.1")),
    "a code with words after it": (report(status="5.2.2 (mailbox full)"), Undelivered(ID, "5.2.2")),
    "no code": (report(status="?"), Undelivered(ID, "")),
    "without a report, by Exim": (EXIM.format(returned=WHOLE), Undelivered(ID)),
    "still trying": (report(action="delayed", status="4.4.1"), None),
    "delivered": (report(action="delivered", status="2.0.0"), None),
    "passed on": (report(action="relayed", status="2.0.0"), None),
    "one of two recipients failed": (
        report().replace(
            "\nFinal-Recipient",
            "\nFinal-Recipient: rfc822; x@x.example\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient",
        ),
        Undelivered(ID, "5.1.1"),
    ),
    "of no mail": (report(returned="Content-Type: text/plain\n\nHei"), None),
    "of a mail without an id": (report(returned="Content-Type: message/rfc822\n\nSubject: x\n\nHei"), None),
    "cut short": (report().partition("Final-Recipient")[0], None),
    "no report": ("From: kari@elvedal.example\nSubject: Hei\n\nAction: failed\nStatus: 5.1.1\n", None),
}


@pytest.mark.parametrize(("content", "found"), REPORTS.values(), ids=REPORTS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_a_report_says_did_not_arrive(content: str, found: Undelivered | None, ends: str) -> None:
    assert opened(content.replace("\n", ends).encode()).undelivered == found


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "Adressen finnes ikke"),
        ("5.1.10", "Adressen finnes ikke"),
        ("5.2.1", "tar ikke imot e-post"),
        ("5.2.2", "er full"),
        ("4.2.2", "er full"),
        ("5.3.4", "for stor"),
        ("5.3.0", "kunne ikke leveres"),
        ("4.4.7", "svarte ikke i tide"),
        ("5.7.1", "avviste"),
        ("5.0.0", "kunne ikke leveres"),
        ("", "kunne ikke leveres"),
    ],
)
def test_why_in_plain_words(status: str, words: str) -> None:
    assert words in why(status)
