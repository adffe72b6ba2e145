from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.fetch.limits import Limits
from pipeline.fetch.result import Failed
from pipeline.fetch.transport import Transport

QUICK = Limits(connect=2.0, read=0.4, total=0.8)


def loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def fetch(url: str, gate: Callable[[str, int], list[str]] = loopback, cap: int = 10_000, limits: Limits = QUICK) -> tuple[int, bytes]:
    transport = Transport(gate, limits)
    try:
        with transport.get(url, {"User-Agent": "test/1"}) as answer:
            return answer.status, answer.read(cap)
    finally:
        transport.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)
        yield server


def test_goes_to_the_checked_address_under_the_hosts_own_name(site: Any) -> None:
    """`art.invalid` has no address: only the gate's answer can have led there, so nothing was looked up after the check."""
    site.on("/x", site.says(b"body"))
    assert fetch(f"http://art.invalid:{site.port}/x") == (200, b"body")
    assert site.headers[0]["host"] == f"art.invalid:{site.port}"
    assert site.headers[0]["user-agent"] == "test/1"


def test_tls_asks_for_the_hosts_name_at_the_checked_address(listener: socket.socket) -> None:
    hello: list[bytes] = []

    def hear() -> None:
        connection, _ = listener.accept()
        with connection:
            hello.append(connection.recv(4096))

    thread = threading.Thread(target=hear)
    thread.start()
    with pytest.raises(Failed) as caught:
        fetch(f"https://art.invalid:{listener.getsockname()[1]}/")
    thread.join()
    assert b"art.invalid" in hello[0]
    assert caught.value.error == "unreachable"


def test_the_next_address_is_tried_when_one_is_dead(site: Any) -> None:
    site.on("/x", site.says(b"body"))
    assert fetch(f"http://art.invalid:{site.port}/x", lambda host, port: ["127.0.0.2", "::1", "127.0.0.1"]) == (200, b"body")


def test_nothing_is_asked_where_the_gate_refuses(site: Any) -> None:
    def shut(host: str, port: int) -> list[str]:
        raise Failed("refused", "private")

    with pytest.raises(Failed, match="private"):
        fetch(site.root, shut)
    assert site.asked == []


def test_a_connection_is_used_again(site: Any) -> None:
    site.on("/x", site.says(b"body"))
    opened: list[int] = []

    def gate(host: str, port: int) -> list[str]:
        opened.append(port)
        return ["127.0.0.1"]

    transport = Transport(gate, QUICK)
    for _ in range(3):
        with transport.get(f"{site.root}/x", {}) as answer:
            assert answer.read(100) == b"body"
    transport.close()
    assert len(opened) == 1


def test_no_redirect_is_followed_and_its_body_not_read(site: Any) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n"
    site.on("/here", site.writes(head, forever=b"x" * 1000, pause=0.001))
    with_body = Transport(loopback, QUICK)
    with with_body.get(f"{site.root}/here", {}) as answer:
        assert (answer.status, answer.headers["location"]) == (302, "/there")
    with_body.close()
    assert site.asked == ["/here"]


def test_nobody_is_there(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(Failed, match="unreachable: no connection: "):
        fetch(f"http://127.0.0.1:{port}/")


def test_a_proxy_of_the_environment_is_not_used_but_named(listener: socket.socket, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", site.root)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(Failed, match="HTTP_PROXY is set, but proxies are not used"):
        fetch(f"http://127.0.0.1:{port}/")
    assert site.asked == []


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("pieces", "forever", "error"),
    [
        ([b""], b"", "unreachable"),
        ([b"SSH-2.0-OpenSSH_9.6\r\n"], b"", "broken"),
        ([OK + b"A: b\r\n" * 200 + b"\r\n"], b"", "broken"),
        ([OK + b"A: " + b"b" * 100_000 + b"\r\n\r\n"], b"", "broken"),
        ([OK + b"Content-Length: 5, 6\r\n\r\nhello"], b"", "broken"),
        ([OK + b"Content-Length: 100\r\n\r\nshort"], b"", "broken"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"], b"", "broken"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"], b"", "broken"),
        ([OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"], b"", "broken"),
        ([OK + b"Content-Length: 20000\r\n\r\n"], b"", "too_large"),
        ([OK + b"\r\n"], b"x" * 5000, "too_large"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n"], b"3e8\r\n" + b"x" * 1000 + b"\r\n", "too_large"),
    ],
)
def test_hostile_answers(site: Any, pieces: list[bytes], forever: bytes, error: str) -> None:
    url = site.on("/x", site.writes(*pieces, forever=forever))
    with pytest.raises(Failed) as caught:
        fetch(url)
    assert caught.value.error == error
    assert "0x" not in caught.value.detail  # no memory address: the same failure must make the same row


@pytest.mark.parametrize(
    ("piece", "drop", "pause"),
    [
        (b"", b"A: b\r\n", 0.05),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
        (b"A: b\r\n\r\n", b"x", 0.05),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.05),
        (b"\r\n", b"x", 2.0),
    ],
    ids=["headers", "continue", "body", "chunks", "silence"],
)
def test_an_answer_that_drips_is_cut_off(site: Any, piece: bytes, drop: bytes, pause: float) -> None:
    start = b"" if drop.startswith(b"HTTP") else OK
    url = site.on("/x", site.writes(start + piece, forever=drop, pause=pause))
    with pytest.raises(Failed) as caught:
        fetch(url)
    assert caught.value.error == "timeout"


def test_the_cap_is_exact(site: Any) -> None:
    url = site.on("/x", site.writes(OK + b"\r\n" + b"x" * 1001))
    assert fetch(url, cap=1001)[1] == b"x" * 1001
    with pytest.raises(Failed, match="too_large: more than 1,000 bytes"):
        fetch(url, cap=1000)


def test_cut_takes_the_beginning_of_an_endless_body(site: Any) -> None:
    url = site.on("/x", site.writes(OK + b"\r\n", forever=b"x" * 5000))
    transport = Transport(loopback, QUICK)
    with transport.get(url, {}) as answer:
        assert answer.read(12_345, cut=True) == b"x" * 12_345
    transport.close()
