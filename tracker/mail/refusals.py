"""Why a mail server takes no mail: its answers and its silence, told in plain words."""

from __future__ import annotations

import smtplib
import ssl

from tracker.errors import MailRefused

CLOSING = 421  # RFC 5321 §3.8: the server is about to hang up
NO_SUCH_ADDRESS = (550, 551, 553)
NOT_SIGNED_IN = (530, 534, 535, 538)  # RFC 4954 §6: ours to put right, not the mail's fault
BROKE = "E-posttjeneren brøt forbindelsen."
BROKE_UNANSWERED = "E-posttjeneren brøt forbindelsen før den svarte."
SILENT = "E-posttjeneren svarer ikke."

Answer = tuple[int, bytes]


def good(answers: list[Answer]) -> bool:
    """Whether MAIL, RCPT and DATA, as far as answered, all got the answer they want."""
    wanted = ((250,), (250, 251), (354,))  # 251: it will forward it (RFC 5321 §3.4)
    return all(got in right for (got, _), right in zip(answers, wanted, strict=False))


def refused_at(answers: list[Answer]) -> MailRefused:
    """The first answer that isn't the one wanted, in words; the second is about the address."""
    place = next(number for number in range(len(answers)) if not good(answers[: number + 1]))
    return refused(*answers[place], address=place == 1)


def refused(code: int, words: bytes, *, address: bool) -> MailRefused:
    """A server's answer in plain words: 5xx is for good (RFC 5321 §4.2.1)."""
    if code in NOT_SIGNED_IN:
        return MailRefused("E-posttjeneren krever innlogging (%(code)s).", permanent=False, code=code)
    if address and code in NO_SUCH_ADDRESS:
        return MailRefused("Adressen finnes ikke hos mottakeren (%(code)s).", permanent=True, code=code)
    if code >= 500:
        return MailRefused(
            "E-posttjeneren avviste e-posten (%(code)s: %(words)s).",
            permanent=True,
            code=code,
            words=" ".join(words.decode("utf-8", "replace").split())[:200],
        )
    return MailRefused("E-posttjeneren tar ikke imot e-posten nå (%(code)s).", permanent=False, code=code)


def no_way_out(fault: Exception) -> str:
    """Why no connection could be had, in plain words."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return "E-posttjeneren godtar ikke brukernavnet og passordet."
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "Sertifikatet til e-posttjeneren er ikke gyldig."
    if isinstance(fault, (ssl.SSLError, smtplib.SMTPNotSupportedError)):
        return "E-posttjeneren tilbyr ikke krypteringen eller innloggingen som er valgt i innstillingene."
    if timed_out(fault):
        return SILENT
    return "Fikk ikke kontakt med e-posttjeneren."


def timed_out(fault: BaseException) -> bool:
    """Whether the server just didn't answer; smtplib hides that behind an exception of its own."""
    return isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError)
