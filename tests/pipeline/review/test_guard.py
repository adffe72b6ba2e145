"""The guard alone: what it lets pass, and what an application behind it never sees."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pipeline.review import guard

TOKEN = "a-token-of-this-start"
COOKIE = f"review-8477={TOKEN}"
GOOD = {"host": "127.0.0.1:8477", "cookie": COOKIE}
WRITE = {**GOOD, "origin": "http://127.0.0.1:8477", "content-type": "application/json", "content-length": "2"}


class Behind:
    """An application that answers all, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.body: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(scope["path"])
        while True:
            message = await receive()
            self.body.append(message)
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"yes")]})
        await send({"type": "http.response.body", "body": b"secret"})


def ask(
    headers: dict[str, str], method: str = "GET", path: str = "/api/items", query: str = "", body: tuple[bytes, ...] = (b"{}",)
) -> tuple[int, dict[str, str], Behind]:
    behind, sent = Behind(), []
    pieces = [{"type": "http.request", "body": piece, "more_body": at + 1 < len(body)} for at, piece in enumerate(body)]

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": raw}
    asyncio.run(guard.Guard(behind, 8477, TOKEN)(scope, receive, send))
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert all(answered[name.lower()] == value for name, value in guard.HEADERS.items())
    if sent[0]["status"] >= 400:
        assert not behind.seen
        assert b"secret" not in sent[1]["body"]
        assert TOKEN not in sent[1]["body"].decode()
    return sent[0]["status"], answered, behind


@pytest.mark.parametrize("host", ["127.0.0.1:8477", "localhost:8477"])
def test_the_tab_that_was_opened_is_answered(host: str) -> None:
    assert ask({**GOOD, "host": host})[0] == 200
    assert ask({**GOOD, "host": host, "sec-fetch-site": "same-origin"})[0] == 200
    assert ask({**WRITE, "host": host, "origin": f"http://{host}"}, "POST")[0] == 200


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.1", "127.0.0.1:80", "evil.example:8477", "[::1]:8477", "0.0.0.0:8477", "127.0.0.1:8477.evil.example", "LOCALHOST:8477 "],
)
def test_another_host_is_not(host: str) -> None:
    assert ask({**GOOD, "host": host})[0] == 421


@pytest.mark.parametrize("cookie", ["", "review-8477=", "review-8477=x", f"review-8478={TOKEN}", f"x{COOKIE}", COOKIE + "x", "\xff;=;,"])
def test_without_the_token_there_is_nothing(cookie: str) -> None:
    assert ask({**GOOD, "cookie": cookie})[0] == 403
    assert ask({**WRITE, "cookie": cookie}, "POST")[0] == 403


def test_the_token_opens_the_first_page_only() -> None:
    bare = {"host": GOOD["host"]}
    status, headers, _ = ask(bare, path="/", query=f"token={TOKEN}")
    assert status == 200
    assert headers["set-cookie"] == f"{COOKIE}; HttpOnly; SameSite=Strict; Path=/"
    assert "set-cookie" not in ask(GOOD, path="/")[1]
    for query in ("", "token=", "token=x", f"token=x&token={TOKEN}", f"Token={TOKEN}"):
        assert ask(bare, path="/", query=query)[0] == 403
    assert ask(bare, path="/api/items", query=f"token={TOKEN}")[0] == 403
    assert ask({**WRITE, "cookie": ""}, "POST", "/", f"token={TOKEN}")[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
@pytest.mark.parametrize("mode", ["navigate", "no-cors", "cors", "websocket"])
def test_pages_of_other_sites_are_refused_even_with_the_cookie(site: str, mode: str) -> None:
    assert ask({**GOOD, "sec-fetch-site": site, "sec-fetch-mode": mode})[0] == 403


@pytest.mark.parametrize(
    "origin", [None, "", "null", "http://evil.example", "https://127.0.0.1:8477", "http://127.0.0.1:8478", "http://localhost:8477"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_writes_need_the_very_origin(origin: str | None, method: str) -> None:
    headers = {name: value for name, value in WRITE.items() if name != "origin"} | ({} if origin is None else {"origin": origin})
    assert ask(headers, method)[0] == 403


def test_a_preflight_is_granted_nothing() -> None:
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    for headers in ({"host": GOOD["host"]}, GOOD):
        status, answered, _ = ask({**headers, **asks, "origin": "http://evil.example"}, "OPTIONS", "/api/verdicts")
        assert status == 403
        assert not [name for name in answered if name.startswith("access-control")]


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"]
)
def test_only_json_is_taken(kind: str) -> None:
    assert ask({**WRITE, "content-type": kind}, "POST")[0] == 415
    assert ask({**WRITE, "content-type": "application/json; charset=utf-8"}, "POST")[0] == 200


@pytest.mark.parametrize("length", ["", "-1", "1e9", "x", str(guard.BIGGEST + 1)])
def test_a_length_must_be_told_and_small(length: str) -> None:
    assert ask({**WRITE, "content-length": length}, "POST")[0] == 413


def test_more_than_was_told_is_cut_off() -> None:
    half = b"x" * (guard.BIGGEST // 2 + 1)
    _, _, behind = ask(WRITE, "POST", body=(half, half, b"y"))
    assert [message["type"] for message in behind.body] == ["http.request", "http.disconnect"]


def test_web_sockets_are_refused() -> None:
    with pytest.raises(RuntimeError, match="websocket"):
        asyncio.run(guard.Guard(Behind(), 8477, TOKEN)({"type": "websocket"}, None, None))  # type: ignore[arg-type]
