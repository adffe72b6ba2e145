"""What is read of an answer, and where it goes; the answers are made here."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline.fetch.limits import Limits
from pipeline.fetch.reading import Ask, Reply
from pipeline.fetch.result import Failed
from pipeline.fetch.wire import Wire

LIMITS = Limits(image_bytes=30, page_bytes=20, robots_bytes=10)


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    asked: list[Any]
    large: bool = False

    def read(self, most: int, cut: bool = False) -> bytes:
        self.asked.append(("read", most, cut))
        return b"body"

    def save(self, most: int, make: Callable[[], Any]) -> tuple[bytes | Path, str, int]:
        self.asked.append(("save", most))
        return (Path("large") if self.large else b"pic"), hashlib.sha256(b"pic").hexdigest(), 3


@dataclass
class Transport:
    """Gives one answer to everything."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    large: bool = False
    asked: list[Any] = field(default_factory=list)
    closed: bool = False

    @contextlib.contextmanager
    def get(self, url: str, headers: Mapping[str, str]) -> Iterator[Answer]:
        self.asked.append(("get", url, dict(headers)))
        yield Answer(self.status, self.headers, self.asked, self.large)

    def close(self) -> None:
        self.closed = True


def wire(transport: Transport, folder: Path) -> Wire:
    return Wire(transport, LIMITS, folder, lambda: 0.0)  # type: ignore[arg-type]  # all that is used of a transport


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("page", ("read", 20, False)), ("robots", ("read", 10, True)), ("tdmrep", ("read", 10, True)), ("image", ("save", 30))],
)
def test_each_kind_has_its_limit(kind: str, asked: tuple[Any, ...], tmp_path: Path) -> None:
    transport = Transport()
    reply = wire(transport, tmp_path)(Ask("http://a/", kind, {"x": "y"}))
    assert transport.asked == [("get", "http://a/", {"x": "y"}), asked]
    assert reply.body == (b"pic" if kind == "image" else b"body")
    assert (reply.size, reply.sha256) == ((3, hashlib.sha256(b"pic").hexdigest()) if kind == "image" else (0, ""))


def test_a_large_picture_is_a_file(tmp_path: Path) -> None:
    reply = wire(Transport(large=True), tmp_path)(Ask("http://a/", "image", {}))
    assert (reply.body, reply.file, reply.size) == (b"", Path("large"), 3)


@pytest.mark.parametrize(("status", "conditional"), [(301, False), (304, True)])
def test_of_some_answers_no_body_is_read(status: int, conditional: bool, tmp_path: Path) -> None:
    transport = Transport(status, {"location": "/b"})
    assert wire(transport, tmp_path)(Ask("http://a/", "page", {}, conditional)) == Reply(status, {"location": "/b"})
    assert len(transport.asked) == 1


def test_headers_may_refuse_the_body(tmp_path: Path) -> None:
    def refuse(headers: Mapping[str, str]) -> None:
        raise Failed("opted-out", headers["x-robots-tag"])

    transport = Transport(headers={"x-robots-tag": "noai"})
    with pytest.raises(Failed, match="noai"):
        wire(transport, tmp_path)(Ask("http://a/", "image", {}, accept=refuse))
    with pytest.raises(Failed):
        wire(Transport(500), tmp_path)(Ask("http://a/", "page", {}))
    assert len(transport.asked) == 1


def test_an_outcome_is_kept_but_of_a_redirect(tmp_path: Path) -> None:
    kept: list[tuple[str, int]] = []

    def keep(url: str, reply: Reply) -> Any:
        kept.append((url, reply.status))
        return "outcome"

    assert wire(Transport(), tmp_path)(Ask("http://a/", "page", {}, keep=keep)).outcome == "outcome"
    assert wire(Transport(302), tmp_path)(Ask("http://b/", "page", {}, keep=keep)).outcome is None
    assert kept == [("http://a/", 200)]


def test_closing_closes_the_connections(tmp_path: Path) -> None:
    transport = Transport()
    wire(transport, tmp_path).close()
    assert transport.closed
