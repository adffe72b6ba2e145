from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.grammar import alternatives, cut, label, split
from pipeline.curate.tokens import Word, tokens, words


def texts(phrase: Sequence[Word]) -> str:
    return " ".join(word.text for word in phrase)


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
    assert tuple(" ".join(part) for part in cut(words(phrase))) == (head, rest)


def test_labels_and_alternatives() -> None:
    parts = label("RX-78 [proto] (mobile suit - a — blue")
    assert texts(parts.main) == "rx 78"
    assert [texts(aside) for aside in parts.asides] == ["proto", "mobile suit — a — blue"]
    assert [texts(aside) for aside in label("Zaku — suit – green").asides] == ["suit", "green"]
    assert label("Zaku | suit", dashes=False).asides == ()
    assert [" ".join(part) for part in alternatives(tokens("suit/fighter, or tank & car"))] == ["suit", "fighter", "tank", "car"]


def test_split_at_marks() -> None:
    assert [texts(part) for part in split(words("suit; ship | tank, plane;"), ";", "|")] == ["suit", "ship", "tank , plane"]


@given(st.text())
def test_any_label_is_read(text: str) -> None:
    body = words(text)
    main, asides = label(text)
    assert len(main) + sum(map(len, asides)) <= len(body)
    head, rest = cut(body)
    assert len(head) + len(rest) <= len(body)
    assert sum(map(len, alternatives(tokens(text)))) <= len(body) + 1
