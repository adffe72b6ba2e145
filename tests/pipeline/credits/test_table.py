from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pipeline.credits import table
from pipeline.manifest import AugmentSettings, ShardSettings

FILES = {"i1": "images/11/1.png", "i2": "images/22/2.jpg", "i3": "images/33/3.png"}


def sighting(id: str, page: str, **more: Any) -> dict[str, Any]:
    base = {"id": id, "page_url": page, "image_url": f"{page}.png", "source": "site", "title": id, "fields": {}, "text": ""}
    return {**base, "license": "", "author": "", "credit": "", **more}


def gathered(*sightings: dict[str, Any]) -> pd.DataFrame:
    return table.gather(pd.DataFrame(sightings), FILES, "nothing")


def test_a_row_for_each_picture_and_offer() -> None:
    frame = gathered(
        sighting("i2", "https://a.test/2", license="CC BY 4.0", author="Ann", credit="Ann of A", title="Two"),
        sighting("i1", "https://a.test/1", license="MIT"),
        sighting("i1", "https://a.test/1", license="MIT", image_url="https://a.test/again.png"),  # nothing new
        sighting("i1", "https://b.test/1", license="MIT"),
        sighting("i1", "https://b.test/1", license="MIT", author="Bob"),
        sighting("i9", "https://a.test/9", license="CC0"),  # not asked for
        sighting("i3", "https://a.test/3"),
    )
    assert list(frame.columns) == list(table.COLUMNS)
    assert list(zip(frame["id"], frame["page_url"], frame["author"], frame["spdx"], strict=True)) == [
        ("i1", "https://a.test/1", "", "MIT"),
        ("i1", "https://b.test/1", "", "MIT"),
        ("i1", "https://b.test/1", "Bob", "MIT"),
        ("i2", "https://a.test/2", "Ann", "CC-BY-4.0"),
        ("i3", "https://a.test/3", "", "NOASSERTION"),
    ]
    assert dict(frame.iloc[3]) == {
        **{"id": "i2", "file": "images/22/2.jpg", "title": "Two", "author": "Ann", "credit": "Ann of A", "license": "CC BY 4.0"},
        **{"spdx": "CC-BY-4.0", "license_url": "https://creativecommons.org/licenses/by/4.0/", "page_url": "https://a.test/2"},
        **{"image_url": "https://a.test/2.png", "source": "site", "changes": "nothing"},
    }
    assert table.counts(frame) == {"CC-BY-4.0": 1, "MIT": 1, "NOASSERTION": 1}
    assert table.unstated(frame) == 1


def test_every_picture_is_accounted_for() -> None:
    frame = gathered(sighting("i1", "https://a.test/1", license="MIT"))
    assert list(frame["id"]) == ["i1", "i2", "i3"]
    assert (frame.loc[1:, ["title", "author", "license", "page_url", "source"]] == "").all(axis=None)
    assert table.unstated(frame) == 2
    nothing = table.gather(pd.DataFrame(columns=["id"]), FILES, "")
    assert list(nothing["id"]) == list(FILES)
    assert len(table.gather(pd.DataFrame(columns=["id"]), {}, "")) == 0


def test_a_picture_with_terms_on_one_page_is_not_without_terms() -> None:
    frame = gathered(sighting("i1", "https://a.test/1", license="MIT"), sighting("i1", "https://a.test/0"))
    assert table.unstated(frame) == 2  # i2 and i3
    assert table.counts(frame) == {"NOASSERTION": 3, "MIT": 1}


def test_texts_are_one_line_and_files_of_this_machine_stay_here() -> None:
    frame = gathered(
        sighting(
            "i1",
            "file:///home/ann/a.htm",
            image_url="FILE:///home/ann/a.png",
            title="File:A\n\tb\x00\u202ec ",
            author=None,
            credit=float("nan"),
        )
    )
    assert tuple(frame.iloc[0][["title", "author", "credit", "page_url", "image_url"]]) == ("File:A b c", "", "", "", "")


@pytest.mark.parametrize(
    ("augment", "copies"),
    [
        ({}, ""),
        ({"mirror": True}, "; copies mirrored"),
        ({"copies": 2, "brightness": (0.7, 1.2)}, "; copies brightened or darkened"),
        ({"mirror": True, "copies": 1, "brightness": (0.7, 1.2)}, "; copies mirrored and brightened or darkened"),
        ({"facing": "left"}, ", mirrored where needed to face left"),
    ],
    ids=["plain", "mirror", "brightness", "both", "turned"],
)
def test_changes_name_what_the_manifest_does(augment: dict[str, Any], copies: str) -> None:
    said = table.changes(ShardSettings(size=128), AugmentSettings(**augment))
    assert said == f"kept as fetched; for training resized and padded to 128 × 128 pixels{copies}"
