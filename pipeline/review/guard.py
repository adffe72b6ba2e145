"""Who may speak to a page served here: the browser tab that was opened with the address the command printed, and nobody else.

The page shows other people's pictures and takes a person's word, so each request has to pass four checks. A name that resolves to
this machine (DNS rebinding) fails by its Host; a page of another site by Origin, Sec-Fetch-Site and the strict cookie; another program or
user of this machine by the token.
"""

from __future__ import annotations

import http.cookies
import secrets
import urllib.parse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The Content-Security-Policy: the page's own files and pictures, no inline script or style, and no way to make script of text."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
BIGGEST = 1 << 20
"""Bytes of a request's body."""


class Guard:
    """ASGI middleware around the page's application; what fails a check gets one plain line."""

    def __init__(self, app: ASGIApp, port: int, token: str, name: str = "review") -> None:
        self._app = app
        self._token = token
        self._cookie = f"{name}-{port}"  # browsers share cookies between the ports of a host
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on, or refuse it. Anything else (web sockets) is refused too."""
        if scope["type"] != "http":
            raise RuntimeError(f"no {scope['type']} here")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = urllib.parse.parse_qs(scope["query_string"].decode("latin-1"))
        entering = scope["path"] == "/" and scope["method"] == "GET" and self._is_token(query.get("token", [""])[0])
        fault = self._fault(scope["method"], headers, entering)
        if fault is not None:
            await _refuse(send, *fault)
            return
        cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Strict; Path=/"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                if entering:
                    extra.append((b"set-cookie", cookie.encode()))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._app(scope, _bounded(receive), answer)

    def _fault(self, method: str, headers: dict[str, str], entering: bool) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if host not in self._hosts:
            return 421, "unknown host"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not (
            entering and headers.get("sec-fetch-mode") == "navigate"
        ):
            return 403, "not for other sites"
        if not entering and not self._has_cookie(headers.get("cookie", "")):
            return 403, "open the address that the command with --serve printed"
        if method not in ("GET", "HEAD"):
            if headers.get("origin") != f"http://{host}":
                return 403, "not for other sites"
            if headers.get("content-type", "").split(";")[0].strip() != "application/json":
                return 415, "JSON only"
            if not headers.get("content-length", "").isdigit() or int(headers["content-length"]) > BIGGEST:
                return 413, "too large"
        return None

    def _has_cookie(self, header: str) -> bool:
        try:
            found = http.cookies.SimpleCookie(header).get(self._cookie)
        except http.cookies.CookieError:
            return False
        return found is not None and self._is_token(found.value)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())


def _bounded(receive: Receive) -> Receive:
    """A body may not be longer than the announced `BIGGEST`, whatever its header said."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BIGGEST:
            return {"type": "http.disconnect"}
        return message

    return counted


async def _refuse(send: Send, status: int, why: str) -> None:
    body = f"{status}: {why}\n".encode()
    headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), "connection": "close", **HEADERS}
    start = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
