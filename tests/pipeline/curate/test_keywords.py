from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.keywords import Keywords, alternatives, cut, label, words


def found(keep: list[str], text: str, drop: list[str] | None = None) -> list[str]:
    return [match.keyword for match in Keywords(keep, drop or []).find(words(text))]


def texts(phrase: list[object] | tuple[object, ...]) -> str:
    return " ".join(word.text for word in phrase)  # type: ignore[attr-defined]


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


@pytest.mark.parametrize(
    ("phrase", "head", "rest"),
    [
        ("carrier for mobile suits", "carrier", "for mobile suits"),
        ("air-to-ground suit", "air to ground suit", ""),
        ("suit-carrying ship", "suit carrying ship", ""),
        ("variant of mobile suit in blue", "mobile suit", "in blue"),
        ("for space use", "for space use", ""),
        ("ship used to tow", "ship", "used to tow"),
        ("used ship", "used ship", ""),
        ("", "", ""),
    ],
)
def test_cut(phrase: str, head: str, rest: str) -> None:
    assert tuple(texts(part) for part in cut(words(phrase))) == (head, rest)


def test_labels_and_alternatives() -> None:
    parts = label("RX-78 [proto] (mobile suit - a — blue")
    assert texts(parts.main) == "rx 78"
    assert [texts(aside) for aside in parts.asides] == ["proto", "mobile suit — a — blue"]
    assert [texts(aside) for aside in label("Zaku — suit – green").asides] == ["suit", "green"]
    assert label("Zaku | suit", dashes=False).asides == ()
    assert [texts(part) for part in alternatives(words("suit/fighter, or tank & car"))] == ["suit", "fighter", "tank", "car"]


@given(st.text(), st.text(min_size=1, max_size=12))
def test_any_text_is_read(text: str, keyword: str) -> None:
    body = words(text)
    for match in Keywords([keyword], []).find(body):
        assert 0 <= match.start < match.end <= len(body)
    head, rest = cut(body)
    assert len(head) + len(rest) <= len(body)
    alternatives(body)
    label(text)
