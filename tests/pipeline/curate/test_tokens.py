from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate import tokens as tokens_module
from pipeline.curate.tokens import DASH, is_word, tokens, words

WRITTEN = {
    "The suit's arm": ["the", "suit", "arm"],
    "don't": ["dont"],
    "'tis the pilots' suit": ["tis", "the", "pilots", "suit"],
    "Mobile\u00a0\u00a0SUIT\u2122": ["mobile", "suit"],
    "mo\u00adbile_suit": ["mobile", "suit"],
    "anti\u2010ship": ["anti", "ship"],
    "a - b": ["a", DASH, "b"],
    "a--b": ["a", DASH, "b"],
    "a \u2013 b": ["a", DASH, "b"],
    "a \u2015 b": ["a", DASH, "b"],
    '"suit"': ["suit"],
    "U.C. 0079. It": ["u", "c", "0079", ".", "it"],
    "the suit.": ["the", "suit", "."],
    "the suit . . .": ["the", "suit", "."],
    'the "suit". And': ["the", "suit", ".", "and"],
    "Mr. Ray": ["mr", "ray"],
    ".5": ["5"],
    "suit, armor": ["suit", ",", "armor"],
    "戦艦": ["戦", "艦"],
    "Stra\u00dfe": ["strasse"],
    "\uff4d\uff53": ["ms"],
    "": [],
    " \n": [],
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.items(), ids=repr)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected
    assert [word.text for word in words(text)] == expected


def test_hyphens_tie() -> None:
    assert [(word.text, word.tied_before, word.tied_after) for word in words("air-to ground")] == [
        ("air", False, True),
        ("to", True, False),
        ("ground", False, False),
    ]
    assert [is_word(token) for token in ("suit", "7", "戦", ",", DASH)] == [True, True, True, False, False]


PIECES = st.sampled_from(
    ["suit", "ab", "a", "'s", "-", "--", ".", " ", " ", "\n", '"', "\u2019", "\u2122", "_", "é", "\u0301", "戦", "¨", ","]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_piece_by_piece_is_the_same_as_at_once(text: str) -> None:
    assert tokens(text) == [word.text for word in words(f" {text} ")]
    assert tokens(text) == tokens(text)  # from memory


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = tokens_module._Pieces()
    monkeypatch.setattr(tokens_module, "_PIECES", pieces)
    monkeypatch.setattr(tokens_module._Pieces, "MOST", 10)
    assert tokens(" ".join(f"w{number}" for number in range(25))) == [f"w{number}" for number in range(25)]
    assert len(pieces) <= 10
    assert tokens("x" * 41) == ["x" * 41]
    assert "x" * 41 not in pieces


@pytest.mark.parametrize("unit", ["ship ", " ", "-", "- ", ".", ". ", "'", "(", "\u2014", "戦", "e\u0301", "\u00ad", "x", "x."], ids=repr)
def test_the_time_grows_with_the_length_only(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    start = time.process_time()
    tokens(text)
    words(text)
    assert time.process_time() - start < 5  # some tenths of a second; what compares each piece with each other takes minutes
