"""A small IMAP server (RFC 3501) in a thread: one account, one folder, and what our client asks for."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

USER, PASSWORD = "svar@elvedal.example", "hemmelig"


@dataclass
class Account:
    """The mails by UID, and which of them are read. `refuses`: a command that is answered with NO."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    refuses: str = ""
    port: int = 0
    signed_out: int = 0


class _Session(socketserver.StreamRequestHandler):
    account: Account

    def handle(self) -> None:
        self._say(b"* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.rstrip(b"\r\n").partition(b" ")
            name = command.split(b" ")[0].upper().decode()
            if name == "UID":
                name = command.split(b" ")[1].upper().decode()
            if name == self.account.refuses:
                self._say(tag + b" NO not now")
                continue
            getattr(self, f"do_{name.lower()}")(command)
            self._say(tag + b" OK done")
            if name == "LOGOUT":
                return

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def do_capability(self, _command: bytes) -> None:
        self._say(b"* CAPABILITY IMAP4rev1")

    def do_login(self, command: bytes) -> None:
        assert command == f'LOGIN {USER} "{PASSWORD}"'.encode(), command

    def do_select(self, command: bytes) -> None:
        assert command == b'SELECT "INBOX"', command
        self._say(f"* {len(self.account.mails)} EXISTS".encode())

    def do_search(self, command: bytes) -> None:
        assert command == b"UID SEARCH UNSEEN"
        unread = [number for number in sorted(self.account.mails) if number not in self.account.seen]
        self._say(b"* SEARCH " + " ".join(map(str, unread)).encode())

    def do_fetch(self, command: bytes) -> None:
        asked = re.fullmatch(rb"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command)
        assert asked, command
        number, room = int(asked[1]), int(asked[2])
        if number in self.account.mails:
            content = self.account.mails[number][:room]
            self._say(f"* 1 FETCH (UID {number} BODY[]<0> {{{len(content)}}}".encode())
            self.wfile.write(content)
            self._say(b")")

    def do_store(self, command: bytes) -> None:
        asked = re.fullmatch(rb"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", command)
        assert asked, command
        self.account.seen.add(int(asked[1]))

    def do_logout(self, _command: bytes) -> None:
        self.account.signed_out += 1  # before the answer: whoever got it may look at once
        self._say(b"* BYE")


@contextmanager
def serving(account: Account) -> Iterator[Account]:
    """The account, reachable at `account.port` of this machine."""
    handler = type("Handler", (_Session,), {"account": account})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        account.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        try:
            yield account
        finally:
            server.shutdown()
            thread.join()
