from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.coding import MEMBERS, Decoder
from pipeline.fetch.result import Failed

TEXT = b"mobile suit " * 50
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(TEXT) + RAW.flush()


def decoded(data: bytes, encoding: str, cap: int, piece: int = 65_536) -> bytes:
    """The whole through a decoder, fed in pieces."""
    decoder = Decoder(encoding, cap)
    out = b"".join(b"".join(decoder.feed(data[n : n + piece])) for n in range(0, len(data), piece))
    decoder.end()
    return out


@pytest.mark.parametrize("piece", [1, 7, 65_536])
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
def test_undone(data: bytes, encoding: str, piece: int) -> None:
    assert decoded(data, encoding, len(TEXT), piece) == TEXT


@given(st.binary(max_size=300_000), st.sampled_from(["gzip", "deflate", "gzip, deflate"]), st.integers(100, 200_000))
def test_any_body_in_any_pieces(body: bytes, encoding: str, piece: int) -> None:
    coded = body
    for name in encoding.split(", "):
        coded = gzip.compress(coded, mtime=0) if name == "gzip" else zlib.compress(coded)
    assert decoded(coded, encoding, max(len(body) * 2, 100_000), piece) == body


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


def test_a_bomb_costs_no_more_memory_than_the_cap() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(Failed):
        decoded(bomb, "gzip", 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
