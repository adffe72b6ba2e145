from __future__ import annotations

from pathlib import Path

from pipeline.catalog import SIGHTING_COLUMNS, Catalog, Response, Tombstone

SIGHTING = {name: {} if name == "fields" else f"secret {name}" for name in SIGHTING_COLUMNS}
STONE = Tombstone("i1", "aa", "png", "px", "ph", "asked", ["runs/one"], False, 7.0)


def test_what_is_forgotten_leaves_a_stone_and_no_row(catalog: Catalog) -> None:
    for id, digest in (("i1", "aa"), ("i2", "bb")):
        catalog.put_item(id, digest, "png", 1, 0.0)
        catalog.put_sighting(id, "mahq", SIGHTING, 0.0)
        catalog.put_embeddings("net", {id: b"\0\0"})
        catalog.put_responses([Response(f"http://a/{id}", "image", "", 200, None, "", {}, [], digest, 1, 1.0)])
    catalog.forget([STONE])
    assert catalog.tombstones() == [STONE]
    assert catalog.ids() == ["i2"]
    assert list(catalog.sightings()["id"]) == ["i2"]
    assert list(catalog.embeddings("net")) == ["i2"]
    gone, stays = catalog.response("http://a/i1", "image"), catalog.response("http://a/i2", "image")
    assert gone is not None
    assert (gone.error, gone.sha256, gone.size) == ("forgotten", None, None)
    assert stays is not None
    assert stays.error is None


def test_nothing_of_it_is_left_in_the_files(catalog: Catalog) -> None:
    catalog.put_item("i1", "aa", "png", 1, 0.0)
    catalog.put_sighting("i1", "mahq", SIGHTING, 0.0)
    folder = catalog.path.parent
    assert _holds(folder, b"secret title")
    catalog.forget([STONE])
    catalog.erased(["i1"])
    assert not _holds(folder, b"secret title")
    assert catalog.tombstones()[0].erased


def _holds(folder: Path, text: bytes) -> bool:
    return any(text in path.read_bytes() for path in folder.iterdir())
