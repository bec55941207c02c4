"""A server that takes every mail and looks at none: `python -m tests.benchmarks.fast_sink PORT`."""

from __future__ import annotations

import asyncio
import sys


class _Taking(asyncio.Protocol):
    """Answers commands line by line, with PIPELINING; content is searched for its end alone."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.rest, self.content = transport, b"", False
        transport.write(b"220 sink\r\n")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.rest += data
        answers = []
        while True:
            end, skip = (b"\r\n.\r\n", 5) if self.content else (b"\r\n", 2)
            place = self.rest.find(end)
            if place < 0:
                break
            command, self.rest = self.rest[:place], self.rest[place + skip :]
            if self.content:
                self.content = False
                answers.append(b"250 taken\r\n")
            elif command[:4].upper() == b"DATA":
                self.content = True
                answers.append(b"354 go on\r\n")
            elif command[:4].upper() == b"EHLO":
                answers.append(b"250-sink\r\n250 PIPELINING\r\n")
            elif command[:4].upper() == b"QUIT":
                answers.append(b"221 bye\r\n")
            else:
                answers.append(b"250 ok\r\n")
        if answers:
            self.transport.write(b"".join(answers))  # type: ignore[attr-defined]


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Taking, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
