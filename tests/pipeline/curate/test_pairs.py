from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate import hamming, pairs

# few distinct bits, so that near and equal hashes are common
HASHES = st.lists(st.integers(0, 63).map(lambda bits: bits * 0x8001000000000001 % 2**64), max_size=40)


def brute(first: list[int], second: list[int], radius: int) -> set[tuple[int, int]]:
    return {(i, j) for i, a in enumerate(first) for j, b in enumerate(second) if (a ^ b).bit_count() <= radius}


def listed(first: list[int], second: list[int] | None, radius: int) -> list[tuple[int, int]]:
    arrays = [None if side is None else np.array(side, dtype=np.uint64) for side in (first, second)]
    assert arrays[0] is not None
    return [(int(i), int(j)) for one, two in pairs.within(arrays[0], arrays[1], radius) for i, j in zip(one, two, strict=True)]


@given(HASHES, HASHES, st.integers(0, 8))
def test_between_two_lists_every_pair_once(first: list[int], second: list[int], radius: int) -> None:
    result = listed(first, second, radius)
    assert sorted(result) == sorted(brute(first, second, radius))


@given(HASHES, st.integers(0, 8))
def test_within_one_list_every_pair(hashes: list[int], radius: int) -> None:
    result = sorted((min(pair), max(pair)) for pair in listed(hashes, None, radius))
    assert result == sorted((i, j) for i, j in brute(hashes, hashes, radius) if i < j)


def test_small_blocks_and_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    centres = rng.integers(0, 2**64, 20, dtype=np.uint64)
    flips = np.uint64(1) << rng.integers(0, 64, (20, 15), dtype=np.uint64)
    hashes = [int(value) for value in (centres[:, None] ^ flips).ravel()]
    whole = sorted(listed(hashes, hashes, 2))
    monkeypatch.setattr(hamming, "BLOCK", 700)
    monkeypatch.setattr(pairs, "CHUNK", 7)
    chunks = [len(one) for one, _ in pairs.within(np.array(hashes, dtype=np.uint64), np.array(hashes, dtype=np.uint64), 2)]
    assert max(chunks) <= 7
    assert sorted(listed(hashes, hashes, 2)) == whole == sorted(brute(hashes, hashes, 2))


def test_equal_hashes_are_handed_out_in_chunks() -> None:
    many = np.zeros(2000, dtype=np.uint64)
    for second, count in ((many, 2000**2), (None, 2000 * 1999 // 2)):
        sizes = [len(one) for one, _ in pairs.within(many, second, 0)]
        assert sum(sizes) == count
        assert max(sizes) <= pairs.CHUNK
