"""Serves the review page, or another one, on this machine until it is stopped."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError
from pipeline.review.desk import Desk

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "127.0.0.1"
USUAL_PORT = 8477
"""Taken if it is free, so that after a restart the address differs by its token only."""


def check() -> None:
    """Raises PipelineError when what the page is served with is not installed."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise PipelineError(f"--serve needs {error.name}; install it with `pip install 'art-pipeline[review]'`") from error


def serve(root: Path, port: int | None, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C (which returns) or a signal; `ready` is called with the address once the page can be asked for.

    `port` None: the usual one, else any that is free. Raises PipelineError where nothing was scraped yet, or the port is taken.
    """
    check()
    from pipeline.review import app

    desk = Desk(root)
    host(lambda number, token: app.make(desk, number, token), port, ready)


def host(make: Callable[[int, str], ASGIApp], port: int | None, ready: Callable[[str], None]) -> None:
    """Serve `make(port, token)`, which must be behind a `Guard`, as `serve` does. Raises PipelineError where the port is taken."""
    import uvicorn

    listening = _listen(port)
    number = int(listening.getsockname()[1])
    token = secrets.token_urlsafe(24)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(f"http://{HOST}:{number}/?token={token}")

    config = uvicorn.Config(
        make(number, token),
        log_level="error",
        access_log=False,  # addresses hold the token
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listening])


def _listen(port: int | None) -> socket.socket:
    for number in (USUAL_PORT, 0) if port is None else (port,):
        try:
            return socket.create_server((HOST, number))
        except OSError as error:
            if port is not None or number == 0:
                raise PipelineError(f"--port {number}: {error.strerror or error}; leave it out to take any that is free") from error
    raise AssertionError("port 0 is always tried")
