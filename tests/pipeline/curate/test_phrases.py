from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curate.judge import Judge
from pipeline.curate.phrases import DULL, HEAD, Item, candidates, gather, heads, heard, phrases
from pipeline.manifest import ClassifySettings

SETTINGS = ClassifySettings(field="unit_type", keep=("mobile suit",), drop=("ship",))


def seen(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """id, unit type, title, text."""
    names = ["id", "page_url", "image_url", "title", "fields", "text"]
    return pd.DataFrame([[id, f"p{id}", "u", title, {"unit_type": kind}, text] for id, kind, title, text in rows], columns=names)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("heavy land battleships", {("battleship",): "battleships", ("land", "battleship"): "land battleships"}),
        ("carrier for mobile suits", {("carrier",): "carrier"}),
        ("tank / plane", {("tank",): "tank", ("plane",): "plane"}),
        ("Type 61", {("type", "61"): "type 61"}),  # a number alone is no keyword
        ("pod (spare)", {("pod",): "pod", ("spare",): "spare"}),
        ("of the", {}),
        ("", {}),
    ],
)
def test_heads_of_a_label(label: str, expected: dict[tuple[str, ...], str]) -> None:
    assert heads(label) == expected


def test_a_title_is_read_up_to_the_site_it_names() -> None:
    assert heads("Zaku - Archive", dashes=False) == {("zaku",): "zaku"}


def test_phrases_of_a_text() -> None:
    assert phrases("The walkers, a red walker of 1979.") == {
        ("walker",): "walker",
        ("red",): "red",
        ("red", "walker"): "red walker",
    }
    assert phrases("filler " * HEAD + "walker") == {("filler",): "filler", ("filler", "filler"): "filler filler"}


@given(st.text())
def test_no_phrase_has_a_dull_word_or_a_mark(text: str) -> None:
    for phrase, shown in (phrases(text) | heads(text)).items():
        assert 1 <= len(phrase) <= 2
        assert shown
        assert not DULL & set(shown.split())


def test_what_is_gathered_is_what_a_keyword_would_be_heard_in() -> None:
    items = gather(seen(("b", "walker", "Red", "tall"), ("a", "", "Blue tower", "A tall tower.")), ["a"], SETTINGS)
    assert list(items) == ["a", "b"]
    assert items["b"].phrases == {"unit_type": {("walker",): "walker"}}
    assert set(items["a"].phrases) == {"title", "text"}
    assert items["a"].has(("tall", "tower"))
    assert not items["b"].has(("tall",))
    assert items["a"].may_match(("towers",))
    assert not items["a"].may_match(("walker",))


def test_in_a_large_collection_some_make_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.curate.phrases.BACKGROUND", 5)
    items = gather(seen(*[(f"{number:02}", "walker", "", "") for number in range(20)]), ["03"], SETTINGS)
    assert [id for id, item in items.items() if item.looked_at] == ["00", "03", "04", "08", "12", "16"]
    assert all(item.mentions(("walker",), "unit_type") for item in items.values())
    assert not any(item.mentions(("tower",), "unit_type") for item in items.values())


@given(st.sampled_from(["walker", "batteries", "launch", "fairy"]), st.sampled_from(["{}", "{}s", "two {}s", "the {}, red"]))
def test_nothing_that_matches_is_thought_unable_to(word: str, form: str) -> None:
    text = form.format(word)
    rows = seen(("a", "", "", text))
    item = next(iter(gather(rows, ["a"], SETTINGS).values()))
    for phrase, shown in phrases(text).items():
        said = Judge(ClassifySettings(field="unit_type", keep=(shown,)))("", "", text)
        if said.speaks_for:
            assert item.may_match(phrase)
            assert item.mentions(phrase, "unit_type")


def test_candidates_lean_to_the_side_that_has_them() -> None:
    rows = [(f"k{number}", "heavy walker", "", "") for number in range(4)] + [(f"d{number}", "tall tower", "", "") for number in range(4)]
    items = gather(seen(*rows, ("x", "ship", "", "")), [row[0] for row in rows], SETTINGS)
    found = candidates(items, {row[0]: row[0].startswith("k") for row in rows}, SETTINGS)
    sides = {one.keyword: (one.keeps, one.kept, one.dropped, one.where) for one in found}
    assert sides["heavy walker"] == (True, 4, 0, "unit_type")
    assert sides["tower"] == (False, 0, 4, "unit_type")
    assert "ship" not in sides  # a keyword already
    assert all(one.z > 0 and one.supported for one in found)


def test_only_a_missing_field_lets_the_text_be_heard() -> None:
    row: dict[str, Any] = {"fields": {"unit_type": "tower"}, "title": "t", "text": "long"}
    assert heard(row, "unit_type")["text"] == ""
    assert heard(row, "")["text"] == "long"
    assert heard({**row, "fields": {"unit_type": "Unknown"}}, "unit_type")["text"] == "long"


def test_an_item_without_phrases_has_none() -> None:
    assert not Item().has(("walker",))
    assert not Item().may_match(("walker",))
