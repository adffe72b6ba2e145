"""Columns by their usual names, by the names a manifest gives, and what they hold as text."""

from __future__ import annotations

import datetime
import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base import TEXT_CAP
from sources.urls.columns import USUAL, choose, plain, problem

ALL = ("*",)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["url"], {"image": "url"}),
        (["URL", "Caption"], {"image": "URL", "title": "Caption"}),
        (["url", "image_url"], {"image": "image_url", "page": "url"}),
        (
            ["Image URL", "Page-URL", "Artist", "ALT text"],
            {"image": "Image URL", "page": "Page-URL", "author": "Artist", "title": "ALT text"},
        ),
        (["src", "license", "license_url", "credit"], {"image": "src", "license": "license_url", "credit": "credit"}),
        (
            ["IMAGE", "Creator", "rights", "Description"],
            {"image": "IMAGE", "author": "Creator", "license": "rights", "text": "Description"},
        ),
        (["url", "URL"], {"image": "url"}),
    ],
)
def test_usual_names_are_found_whatever_their_case(names: list[str], parts: dict[str, str]) -> None:
    assert choose(names, {}, ()).parts == parts


def test_a_part_takes_what_the_manifest_says() -> None:
    names = ["url", "image_url", "Titel", "title", "Serie"]
    chosen = choose(names, {"image": "URL", "title": "titel", "series": "Serie"}, ())
    assert chosen.parts == {"image": "url", "title": "Titel"}
    assert chosen.fields == {"series": "Serie"}


def test_further_columns_are_fields() -> None:
    names = ["url", "Unit Type", "operator", "series", "", "  "]
    assert choose(names, {}, ALL).fields == {"unit_type": "Unit Type", "operator": "operator", "series": "series"}
    assert choose(names, {}, ("unit-type",)).fields == {"unit_type": "Unit Type"}
    assert choose(names, {}, ()).fields == {}
    assert choose(names, {"kind": "Unit Type"}, ALL).fields == {"operator": "operator", "series": "series", "kind": "Unit Type"}
    assert choose(["url", "a", "b"], {"a": "b"}, ALL).fields == {"a": "b"}, "what the manifest names goes first"


def test_what_is_not_there_is_named_with_what_is() -> None:
    names = ["url", "a", "b"]
    assert problem(names, {}, ALL) == ""
    assert problem(names, {"title": "Titel"}, ALL) == "scrape.columns.title: there is no column 'Titel' (it has url, a, b)"
    assert problem(names, {}, ("c",)) == "scrape.fields, 'c': there is no column 'c' (it has url, a, b)"
    assert problem(["a", "b"], {}, ALL).startswith("no column gives the address of the picture (it has a, b); name it")
    assert problem([f"c{n}" for n in range(40)], {}, ALL).partition("(")[2].startswith("it has c0, c1, c2, ")
    assert "c11 and 28 more)" in problem([f"c{n}" for n in range(40)], {}, ALL)
    assert "(it has none)" in problem([], {}, ALL)


def test_an_address_is_not_cut_and_other_text_is() -> None:
    row = {"url": "http://e.test/" + "x" * 9000, "title": "y" * 9000, "z": "z" * 9000}
    chosen = choose(list(row), {}, ALL)
    assert chosen.address("image", row) == row["url"]
    assert len(chosen.part("title", row)) == len(chosen.kept(row)["z"]) == TEXT_CAP
    assert chosen.part("credit", row) == chosen.address("page", row) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  a b\n", "a b"),
        (3, "3"),
        (0, "0"),
        (2.5, "2.5"),
        (float("nan"), ""),
        (True, "true"),
        (decimal.Decimal("1.50"), "1.50"),
        (datetime.date(2015, 3, 21), "2015-03-21"),
        (datetime.datetime(2015, 3, 21, 4, 5), "2015-03-21T04:05:00"),
        (["red", " ", "blue"], "red, blue"),
        ([0.1, 0.2], ""),
        ([], ""),
        ({"a": 1}, ""),
        ("half a pair \ud83d", "half a pair ?"),
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    assert plain(value) == text


@given(st.lists(st.text(max_size=8), max_size=8), st.dictionaries(st.sampled_from([*USUAL, "series"]), st.text(max_size=8), max_size=3))
def test_each_column_serves_one_purpose(names: list[str], columns: dict[str, str]) -> None:
    chosen = choose(names, columns, ALL)
    used = [column for name, column in [*chosen.parts.items(), *chosen.fields.items()] if name not in columns]
    assert len(used) == len(set(used))
    assert not set(used) & {column for name, column in [*chosen.parts.items(), *chosen.fields.items()] if name in columns}
    assert set(used) <= set(names)
