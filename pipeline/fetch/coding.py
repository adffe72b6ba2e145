"""Undoing Content-Encoding piece by piece, with the output counted as it grows."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from typing import Any

from pipeline.fetch.result import BROKEN, TOO_LARGE, Failed

MEMBERS = 16
"""Gzip members that are read one after another; a body of a million tiny ones would cost hours."""
PIECE = 65_536


class Decoder:
    """Takes a body as it comes and gives it back without the codings that the Content-Encoding header names.

    gzip and deflate, at most two of them. No coding ever makes more than `cap` bytes: beyond, Failed(too_large). Raises
    Failed(broken) for a coding that was not asked for, and for damaged data; `end` for data that end early.
    """

    def __init__(self, encoding: str, cap: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        named = [name for name in names if name not in ("", "identity")]
        if len(named) > 2 or not {"gzip", "x-gzip", "deflate"}.issuperset(named):
            raise Failed(BROKEN, f"sent in a coding that was not asked for: {', '.join(named)[:60]}", again=False)
        self._layers = [_Layer(name, cap) for name in reversed(named)]
        self._cap = cap
        self._size = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The next piece of the body, decoded, in pieces of bounded size."""
        yield from self._through(data, 0)

    def end(self) -> None:
        """The body is complete; raises Failed(broken) if a coding is not."""
        for layer in self._layers:
            layer.end()

    def _through(self, data: bytes, number: int) -> Iterator[bytes]:
        if number == len(self._layers):
            self._size += len(data)
            if self._size > self._cap:
                raise Failed(TOO_LARGE, f"more than {self._cap:,} bytes{' when decompressed' if self._layers else ''}")
            yield data
            return
        for piece in self._layers[number].feed(data):
            yield from self._through(piece, number + 1)


class _Layer:
    def __init__(self, name: str, cap: int) -> None:
        self._name = name
        self._cap = cap
        self._size = 0
        self._members = 0
        self._unpack: Any = None
        self._done = False
        self._fed = b""  # not yet enough to tell what it is

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._fed + data
        self._fed = b""
        while data and not self._done:
            if self._unpack is None:
                if self._members and len(data) < 2:
                    self._fed = data
                    return
                if self._members and not data.startswith(b"\x1f\x8b"):  # not another gzip member; browsers ignore what trails
                    self._done = True
                    return
                if self._members == MEMBERS:
                    raise Failed(BROKEN, f"more than {MEMBERS} gzip members")
                self._unpack = zlib.decompressobj(self._window(data))
                self._members += 1
            data = yield from self._member(data)

    def _member(self, data: bytes) -> Generator[bytes, None, bytes]:
        """Unpack as much of one gzip member (or zlib stream) as `data` holds; gives back what follows its end."""
        piece = b"x" * PIECE
        while data or len(piece) == PIECE:  # a full piece: there may be more inside, though all data have gone in
            try:
                piece = self._unpack.decompress(data, PIECE)
            except zlib.error as error:
                raise Failed(BROKEN, f"the {self._name} coding is damaged") from error
            self._size += len(piece)
            if self._size > self._cap:
                raise Failed(TOO_LARGE, f"more than {self._cap:,} bytes when decompressed")
            data = self._unpack.unconsumed_tail
            if piece:
                yield piece
            if self._unpack.eof:
                rest: bytes = self._unpack.unused_data
                self._unpack = None
                return rest
        return b""

    def end(self) -> None:
        if self._unpack is not None:
            raise Failed(BROKEN, f"the {self._name} coding ends early")

    def _window(self, data: bytes) -> int:
        if self._name != "deflate":
            return zlib.MAX_WBITS | 16
        return zlib.MAX_WBITS if data[0] & 0x0F == 8 else -zlib.MAX_WBITS  # some servers leave the zlib wrapper out
