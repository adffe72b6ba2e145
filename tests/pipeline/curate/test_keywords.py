from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.keywords import Keywords, Match
from pipeline.curate.tokens import tokens


def found(keep: list[str], text: str, drop: list[str] | None = None) -> list[str]:
    return [match.keyword for match in Keywords(keep, drop or []).find(tokens(text))]


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("mobile suit", "Mobile\u00a0\u00a0SUITS"),
        ("mobile suit", "the mobile\u2011suit's arm"),
        ("mobile suit", "mobile_suit"),
        ("mobile suit", "mo\u00adbile suit"),
        ("mobile suit", "Mobile Suit\u2122"),
        ("mobile suits", "mobile suit"),
        ("mobile-suit", "mobile suit"),
        ("battery", "batteries"),
        ("batteries", "battery"),
        ("fortress", "fortresses"),
        ("fortresses", "fortress"),
        ("base", "bases"),
        ("launch", "launches"),
        ("box", "boxes"),
        ("STRASSE", "straße"),
        ("戦艦", "大型戦艦"),
    ],
)
def test_matches(keyword: str, text: str) -> None:
    assert found([keyword], text) == [keyword]


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("suit", "suitable"),
        ("ship", "shipping"),
        ("mobile suit", "mobile, suit"),
        ("mobile suit", "mobile. suit"),
        ("as", "a"),
        ("bus", "bu"),
        ("ship", ""),
    ],
)
def test_does_not_match(keyword: str, text: str) -> None:
    assert found([keyword], text) == []


def test_a_match_inside_a_longer_one_does_not_count() -> None:
    assert found(["mobile fighter"], "mobile fighter, fighter", ["fighter"]) == ["mobile fighter", "fighter"]
    assert found(["mobile suit"], "mobile suit carrier", ["suit carrier"]) == ["mobile suit", "suit carrier"]


WORDS = st.sampled_from(["mobile", "suit", "suits", "x", ",", "ship"])
LISTS = st.lists(st.lists(st.sampled_from(["mobile", "suit", "ship", "..."]), min_size=1, max_size=4).map(" ".join), max_size=4)


@given(LISTS, LISTS, st.lists(WORDS, max_size=20))
def test_the_longest_are_those_that_no_longer_one_contains(keep: list[str], drop: list[str], text: list[str]) -> None:
    single = [match for keeps, side in ((True, keep), (False, drop)) for keyword in side for match in _alone(keyword, keeps, text)]
    longest = {
        match
        for match in single
        if not any(
            other.start <= match.start and match.end <= other.end and (match.start, match.end) != (other.start, other.end)
            for other in single
        )
    }
    assert Keywords(keep, drop).find(text) == sorted(longest)


def _alone(keyword: str, keeps: bool, text: list[str]) -> list[Match]:
    """What a keyword matches at each place, whatever contains what."""
    lists = ([keyword], []) if keeps else ([], [keyword])
    found = [Keywords(*lists).find(text[start:]) for start in range(len(text))]
    return [
        Match(start, start + one.end, one.keyword, one.keeps) for start, matches in enumerate(found) for one in matches if one.start == 0
    ]


@given(st.text(), st.text(min_size=1, max_size=12))
def test_any_text_is_read(text: str, keyword: str) -> None:
    body = tokens(text)
    for match in Keywords([keyword], []).find(body):
        assert 0 <= match.start < match.end <= len(body)


def test_one_word_over_and_over_takes_its_time_once() -> None:
    body = ["ship"] * 100_000
    found = Keywords(["ship", "ship ... ship"], []).find(body)  # pairwise comparison would take hours
    assert found[:2] == [Match(0, 2, "ship ... ship", True), Match(1, 3, "ship ... ship", True)]
    assert len(found) == 99_999
