"""The sliders page's addresses, as a Starlette application behind the review page's guard."""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.errors import PipelineError
from pipeline.explore.desk import Desk
from pipeline.review.guard import Guard

FILES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


class Page:
    """The handlers. One picture is drawn at a time: a generator uses all cores by itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drawing = CapacityLimiter(1)

    def routes(self) -> list[Route]:
        """Every address there is."""
        return [
            Route("/", self.index, methods=["GET"]),
            Route("/page/{name}", self.file, methods=["GET"]),
            Route("/picture", self.picture, methods=["GET"]),
            Route("/api/state", self.state, methods=["GET"]),
            Route("/api/favourites", self.keep, methods=["POST"]),
        ]

    async def index(self, request: Request) -> Response:
        """The page itself."""
        return Response(_packaged("index.html"), media_type="text/html", headers={"cache-control": "no-store"})

    async def file(self, request: Request) -> Response:
        """The page's script or style sheet."""
        name = request.path_params["name"]
        kind = FILES.get(name.rpartition(".")[2])
        if kind is None or name not in {entry.name for entry in (resources.files("pipeline.explore") / "page").iterdir()}:
            return Response(status_code=404)
        return Response(_packaged(name), media_type=kind, headers={"cache-control": "no-cache"})

    async def picture(self, request: Request) -> Response:
        """A picture: `seed`, `number`, `truncation`, and a strength under the name of each direction; `save` makes it a download."""
        asked = dict(request.query_params)
        try:
            saving = asked.pop("save", None) is not None
            seed, number, truncation = int(asked.pop("seed")), int(asked.pop("number")), float(asked.pop("truncation"))
            moves = {name: float(strength) for name, strength in asked.items()}
            work = functools.partial(self._desk.picture, seed, number, truncation, moves)
            data = await anyio.to_thread.run_sync(work, limiter=self._drawing)
        except (KeyError, ValueError, PipelineError) as error:
            return _json({"error": f"no such picture ({error})"}, 400)
        headers = {"cache-control": "no-store"}
        if saving:
            moved = "".join(f"-{name}{strength:+g}" for name, strength in moves.items() if strength)
            headers["content-disposition"] = f'attachment; filename="seed{seed}-{number:05d}{moved}.png"'
        return Response(data, media_type="image/png", headers=headers)

    async def state(self, request: Request) -> Response:
        """What the page shows."""
        try:
            return _json(await anyio.to_thread.run_sync(self._desk.state))
        except PipelineError as error:
            return _json({"error": str(error)}, 409)

    async def keep(self, request: Request) -> Response:
        """Add a favourite."""
        try:
            asked = json.loads(await request.body())
            work = functools.partial(self._desk.keep, int(asked["seed"]), int(asked["number"]), float(asked["truncation"]))
            return _json({"favourites": await anyio.to_thread.run_sync(work, limiter=self._drawing)})
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            return _json({"error": f"not a picture ({error})"}, 400)
        except PipelineError as error:
            return _json({"error": str(error)}, 409)
        except OSError as error:
            return _json({"error": f"{error.filename or 'the disk'}: {error.strerror or error}"}, 507)


def make(desk: Desk, port: int, token: str) -> Guard:
    """The guarded application."""
    return Guard(Starlette(routes=Page(desk).routes()), port, token, name="explore")


def _json(value: Any, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(text, status_code=status, media_type="application/json", headers={"cache-control": "no-store"})


def _packaged(name: str) -> bytes:
    return (resources.files("pipeline.explore") / "page" / name).read_bytes()
