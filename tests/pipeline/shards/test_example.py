from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.shards.augment import ORIGINAL, Variant
from pipeline.shards.example import FIELDS, Example, Picture


def test_a_record_has_every_field_of_its_kind(make: Callable[[int], list[Picture]]) -> None:
    picture = make(2)[1]
    record = Example.of(picture, Variant(mirror=True)).record(b"bytes", 64)
    assert set(record) == set(FIELDS)
    assert {name for name, value in record.items() if isinstance(value, int)} == {
        name for name, kind in FIELDS.items() if kind == "integer"
    }
    assert (record["image"], record["width"], record["height"], record["augmentation"]) == (b"bytes", 64, 64, b"mirror")
    assert record["title"] == picture.title.encode()
    assert record["id"] == picture.id.encode()


def test_a_picture_that_faces_the_other_side_is_turned_in_all_its_examples(make: Callable[[int], list[Picture]]) -> None:
    turned = replace(make(1)[0], turned=True)
    assert Example.of(turned, ORIGINAL).variant == Variant(turned=True)
    assert Example.of(turned, Variant(percent=83)).record(b"", 8)["augmentation"] == b"turned brightness=0.83"


def test_half_a_character_does_not_stop_a_shard(make: Callable[[int], list[Picture]]) -> None:
    broken = replace(make(1)[0], title="Zaku \ud83d II")
    assert Example.of(broken, ORIGINAL).record(b"", 8)["title"] == b"Zaku ? II"
