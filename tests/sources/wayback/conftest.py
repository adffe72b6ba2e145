"""An archive in small: captures, an index of them in the manner of a CDX server, and raw captures; in memory or on loopback."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from sources.base import Page

ROOT = "http://archive.test"


@dataclass(frozen=True)
class Shot:
    """One capture as the archive holds it."""

    timestamp: str
    original: str
    body: bytes = b"<html>"
    type: str = "text/html"
    status: str = "200"
    digest: str = ""
    length: str = "1234"

    @property
    def urlkey(self) -> str:
        """How this archive files it: one way of several, told apart from the code under test."""
        bare = re.sub(r"^https?://(?:www\d*\.)?", "", self.original.lower().partition("#")[0])
        host, slash, path = bare.partition("/")
        host = host.removesuffix(":80").removesuffix(":443")
        return ",".join(reversed(host.split("."))) + ")" + slash + path.rstrip("/")


class LittleArchive:
    """Answers as the Wayback Machine does; `asked` is what came in, `broken` maps a part of a query to the answer it gets instead."""

    def __init__(self, *shots: Shot) -> None:
        self.shots = list(shots)
        self.asked: list[str] = []
        self.broken: dict[str, bytes | None] = {}

    @property
    def questions(self) -> list[dict[str, str]]:
        """The queries to the index, as (name, value)."""
        return [
            {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} for url in self.asked if "/cdx/search/cdx?" in url
        ]

    def get(self, url: str) -> Page | None:
        """As the fetcher gives pages: redirects followed, None for a failure."""
        status, headers, body = self.answer(url.removeprefix(ROOT))
        if status == 302:
            return self.get(ROOT + headers["location"])
        return Page(url, body, headers) if status == 200 else None

    def answer(self, target: str) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) for a path and query."""
        self.asked.append(target)
        for part, body in self.broken.items():
            if part in target:
                return (503, {}, b"") if body is None else (200, {"content-type": "text/html"}, body)
        if target.startswith("/cdx/search/cdx?"):
            return 200, {"content-type": "application/json"}, json.dumps(self._rows(parse_qs(urlsplit(target).query))).encode()
        raw = re.fullmatch(r"/web/(\d+)id_/(.+)", target)
        if not raw:
            return 404, {}, b""
        key = Shot("", unquote(raw[2])).urlkey
        near = sorted((abs(int(shot.timestamp) - int(raw[1])), shot.timestamp, shot) for shot in self.shots if unquote(shot.urlkey) == key)
        if not near:
            return 404, {}, b""
        shot = near[0][2]
        if shot.timestamp != raw[1]:
            return 302, {"location": f"/web/{shot.timestamp}id_/{shot.original}"}, b""
        if shot.status.startswith("3"):
            return 302, {"location": f"/web/{shot.timestamp}id_/{shot.body.decode()}"}, b""
        return int(shot.status), {"content-type": shot.type}, shot.body

    def _rows(self, asked: dict[str, list[str]]) -> list[list[Any]]:
        one = {name: values[0] for name, values in asked.items()}
        wanted = Shot("", one["url"]).urlkey
        fields = one["fl"].split(",")
        lines = sorted((shot.urlkey, shot.timestamp, shot) for shot in self.shots)
        found = [entry for entry in lines if (entry[0].startswith(wanted) if one.get("matchType") == "prefix" else entry[0] == wanted)]
        found = [entry for entry in found if f"statuscode:{entry[2].status}" in asked.get("filter", [f"statuscode:{entry[2].status}"])]
        if resume := one.get("resumeKey"):
            assert "urlkey" in fields, "without the urlkey the real server loses its place"
            found = [entry for entry in found if f"{entry[0]} {entry[1]}" >= resume]
        limit = int(one["limit"])
        shown, rest = found[:limit], found[limit:]
        if not shown:
            return []
        values = {"urlkey": "urlkey", "timestamp": "timestamp", "original": "original", "mimetype": "type", "statuscode": "status"}
        values |= {"length": "length", "digest": "digest"}
        rows: list[list[Any]] = [fields, *([getattr(shot, values[name]) for name in fields] for _, _, shot in shown)]
        if rest and one.get("showResumeKey") == "true":
            rows += [[], [quote(f"{rest[0][0]} {rest[0][1]}", safe="").replace("%20", "+")]]
        return rows


@pytest.fixture
def make() -> Callable[..., LittleArchive]:
    return LittleArchive


@pytest.fixture
def shot() -> type[Shot]:
    return Shot


@pytest.fixture
def serve() -> Iterator[Callable[[LittleArchive], str]]:
    """Puts an archive on loopback; gives its root."""
    servers: list[ThreadingHTTPServer] = []

    def start(archive: LittleArchive) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = archive.answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def fetch() -> Callable[[str], Page | None]:
    """A `get` over HTTP that follows redirects."""

    def get(url: str) -> Page | None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return Page(answer.url, answer.read(), {name.lower(): value for name, value in answer.headers.items()})
        except urllib.error.HTTPError as error:
            error.close()
            return None

    return get
