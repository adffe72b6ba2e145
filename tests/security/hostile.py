"""A web server on loopback that says whatever an attacker would: raw bytes, for as long as it likes.

Not `http.server`, which is too well-behaved: an act here owns the socket.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Act = Callable[["Visit"], None]


@dataclass
class Visit:
    """One request: its path (with the query), its head as it came, and the socket to answer on."""

    path: str
    head: bytes
    socket: socket.socket
    over: threading.Event = field(repr=False)

    def send(self, data: bytes) -> None:
        """Write; raises OSError when the visitor has left."""
        self.socket.sendall(data)


def says(
    body: bytes = b"", type: str = "text/html", status: str = "200 OK", headers: Iterable[tuple[str, str]] = (), length: int | None = None
) -> Act:
    """An answer in proper form. `length` is what Content-Length claims (the truth if left out)."""

    def act(visit: Visit) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {type}", f"Content-Length: {len(body) if length is None else length}"]
        lines += ["Connection: close", *(f"{name}: {value}" for name, value in headers)]
        visit.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    return act


def redirects(target: str | Callable[[Visit], str], status: str = "302 Found") -> Act:
    """An answer that sends the visitor elsewhere."""

    def act(visit: Visit) -> None:
        to = target if isinstance(target, str) else target(visit)
        says(status=status, headers=[("Location", to)])(visit)

    return act


def writes(*pieces: bytes | Iterator[bytes], forever: bytes = b"", pause: float = 0.0, hold: bool = False) -> Act:
    """Raw bytes on the wire; then `forever`, again and again with `pause` seconds between, until the visitor leaves.

    `hold`: then keep the connection open and say nothing more.
    """

    def act(visit: Visit) -> None:
        for piece in pieces:
            for part in [piece] if isinstance(piece, bytes) else piece:
                visit.send(part)
        while forever and not visit.over.is_set():
            visit.send(forever)
            if pause:
                visit.over.wait(pause)
        if hold:
            visit.socket.settimeout(60)
            with contextlib.suppress(OSError):
                while visit.socket.recv(4096):
                    pass

    return act


def streams(make: Callable[[], Iterator[bytes]], type: str, *headers: str) -> Act:
    """A body of unknown length that ends with the connection; made piece by piece, so that a bomb costs this side nothing."""

    def act(visit: Visit) -> None:
        visit.send("\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {type}", "Connection: close", *headers]).encode() + b"\r\n\r\n")
        for piece in make():
            visit.send(piece)

    return act


class Server:
    """Answers each path by its act; unknown paths are 404. `visits` holds (path, seconds that the act took)."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.acts: dict[str, Act] = {}
        self.otherwise: Act = says(b"nothing here", "text/plain", "404 Not Found")
        self.visits: list[tuple[str, float]] = []
        self.heads: list[bytes] = []
        self._tls = tls
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self.root = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._threads: list[threading.Thread] = []
        self._visitors: list[socket.socket] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def on(self, path: str, act: Act) -> str:
        """Script a path; gives its URL."""
        self.acts[path] = act
        return self.root + path

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(seen == path for seen, _ in self.visits)

    def close(self) -> None:
        """End every act, and wait until it has ended."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for visitor in self._visitors:
            with contextlib.suppress(OSError):
                visitor.shutdown(socket.SHUT_RDWR)
        for thread in [self._acceptor, *self._threads]:
            thread.join(10)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self._visitors.append(visitor)
            thread = threading.Thread(target=self._serve, args=(visitor,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, visitor: socket.socket) -> None:
        began = time.monotonic()
        path = ""
        visitor.settimeout(20)
        with contextlib.suppress(OSError), visitor:
            if self._tls:
                visitor = self._tls.wrap_socket(visitor, server_side=True)
            with visitor:
                head = b""
                while b"\r\n\r\n" not in head and len(head) < 100_000:
                    piece = visitor.recv(65_536)
                    if not piece:
                        return
                    head += piece
                path = head.split(b" ", 2)[1].decode("latin-1")
                self.heads.append(head)
                act = self.acts.get(path) or self.acts.get(path.partition("?")[0]) or self.otherwise
                try:
                    act(Visit(path, head, visitor, self._over))
                    visitor.shutdown(socket.SHUT_WR)
                    while visitor.recv(65_536):  # closing with unread bytes would reset the connection
                        pass
                finally:
                    self.visits.append((path, time.monotonic() - began))
