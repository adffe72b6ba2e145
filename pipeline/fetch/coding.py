"""Undoing Content-Encoding, with the output counted as it grows."""

from __future__ import annotations

import zlib

from pipeline.fetch.result import BROKEN, TOO_LARGE, Failed

MEMBERS = 16
"""Gzip members that are read one after another; a body of a million tiny ones would cost hours."""


def decoded(data: bytes, encoding: str, cap: int, *, cut: bool = False) -> bytes:
    """`data` without the codings that the Content-Encoding header names: gzip and deflate, at most two of them.

    Never makes more than `cap` + 1 bytes: beyond, Failed(too_large), or with `cut` the first `cap` bytes. Raises Failed(broken)
    for a coding that was not asked for, and for data that are damaged or end early (allowed with `cut`).
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    named = [name for name in names if name not in ("", "identity")]
    if len(named) > 2 or not {"gzip", "x-gzip", "deflate"}.issuperset(named):
        raise Failed(BROKEN, f"sent in a coding that was not asked for: {', '.join(named)[:60]}", again=False)
    for name in reversed(named):
        data = _unpacked(data, name, cap, cut)
    return data


def _unpacked(data: bytes, coding: str, cap: int, cut: bool) -> bytes:
    raw_deflate = coding == "deflate" and data[:1] and data[0] & 0x0F != 8  # some servers leave the zlib wrapper out
    window = -zlib.MAX_WBITS if raw_deflate else zlib.MAX_WBITS if coding == "deflate" else zlib.MAX_WBITS | 16
    out = bytearray()
    for _ in range(MEMBERS):
        unpack = zlib.decompressobj(window)
        try:
            out += unpack.decompress(data, cap + 1 - len(out))
        except zlib.error as error:
            raise Failed(BROKEN, f"the {coding} coding is damaged") from error
        if len(out) > cap:
            if cut:
                return bytes(out[:cap])
            raise Failed(TOO_LARGE, f"more than {cap:,} bytes when decompressed")
        if data and not unpack.eof and not cut:
            raise Failed(BROKEN, f"the {coding} coding ends early")
        data = unpack.unused_data
        if not data.startswith(b"\x1f\x8b"):  # not another gzip member; browsers ignore what trails
            return bytes(out)
    raise Failed(BROKEN, f"more than {MEMBERS} gzip members")
