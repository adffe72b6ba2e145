from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.shards import split

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure

CLUSTERS = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=40)
SHARES = st.floats(0, 0.99)


@CALM
@given(CLUSTERS, SHARES, st.integers(0, 9))
def test_every_cluster_has_one_place_whatever_the_order(clusters: list[str], share: float, seed: int) -> None:
    found = split.assign(clusters, share, seed)
    assert set(found) == set(clusters)
    assert found == split.assign(sorted(clusters) * 2, share, seed)


@CALM
@given(CLUSTERS, SHARES, st.integers(0, 9))
def test_no_split_is_empty_unless_it_must_be(clusters: list[str], share: float, seed: int) -> None:
    parts = set(split.assign(clusters, share, seed).values())
    assert parts == ({"train", "validation"} if share > 0 and len(set(clusters)) > 1 else {"train"})


@CALM
@given(st.sets(st.integers(0, 10**6), min_size=60, max_size=80), st.text(min_size=1, max_size=6))
def test_a_new_cluster_moves_none_of_many(numbers: set[int], newcomer: str) -> None:
    clusters = [f"c{number}" for number in numbers]
    before = split.assign(clusters, 0.2, 0)
    after = split.assign([*clusters, newcomer], 0.2, 0)
    assert all(after[cluster] == part for cluster, part in before.items())


def test_the_share_is_about_what_was_asked() -> None:
    parts = list(split.assign([f"c{number}" for number in range(5000)], 0.1, 7).values())
    assert 400 < parts.count("validation") < 600


def test_the_seed_decides() -> None:
    clusters = [f"c{number}" for number in range(50)]
    assert split.assign(clusters, 0.5, 0) != split.assign(clusters, 0.5, 1)


def test_places_stay_the_same_in_every_version() -> None:
    found = split.assign("abcdefgh", 0.5, 0)
    assert {cluster for cluster, part in found.items() if part == "train"} == {"b", "g"}
