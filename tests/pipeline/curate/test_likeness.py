"""Recall and false pairs on artist-made robots; the same with drawn figures stands in the tests of the signature."""

from __future__ import annotations

import importlib.util
import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance, ImageOps

from pipeline.curate import closest
from pipeline.curate.kinds import KINDS
from pipeline.curate.likeness import Pictures
from pipeline.measure import hashes, shape, signature
from pipeline.measure.base import Decoded

SLOTS = ("01Body", "02Face", "Accessory", "Eyes", "Mouth")
Robot = tuple[str, tuple[int, ...]]


@pytest.fixture(scope="module")
def parts() -> dict[tuple[str, str], list[Path]]:
    found = importlib.util.find_spec("robohash")
    if found is None or found.origin is None:
        pytest.skip("robohash is not installed")
    root = Path(found.origin).parent / "sets" / "set1"
    folders = {(colour.name, slot.name.split("#")[1]): sorted(slot.iterdir()) for colour in root.iterdir() for slot in colour.iterdir()}
    return {key: sorted(files, key=lambda file: file.name.split("-")[-1]) for key, files in folders.items()}


def compose(parts: dict[tuple[str, str], list[Path]], robot: Robot) -> Image.Image:
    colour, choice = robot
    picture = Image.new("RGBA", (300, 300), (255, 255, 255, 255))
    for slot, number in zip(SLOTS, choice, strict=True):
        with Image.open(parts[colour, slot][number]) as part:
            picture.alpha_composite(part.convert("RGBA"))
    return picture.convert("RGB")


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def resized(picture: Image.Image, factor: float) -> Image.Image:
    return picture.resize((round(300 * factor), round(300 * factor)), Image.Resampling.BICUBIC)


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG 30": lambda picture: jpeg(picture, 30),
    "JPEG 75": lambda picture: jpeg(picture, 75),
    "a quarter": lambda picture: resized(picture, 0.25),
    "double": lambda picture: resized(picture, 2),
    "half, JPEG 50": lambda picture: jpeg(resized(picture, 0.5), 50),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.1),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.9),
    "mirrored": ImageOps.mirror,
    "mirrored, JPEG 60": lambda picture: jpeg(ImageOps.mirror(picture), 60),
    "margins": lambda picture: ImageOps.expand(picture, 24, (255, 255, 255)),
    "dark frame": lambda picture: ImageOps.expand(picture, 6, (20, 20, 30)),
    "a fifth": lambda picture: resized(picture, 52 / 300),
    "cropped": lambda picture: picture.crop((15, 15, 285, 285)),
    "turned": lambda picture: picture.rotate(4, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)),
    "gamma": lambda picture: picture.point([round(255 * (value / 255) ** 1.4) for value in range(256)] * 3),
}


def read(pictures: list[Image.Image]) -> Pictures:
    rows = [
        {name: value for part in (shape, hashes, signature) for name, value in part.MEASUREMENT.compute(Decoded(picture)).items()}
        for picture in pictures
    ]
    return Pictures.read(pd.DataFrame(rows))


def linked(pictures: list[Image.Image], mirror: bool = True) -> set[tuple[int, int]]:
    kinds = [kind for kind in KINDS if kind != "recolour" and (mirror or kind != "mirrored")]
    return read(pictures).links(np.arange(len(pictures)), 10, kinds)


def test_copies_are_found(parts: dict[tuple[str, str], list[Path]]) -> None:
    rng = random.Random(5)
    colours = sorted({colour for colour, _ in parts})
    originals = [compose(parts, (colour, tuple(rng.randrange(10) for _ in SLOTS))) for colour in colours[:3]]
    links = linked(originals + [copy(picture) for picture in originals for copy in COPIES.values()])
    wanted = {(at, len(originals) + at * len(COPIES) + number) for at in range(len(originals)) for number in range(len(COPIES))}
    assert not wanted - links
    assert not {(one, two) for one, two in links if two < len(originals)}


