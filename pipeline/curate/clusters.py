"""Clusters from links: who belongs together, and which one stands for the rest.

Links alone would chain: a like b, b like c, and c nothing like a. So a cluster is a star: its keeper is the best item of a
connected group, and whoever is not like the keeper leaves and forms groups of its own. What a person called the same, and
copies of the same pixels, move as one unit; two items a person called different never meet in one cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


class Units:
    """Items that move as one, grown by `join`; items a person set apart refuse to be joined."""

    def __init__(self, count: int, apart: Iterable[tuple[int, int]]) -> None:
        self.members: dict[int, list[int]] = {item: [item] for item in range(count)}
        self.of = list(range(count))
        self._apart: dict[int, set[int]] = {}
        for first, second in apart:
            self._apart.setdefault(first, set()).add(second)
            self._apart.setdefault(second, set()).add(first)

    def join(self, first: int, second: int) -> bool:
        """Make one unit of the units of two items; False (and nothing done) if two of their members are set apart."""
        one, two = sorted((self.of[first], self.of[second]))
        if one == two:
            return True
        if two in self.foes(one):
            return False
        for item in self.members[two]:
            self.of[item] = one
        self.members[one] += self.members.pop(two)
        return True

    def foes(self, unit: int) -> set[int]:
        """The units that hold an item set apart from one of `unit`."""
        if not self._apart:
            return set()
        return {self.of[other] for item in self.members[unit] for other in self._apart.get(item, ())}


def keepers(units: Units, links: Iterable[tuple[int, int]], rank: Sequence[int], alike: Callable[[int, int], bool]) -> list[int]:
    """For every item its cluster's keeper: the item of lowest `rank`.

    `links` are pairs of items found alike; `alike(a, keeper)` is asked about members that have no link to the keeper's unit.
    The result depends on the sets of items and links alone, not on their order.
    """
    near: dict[int, set[int]] = {unit: set() for unit in units.members}
    for first, second in links:
        one, two = units.of[first], units.of[second]
        if one != two and two not in units.foes(one):
            near[one].add(two)
            near[two].add(one)
    best = {unit: min(items, key=rank.__getitem__) for unit, items in units.members.items()}
    keeper = list(range(len(rank)))
    waiting = _components(set(near), near)
    while waiting:
        group = sorted(waiting.pop(), key=lambda unit: rank[best[unit]])
        centre = group[0]
        inside = {centre}
        for unit in group[1:]:
            if units.foes(unit).isdisjoint(inside) and (unit in near[centre] or alike(best[unit], best[centre])):
                inside.add(unit)
        for unit in inside:
            for item in units.members[unit]:
                keeper[item] = best[centre]
        waiting += _components(set(group) - inside, near)
    return keeper


def _components(units: set[int], near: dict[int, set[int]]) -> list[list[int]]:
    """The connected groups among `units`."""
    found = []
    left = set(units)
    for start in sorted(units):
        if start not in left:
            continue
        left.remove(start)
        group = [start]
        for unit in group:
            fresh = near[unit] & left
            left -= fresh
            group += sorted(fresh)
        found.append(group)
    return found
