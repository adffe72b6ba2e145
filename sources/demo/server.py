"""A web server for the site, on this machine's loopback address and in a thread."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sources.demo.site import Site

HOST = "127.0.0.1"
USUAL_PORT = 8808
"""Tried first, so that two scrapes give pictures the same addresses."""


@contextlib.contextmanager
def serving(site: Site, port: int = 0) -> Iterator[int]:
    """Serve while the block runs, and yield the port: the one asked for, else (0) the usual one or any that is free.

    Raises OSError, in words, if the port asked for is taken or not allowed.
    """
    server = _bound(site, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo site", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _bound(site: Site, port: int) -> _Server:
    if port:
        try:
            return _Server(site, port)
        except OSError as error:
            why = "in use by another program" if error.errno == errno.EADDRINUSE else f"not to be had ({error.strerror or error})"
            raise OSError(f"port {port} of {HOST} is {why}; free it, or name another with scrape.port") from error
    try:
        return _Server(site, USUAL_PORT)
    except OSError:
        return _Server(site, 0)


class _Server(ThreadingHTTPServer):
    # On Windows the option would let two servers share a port; elsewhere it only allows a restart.
    allow_reuse_address = os.name != "nt"
    daemon_threads = True

    def __init__(self, site: Site, port: int) -> None:
        self.site = site
        super().__init__((HOST, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30
    # Head and body leave in one piece; in two, the second would wait for a late acknowledgement of the first.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        answer = self.server.site.answer(self.path)
        # No Date header: the same request gets the same answer, byte for byte.
        self.send_response_only(answer.status)
        self.send_header("Server", "art-pipeline-demo")
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """The one who waits has a progress bar."""
