"""One HTTP request over one checked connection: no retry, no redirect, no cookie, no proxy.

`requests`' adapter is used without its session, which reads the body of a redirect whole, however long it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import itertools
import os
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse
from urllib3.util.connection import create_connection

from pipeline.fetch.coding import Decoder
from pipeline.fetch.limits import Limits
from pipeline.fetch.result import BROKEN, REFUSED, TIMEOUT, TOO_LARGE, UNREACHABLE, Failed
from pipeline.fetch.watch import Mark, Watch

PIECE = 65_536
IN_MEMORY = 524_288
"""Bytes of a picture that are held, for each request under way; larger ones go to the disk as they come."""


class _Living:
    """The connections there are. `closed`: no more are wanted."""

    def __init__(self) -> None:
        self._connections: weakref.WeakSet[_Checked] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.closed = False

    def add(self, connection: _Checked) -> None:
        with self._lock:
            self._connections.add(connection)

    def cut(self) -> None:
        """Shut all of them down. One that is only being made finds `closed` set before it waits for an answer."""
        with self._lock:
            self.closed = True
            connections = list(self._connections)
        for connection in connections:
            if connection.sock is not None:
                with contextlib.suppress(OSError, AttributeError):  # closed this moment by its own thread
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


class _Checked(HTTPConnection):
    """Connects only to addresses that the gate allowed, and gives up on headers that never end."""

    gate: ClassVar[Callable[[str, int], list[str]]]
    watch: ClassVar[Watch]
    living: ClassVar[_Living]

    def _new_conn(self) -> socket.socket:
        type(self).living.add(self)
        trouble: OSError | None = None
        for address in type(self).gate(self.host, self.port):
            self._wanted()
            try:
                return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)
            except OSError as error:
                trouble = error
        if isinstance(trouble, TimeoutError):
            raise Failed(TIMEOUT, "no connection within the time limit") from trouble
        raise Failed(UNREACHABLE, f"no connection: {_words(trouble)}{_proxy_hint()}") from trouble

    def _wanted(self) -> None:
        if self.living.closed:
            raise Failed(UNREACHABLE, "the connection is no longer wanted", again=False)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3's own is declared so
        sock = self.sock
        assert sock is not None
        self._wanted()
        with self.watch.over(sock) as mark:
            try:
                response = super().getresponse()
            except Exception:
                with contextlib.suppress(OSError):  # urllib3 leaves it open when headers contradict each other
                    socket.close(sock.detach())
                if mark.late:
                    raise Failed(TIMEOUT, f"no complete header within {self.watch.seconds:g} s") from None
                raise
        if mark.late:  # http.client takes a cut connection for the end of the headers
            response.close()
            raise Failed(TIMEOUT, f"no complete header within {self.watch.seconds:g} s")
        response.watched = sock  # type: ignore[attr-defined]  # the connection forgets a socket that is to close after the answer
        return response


class _CheckedTLS(_Checked, HTTPSConnection):
    pass


class _Adapter(HTTPAdapter):
    def __init__(self, gate: Callable[[str, int], list[str]], watch: Watch, hosts: int, connections: int) -> None:
        self.living = _Living()
        self._settings = {"gate": staticmethod(gate), "watch": watch, "living": self.living}
        super().__init__(max_retries=0, pool_connections=hosts, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": (urllib3.HTTPConnectionPool, _Checked), "https": (urllib3.HTTPSConnectionPool, _CheckedTLS)}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": type(connection.__name__, (connection,), self._settings)})
            for scheme, (pool, connection) in pools.items()
        }


class Answer:
    """Status, headers (names in lower case) and, on demand, the body."""

    def __init__(self, status: int, headers: Mapping[str, str], raw: HTTPResponse, deadline: float, watch: Watch) -> None:
        self.status = status
        self._watch = watch
        self.headers = headers
        self._raw = raw
        self._deadline = deadline

    def read(self, cap: int, *, cut: bool = False) -> bytes:
        """The decompressed body of at most `cap` bytes, else Failed(too_large); with `cut`, just its first `cap` bytes."""
        data = bytearray()
        for piece in self._pieces(cap + PIECE if cut else cap, announced=not cut):
            data += piece
            if cut and len(data) >= cap:
                break
        return bytes(data[:cap])

    def save(self, cap: int, new_file: Callable[[], Path]) -> tuple[bytes | Path, str, int]:
        """The decompressed body, its SHA-256 and size in bytes. A body larger than `IN_MEMORY` goes to the path that `new_file` gives.

        After an error there is no such file.
        """
        pieces, start = self._pieces(cap), bytearray()
        for piece in pieces:
            start += piece
            if len(start) > IN_MEMORY:
                break
        else:
            return bytes(start), hashlib.sha256(start).hexdigest(), len(start)
        sha, size, path = hashlib.sha256(), 0, new_file()
        try:
            with path.open("xb") as file:
                for piece in itertools.chain([bytes(start)], pieces):
                    file.write(piece)
                    sha.update(piece)
                    size += len(piece)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                error.filename = error.filename or str(path)  # a write does not say where
            raise
        return path, sha.hexdigest(), size

    def _pieces(self, cap: int, *, announced: bool = True) -> Iterator[bytes]:
        length = self.headers.get("content-length", "")
        if announced and length.isdecimal() and float(length) > cap:
            raise Failed(TOO_LARGE, f"{length[:30]} bytes announced, the limit is {cap:,}")
        decoder = Decoder(self.headers.get("content-encoding", ""), cap)
        size = 0
        for piece in self._wire():
            size += len(piece)
            if size > cap:
                raise Failed(TOO_LARGE, f"more than {cap:,} bytes")
            yield from decoder.feed(piece)
        decoder.end()

    def _wire(self) -> Iterator[bytes]:
        """The body as it comes. Watched, since the lines around chunks may go on for ever without a byte of it."""
        with self._watch.over(self._raw.watched, self._deadline) as mark:  # type: ignore[attr-defined]
            yield from self._read(mark)

    def _read(self, mark: Mark) -> Iterator[bytes]:
        size = 0
        try:
            while piece := self._raw.read1(PIECE, decode_content=False):
                size += len(piece)
                yield piece
                if time.monotonic() > self._deadline:
                    break
        except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as error:
            raise Failed(TIMEOUT, f"nothing more came after {size:,} bytes") from error
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            if mark.late:
                raise Failed(TIMEOUT, f"not complete within the time limit; {size:,} bytes had come") from None
            raise Failed(BROKEN, f"the body ended early, after {size:,} bytes") from error
        if mark.late or time.monotonic() > self._deadline:  # a cut connection looks like the end of a body without length
            raise Failed(TIMEOUT, f"not complete within the time limit; {size:,} bytes had come")


class Transport:
    """Asks one URL at a time. `gate` turns host and port into the addresses that may be connected to."""

    def __init__(self, gate: Callable[[str, int], list[str]], limits: Limits) -> None:
        self._limits = limits
        self._watch = Watch(limits.total)
        self._adapter = _Adapter(gate, self._watch, limits.workers, max(limits.connections, 1))

    @contextlib.contextmanager
    def get(self, url: str, headers: Mapping[str, str]) -> Iterator[Answer]:
        """Send a GET and yield the answer once its headers are in; the body is read only on demand. Raises Failed."""
        deadline = time.monotonic() + self._limits.total
        response = self._send(url, headers)
        try:
            lowered = {name.lower(): value for name, value in response.headers.items()}
            if several := response.raw.headers.getlist("x-robots-tag"):
                lowered["x-robots-tag"] = "\n".join(several)  # joined by commas, one line's robot would seem to own them all
            yield Answer(response.status_code, lowered, response.raw, deadline, self._watch)
        except Failed as failure:
            failure.status = failure.status or response.status_code
            raise
        finally:
            response.close()

    def close(self) -> None:
        """Drop the open connections; a request under way on another thread ends at once, as Failed."""
        self._adapter.living.cut()
        self._watch.close()
        self._adapter.close()

    def _send(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        try:
            return self._adapter.send(_prepared(url, headers), stream=True, timeout=(self._limits.connect, self._limits.read))
        except requests.Timeout as error:
            raise Failed(TIMEOUT, f"no answer within {self._limits.read:g} s") from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema) as error:
            raise Failed(REFUSED, "not a usable address") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            raise _failure(_root(error)) from error


def _prepared(url: str, headers: Mapping[str, str]) -> requests.PreparedRequest:
    """A GET for a normal URL, without what `prepare` spends on cookies, bodies and spelling the URL once more."""
    request = requests.PreparedRequest()
    request.method, request.url, request.headers = "GET", url, CaseInsensitiveDict(headers)
    return request


def _failure(cause: BaseException) -> Failed:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Failed(UNREACHABLE, f"its certificate is not valid: {cause.verify_message}", again=False)
    if isinstance(cause, TimeoutError):
        return Failed(TIMEOUT, "no connection within the time limit")
    if isinstance(cause, OSError):  # http.client.RemoteDisconnected is one
        return Failed(UNREACHABLE, f"the connection failed: {_words(cause)}{_proxy_hint()}")
    return Failed(BROKEN, f"not a usable HTTP answer ({type(cause).__name__})")


def _root(error: BaseException) -> BaseException:
    """The innermost cause; requests and urllib3 wrap it in `args`, `reason` or the context."""
    for _ in range(8):
        wrapped = [*error.args, getattr(error, "reason", None), error.__cause__]
        inner = next((candidate for candidate in wrapped if isinstance(candidate, BaseException) and candidate is not error), None)
        if inner is None:
            break
        error = inner
    return error


def _words(error: OSError | None) -> str:
    """The system's words for an error; never its repr, which may hold a memory address."""
    return (error.strerror if error else None) or type(error).__name__


def _proxy_hint() -> str:
    names = [name for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY") if os.environ.get(name) or os.environ.get(name.lower())]
    return f" ({names[0]} is set, but proxies are not used)" if names else ""
