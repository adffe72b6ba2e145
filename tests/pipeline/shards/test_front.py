from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.shards import front


def read(text: str) -> dict[str, Any]:
    """As YAML where there is a reader of it; else by what this writes: a key and JSON on each line."""
    head, body, tail = text.split("---\n")
    assert head == tail == ""
    pairs = dict(line.split(": ", 1) for line in body.removesuffix("\n").split("\n"))
    return {key: json.loads(value) for key, value in pairs.items()}


def test_it_says_what_hugging_face_asks() -> None:
    found = read(front.text("robots", 1666, ["CC BY 4.0"], {"viewer": False}))
    assert found == {
        "pretty_name": "robots",
        "license": "cc-by-4.0",
        "size_categories": ["1K<n<10K"],
        "task_categories": ["unconditional-image-generation"],
        "tags": ["art", "image"],
        "viewer": False,
    }


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ([], "unknown"),
        (["", " "], "unknown"),
        (["CC0", "https://creativecommons.org/licenses/by-sa/3.0/"], ["cc-by-sa-3.0", "cc0-1.0"]),
        (["CC BY 4.0", ""], "other"),
        (["All rights reserved"], "other"),
    ],
)
def test_licences(terms: list[str], wanted: Any) -> None:
    found = front.license(terms)
    assert found["license"] == wanted
    assert ("license_name" in found) == (wanted == "other")


@pytest.mark.parametrize(("pictures", "wanted"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**9, "1B<n<10B")])
def test_sizes(pictures: int, wanted: str) -> None:
    assert read(front.text("a", pictures, [], {}))["size_categories"] == [wanted]


@given(st.text())
def test_no_name_breaks_out(name: str) -> None:
    text = front.text(name, 1, [], {})
    assert read(text).keys() == {"pretty_name", "license", "size_categories", "task_categories", "tags"}


@pytest.mark.parametrize("name", ["robots", "a: b # c", "é — 機", "'\"", "- x", "\x85\u2028\ufeff\x00", "---\n...", "{a}", "null"])
def test_yaml_reads_the_same(name: str) -> None:
    yaml = pytest.importorskip("yaml", reason="reads it as a site would")
    text = front.text(name, 1, ["CC0", "CC BY 4.0"], {"viewer": False})
    assert yaml.safe_load(text.split("---\n")[1]) == read(text)
