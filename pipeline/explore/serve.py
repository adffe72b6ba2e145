"""Serves the sliders page on this machine until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.review import serve as serving


def serve(run: Path, port: int | None, ready: Callable[[str], None], note: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `ready` is called with the address, `note` with what a person should know.

    Raises PipelineError where the run has no generator, the port is taken, or starlette and uvicorn are not installed.
    """
    serving.check()
    from pipeline.explore import app
    from pipeline.explore.desk import Desk

    desk = Desk(run)
    if desk.passed_over:
        note(f"{run}: learnt on another generator and passed over: {', '.join(desk.passed_over)}; learn them anew")
    serving.host(lambda number, token: app.make(desk, number, token), port, ready)