def test_a_changed_part_or_colour_is_no_copy(parts: dict[tuple[str, str], list[Path]]) -> None:
    rng = random.Random(6)
    colours = sorted({colour for colour, _ in parts})
    wrong = 0
    total = 0
    for _ in range(2):
        colour, choice = rng.choice(colours), tuple(rng.randrange(10) for _ in SLOTS)
        changed = [(colour, (*choice[:slot], (choice[slot] + 3) % 10, *choice[slot + 1 :])) for slot in range(len(SLOTS))]
        family = [(colour, choice), *changed, *((other, choice) for other in colours if other != colour)]
        wrong += len(linked([compose(parts, robot) for robot in family]))
        total += len(family) * (len(family) - 1) // 2
    assert total > 200
    assert wrong == 0


def test_mirrored_copies_are_left_alone_when_told_so(parts: dict[tuple[str, str], list[Path]]) -> None:
    picture = compose(parts, ("blue", (1, 2, 3, 4, 5)))
    assert linked([picture, ImageOps.mirror(picture)], mirror=True) == {(0, 1)}
    assert linked([picture, ImageOps.mirror(picture)], mirror=False) == set()


def test_a_small_subject_is_looked_at_closely(parts: dict[tuple[str, str], list[Path]]) -> None:
    def distant(mouth: int) -> Image.Image:
        scene = Image.new("RGB", (900, 900), (255, 255, 255))
        scene.paste(compose(parts, ("grey", (1, 2, 3, 4, mouth))), (300, 300))
        return scene

    pictures = read([distant(5), distant(0), jpeg(distant(5), 90)])
    found = pictures.compare(np.array([0, 0]), np.array([1, 2]))
    assert found.same.tolist() == [False, True]
    assert found.kind.tolist() == ["", "re-encoded"]


KINDS_OF: dict[str, Callable[[Image.Image], Image.Image]] = {
    "re-encoded": lambda picture: jpeg(picture, 60),
    "resized": lambda picture: resized(picture, 0.5),
    "cropped": lambda picture: picture.crop((20, 20, 280, 280)),
    "padded": lambda picture: ImageOps.expand(picture, 24, (255, 255, 255)),
    "rotated": lambda picture: picture.rotate(4, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)),
}


@pytest.mark.parametrize("kind", KINDS_OF)
def test_the_kind_is_named_in_either_order(parts: dict[tuple[str, str], list[Path]], kind: str) -> None:
    picture = compose(parts, ("red", (4, 2, 7, 1, 9)))
    found = read([picture, KINDS_OF[kind](picture)]).compare(np.array([0, 1]), np.array([1, 0]))
    assert found.kind.tolist() == [kind, kind]
    assert found.difference[0] == found.difference[1]


def test_a_frame_counts_as_padding_and_unwanted_kinds_make_no_link(parts: dict[tuple[str, str], list[Path]]) -> None:
    picture = compose(parts, ("pink", (4, 2, 7, 1, 9)))
    pictures = read([picture, ImageOps.expand(picture, 6, (20, 20, 30))])
    assert pictures.links(np.arange(2), 10, ["padded"]) == {(0, 1)}
    assert pictures.links(np.arange(2), 10, ["resized", "cropped"]) == set()


def test_mouths_are_told_apart(parts: dict[tuple[str, str], list[Path]]) -> None:
    family = [compose(parts, ("white", (3, 1, 4, 1, mouth))) for mouth in range(10)]
    assert linked(family) == set()


def test_a_mark_on_the_ground_is_forgiven_and_a_spot_in_the_subject_is_not() -> None:
    patches = np.zeros((2, 62, 62), dtype=np.float32)
    patches[:, 30, 30] = 10
    ground = np.zeros((2, 62, 62), dtype=bool)
    ground[0] = True
    assert closest.striking(patches, ground).tolist() == pytest.approx([10, 10 * closest.LIMIT / closest.CLEAN])
    assert closest.striking(patches + 3, ground)[1] == pytest.approx(13)
