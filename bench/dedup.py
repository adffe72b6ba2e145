"""The Hamming join: a million hashes in one pass, exactness at every size, and speed beside others.

python bench/dedup.py [--quick]
    Peers, where this Python has them: faiss (IndexBinaryFlat, IndexBinaryMultiHash), imagehash's way (each hash minus each other),
    imagededup's way (its BK-tree). Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))
from pipeline.curate import pairs  # found beside this file, where nothing need be installed

Hashes = NDArray[np.uint64]
RADIUS = 6


def planted(count: int, seed: int = 0) -> tuple[Hashes, int]:
    """Uniform hashes, a tenth of them neighbours of others by 0–6 flipped bits; and how many were planted."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 2**64, count, dtype=np.uint64)
    near = count // 10
    copies = hashes[rng.choice(count - near, near, replace=False)]
    flips = rng.integers(0, RADIUS + 1, near)
    for step in range(RADIUS):
        which = flips > step
        copies[which] ^= np.uint64(1) << rng.integers(0, 64, int(which.sum()), dtype=np.uint64)
    hashes[count - near :] = copies
    return rng.permutation(hashes), near


def crowded(count: int, seed: int = 0) -> tuple[Hashes, int]:
    """Half of the bits lean to one side, as in a collection of like pictures, and a tenth planted."""
    hashes, near = planted(count, seed)
    rng = np.random.default_rng(seed + 1)
    lean = np.uint64(int(rng.integers(0, 2**63)))
    return hashes & (lean | rng.integers(0, 2**64, count, dtype=np.uint64)), near


def ours(hashes: Hashes) -> NDArray[np.int64]:
    """All pairs as sorted codes i·n + j, i < j."""
    found = [np.minimum(i, j) * len(hashes) + np.maximum(i, j) for i, j in pairs.within(hashes, None, RADIUS)]
    return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *found]))


def brute(hashes: Hashes) -> NDArray[np.int64]:
    """The same without any cleverness."""
    found = [np.zeros(0, dtype=np.int64)]
    for i in range(len(hashes)):
        j = i + 1 + np.flatnonzero(np.bitwise_count(hashes[i + 1 :] ^ hashes[i]) <= RADIUS)
        found.append(i * len(hashes) + j)
    return np.concatenate(found)


def faiss_flat(hashes: Hashes) -> NDArray[np.int64]:
    """faiss's exact index."""
    import faiss

    return _faiss(faiss.IndexBinaryFlat(64), hashes)


def faiss_multi(hashes: Hashes) -> NDArray[np.int64]:
    """faiss's multi-index hashing, 4 tables of 16 bits, one flip: exact for radius 6 (7 bits in 4 chunks leave one with at most 1)."""
    import faiss

    index = faiss.IndexBinaryMultiHash(64, 4, 16)
    index.nflip = 1
    return _faiss(index, hashes)


def _faiss(index, hashes: Hashes) -> NDArray[np.int64]:  # type: ignore[no-untyped-def]
    rows = hashes.view(np.uint8).reshape(-1, 8)
    index.add(rows)
    limits, _, found = index.range_search(rows, RADIUS + 1)
    i = np.repeat(np.arange(len(hashes)), np.diff(limits.astype(np.int64)))
    # a multi-index reports a pair once for each table it is found in
    return np.unique((i * len(hashes) + found)[i < found])


def imagehash_way(hashes: Hashes) -> NDArray[np.int64]:
    """Every imagehash.ImageHash minus every other."""
    import imagehash

    wrapped = [imagehash.ImageHash(np.unpackbits(row).reshape(8, 8).astype(bool)) for row in hashes.view(np.uint8).reshape(-1, 8)]
    found = [i * len(hashes) + j for i in range(len(wrapped)) for j in range(i + 1, len(wrapped)) if wrapped[i] - wrapped[j] <= RADIUS]
    return np.array(found, dtype=np.int64)


