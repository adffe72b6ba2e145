"""Which pictures go to which split, so that nothing leaks from one into the other.

Pictures that belong together (copies of one drawing; if so wished a whole series) make a group, and a group stands in one split. Its
side is a hash of its *anchor*, one of its items that is remembered: so pictures added later move none that were there, whatever
group they join. Only where groups merge must one side give way.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

TRAIN, VALIDATION = "train", "validation"


@dataclass(frozen=True, slots=True)
class Groups:
    """`anchor` of every item's group; `merged` maps an anchor to the others that its group had when it was several."""

    anchor: Mapping[str, str]
    merged: Mapping[str, tuple[str, ...]]


def assign(groups: Iterable[str], validation: float, seed: int) -> dict[str, str]:
    """Map each group (by its anchor) to `train` or `validation`.

    A group's place is a number in [0, 1) from SHA-256 of seed and anchor; below `validation` (0 ≤ validation < 1) it is set
    aside. So pictures added later move none that were there, except where a split would otherwise be empty: with two groups
    or more and `validation` above 0 each split gets at least one, the lowest place for validation, the highest for training.
    """
    places = sorted((_place(group, seed), group) for group in set(groups))
    aside = sum(place < validation for place, _ in places)
    if validation > 0 and len(places) >= 2:
        aside = max(aside, 1)
    aside = min(aside, max(len(places) - 1, 0))
    return {group: VALIDATION if index < aside else TRAIN for index, (_, group) in enumerate(places)}


def group(belongs: Mapping[str, Collection[str]], remembered: Mapping[str, str]) -> Groups:
    """Group items that belong to the same thing, directly or by way of others (connected components).

    `belongs` maps an item to the names of what it belongs to: its cluster, its series. `remembered` maps items to the anchors they
    had; a group keeps the one that most of its items remember (of equals the smallest), and a new group takes its smallest item.
    The result does not depend on the order of either.
    """
    found: dict[str, str] = {}
    merged: dict[str, tuple[str, ...]] = {}
    for items in _components(belongs):
        votes = Counter(remembered[item] for item in items if item in remembered)
        anchor = min(votes, key=lambda name: (-votes[name], name)) if votes else min(items)
        found.update(dict.fromkeys(items, anchor))
        if len(votes) > 1:
            merged[anchor] = tuple(sorted({*merged.get(anchor, ()), *votes} - {anchor}))
    return Groups(found, merged)


def _components(belongs: Mapping[str, Collection[str]]) -> list[list[str]]:
    """The items in groups, by union-find over their numbers."""
    parent = list(range(len(belongs)))
    first: dict[str, int] = {}  # what items belong to, and the first of them

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, names in enumerate(belongs.values()):
        for name in names:
            parent[root(first.setdefault(name, number))] = root(number)
    found: dict[int, list[str]] = {}
    for number, item in enumerate(belongs):
        found.setdefault(root(number), []).append(item)
    return list(found.values())


def _place(group: str, seed: int) -> float:
    # 53 bits, so that the quotient is exact and never rounds up to 1.
    return (int.from_bytes(hashlib.sha256(f"{seed}\0{group}".encode()).digest()[:8]) >> 11) / 2**53
