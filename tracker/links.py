"""Every address that carries a secret: made and checked here, a salt per purpose.

A token is signed, not stored: whoever holds the database can't make one, and an address can be shown again.
What a token may do, and whether it still may, is decided by the service that it names.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from json import JSONEncoder
from typing import Any, Literal

from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.signer import SigningAlgorithm

from tracker.errors import NotFound

Purpose = Literal["answer", "receipt", "sign-in", "feed", "pause", "sign-up", "start"]


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads the program's own addresses. `keys`: secrets, the newest last; `url`: where we live."""

    keys: tuple[str, ...] = field(repr=False)  # never in a log
    url: str

    def token(self, purpose: Purpose, payload: list[Any]) -> str:
        """A signed token for `payload` (small JSON values)."""
        signed = self._serializer(purpose).dumps(payload)
        return signed if isinstance(signed, str) else signed.decode()

    def read(self, purpose: Purpose, token: str, shape: tuple[type, ...]) -> list[Any]:
        """The payload of `token`. Raises NotFound when it is not ours, not for this, or not of this shape."""
        try:
            payload = self._serializer(purpose).loads(token[:1000])
        except (BadData, ValueError):
            raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.") from None
        if not isinstance(payload, list) or [type(part) for part in payload] != list(shape):
            raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
        return payload

    def _serializer(self, purpose: Purpose) -> URLSafeSerializer:
        return _serializer(self.keys, purpose)

    def masked(self, text: str) -> str:
        """A name for `text` (64 hexadecimal digits) that nobody without our secret can find it from.

        For what can be guessed, such as mail and network addresses, where a plain hash would hide nothing.
        """
        return hmac.new(self.keys[-1].encode(), text.encode(), hashlib.sha256).hexdigest()

    def answer(self, assignment_id: int, version: int) -> str:
        """The page where a person answers for one task, without signing in. `version`: the task's."""
        return f"{self.url}/o/{self.token('answer', [assignment_id, version])}"

    def pause(self, person_id: int) -> str:
        """The page where a person pauses reminders (RFC 8058 posts to it)."""
        return f"{self.url}/o/varsler/{self.token('pause', [person_id])}"

    def answer_tag(self, invitation_id: int) -> str:
        """What stands after the plus in the address that an invitation comes from and is answered to.

        In letters that servers may change the case of. Made with the oldest key: calendars refuse an update
        from another address than the invitation had, so it must outlive a change of keys.
        """
        return f"{invitation_id}.{_tag(self.keys[0], invitation_id)}"

    def read_answer_tag(self, tag: str) -> int | None:
        """The invitation whose tag this is; None for what we didn't make."""
        found = re.fullmatch(r"([1-9][0-9]{0,9})\.([a-z2-7]{16})", tag.lower())
        if found is None:
            return None
        number = int(found[1])
        ours = any(hmac.compare_digest(_tag(key, number), found[2]) for key in self.keys)
        return number if ours else None

    def sign_up(self, invitation_id: int) -> str:
        """The page where a person answers an invitation to a meeting, without signing in."""
        return f"{self.url}/o/mote/{self.token('sign-up', [invitation_id])}"

    def sign_in(self, secret: str) -> str:
        """The page that signs the holder of a one-time secret in."""
        return f"{self.url}/inn/{self.token('sign-in', [secret])}"

    def start(self, issued: int) -> str:
        """Where an empty installation is set up. `issued`: when, in seconds since 1970."""
        return f"{self.url}/inn/start/{self.token('start', [issued])}"

    def feed(self, feed_id: int, generation: int, *, scheme: str = "") -> str:
        """The address of a calendar feed; `scheme` "webcal" for clients that want it."""
        address = f"{self.url}/ics/{self.token('feed', [feed_id, generation])}.ics"
        return re.sub(r"^https?", scheme, address) if scheme else address

    def public(self, slug: str, body_id: int, *, scheme: str = "") -> str:
        """The page of a body that everybody may see; with ".ics" after it, what its calendar fetches."""
        address = f"{self.url}/r/{slug}/{body_id}"
        return re.sub(r"^https?", scheme, address) if scheme else address


class _Sha256(SigningAlgorithm):
    """HMAC with SHA-256 by the way that takes a tenth of the time; the signatures are the same."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


class _Plain(URLSafeSerializer):
    """Without the attempt to compress what is a few numbers, which takes longer than the signing; and with
    one signer, which is made ready once.
    """

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(_JSON.encode(obj))

    @cached_property
    def _signer(self) -> Signer:
        return super().make_signer()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer if salt is None else super().make_signer(salt)


_JSON = JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=20)
def _serializer(keys: tuple[str, ...], purpose: Purpose) -> URLSafeSerializer:
    signing = {"digest_method": hashlib.sha256, "algorithm": _Sha256()}
    return _Plain(list(keys), salt=f"oppfolging:{purpose}", signer_kwargs=signing)


def _tag(key: str, number: int) -> str:
    """80 bits that only we can make, as 16 small letters and digits."""
    mac = hmac.digest(key.encode(), f"oppfolging:answer-tag:{number}".encode(), "sha256")
    return b32encode(mac[:10]).decode().lower()


def hashed(secret: str) -> str:
    """How a secret is stored: SHA-256, hexadecimal. Only for secrets of 128 random bits or more."""
    return hashlib.sha256(secret.encode()).hexdigest()


_SECRET_PATHS = re.compile(r"(/(?:o/varsler|o/mote|o|inn/start|inn|ics|p)/)[\w.~-]{16,}")


def without_secrets(text: str) -> str:
    """`text` with the secret part of our addresses cut, for logs and for stored copies of sent mail."""
    return _SECRET_PATHS.sub(lambda found: f"{found[1]}…", text)
