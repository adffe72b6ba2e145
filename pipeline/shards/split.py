"""Which cluster goes to which split."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

TRAIN, VALIDATION = "train", "validation"


def assign(clusters: Iterable[str], validation: float, seed: int) -> dict[str, str]:
    """Map each cluster to `train` or `validation`.

    A cluster's place is a number in [0, 1) from SHA-256 of seed and name; below `validation` (0 ≤ validation < 1) it is set
    aside. So pictures added later move none that were there, except where a split would otherwise be empty: with two clusters
    or more and `validation` above 0 each split gets at least one, the lowest place for validation, the highest for training.
    """
    places = sorted((_place(cluster, seed), cluster) for cluster in set(clusters))
    aside = sum(place < validation for place, _ in places)
    if validation > 0 and len(places) >= 2:
        aside = max(aside, 1)
    aside = min(aside, max(len(places) - 1, 0))
    return {cluster: VALIDATION if index < aside else TRAIN for index, (_, cluster) in enumerate(places)}


def _place(cluster: str, seed: int) -> float:
    # 53 bits, so that the quotient is exact and never rounds up to 1.
    return (int.from_bytes(hashlib.sha256(f"{seed}\0{cluster}".encode()).digest()[:8]) >> 11) / 2**53
