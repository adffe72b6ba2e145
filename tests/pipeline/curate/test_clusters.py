from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.clusters import Units, keepers


def never(one: int, two: int) -> bool:
    return False


def groups(keeper: list[int]) -> set[frozenset[int]]:
    return {frozenset(item for item in range(len(keeper)) if keeper[item] == centre) for centre in keeper}


def test_the_best_of_a_group_is_its_keeper() -> None:
    assert keepers(Units(4, []), [(0, 1), (1, 2), (0, 2)], [2, 1, 0, 3], never) == [2, 2, 2, 3]


def test_a_chain_breaks_at_the_keeper() -> None:
    chain = [(0, 1), (1, 2), (2, 3)]
    assert keepers(Units(4, []), chain, [0, 1, 2, 3], never) == [0, 0, 2, 2]
    assert keepers(Units(4, []), chain, [0, 1, 2, 3], lambda one, two: {one, two} == {0, 2}) == [0, 0, 0, 3]


def test_units_move_as_one() -> None:
    units = Units(4, [])
    assert units.join(2, 3)
    assert keepers(units, [(0, 3)], [1, 3, 0, 2], never) == [2, 1, 2, 2]


def test_items_set_apart_never_meet() -> None:
    # 1 and 2 are both like 0, which is the best: the better-ranked of the two stays with it
    assert keepers(Units(3, [(1, 2)]), [(0, 1), (0, 2)], [0, 2, 1], never) == [0, 1, 0]
    assert keepers(Units(2, [(0, 1)]), [(0, 1)], [0, 1], lambda one, two: True) == [0, 1]


def test_apart_wins_over_together() -> None:
    units = Units(3, [(0, 2)])
    assert units.join(0, 1)
    assert not units.join(1, 2)
    assert units.join(0, 1)
    assert keepers(units, [(1, 2)], [0, 1, 2], lambda one, two: True) == [0, 0, 2]


PAIRS = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]))


@given(PAIRS, PAIRS, st.permutations(range(10)), st.randoms(use_true_random=False))
def test_every_cluster_is_a_star_without_foes(
    links: set[tuple[int, int]], apart: set[tuple[int, int]], rank: list[int], shuffler: random.Random
) -> None:
    keeper = keepers(Units(10, sorted(apart)), sorted(links), rank, never)
    for group in groups(keeper):
        centre = min(group, key=lambda item: rank[item])
        assert {keeper[item] for item in group} == {centre}
        assert all((min(item, centre), max(item, centre)) in links for item in group - {centre})
        assert not any((one, two) in apart for one in group for two in group)
    mixed = sorted(links)
    shuffler.shuffle(mixed)
    assert keepers(Units(10, sorted(apart, reverse=True)), mixed, rank, never) == keeper
