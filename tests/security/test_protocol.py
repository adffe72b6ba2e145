"""Answers that are no proper HTTP, all on one site: each becomes a row, or is read as a browser would."""

from __future__ import annotations

from typing import Any

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
HELLO = b"<p>hello</p>"

WIRE: dict[str, tuple[bytes, set[str]]] = {
    # name: (what stands on the wire, the classes that are right; "" is a page that was had)
    "content-length-too-large": (OK + b"Content-Length: 100000\r\n\r\n" + HELLO, {"broken"}),
    "content-length-too-small": (OK + b"Content-Length: 5\r\n\r\n" + HELLO, {""}),
    "content-length-negative": (OK + b"Content-Length: -1\r\n\r\n" + HELLO, {"", "broken"}),
    "content-length-no-number": (OK + b"Content-Length: many\r\n\r\n" + HELLO, {"", "broken"}),
    "content-length-huge": (OK + b"Content-Length: " + b"9" * 4000 + b"\r\n\r\n" + HELLO, {"too_large", "broken"}),
    "content-length-of-a-gigabyte": (OK + b"Content-Length: 1000000000\r\n\r\n" + HELLO, {"too_large"}),
    "content-length-not-ascii": (OK + b"Content-Length: \xb2\xb3\r\n\r\n" + HELLO, {"", "broken"}),
    "content-length-twice": (OK + b"Content-Length: 12\r\nContent-Length: 5\r\n\r\n" + HELLO, {"broken"}),
    "content-length-list": (OK + b"Content-Length: 12, 12\r\n\r\n" + HELLO, {"", "broken"}),
    "content-length-and-chunked": (
        OK + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + HELLO + b"\r\n0\r\n\r\n",
        {"", "broken"},
    ),
    "chunks-of-garbage-size": (OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + HELLO, {"broken"}),
    "chunks-of-negative-size": (OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + HELLO * 100, {"broken"}),
    "chunks-of-huge-size": (OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + HELLO, {"broken", "too_large"}),
    "chunks-of-underscored-size": (OK + b"Transfer-Encoding: chunked\r\n\r\n1_0\r\n" + HELLO * 9, {"broken", ""}),
    "chunks-without-end": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", {"broken"}),
    "unknown-transfer-encoding": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", {"", "broken"}),
    "ten-thousand-headers": (OK + b"".join(b"X-%d: x\r\n" % n for n in range(10_000)) + b"\r\n" + HELLO, {"broken"}),
    "one-header-of-a-megabyte": (OK + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n" + HELLO, {"broken"}),
    "cookies-of-a-megabyte": (
        OK + b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"x" * 60_000) for n in range(17)) + b"\r\n" + HELLO,
        {"", "broken"},
    ),
    "header-without-colon": (OK + b"this is no header\r\n\r\n" + HELLO, {"", "broken"}),
    "header-of-control-characters": (OK + b"X-\x00\x01: \x1b[2J\x07\r\nContent-Language: \x1b]0;pwned\x07\r\n\r\n" + HELLO, {"", "broken"}),
    "header-continued": (OK + b"X: a\r\n  b\r\n\r\n" + HELLO, {"", "broken"}),
    "http-0.9": (HELLO * 10, {"broken"}),
    "nothing": (b"", {"unreachable", "broken"}),
    "newlines": (b"\r\n" * 1000, {"broken", "unreachable"}),
    "binary": (bytes(range(256)) * 40, {"broken"}),
    "tls-on-a-plain-port": (b"\x15\x03\x01\x00\x02\x02\x46", {"broken", "unreachable"}),
    "ssh": (b"SSH-2.0-OpenSSH_9.6\r\n", {"broken"}),
    "status-999": (b"HTTP/1.1 999 Strange\r\nContent-Length: 0\r\n\r\n", {"refused"}),
    "status-0": (b"HTTP/1.1 0 None\r\n\r\n", {"broken"}),
    "status-negative": (b"HTTP/1.1 -1 None\r\n\r\n", {"broken"}),
    "status-huge": (b"HTTP/1.1 20000000000000000000 OK\r\n\r\n", {"broken"}),
    "status-no-number": (b"HTTP/1.1 two-hundred OK\r\n\r\n", {"broken"}),
    "status-without-reason": (b"HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n" + HELLO, {""}),
    "reason-of-escapes": (b"HTTP/1.1 500 \x1b[31mred\x1b]0;title\x07\r\nContent-Length: 0\r\n\r\n", {"server_error"}),
    "version-unknown": (b"HTTP/9.9 200 OK\r\nContent-Type: text/html\r\n\r\n" + HELLO, {"", "broken"}),
    "100-and-close": (b"HTTP/1.1 100 Continue\r\n\r\n", {"broken", "unreachable"}),
    "101-switching": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" + HELLO, {"broken"}),
    "304-without-asking": (b"HTTP/1.1 304 Not Modified\r\n\r\n", {"broken"}),
    "206-partial": (b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/100\r\nContent-Length: 5\r\n\r\nhello", {"broken"}),
    "204-no-content": (b"HTTP/1.1 204 No Content\r\n\r\n", {"", "broken", "not_a_page"}),
    "204-with-content": (b"HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n" + HELLO, {"", "broken", "not_a_page"}),
    "trailing-garbage": (OK + b"Content-Length: 12\r\n\r\n" + HELLO + b"\xff" * 5000 + OK, {""}),
    "two-answers": (OK + b"Content-Length: 12\r\n\r\n" + HELLO + OK + b"Content-Length: 5\r\n\r\n<img>", {""}),
    "type-of-escapes": (b"HTTP/1.1 200 OK\r\nContent-Type: \x1b[31mred/\x9b2J\r\n\r\n" + HELLO, {"not_a_page"}),
    "type-of-a-kilobyte": (b"HTTP/1.1 200 OK\r\nContent-Type: x/" + b"y" * 1000 + b"\r\n\r\n" + HELLO, {"not_a_page"}),
    "brotli-unasked": (OK + b"Content-Encoding: br\r\n\r\n\x1b\x2f\x00", {"broken"}),
    "zstandard-unasked": (OK + b"Content-Encoding: zstd\r\n\r\n\x28\xb5\x2f\xfd", {"broken"}),
    "unknown-coding": (OK + b"Content-Encoding: \x1b[31m\r\n\r\nx", {"broken"}),
    "three-codings": (OK + b"Content-Encoding: gzip, gzip, gzip\r\n\r\nx", {"broken"}),
    "a-thousand-codings": (OK + b"Content-Encoding: " + b"gzip, " * 1000 + b"gzip\r\n\r\nx", {"broken"}),
    "damaged-gzip": (OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00" + b"\xff" * 100, {"broken"}),
    "gzip-cut-short": (OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00", {"broken"}),
    "gzip-that-is-none": (OK + b"Content-Encoding: gzip\r\n\r\n" + HELLO, {"broken"}),
    "etag-of-line-breaks": (OK + b'ETag: "a\rX-Injected: 1"\r\nContent-Length: 12\r\n\r\n' + HELLO, {"", "broken"}),
    "retry-after-nan": (b"HTTP/1.1 404 Gone\r\nRetry-After: nan\r\nContent-Length: 0\r\n\r\n", {"gone"}),
}


@pytest.fixture(scope="module")
def wire(attack_together: Any, serve: Any) -> Any:
    for name, (answer, _) in WIRE.items():
        attack_together.on(f"/{name}", serve.writes(answer))
        attack_together.on(f"/{name}.png", serve.writes(answer))
    # What is slow or silent has a module of its own; here a host that fails often must go on being asked.
    limits = {"give_up": 1000} if "give_up" in attack_together.limits_there_are else {}
    return attack_together.run(*(f"/{name}" for name in WIRE), pictures=[f"/{name}.png" for name in WIRE], limits=limits)


HUNG_UP = "unreachable"
"""A server that hangs up on what it has not read may take its answer with it."""


@pytest.mark.parametrize("name", WIRE)
def test_an_answer_that_is_no_proper_http(wire: Any, name: str) -> None:
    assert wire.error(f"/{name}") in WIRE[name][1] | (set() if "" in WIRE[name][1] else {HUNG_UP}), wire.detail(f"/{name}")
    assert wire.error(f"/{name}.png") in (WIRE[name][1] - {""}) | {"not_an_image", "too_large", HUNG_UP}, wire.detail(f"/{name}.png")


def test_what_is_remembered_of_them_is_inert(wire: Any) -> None:
    for row in wire.rows:
        assert len(row["detail"]) < 500
        assert row["detail"].isprintable()
        assert all(character.isprintable() for character in row["headers"])
    for row in wire.report("failures"):
        assert all(value.isprintable() for value in row.values())


def test_a_second_scrape_of_them(attack: Any, serve: Any) -> None:
    """Validators come back to the server as it gave them, if at all: no header of its making is sent."""
    nasty = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "\x1b\x00 \xff"\r\nLast-Modified: \x0b\r\nContent-Length: 12\r\n\r\n'
    attack.on("/nasty", serve.writes(nasty + HELLO))
    outcome = attack.run("/nasty", settings="revisit_days = 0", commands=["scrape", "scrape"])
    assert outcome.error("/nasty") in ("", "broken")
    assert not any(line.strip().startswith(b"X-Injected") for head in attack.server.heads for line in head.splitlines())
