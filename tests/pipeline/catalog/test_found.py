from __future__ import annotations

from pipeline.catalog import Catalog, Find

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


def find(id: str, image_url: str = "u", title: str = "t") -> Find:
    return Find("mahq", id, id * 2, "png", 5, {**SIGHTING, "image_url": image_url, "title": title}, 1.0)


def test_staged_finds_wait_for_a_word(catalog: Catalog) -> None:
    assert catalog.put_finds([find("i1")]) == 1
    catalog.stage_finds("0 mahq", [find("i1", title="changed"), find("i2", "v")])
    catalog.stage_finds("1 mahq", [find("i3", "w")])
    assert (catalog.ids(), list(catalog.sightings()["title"])) == (["i1"], ["t"])
    assert catalog.take_staged("0 mahq", only_new=True) == 1
    assert (catalog.ids(), list(catalog.sightings()["title"])) == (["i1", "i2"], ["t", "t"])
    assert catalog.take_staged("0 mahq", only_new=False) == 0  # they are gone, those not taken as well
    catalog.stage_finds("0 mahq", [find("i1", title="changed")])
    assert catalog.take_staged("0 mahq", only_new=False) == 0
    assert list(catalog.sightings()["title"]) == ["changed", "t"]
    catalog.drop_staged("1 mahq")
    assert catalog.take_staged("1 mahq", only_new=False) == 0
