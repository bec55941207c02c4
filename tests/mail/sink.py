"""A mail server on loopback that keeps what it is given, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

Answer = Callable[[str], str | None]  # an address → what the server says to it, None for its usual answer
DROP = "drop"  # hang up instead of answering
HANG = "hang"  # never answer


@dataclass
class Sink:
    """What arrived, and how to answer: `on_rcpt`, `on_data` by address; what hangs up a connection."""

    port: int = 0
    arrived: list[bytes] = field(default_factory=list)
    connections: int = 0
    on_rcpt: Answer = lambda _address: None
    on_data: Answer = lambda _address: None
    hang_up_after: int = 0
    pipelining: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.arrived]  # type: ignore[misc]

    @property
    def recipients(self) -> list[str]:
        return [str(mail["X-RcptTo"]) for mail in self.mails]


class _Handler:
    """What one connection is answered."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.taken = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.sink.pipelining else responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sink.hang_up_after and self.taken >= self.sink.hang_up_after:
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.sink.on_rcpt(address):
            return await self._say(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.sink.on_data(envelope.rcpt_tos[0])
        if answer is None or answer in (DROP, HANG):
            with self.sink.lock:
                content = envelope.original_content or b""
                self.sink.arrived.append(f"X-RcptTo: {envelope.rcpt_tos[0]}\r\n".encode() + content)
        answer = await self._say(server, answer or "250 OK")
        self.taken += 1
        return answer

    async def _say(self, server: SMTP, answer: str) -> str:
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == DROP:
            server.transport.abort()
        elif answer.startswith("421"):
            asyncio.get_running_loop().call_soon(server.transport.close)
        return answer


@contextmanager
def running(*, pipelining: bool = False, **options: Any) -> Iterator[Sink]:
    """The server, on a free port, in a thread of its own. `options`: aiosmtpd's (TLS, signing in)."""
    sink, started, loop = Sink(pipelining=pipelining), threading.Event(), asyncio.new_event_loop()

    def answer() -> SMTP:
        sink.connections += 1
        return SMTP(_Handler(sink), loop=loop, **options)

    def serve() -> None:
        asyncio.set_event_loop(loop)
        tls: ssl.SSLContext | None = options.pop("implicit_tls", None)
        server = loop.run_until_complete(loop.create_server(answer, "127.0.0.1", 0, ssl=tls))
        sink.port = server.sockets[0].getsockname()[1]
        started.set()
        loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def only(user: bytes, password: bytes) -> Callable[..., AuthResult]:
    """Lets just this user in."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        right = (given.login, given.password) == (user, password)
        return AuthResult(success=right, handled=right)

    return authenticate
