"""Pages sent compressed: a first visit, often on a phone, then takes a third of the bytes.

Compressing a secret together with text of an attacker's choice tells the secret by the length (BREACH,
CVE-2013-3587), and every page with a form holds one. So only pages whose address carries no text are
compressed: a plain GET without a query. Forms of other sites come without the cookie (SameSite=Lax), hence
without anything to tell. Against what others may have stored on a page its length varies by chance, the
padding being a file name in gzip's header (RFC 1952 § 2.3.1; Palacios et al., Heal the Breach, 2022).
"""

from __future__ import annotations

import secrets
import struct
import zlib

from flask import Flask, Response, request

LEAST = 1000  # bytes; less fits in a packet as it is
MOST_PADDING = 100
LEVEL = 5  # about a millisecond for a page of 100 kB
GZIP, DEFLATED, HAS_NAME, UNKNOWN_SYSTEM = b"\x1f\x8b", 8, 8, 255


def install(app: Flask) -> None:
    """Let `app` compress its pages."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.mimetype != "text/html" or request.endpoint == "static":
        return response
    response.vary.add("Accept-Encoding")
    plain = request.method == "GET" and not request.query_string
    if (
        not plain
        or response.is_streamed
        or response.content_encoding
        or not request.accept_encodings.quality("gzip")
    ):
        return response
    page = response.get_data()
    if len(page) >= LEAST:
        response.set_data(_padded(page))
        response.content_encoding = "gzip"
    return response


def _padded(page: bytes) -> bytes:
    """The page as gzip with a name of chance and chance length."""
    name = secrets.token_hex(MOST_PADDING // 2)[: secrets.randbelow(MOST_PADDING + 1)].encode()
    head = GZIP + struct.pack("<BBLBB", DEFLATED, HAS_NAME, 0, 0, UNKNOWN_SYSTEM) + name + b"\0"
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(page) + packer.flush()
    return head + body + struct.pack("<LL", zlib.crc32(page), len(page) & 0xFFFFFFFF)
