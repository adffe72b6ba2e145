"""Bodies that grow: what is small on the wire and huge when unpacked, or has no end."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

GZIP = "Content-Encoding: gzip"
MB = b"\0" * 1_000_000
HTML = b"<p>" + b"x" * 999_997


def bomb(attack: Any, serve: Any, make: Any, *headers: str) -> Any:
    """Serve it as a page and as a picture."""
    attack.on("/page", serve.streams(make, "text/html", *headers))
    attack.on("/picture", serve.streams(make, "image/png", *headers))
    return attack.run("/page", pictures=["/picture"], commands=["scrape"])


def test_a_gzip_bomb(attack: Any, serve: Any, bombs: Any) -> None:
    """10 MB that unpack to 10 GB."""
    outcome = bomb(attack, serve, lambda: bombs.gzipped(HTML, 10_000), GZIP)
    assert outcome.error("/page") == outcome.error("/picture") == "too_large"
    assert outcome.commands[0].cpu < 10


def test_a_gzip_bomb_in_a_gzip_bomb(attack: Any, serve: Any, bombs: Any) -> None:
    outcome = bomb(attack, serve, lambda: bombs.gzip_of(bombs.gzipped(HTML, 2_000)), "Content-Encoding: gzip, gzip")
    assert outcome.error("/page") == outcome.error("/picture") == "too_large"


def test_a_deflate_bomb(attack: Any, serve: Any, bombs: Any) -> None:
    outcome = bomb(attack, serve, lambda: bombs.deflated(HTML, 1_000), "Content-Encoding: deflate")
    assert outcome.error("/page") == outcome.error("/picture") == "too_large"


def test_a_million_tiny_gzip_members(attack: Any, serve: Any, bombs: Any) -> None:
    member = b"".join(bombs.gzip_of([b"x"]))
    outcome = bomb(attack, serve, lambda: itertools.repeat(member * 1000, 400), GZIP)
    assert outcome.error("/page") in ("broken", "too_large")
    assert outcome.commands[0].cpu < 10


def test_gzip_that_never_says_anything(attack: Any, serve: Any) -> None:
    """A gzip header whose file name never ends: it eats what comes and gives nothing."""
    outcome = bomb(attack, serve, lambda: itertools.chain([b"\x1f\x8b\x08\x08\0\0\0\0\0\0"], itertools.repeat(b"n" * 65_536, 1_100)), GZIP)
    assert outcome.error("/page") in ("broken", "too_large")


def test_gzip_inside_the_body_is_not_unpacked(attack: Any, serve: Any, bombs: Any) -> None:
    """A file that is a gzip bomb itself, with no coding named."""
    outcome = bomb(attack, serve, lambda: bombs.gzipped(MB, 1_000))
    assert outcome.error("/page") == "not_a_page"
    assert outcome.error("/picture") == "not_an_image"


@pytest.mark.parametrize("chunk", [b"1\r\nx\r\n" * 5_000, b"10000\r\n" + b"x" * 65_536 + b"\r\n"], ids=["small", "large"])
def test_an_endless_chunked_body(attack: Any, serve: Any, chunk: bytes) -> None:
    for kind, path in (("text/html", "/page"), ("image/png", "/picture")):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        attack.on(path, serve.writes(head, forever=chunk))
    limits = {"total": 1.0}
    outcome = attack.run("/page", pictures=["/picture"], limits=limits, commands=["scrape"])
    assert outcome.error("/page") in ("too_large", "timeout")
    assert outcome.error("/picture") in ("too_large", "timeout")


def test_an_endless_chunk_extension(attack: Any, serve: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5;"
    attack.on("/page", serve.writes(head, forever=b"x" * 65_536))
    outcome = attack.run("/page", limits={"total": 2.0}, commands=["scrape"])
    assert outcome.error("/page") in ("broken", "timeout", "too_large")


def test_a_hundred_megabytes_of_html(attack: Any, serve: Any) -> None:
    outcome = bomb(attack, serve, lambda: itertools.repeat(HTML, 100))
    assert outcome.error("/page") == "too_large"
    assert outcome.error("/picture") in ("too_large", "not_an_image")


def test_an_endless_error_page(attack: Any, serve: Any) -> None:
    """The body of an answer that is a failure anyway is not read."""
    attack.on("/gone", serve.writes(b"HTTP/1.1 404 Gone\r\n\r\n", forever=b"x" * 65_536))
    outcome = attack.run("/gone", commands=["scrape"])
    assert outcome.error("/gone") == "gone"
    assert outcome.commands[0].cpu < 5
