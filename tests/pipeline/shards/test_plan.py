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
    for shard in plan.shards(many(300), "a", ShardSettings(validation=0.3), COPIES):
        clusters[shard.split] |= {example.picture.cluster for example in shard.examples}
        assert shard.split == "train" or not any(example.variant.label for example in shard.examples)
    assert clusters["train"]
    assert clusters["validation"]
    assert not clusters["train"] & clusters["validation"]


def test_every_training_picture_has_all_its_copies_in_one_shard() -> None:
    shards = [shard for shard in plan.shards(many(90), "a", ShardSettings(shards=4), COPIES) if shard.split == "train"]
    homes: dict[str, set[str]] = {}
    for shard in shards:
        for example in shard.examples:
            homes.setdefault(example.picture.id, set()).add(shard.file)
    assert len(shards) == 4
    assert all(len(files) == 1 for files in homes.values())
    assert sum(len(shard.examples) for shard in shards) == 4 * len(homes)
    assert max(len(shard.examples) for shard in shards) - min(len(shard.examples) for shard in shards) <= 4


def test_examples_are_mixed() -> None:
    (train,) = plan.shards(many(100), "a", ShardSettings(validation=0), COPIES)
    ids = [example.picture.id for example in train.examples]
    assert sum(one == other for one, other in pairwise(ids)) < 15
    assert ids != sorted(ids)


def test_the_order_of_the_pictures_is_no_matter() -> None:
    pictures = many(60)
    shuffled = random.Random(1).sample(pictures, 60)
    settings = ShardSettings(shards=3)
    assert plan.shards(pictures, "a", settings, COPIES) == plan.shards(shuffled, "a", settings, COPIES)
    assert plan.fingerprint(pictures, "a", settings, COPIES) == plan.fingerprint(shuffled, "a", settings, COPIES)


@pytest.mark.parametrize(
    ("pictures", "asked", "train", "validation"),
    [(2600, 0, 3, 1), (2600, 8, 8, 2), (30, 1, 1, 1), (2, 50, 1, 1), (1, 5, 1, 0)],
)
def test_how_many_shards(pictures: int, asked: int, train: int, validation: int) -> None:
    entries = [replace(picture, cluster=picture.id) for picture in many(pictures)]
    shards = plan.shards(entries, "a", ShardSettings(shards=asked, validation=0.2), AugmentSettings())
    assert [shard.split for shard in shards] == ["train"] * train + ["validation"] * validation
    assert all(shard.examples for shard in shards)
    assert shards[-1].file.endswith(f"-{max(validation, 1) - 1:05d}-of-{max(validation, 1):05d}") or not validation


def test_a_fingerprint_moves_with_what_matters_and_only_then(make: Callable[..., list[Picture]]) -> None:
    pictures, settings, none = make(3), ShardSettings(), AugmentSettings()
    was = plan.fingerprint(pictures, "a", settings, none)
    assert plan.fingerprint([replace(picture, path=Path("elsewhere")) for picture in pictures], "a", settings, none) == was
    assert plan.fingerprint([replace(pictures[0], title="other"), *pictures[1:]], "a", settings, none) != was
    assert plan.fingerprint(pictures, "b", settings, none) != was
    assert plan.fingerprint(pictures, "a", ShardSettings(seed=1), none) != was
    assert plan.fingerprint(pictures, "a", settings, COPIES) != was


def test_what_cannot_be_planned() -> None:
    with pytest.raises(PipelineError, match="share an id"):
        plan.shards([*many(1), *many(1)], "a", ShardSettings(), AugmentSettings())
    with pytest.raises(UsageError, match="copies"):
        plan.shards(many(3), "a", ShardSettings(), AugmentSettings(copies=4))
