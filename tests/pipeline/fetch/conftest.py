"""A scripted web site on loopback, a clock that obeys, and fetchers that use both."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from pipeline.catalog import Catalog
from pipeline.fetch.client import Fetcher, Manner
from pipeline.fetch.network import Network
from pipeline.fetch.rules import TDMREP
from pipeline.fetch.store import Store
from pipeline.image_store import ImageStore

Act = Callable[[BaseHTTPRequestHandler], None]


def says(body: bytes, status: int = 200, type: str | None = "text/html", **headers: str) -> Act:
    """An honest answer. Header names are written with underscores."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        if type:
            handler.send_header("Content-Type", type)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return act


def writes(*pieces: bytes, forever: bytes = b"", pause: float = 0.0) -> Act:
    """Raw bytes on the wire, then `forever` until the other side hangs up (or 4 s are over, so that no test hangs); then close."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        for piece in pieces:
            handler.wfile.write(piece)
        stop = threading.Event()
        end = monotonic() + 4.0
        while forever and monotonic() < end:
            handler.wfile.write(forever)
            stop.wait(pause)

    return act


class Site:
    """Answers each path by its script: one act per request, the last one for ever. Unknown paths are 404."""

    says = staticmethod(says)
    writes = staticmethod(writes)

    def __init__(self) -> None:
        self.scripts: dict[str, list[Act]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer costs 40 ms

            def do_GET(self) -> None:
                if self.path != TDMREP:  # asked of every site, once; a test of its own looks at it
                    site.asked.append(self.path)
                    site.headers.append({name.lower(): value for name, value in self.headers.items()})
                script = site.scripts.get(self.path, [says(b"", 404)])
                act = script.pop(0) if len(script) > 1 else script[0]
                with contextlib.suppress(OSError):
                    act(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.root = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def on(self, path: str, *acts: Act) -> str:
        """Script a path; gives its URL."""
        self.scripts[path] = list(acts)
        return self.root + path

    def forget(self) -> None:
        """Start afresh for the next test. New lists, so that a request still under way cannot write into them."""
        self.scripts, self.asked, self.headers = {}, [], []

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class FakeTime:
    """A wall clock that starts at a given second, and a loop's clock beside it: sleeping moves both, setting `now` only the wall's."""

    def __init__(self) -> None:
        self.base = 1_700_000_000.0
        self.elapsed = 0.0
        self.slept: list[float] = []

    @property
    def now(self) -> float:
        return self.base + self.elapsed

    @now.setter
    def now(self, seconds: float) -> None:
        self.base = seconds - self.elapsed

    def __call__(self) -> float:
        return self.now


class _Jump(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Instead of waiting for a timer, moves the clock there. What is under way on other threads is given a moment of real time first."""

    def __init__(self, time: FakeTime) -> None:
        super().__init__()
        self.time = time

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0.005)
        if not ready:
            self.time.elapsed += max(timeout, 1e-6)  # a smaller step might be lost in rounding
            self.time.slept.append(round(timeout, 3))
        return ready


class FakeLoop(asyncio.SelectorEventLoop):
    """An event loop on a fake clock."""

    def __init__(self, time: FakeTime) -> None:
        super().__init__(_Jump(time))
        self.fake = time

    def time(self) -> float:
        return self.fake.elapsed


@pytest.fixture(scope="session")
def servers() -> Iterator[list[Site]]:
    servers = [Site(), Site()]
    yield servers
    for server in servers:
        server.close()


@pytest.fixture
def site(servers: list[Site]) -> Site:
    servers[0].forget()
    return servers[0]


@pytest.fixture
def elsewhere(servers: list[Site]) -> Site:
    """A second site, which no start URL names."""
    servers[1].forget()
    return servers[1]


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def run(time: FakeTime) -> Iterator[Callable[..., Any]]:
    """Runs a coroutine on the fake clock."""
    loop = FakeLoop(time)
    yield loop.run_until_complete
    loop.close()


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


@pytest.fixture
def store(catalog: Catalog, tmp_path: Path, time: FakeTime) -> Store:
    return Store(catalog, tmp_path / "pages", ImageStore(tmp_path), tmp_path / "scratch", time)


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def fetcher(site: Site, store: Store, time: FakeTime, notes: list[str], tmp_path: Path) -> Iterator[Callable[..., Fetcher]]:
    """Makes fetchers on one store, as one scrape after another would; each with a network of its own."""
    made: list[Network] = []

    def make(
        start_urls: Sequence[str] = (site.root,),
        user_agent: str = "test/1",
        delay: float = 0.0,
        revisit_days: float = 30.0,
        overrides: frozenset[str] = frozenset(),
        pardoned: frozenset[str] = frozenset(),
        offline: bool = False,
        **settings: Any,
    ) -> Fetcher:
        usual = {"clock": time, "note": notes.append, "chance": lambda: 0.0, "held": store.held, "hold": store.hold}
        loop = partial(FakeLoop, time)
        made.append(Network(tmp_path / "scratch", start_urls, new_loop=loop, **{**usual, **settings}))
        return Fetcher(made[-1], store, Manner(user_agent, delay, revisit_days, overrides, offline, pardoned))

    yield make
    for one in made:
        one.close()
