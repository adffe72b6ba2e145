"""A wrong type is an absent value, and no string comes out that could not be stored."""

from __future__ import annotations

from typing import Any

import pytest

from sources.mediawiki import trees


@pytest.mark.parametrize("value", [None, 3, "x", [1], True])
def test_what_is_no_object_is_an_empty_one(value: Any) -> None:
    assert trees.mapping(value) == {}
    assert trees.mapping({"a": value}) == {"a": value}


def test_objects_come_from_lists_and_from_older_answers() -> None:
    assert trees.objects([{"a": 1}, 3, None, {"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert trees.objects({"-1": {"a": 1}, "7": {"b": 2}, "x": "y"}) == [{"a": 1}, {"b": 2}]
    assert trees.objects("ab") == trees.objects(None) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (12, "12"),
        (1.2, "1.2"),
        (True, ""),
        (None, ""),
        (["a"], ""),
        ("a\x00b\ud800c\x1b\td\r\n", "abc\td\n"),
        ("ガンダム", "ガンダム"),
    ],
)
def test_text(value: Any, text: str) -> None:
    assert trees.text(value) == text


def test_numbers_and_flags() -> None:
    assert [trees.number(value) for value in (6, -1, True, "6", 6.0, None)] == [6, -1, None, None, None, None]
    holder = {"old": "", "new": True, "not": False, "nothing": None}
    assert [name for name in ("old", "new", "not", "nothing", "absent") if trees.flag(holder, name)] == ["old", "new"]
