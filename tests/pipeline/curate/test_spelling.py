from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.spelling import Speller
from pipeline.curate.tokens import words

SPELLER = Speller(["mobile suit", "mobile doll", "sub-flight system", "battleship", "mothership", "land ship", "tank"])


def mended(text: str) -> str:
    return " ".join(word.text for word in SPELLER.mend(words(text))[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("heavy mobile siut", "heavy mobile suit"),
        ("moblie suit", "mobile suit"),
        ("mobil suit", "mobile suit"),
        ("mobille suit", "mobile suit"),
        ("mobile suir", "mobile suit"),
        ("mobilesuit", "mobile suit"),
        ("mobilsuit hangar", "mobile suit hangar"),
        ("moblie suits, two", "mobile suits , two"),
        ("subflight system", "sub flight system"),
        ("landship", "land ship"),
    ],
)
def test_one_slip_is_put_right(text: str, expected: str) -> None:
    assert mended(text) == expected
    assert SPELLER.mend(words(text))[1]


LEFT = ["mobile suit", "mobile suits", "moble siut", "immobile suit", "mobile, suit", "mobile unit", "battleshop", "tanc", "mothership", ""]


@pytest.mark.parametrize("text", LEFT)
def test_what_is_right_or_something_else_is_left(text: str) -> None:
    phrase = words(text)
    assert SPELLER.mend(phrase) == (phrase, {})


def test_ties_stay() -> None:
    assert [word.tied_before for word in SPELLER.mend(words("anti-moblie suit"))[0]] == [False, True, False]


@given(st.integers(0, 9), st.sampled_from("abcxyz"), st.sampled_from(["change", "leave out", "put in"]))
def test_any_letter_may_be_wrong(at: int, letter: str, how: str) -> None:
    right = "mobilesuit"
    wrong = right[:at] + {"change": letter, "leave out": "", "put in": letter + right[at]}[how] + right[at + 1 :]
    assert mended(wrong) == "mobile suit"
