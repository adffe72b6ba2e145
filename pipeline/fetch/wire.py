"""One request on the wire, as a blocking call: headers judged first, then the body, a picture's straight to the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline import files
from pipeline.fetch.limits import Limits
from pipeline.fetch.reading import REDIRECTS, Ask, Reply, has_body
from pipeline.fetch.transport import Transport


class Wire:
    """Carries out an `Ask`. Bodies of large pictures go to new files in `scratch`; `clock` gives seconds since 1970."""

    def __init__(self, transport: Transport, limits: Limits, scratch: Path, clock: Callable[[], float]) -> None:
        self._transport = transport
        self._limits = limits
        self._scratch = scratch
        self._clock = clock

    def __call__(self, ask: Ask) -> Reply:
        """The reply, with its outcome where `ask.keep` makes one. Raises Failed; OSError if the disk does not take the body."""
        reply = self._asked(ask)
        return replace(reply, outcome=ask.keep(ask.url, reply)) if ask.keep and reply.status not in REDIRECTS else reply

    def _asked(self, ask: Ask) -> Reply:
        with self._transport.get(ask.url, ask.headers) as answer:
            if not has_body(ask, answer.status, answer.headers, self._clock()):
                return Reply(answer.status, answer.headers)
            if ask.kind == "image":
                content, sha256, size = answer.save(self._limits.image_bytes, partial(files.temporary, self._scratch))
                body, file = (b"", content) if isinstance(content, Path) else (content, None)
                return Reply(answer.status, answer.headers, body, file, sha256, size)
            if ask.kind == "page":
                return Reply(answer.status, answer.headers, answer.read(self._limits.page_bytes))
            return Reply(answer.status, answer.headers, answer.read(self._limits.robots_bytes, cut=True))

    def close(self) -> None:
        """Drop the open connections, those in use as well."""
        self._transport.close()
