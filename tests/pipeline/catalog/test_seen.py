from __future__ import annotations

import pytest

from pipeline.catalog import Catalog
from pipeline.errors import PipelineError

SIGHTING = {
    "page_url": "p",
    "image_url": "u",
    "title": "t",
    "fields": {"unit_type": "mobile suit"},
    "text": "x",
    "license": "",
    "author": "",
    "credit": "",
}


def test_items_and_sightings(catalog: Catalog) -> None:
    assert catalog.put_item("i1", "aa", "png", 5, 1.0)
    assert not catalog.put_item("i1", "aa", "png", 5, 2.0)
    with pytest.raises(PipelineError, match="share the id i1"):
        catalog.put_item("i1", "bb", "png", 5, 1.0)
    catalog.put_sighting("i1", "mahq", SIGHTING, 1.0)
    catalog.put_sighting("i1", "mahq", {**SIGHTING, "title": "newer"}, 2.0)
    (row,) = catalog.sightings().to_dict("records")
    assert row["title"] == "newer"
    assert row["fields"] == {"unit_type": "mobile suit"}
