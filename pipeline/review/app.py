"""The review page's addresses: what each asks of the desk, as a Starlette application."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline import image_store
from pipeline.errors import PipelineError
from pipeline.images import BadImage
from pipeline.review.desk import Desk, Outdated
from pipeline.review.guard import Guard
from pipeline.review.thumbs import SIDES, Thumbs
from pipeline.workers import default_count

FILES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
PICTURES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "bmp": "image/bmp", "tif": "image/tiff"}

Answer = Callable[[Request], Awaitable[Response]]


class Page:
    """The handlers. Each kind of work has threads of its own, so that a verdict never waits behind thumbnails or a preview."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._thumbs = Thumbs()
        self._drawing = CapacityLimiter(default_count())
        self._speaking = CapacityLimiter(1)  # verdicts are written in the order they come
        self._thinking = CapacityLimiter(4)
        self._reading = CapacityLimiter(4)
        self._learning = CapacityLimiter(1)

    def routes(self) -> list[Route]:
        """Every address there is."""
        reading, writing = ["GET"], ["POST"]
        return [
            Route("/", self.index, methods=reading),
            Route("/page/{name}", self.file, methods=reading),
            Route("/api/items", json_of(self._items), methods=reading),
            Route("/api/items/{id}", json_of(self._item), methods=reading),
            Route("/api/facing", json_of(self._facing), methods=reading),
            Route("/api/state", json_of(self._state), methods=reading),
            Route("/api/verdicts", json_of(self._verdicts), methods=reading),
            Route("/api/verdicts", json_of(self._say), methods=writing),
            Route("/api/preview", json_of(self._preview), methods=writing),
            Route("/api/manifest", json_of(self._write), methods=writing),
            Route("/thumb/{id}", self.thumb, methods=reading),
            Route("/image/{id}", self.image, methods=reading),
        ]

    async def index(self, request: Request) -> Response:
        """The page itself."""
        return Response(_packaged("index.html"), media_type="text/html", headers={"cache-control": "no-store"})

    async def file(self, request: Request) -> Response:
        """A script or a style sheet of the page."""
        name = request.path_params["name"]
        folder = resources.files("pipeline.review") / "page"
        if name not in {entry.name for entry in folder.iterdir()} or name.rpartition(".")[2] not in FILES:
            return Response(status_code=404)
        return Response(_packaged(name), media_type=FILES[name.rpartition(".")[2]], headers={"cache-control": "no-cache"})

    async def thumb(self, request: Request) -> Response:
        """A small picture; 404 for what cannot be drawn."""
        try:
            place = self._desk.place(request.path_params["id"])
            side = int(request.query_params.get("side", SIDES[0]))
            data = await anyio.to_thread.run_sync(self._thumbs.get, place, side, limiter=self._drawing)
        except (KeyError, ValueError, BadImage, OSError):
            return Response(status_code=404)
        return Response(data, media_type="image/webp", headers={"cache-control": "private, max-age=3600"})

    async def image(self, request: Request) -> Response:
        """A picture as it was fetched."""
        try:
            place = self._desk.place(request.path_params["id"])
            kind = PICTURES[image_store.extension(place)]
            data = await anyio.to_thread.run_sync(image_store.read, place, limiter=self._drawing)
        except (KeyError, OSError):
            return Response(status_code=404)
        return Response(data, media_type=kind, headers={"cache-control": "no-store"})

    async def _items(self, request: Request) -> Any:
        return await anyio.to_thread.run_sync(self._desk.page, limiter=self._reading)

    async def _item(self, request: Request) -> Any:
        return await anyio.to_thread.run_sync(self._desk.details, request.path_params["id"], limiter=self._reading)

    async def _facing(self, request: Request) -> Any:
        return await anyio.to_thread.run_sync(self._desk.sides, limiter=self._learning)

    async def _state(self, request: Request) -> Any:
        return await anyio.to_thread.run_sync(self._desk.state, limiter=self._reading)

    async def _verdicts(self, request: Request) -> Any:
        return await anyio.to_thread.run_sync(self._desk.verdicts, limiter=self._reading)

    async def _say(self, request: Request) -> Any:
        spoken = (await _body(request)).get("verdicts")
        if not isinstance(spoken, list) or not all(isinstance(one, dict) for one in spoken):
            raise ValueError("verdicts missing")
        return {"tag": await anyio.to_thread.run_sync(self._desk.say, spoken, limiter=self._speaking)}

    async def _preview(self, request: Request) -> Any:
        asked = await _body(request)
        values, exact, generation = asked.get("values"), asked.get("exact") is True, asked.get("generation")
        if not isinstance(values, dict):
            raise ValueError("values missing")
        work = functools.partial(self._desk.preview, str(generation), values, exact=exact)
        return await anyio.to_thread.run_sync(work, limiter=self._thinking)

    async def _write(self, request: Request) -> Any:
        values = (await _body(request)).get("values")
        if not isinstance(values, dict):
            raise ValueError("values missing")
        return {"set": await anyio.to_thread.run_sync(self._desk.write, values, limiter=self._thinking)}


def make(desk: Desk, port: int, token: str) -> Guard:
    """The guarded application."""
    return Guard(Starlette(routes=Page(desk).routes()), port, token)


def json_of(answer: Callable[[Request], Awaitable[Any]]) -> Answer:
    """The handler's value as JSON; what goes wrong as `{"error": …}`, which the page shows."""

    @functools.wraps(answer)
    async def handler(request: Request) -> Response:
        status = 200
        try:
            value = await answer(request)
        except KeyError:
            value, status = {"error": "no such item"}, 404
        except Outdated as error:
            value, status = {"error": str(error), "outdated": True}, 409
        except PipelineError as error:
            value, status = {"error": str(error)}, 409
        except OSError as error:
            value, status = {"error": f"{error.filename or 'the disk'}: {error.strerror or error}"}, 507
        except ValueError as error:
            value, status = {"error": str(error)}, 400
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return Response(text.encode("utf-8", "replace"), status, media_type="application/json", headers={"cache-control": "no-store"})

    return handler


async def _body(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.body())
    except (RecursionError, UnicodeDecodeError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _packaged(name: str) -> bytes:
    return (resources.files("pipeline.review") / "page" / name).read_bytes()
