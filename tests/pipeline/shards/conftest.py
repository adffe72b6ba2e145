"""Pictures to shard: small drawings made here, and settings that a test names only in part."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from pipeline import images
from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.report import SILENT
from pipeline.shards.example import Picture
from pipeline.shards.write import write


def draw(number: int) -> tuple[Image.Image, str]:
    """A drawing of a size, shape and background of its own, and the background as #rrggbb."""
    chance = random.Random(number)
    ground = tuple(chance.randrange(256) for _ in range(3))
    width, height = chance.randrange(40, 90), chance.randrange(40, 90)
    image = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        left, top = chance.randrange(8, width - 20), chance.randrange(8, height - 20)
        pen.rectangle((left, top, left + chance.randrange(4, 12), top + 10), tuple(chance.randrange(256) for _ in range(3)))
    return image, "#{:02x}{:02x}{:02x}".format(*ground)


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Picture]]:
    """`make(n)`: n pictures stored as PNG files, each third one in the cluster of the one before it."""
    folder = tmp_path_factory.mktemp("images")

    def pictures(count: int) -> list[Picture]:
        found: list[Picture] = []
        for number in range(count):
            image, ground = draw(number)
            path = folder / f"{number}.png"
            if not path.exists():
                image.save(path)
            id = images.item_id(images.digest(path.read_bytes()))
            found.append(
                Picture(
                    id=id,
                    cluster=found[-1].cluster if number % 3 == 2 else f"c{id}",
                    place=path,
                    title=f"Sinanju № {number} — シナンジュ" if number else "",
                    series="gundam" if number % 2 else "",
                    label="gundam" if number % 2 else "zeta",
                    page_url=f"https://example.org/{number}.htm",
                    image_url=f"https://example.org/{number}.png",
                    license="CC BY 4.0" if number % 4 else "all rights | reserved\n<b>",
                    credit=f"artist {number}",
                    border_colour=ground,
                )
            )
        return found

    return pictures


@pytest.fixture
def shard() -> Callable[..., ShardSettings]:
    """Settings of 32 px unless said otherwise."""
    return lambda **named: ShardSettings(**{"size": 32, **named})


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """`put(pictures, folder, shard, augment, workers)`: write quietly, several formats into folders within `folder`."""

    def run(
        pictures: list[Picture], folder: Path, shard: ShardSettings, augment: AugmentSettings | None = None, workers: int = 1
    ) -> dict[str, Any]:
        several = len(shard.format) > 1
        return write(
            pictures,
            {kind: folder / kind if several else folder for kind in shard.format},
            name="my-robots",
            shard=shard,
            augment=augment or AugmentSettings(),
            workers=workers,
            report=SILENT,
            scratch=tmp_path / "scratch",
        )

    return run
