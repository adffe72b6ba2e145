from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.shards import plan
from pipeline.shards.example import Picture

COPIES = AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=2)


def many(count: int) -> list[Picture]:
    return [Picture(f"i{number}", f"c{number // 2}", Path("none"), "", "", "", "", "", "", "", "#ffffff") for number in range(count)]


def test_no_cluster_is_in_two_splits_and_validation_holds_originals() -> None:
    clusters: dict[str, set[str]] = {"train": set(), "validation": set()}
    for shard in plan.shards(many(300), ShardSettings(validation=0.3), COPIES):
        clusters[shard.split] |= {example.picture.cluster for example in shard.examples}
        assert shard.split == "train" or not any(example.variant.label for example in shard.examples)
    assert clusters["train"]
    assert clusters["validation"]
    assert not clusters["train"] & clusters["validation"]


def test_every_training_picture_has_all_its_copies_in_one_shard() -> None:
    shards = [shard for shard in plan.shards(many(90), ShardSettings(shards=4), COPIES) if shard.split == "train"]
    homes: dict[str, set[int]] = {}
    for shard in shards:
        for example in shard.examples:
            homes.setdefault(example.picture.id, set()).add(shard.index)
    assert len(shards) == 4
    assert all(len(files) == 1 for files in homes.values())
    assert sum(len(shard.examples) for shard in shards) == 4 * len(homes)
    assert all(len(shard.examples) > 20 for shard in shards)


def test_examples_are_mixed() -> None:
    (train,) = plan.shards(many(100), ShardSettings(validation=0), COPIES)
    ids = [example.picture.id for example in train.examples]
    assert sum(one == other for one, other in pairwise(ids)) < 15
    assert ids != sorted(ids)


def test_the_order_of_the_pictures_is_no_matter() -> None:
    pictures = many(60)
    shuffled = random.Random(1).sample(pictures, 60)
    settings = ShardSettings(shards=3)
    assert plan.shards(pictures, settings, COPIES) == plan.shards(shuffled, settings, COPIES)
    assert plan.fingerprint(pictures, "a", settings, COPIES) == plan.fingerprint(shuffled, "a", settings, COPIES)


@pytest.mark.parametrize(
    ("pictures", "asked", "train", "validation"),
    [(2600, 0, 4, 1), (1200, 0, 1, 1), (2600, 8, 8, 2), (30, 1, 1, 1), (30, 20, 20, 5), (2, 50, 1, 1), (1, 5, 1, 0)],
)
def test_how_many_shards(pictures: int, asked: int, train: int, validation: int) -> None:
    entries = [replace(picture, cluster=picture.id) for picture in many(pictures)]
    shards = plan.shards(entries, ShardSettings(shards=asked, validation=0.2), AugmentSettings())
    assert [shard.split for shard in shards] == ["train"] * train + ["validation"] * validation
    assert all(shard.examples for shard in shards)
    assert [(shard.index, shard.count) for shard in shards] == [(index, count) for count in (train, validation) for index in range(count)]


def test_one_picture_more_changes_one_shard() -> None:
    settings = ShardSettings(shards=8, validation=0.2)
    before = {(shard.split, shard.index): shard.examples for shard in plan.shards(many(400), settings, COPIES)}
    for count in range(401, 407):  # the odd ones join the cluster of the one before
        after = {(shard.split, shard.index): shard.examples for shard in plan.shards(many(count), settings, COPIES)}
        assert after.keys() == before.keys()
        assert sum(after[place] != before[place] for place in before) == 1
        before = after


def test_the_number_of_shards_seldom_changes() -> None:
    copies = AugmentSettings(brightness=(0.7, 1.2), copies=9)
    counts = [len(plan.shards(many(count), ShardSettings(validation=0), copies)) for count in (1, 100, 101, 200, 201, 399, 401)]
    assert counts == [1, 1, 2, 2, 4, 4, 8]


def test_a_fingerprint_moves_with_what_matters_and_only_then(make: Callable[..., list[Picture]]) -> None:
    pictures, settings, none = make(3), ShardSettings(), AugmentSettings()
    was = plan.fingerprint(pictures, "a", settings, none)
    assert plan.fingerprint([replace(picture, place=Path("elsewhere")) for picture in pictures], "a", settings, none) == was
    assert plan.fingerprint([replace(pictures[0], title="other"), *pictures[1:]], "a", settings, none) != was
    assert plan.fingerprint(pictures, "b", settings, none) != was
    assert plan.fingerprint(pictures, "a", ShardSettings(seed=1), none) != was
    assert plan.fingerprint(pictures, "a", settings, COPIES) != was
    assert plan.fingerprint(pictures, "a", ShardSettings(format=("webdataset", "tfrecord")), none) == was


def test_what_a_shards_digests_move_with(make: Callable[..., list[Picture]]) -> None:
    pictures, settings, none = make(6), ShardSettings(shards=2, validation=0), AugmentSettings()
    one, two = plan.shards(pictures, settings, none)
    assert plan.contents([one]) != plan.contents([two]) != plan.contents([one, two])
    moved = [replace(picture, place=Path("elsewhere")) for picture in pictures]
    assert [plan.contents([entry]) for entry in plan.shards(moved, settings, none)] == [plan.contents([one]), plan.contents([two])]
    changed = [replace(picture, credit="x") if picture.id == one.examples[0].picture.id else picture for picture in pictures]
    assert [
        plan.contents([entry]) == plan.contents([was]) for entry, was in zip(plan.shards(changed, settings, none), (one, two), strict=True)
    ] == [
        False,
        True,
    ]
    assert plan.contents([one], ["gundam"]) != plan.contents([one], ["zeta"])
    by = plan.made_by(settings, none)
    assert plan.made_by(ShardSettings(shards=5, validation=0.5, format=("imagefolder",)), none) == by
    assert plan.made_by(ShardSettings(pad="#ffffff"), none) != by
    assert plan.made_by(settings, COPIES) != by


def test_what_cannot_be_planned() -> None:
    with pytest.raises(PipelineError, match="share an id"):
        plan.shards([*many(1), *many(1)], ShardSettings(), AugmentSettings())
    with pytest.raises(UsageError, match="copies"):
        plan.shards(many(3), ShardSettings(), AugmentSettings(copies=4))
