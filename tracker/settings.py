"""Typed settings, from a TOML file and the environment: the only reader of `os.environ`.

Order, strongest first: environment (`OPPFOLGING_…`), the file named by `OPPFOLGING_CONFIG`, defaults.
Everything has a default that works on one machine with no server installed. Where neither names a mail
server, the one that the first start's page keeps in `data/mail.json` is used, from the next mail on.
"""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tracker.errors import Misconfigured

Security = Literal["starttls", "tls", "none"]


class MailServer(BaseModel):
    """How mail leaves, and from whom. Without `host` it doesn't leave: it stays in Utboks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int
    security: Security
    user: str
    password: SecretStr
    mail_from: str


class Settings(BaseSettings):
    """What an operator may set; `config/example.toml` explains each."""

    model_config = SettingsConfigDict(env_prefix="OPPFOLGING_", extra="forbid", frozen=True)

    data: Path = Path("data")
    database_url: str = ""
    secret_key: SecretStr = SecretStr("")
    old_secret_keys: list[SecretStr] = Field(default_factory=list)
    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    trusted_proxies: int = 0

    mail_from: str = "Oppfølging <oppfolging@localhost>"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Security = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_timeout: float = Field(20.0, gt=0, le=120)  # seconds
    mails_an_hour: int = Field(0, ge=0)  # 0: as many as there are

    replies_to: str = ""
    replies_tagged: bool = False
    maildir: Path | None = None
    imap_host: str = ""
    imap_port: int = 993
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_password_file: Path | None = None
    imap_folder: str = "INBOX"
    imap_timeout: float = Field(20.0, gt=0, le=120)  # seconds

    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key: Path | None = None

    audit_months: int = Field(24, ge=1, le=600)  # how long the log of who did what is kept

    metrics_token: SecretStr = SecretStr("")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("base_url")
    @classmethod
    def _no_slash_at_the_end(cls, value: str) -> str:
        return value.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment is stronger than what is passed in, since the file's content is passed in."""
        return env_settings, init_settings

    @property
    def url(self) -> str:
        """The address people reach the program at, without a slash at the end."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        return self.url.startswith("https://")

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the register; SQLite in the data folder when none is set."""
        return self.database_url or f"sqlite:///{(self.data / 'oppfolging.sqlite3').resolve()}"

    @property
    def mail_is_set(self) -> bool:
        """Whether the operator has said in the file or the environment how mail leaves."""
        return self.demo or "smtp_host" in self.model_fields_set

    @property
    def mail(self) -> MailServer:
        """How mail leaves now. Ask each time: the page of the first start may just have changed it."""
        kept = None if self.mail_is_set else _kept_mail(self.data / MAIL)
        return kept or MailServer(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            user=self.smtp_user,
            password=self.smtp_password,
            mail_from=self.mail_from,
        )

    @property
    def mailbox_password(self) -> str:
        """The password of the IMAP account, from the file if there is one. Raises Misconfigured."""
        if self.imap_password_file is None:
            return self.imap_password.get_secret_value()
        try:
            return self.imap_password_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise Misconfigured(
                "Passordet i imap_password_file kan ikke leses: %(fault)s", fault=fault
            ) from None

    @property
    def signing_keys(self) -> list[str]:
        """Secrets for signed links, the newest last. Without one set, one is kept in the data folder."""
        newest = self.secret_key.get_secret_value() or _kept_secret(self.data)
        return [*(key.get_secret_value() for key in self.old_secret_keys), newest]


MAIL = "mail.json"


def keep_mail(data: Path, server: MailServer) -> None:
    """Keep what the page of the first start was told; the web and the jobs use it from the next mail on.

    Raises OSError when the folder can't be written in.
    """
    kept = server.model_dump() | {"password": server.password.get_secret_value()}
    _write_for_us_alone(data / MAIL, json.dumps(kept))


def _kept_mail(place: Path) -> MailServer | None:
    try:
        stamp = place.stat()
    except FileNotFoundError:
        return None
    return _read_mail(place, stamp.st_mtime_ns, stamp.st_ino)


@lru_cache(maxsize=4)
def _read_mail(place: Path, _changed: int, _inode: int) -> MailServer:
    try:
        return MailServer.model_validate_json(place.read_bytes())
    except (OSError, ValidationError):
        raise Misconfigured(
            "%(file)s kan ikke leses. Fjern filen, og sett opp e-posten på nytt.", file=place
        ) from None


def _kept_secret(data: Path) -> str:
    """The secret in `data/secret`, made at the first start (two starts at once agree on one)."""
    place = data / "secret"
    data.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        fresh = data / f"secret.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, place)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            fresh.replace(place)
        fresh.unlink(missing_ok=True)
    return place.read_text().strip()


def keep_secret(data: Path, secret: str) -> None:
    """Put a secret that comes from a backup where the program keeps its own."""
    _write_for_us_alone(data / "secret", secret)


def _write_for_us_alone(place: Path, text: str) -> None:
    """Put a file there, all at once, that nobody but this user can read."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.{os.getpid()}-{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(text, "utf-8")
    fresh.replace(place)


def load(**overrides: Any) -> Settings:
    """The settings of this process. Raises Misconfigured with what is wrong and where."""
    named = os.environ.get("OPPFOLGING_CONFIG", "")
    values: dict[str, Any] = {}
    try:
        if named:
            values = tomllib.loads(Path(named).read_text("utf-8"))
        return Settings(**{**values, **overrides})
    except (OSError, tomllib.TOMLDecodeError) as fault:
        raise Misconfigured(
            "Innstillingene i %(file)s kan ikke leses: %(fault)s", file=named, fault=fault
        ) from None
    except ValidationError as fault:
        first = fault.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            "Innstillingen «%(name)s» er feil: %(fault)s", name=name, fault=first["msg"]
        ) from None
