"""Pages go compressed, but never together with text that the address brought."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from tests.cast import Cast
from tests.web.conftest import SignInAs

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_page_goes_compressed_to_those_who_take_it(app: Flask, sign_in_as: SignInAs, cast: Cast) -> None:
    client = sign_in_as(cast.secretary).client
    plain, packed = client.get("/oppgaver"), client.get("/oppgaver", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "<h1" in gzip.decompress(packed.data).decode()
    assert len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/sok?q=token"), ("GET", "/oppgaver/alle?q=x"), ("POST", "/referat/nytt")]
)
def test_nothing_that_the_asker_chose_is_compressed_with_a_secret(
    sign_in_as: SignInAs, cast: Cast, method: str, path: str
) -> None:
    answer = sign_in_as(cast.secretary).client.open(path, method=method, headers=GZIP)
    assert answer.mimetype == "text/html"
    assert "Content-Encoding" not in answer.headers


def test_the_length_of_a_page_varies(sign_in_as: SignInAs, cast: Cast) -> None:
    client = sign_in_as(cast.secretary).client
    lengths = {len(client.get("/hjelp", headers=GZIP).data) for _ in range(12)}
    assert len(lengths) > 1


def test_files_and_small_answers_stay_as_they_are(sign_in_as: SignInAs, cast: Cast) -> None:
    client = sign_in_as(cast.secretary).client
    for path in ("/oppgaver.csv", "/robots.txt", "/health"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
