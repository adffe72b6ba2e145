from __future__ import annotations

from collections.abc import Mapping

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.shards import split

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure

CLUSTERS = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=40)
SHARES = st.floats(0, 0.99)
BELONGS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.sets(st.integers(0, 12).map("s{}".format), max_size=3), min_size=1)
"""Items, and the names of what each belongs to."""


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


@CALM
@given(st.integers(0, 10**6), st.floats(0.02, 0.5))
def test_the_share_is_about_what_was_asked(seed: int, share: float) -> None:
    parts = list(split.assign([f"c{number}" for number in range(4000)], share, seed).values())
    assert abs(parts.count("validation") / 4000 - share) < 6 * (share * (1 - share) / 4000) ** 0.5  # of six sigma, one in 10⁹


def test_the_seed_decides() -> None:
    clusters = [f"c{number}" for number in range(50)]
    assert split.assign(clusters, 0.5, 0) != split.assign(clusters, 0.5, 1)


def test_places_stay_the_same_in_every_version() -> None:
    found = split.assign("abcdefgh", 0.5, 0)
    assert {cluster for cluster, part in found.items() if part == "train"} == {"b", "g"}


def reachable(belongs: Mapping[str, set[str]], start: str) -> set[str]:
    """All that hangs together with an item, found the slow way."""
    found, before = {start}, 0
    while len(found) > before:
        before = len(found)
        names = set().union(*(belongs[item] for item in found))
        found |= {item for item, mine in belongs.items() if mine & names}
    return found


@CALM
@given(BELONGS)
def test_a_group_is_all_that_hangs_together(belongs: dict[str, set[str]]) -> None:
    groups = split.group(belongs, {})
    assert groups.merged == {}
    for item in belongs:
        mine = {other for other, anchor in groups.anchor.items() if anchor == groups.anchor[item]}
        assert mine == reachable(belongs, item)
        assert groups.anchor[item] == min(mine)


@CALM
@given(BELONGS, st.randoms(use_true_random=False))
def test_the_order_of_items_changes_nothing(belongs: dict[str, set[str]], chance: object) -> None:
    mixed = list(belongs.items())
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert split.group(dict(mixed), {}) == split.group(belongs, {})


@CALM
@given(BELONGS, BELONGS, BELONGS, SHARES, st.integers(0, 9))
def test_only_what_merged_moves(
    first: dict[str, set[str]], second: dict[str, set[str]], third: dict[str, set[str]], share: float, seed: int
) -> None:
    """The items of `first`, then those of `second` too, then of `third`; some of them link groups that were apart."""
    belongs: dict[str, set[str]] = {}
    before: dict[str, str] = {}
    sides: dict[str, str] = {}
    forced = True
    for newcomers in (first, second, third):
        belongs = {item: belongs.get(item, set()) | newcomers.get(item, set()) for item in belongs.keys() | newcomers.keys()}
        groups = split.group(belongs, before)
        parts = split.assign(groups.anchor.values(), share, seed)
        now = {item: parts[anchor] for item, anchor in groups.anchor.items()}
        for item in belongs:  # no group on both sides
            assert {now[other] for other in reachable(belongs, item)} == {now[item]}
        for item in before:
            remembered = {before[other] for other in reachable(belongs, item) if other in before}
            if len(remembered) == 1:
                assert groups.anchor[item] == before[item]
            else:
                assert {groups.anchor[item], *groups.merged[groups.anchor[item]]} >= remembered
            if now[item] != sides[item]:
                assert len(remembered) > 1 or forced or _forced(parts, share, seed)
        before, sides, forced = dict(groups.anchor), now, _forced(parts, share, seed)


def _forced(groups: Mapping[str, str], share: float, seed: int) -> bool:
    """Whether the groups' places alone would leave a split empty, so that one is put there."""
    return len({split._place(name, seed) < share for name in groups}) < 2


@CALM
@given(BELONGS, SHARES)
def test_a_group_that_falls_apart_moves_nothing(belongs: dict[str, set[str]], share: float) -> None:
    before = split.group(belongs, {}).anchor
    assume(len(set(before.values())) > 1)
    after = split.group({item: set() for item in belongs}, before)
    assert after.anchor == before
    assert split.assign(after.anchor.values(), share, 0) == split.assign(before.values(), share, 0)


def test_most_memories_win_and_then_the_smallest() -> None:
    tied = {item: {"s"} for item in "abcdx"}
    assert split.group(tied, {"a": "a", "b": "c", "c": "c"}).anchor == dict.fromkeys("abcdx", "c")
    assert split.group(tied, {"a": "a", "c": "c"}).merged == {"a": ("c",)}
