from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from pipeline.fetch.coding import MEMBERS, decoded
from pipeline.fetch.result import Failed

TEXT = b"mobile suit " * 50
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (gzip.compress(TEXT, mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0), " X-GZIP "),
        (zlib.compress(TEXT), "deflate"),
        (RAW_DEFLATE, "deflate"),
        (gzip.compress(zlib.compress(TEXT), mtime=0), "deflate, gzip"),
        (gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0), "gzip"),
        (gzip.compress(TEXT, mtime=0) + b"trailing dirt", "gzip"),
    ],
)
def test_undone(data: bytes, encoding: str) -> None:
    assert decoded(data, encoding, len(TEXT)) == TEXT


def test_an_empty_body_needs_no_coding() -> None:
    assert decoded(b"", "gzip", 10) == b""


@pytest.mark.parametrize(
    ("data", "encoding", "error"),
    [
        (gzip.compress(TEXT, mtime=0)[:-9], "gzip", "broken"),
        (gzip.compress(TEXT, mtime=0)[:-1], "gzip", "broken"),
        (zlib.compress(TEXT)[:-5], "deflate", "broken"),
        (b"<html>", "gzip", "broken"),
        (TEXT, "br", "broken"),
        (TEXT, "gzip, gzip, gzip", "broken"),
        (gzip.compress(b"x", mtime=0) * (MEMBERS + 1), "gzip", "broken"),
        (gzip.compress(TEXT + b"x", mtime=0), "gzip", "too_large"),
        (gzip.compress(TEXT, mtime=0) + gzip.compress(b"x", mtime=0), "gzip", "too_large"),
    ],
)
def test_refused(data: bytes, encoding: str, error: str) -> None:
    with pytest.raises(Failed) as caught:
        decoded(data, encoding, len(TEXT))
    assert caught.value.error == error


def test_cut_keeps_the_beginning() -> None:
    assert decoded(gzip.compress(TEXT, mtime=0), "gzip", 7, cut=True) == TEXT[:7]
    assert TEXT.startswith(decoded(gzip.compress(TEXT, 0, mtime=0)[:200], "gzip", 1000, cut=True))


def test_a_bomb_costs_no_more_memory_than_the_cap() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(Failed):
        decoded(bomb, "gzip", 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
