from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.plurals import forms, singular

PAIRS = [
    ("suit", "suits"),
    ("battery", "batteries"),
    ("fortress", "fortresses"),
    ("launch", "launches"),
    ("box", "boxes"),
    ("base", "bases"),
    ("toy", "toys"),
    ("ship", "ships"),
    ("brush", "brushes"),
]


@pytest.mark.parametrize(("one", "many"), PAIRS)
def test_either_form_gives_both(one: str, many: str) -> None:
    assert {one, many} <= forms(one)
    assert {one, many} <= forms(many)


@pytest.mark.parametrize(("one", "many"), [pair for pair in PAIRS if pair[0] != "base"])
def test_singular(one: str, many: str) -> None:
    assert singular(many) == one
    assert singular(one) == one


@pytest.mark.parametrize("word", ["bus", "glass", "chassis", "as", "gas", "7", "戦"])
def test_what_only_looks_like_a_plural_is_left(word: str) -> None:
    assert singular(word) == word
    assert word in forms(word)


@given(st.text(min_size=1, max_size=10))
def test_a_word_is_one_of_its_forms(word: str) -> None:
    assert word in forms(word)
    assert singular(word)
