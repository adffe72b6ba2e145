from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate import hamming
from pipeline.curate.hamming import Hashes

Make = Callable[[np.random.Generator, int], Hashes]


def near(centres: Hashes, rng: np.random.Generator, count: int, flips: int) -> Hashes:
    chosen = rng.choice(centres, count)
    for _ in range(flips):
        chosen ^= (np.uint64(1) << rng.integers(0, 64, count, dtype=np.uint64)) * rng.integers(0, 2, count, dtype=np.uint64)
    return chosen


def spread(rng: np.random.Generator, count: int) -> Hashes:
    return rng.integers(0, 2**64, count, dtype=np.uint64)


CROWDS: dict[str, Make] = {
    "uniform": spread,
    "few centres": lambda rng, count: near(spread(rng, 5), rng, count, 9),
    "one ball": lambda rng, count: near(spread(rng, 1), rng, count, 12),
    "one key in every table but for the highest bits": lambda rng, count: (
        spread(rng, count) & np.uint64(0xFFFF000000000000) | np.uint64(0x1234)
    ),
    "few bits vary": lambda rng, count: spread(rng, count) & np.uint64(0x0101010101010F0F),
    "lopsided bits": lambda rng, count: spread(rng, count) & spread(rng, count) & spread(rng, count) & spread(rng, count),
    "halves repeat": lambda rng, count: (spread(rng, count) & np.uint64(0x1F)) << np.uint64(40) | spread(rng, count) & np.uint64(0xFF),
    "consecutive": lambda rng, count: np.arange(count, dtype=np.uint64),
}


@pytest.fixture(params=["as it is", "never everything with everything", "tiny blocks and crowds"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param != "as it is":
        monkeypatch.setattr(hamming, "_PAIR", 1e9 if request.param.startswith("never") else 60)
        monkeypatch.setattr(hamming, "WIDEST", 7)
    if request.param == "tiny blocks and crowds":
        monkeypatch.setattr(hamming, "BLOCK", 100)
        monkeypatch.setattr(hamming, "CROWD", 400)
    return str(request.param)


def brute(first: Hashes, second: Hashes, radius: int) -> list[tuple[int, int]]:
    rows, columns = np.nonzero(np.bitwise_count(first[:, None] ^ second[None, :]) <= radius)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def listed(first: Hashes, second: Hashes | None, radius: int) -> list[tuple[int, int]]:
    """In order; pairs within one set as (smaller, larger)."""
    found = [(int(i), int(j)) for one, two in hamming.join(first, second, radius) for i, j in zip(one, two, strict=True)]
    return sorted(found if second is not None else [(min(pair), max(pair)) for pair in found])


@pytest.mark.parametrize("name", CROWDS)
def test_within_one_set_every_pair_once(name: str, way: str) -> None:
    hashes = np.random.default_rng(1).permutation(np.unique(CROWDS[name](np.random.default_rng(0), 120)))
    everything = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
    for radius in range(13) if way == "as it is" else (0, 1, 2, 4, 7, 10, 12):
        wanted = [(int(i), int(j)) for i, j in zip(*np.nonzero(everything <= radius), strict=True) if i < j]
        assert listed(hashes, None, radius) == wanted, (name, radius)


@pytest.mark.parametrize(("name", "other"), list(itertools.pairwise([*CROWDS, "uniform"])) + [(name, name) for name in CROWDS])
def test_between_two_sets_every_pair_once(name: str, other: str, way: str) -> None:
    first = np.unique(CROWDS[name](np.random.default_rng(2), 120))
    second = np.unique(np.concatenate([CROWDS[other](np.random.default_rng(3), 60), near(first, np.random.default_rng(4), 40, 6)]))
    for radius in (0, 1, 2, 3, 5, 6, 8, 10, 12):
        assert listed(first, second, radius) == brute(first, second, radius), (name, other, radius)


@given(
    st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 63).map(lambda bits: bits * 0x8001000000000001 % 2**64), max_size=30),
    st.sets(st.integers(0, 2**64 - 1) | st.integers(0, 63).map(lambda bits: bits * 0x8001000000000001 % 2**64), max_size=30),
    st.integers(0, 64),
)
def test_any_two_sets_at_any_radius(first: set[int], second: set[int], radius: int) -> None:
    one, two = (np.array(sorted(side), dtype=np.uint64) for side in (first, second))
    assert listed(one, two, radius) == brute(one, two, radius)


def test_large_crowds_are_joined_on_their_other_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "CROWD", 1 << 18)
    # 1,500 hashes that share their upper half, 1,500 that share their lower half, and none near another but as planted
    rng = np.random.default_rng(5)
    upper = np.unique(rng.integers(0, 2**32, 1500, dtype=np.uint64))
    hashes = np.unique(np.concatenate([upper, upper << np.uint64(32), near(upper, rng, 500, 5)]))
    assert listed(hashes, None, 4) == [(i, j) for i, j in brute(hashes, hashes, 4) if i < j]


def test_memory_is_bounded_by_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "BLOCK", 1000)
    ball = np.unique(near(np.zeros(1, dtype=np.uint64), np.random.default_rng(6), 400, 8))
    sizes = [len(one) for one, _ in hamming.join(ball, None, 16)]
    assert sum(sizes) == len(ball) * (len(ball) - 1) // 2
    assert max(sizes) <= 1000


def test_nothing_and_a_negative_radius() -> None:
    none, one = np.zeros(0, dtype=np.uint64), np.zeros(1, dtype=np.uint64)
    assert listed(none, None, 6) == listed(none, one, 6) == listed(one, none, 6) == listed(one, one, -1) == []
    assert listed(one, one, 0) == [(0, 0)]
