"""How mail leaves, as a form holds it. The password is never shown, and kept when the field is left empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import get_args

from pydantic import SecretStr

from tracker.language import Language
from tracker.services import people
from tracker.settings import MailServer, Security

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,252})")  # a name, or an address with four or six numbers
OURSELVES = ("localhost", "127.0.0.1", "::1")
LONGEST = 200


def written(server: MailServer) -> dict[str, str]:
    """The form that shows a server."""
    address = parseaddr(server.mail_from)[1]
    return {
        "host": server.host,
        "port": str(server.port),
        "security": server.security,
        "user": server.user,
        "mail_from": "" if address.endswith("@localhost") else address,
    }


def read(
    form: Mapping[str, str], kept: MailServer, tongue: Language
) -> tuple[MailServer | None, dict[str, str]]:
    """The server that a form holds, or what is wrong with it: {field: sentence}.

    `kept`: the one in use, whose password goes on being used; but never with another server than its own.
    """
    given = {name: form.get(name, "").strip() for name in ("host", "port", "security", "user", "mail_from")}
    password = form.get("password", "")
    errors: dict[str, str] = {}
    if not HOST.fullmatch(given["host"]):
        errors["host"] = tongue.gettext("Skriv navnet på tjeneren, for eksempel smtp.kommune.no.")
    port = int(given["port"][:6]) if given["port"].isascii() and given["port"].isdigit() else 0
    if not 1 <= port <= 65535:
        errors["port"] = tongue.gettext("Skriv et tall fra 1 til 65535. De vanlige er 587, 465 og 25.")
    if given["security"] not in get_args(Security):
        errors["security"] = tongue.gettext("Velg hvordan forbindelsen er sikret.")
    if len(given["user"]) > LONGEST or not given["user"].isascii() or not given["user"].isprintable():
        errors["user"] = tongue.gettext("Brukernavnet har tegn som e-posttjenere ikke tar imot.")
    if len(password) > LONGEST or not password.isascii() or not password.isprintable():
        errors["password"] = tongue.gettext("Passordet har tegn som e-posttjenere ikke tar imot.")
    if not people.ADDRESS.fullmatch(given["mail_from"]) or not given["mail_from"].isascii():
        errors["mail_from"] = tongue.gettext("Skriv e-postadressen slik: navn@kommune.no.")
    if given["user"] and not password:
        same = (given["host"], str(port), given["user"]) == (kept.host, str(kept.port), kept.user)
        password = kept.password.get_secret_value() if same else ""
        if not password:
            errors.setdefault("password", tongue.gettext("Skriv passordet."))
    if given["security"] == "none" and given["user"] and given["host"] not in OURSELVES:
        errors["security"] = tongue.gettext(
            "Et passord må ikke gå ukryptert over nettet. Velg STARTTLS eller TLS."
        )
    if errors:
        return None, errors
    return MailServer.model_validate({**given, "port": port, "password": SecretStr(password)}), {}