def imagededup_way(hashes: Hashes) -> NDArray[np.int64]:
    """imagededup's BK-tree, asked for every hash (its own Hamming function is in a module that needs PyTorch)."""
    from imagededup.handlers.search.bktree import BKTree

    names = {str(at): f"{int(value):016x}" for at, value in enumerate(hashes)}
    tree = BKTree(names, lambda one, two: (int(one, 16) ^ int(two, 16)).bit_count())
    found = [
        int(name) * len(hashes) + int(other)
        for name, value in names.items()
        for other, _ in tree.search(query=value, tol=RADIUS)
        if int(name) < int(other)
    ]
    return np.sort(np.array(found, dtype=np.int64))


PEERS: dict[str, tuple[str, Callable[[Hashes], NDArray[np.int64]], tuple[int, ...]]] = {
    "faiss flat": ("faiss", faiss_flat, (20_000, 100_000)),
    "faiss multi-hash": ("faiss", faiss_multi, (20_000, 300_000)),
    "imagehash": ("imagehash", imagehash_way, (1000, 2000)),
    "imagededup": ("imagededup", imagededup_way, (2000, 5000)),
}


def million(count: int) -> dict[str, float]:
    """Seconds, pairs and peak memory of a fresh process."""
    code = (
        "import sys, time, json, resource; sys.path.insert(0, sys.argv[1]); import dedup\n"
        "hashes, near = dedup.planted(int(sys.argv[2])); start = time.perf_counter()\n"
        "pairs = sum(len(i) for i, _ in dedup.pairs.within(hashes, None, dedup.RADIUS))\n"
        "print(json.dumps({'seconds': time.perf_counter() - start, 'pairs': pairs, 'planted': near,"
        " 'MB': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(count)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller sizes; under ten minutes on two cores")
    quick = parser.parse_args().quick
    result: dict[str, object] = {"python": platform.python_version(), "numpy": np.__version__, "radius": RADIUS}
    for name, make in (("planted", planted), ("crowded", crowded)):
        hashes, _ = make(10_000 if quick else 30_000)
        assert np.array_equal(ours(hashes), brute(hashes)), f"{name}: not the pairs that brute force finds"
        print(f"exact on {len(hashes):,} {name} hashes")
    result["million"] = million(1_000_000)
    print("1,000,000 hashes:", result["million"])
    if not quick:
        hashes, _ = planted(1_000_000)
        rows = np.random.default_rng(1).choice(len(hashes), 1000, replace=False)
        mine = ours(hashes)
        i, j = np.divmod(mine, len(hashes))
        counts = np.bincount(i, minlength=len(hashes)) + np.bincount(j, minlength=len(hashes))
        truth = [int((np.bitwise_count(hashes ^ hashes[row]) <= RADIUS).sum()) - 1 for row in rows]
        assert counts[rows].tolist() == truth, "not the neighbours that brute force finds"
        print("exact on 1,000 of a million, each held against all others")
    ratios: dict[str, float] = {}
    missing = []
    for name, (module, way, sizes) in PEERS.items():
        try:
            importlib.import_module("imagededup.handlers.search.bktree" if module == "imagededup" else module)
        except ImportError:
            missing.append(module)
            continue
        for size in sizes[:1] if quick else sizes:
            hashes, _ = planted(size)
            times: dict[str, list[float]] = {"ours": [], name: []}
            for _ in range(3):
                found = {}
                for who, run in (("ours", ours), (name, way)):
                    start = time.perf_counter()
                    found[who] = run(hashes)
                    times[who].append(time.perf_counter() - start)
            medians = {who: statistics.median(seconds) for who, seconds in times.items()}
            ratios[f"{name}, {size:,}"] = round(medians[name] / medians["ours"], 2)
            agree = np.array_equal(np.sort(found[name]), found["ours"])
            print(f"{size:,} hashes: ours {medians['ours']:.3f} s, {name} {medians[name]:.3f} s, same pairs: {agree}")
    if missing:
        print("cannot be imported here:", ", ".join(sorted(set(missing))))
    print(json.dumps(result | {"ratio": ratios, "missing": sorted(set(missing))}))


if __name__ == "__main__":
    main()
