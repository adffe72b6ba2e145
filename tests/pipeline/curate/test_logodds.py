"""Log-odds with a prior: against the formula done by hand, and what must hold for any counts."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.logodds import z_scores


class Counts(NamedTuple):
    """Two groups of texts, both within a larger collection."""

    one: dict[str, int]
    other: dict[str, int]
    background: dict[str, int]
    sizes: tuple[int, int, int]

    def scores(self, weight: float) -> dict[str, float]:
        return z_scores(self.one, self.other, self.background, self.sizes, weight)


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    sizes = draw(st.integers(1, 40)), draw(st.integers(1, 40)), draw(st.integers(1, 100))
    groups = [{word: draw(st.integers(0, size)) for word in "abcde"} for size in sizes]
    background = {word: sum(group[word] for group in groups) for word in "abcde"}
    one, other = ({word: count for word, count in group.items() if count} for group in groups[:2])
    return Counts(one, other, background, (sizes[0], sizes[1], sum(sizes)))


WEIGHT = st.floats(0.5, 100)


def test_the_formula_by_hand() -> None:
    # Ten texts on each side, a hundred in all, of which 30 have the word; the prior is worth ten, so three with it and seven without.
    delta = math.log(11 / 9) - math.log(4 / 16)
    scores = z_scores({"a": 8}, {"a": 1}, {"a": 30}, (10, 10, 100), 10)
    assert scores == {"a": pytest.approx(delta / math.sqrt(1 / 11 + 1 / 9 + 1 / 4 + 1 / 16))}


@given(counts(), WEIGHT)
def test_it_turns_its_sign_with_the_sides(given: Counts, weight: float) -> None:
    turned = Counts(given.other, given.one, given.background, (given.sizes[1], given.sizes[0], given.sizes[2]))
    there, back = given.scores(weight), turned.scores(weight)
    assert there.keys() == back.keys() == given.one.keys() | given.other.keys()
    assert all(math.isclose(there[word], -back[word], abs_tol=1e-9) for word in there)


@given(counts(), WEIGHT)
def test_equal_groups_tell_nothing(given: Counts, weight: float) -> None:
    equal = Counts(given.one, given.one, given.background, (given.sizes[0], given.sizes[0], given.sizes[2]))
    assert all(abs(z) < 1e-9 for z in equal.scores(weight).values())


@given(counts(), WEIGHT)
def test_the_sign_follows_the_shares(given: Counts, weight: float) -> None:
    """Where both sides are as large, the side with more texts that have the word has it."""
    size = max(given.sizes[:2])
    for word, z in Counts(given.one, given.other, given.background, (size, size, given.sizes[2])).scores(weight).items():
        more = given.one.get(word, 0) - given.other.get(word, 0)
        assert z * more > 0 or more == 0 or given.background[word] == given.sizes[2]


@given(counts())
def test_a_strong_prior_silences(given: Counts) -> None:
    strong = given._replace(background={word: min(count, given.sizes[2] - 1) for word, count in given.background.items()})
    assert all(abs(z) < 0.1 for z in strong.scores(1e8).values())


def test_a_rare_word_counts_less_than_a_common_one_that_is_as_pure_and_one_that_all_have_not_at_all() -> None:
    one, other = {"rare": 1, "common": 10, "the": 20}, {"the": 20}
    scores = z_scores(one, other, {"rare": 1, "common": 12, "the": 60}, (20, 20, 60), 10)
    assert scores["common"] > 2 * scores["rare"] > 0
    assert scores["the"] == 0
