from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageOps

from pipeline.curate.sketch import sketches
from pipeline.curate.views import Views
from pipeline.measure import shape, signature
from pipeline.measure.base import Decoded


def drawing(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (200, 160), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    for _ in range(5):
        x, y = int(rng.integers(20, 120)), int(rng.integers(20, 90))
        draw.ellipse((x, y, x + 60, y + 50), fill=tuple(int(value) for value in rng.integers(0, 256, 3)))
    return picture


def views(pictures: list[Image.Image]) -> Views:
    rows = [{**shape.MEASUREMENT.compute(Decoded(side)), **signature.MEASUREMENT.compute(Decoded(side))} for side in pictures]
    return Views.read(pd.DataFrame(rows))


def bits(one: np.ndarray, two: np.ndarray) -> list[int]:
    return [int(count) for count in np.bitwise_count(one ^ two)]


def test_copies_are_near_and_others_far() -> None:
    originals = [drawing(seed) for seed in range(12)]
    whole, subject, middle = sketches(views(originals))
    turned, _, _ = sketches(views([side.rotate(3, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)) for side in originals]))
    _, padded, _ = sketches(views([ImageOps.expand(side, 16, (255, 255, 255)) for side in originals]))
    cut, _, _ = sketches(views([side.crop((10, 8, 190, 152)) for side in originals]))
    assert max(bits(whole, turned)) <= 10
    assert max(bits(subject, padded)) <= 6
    assert max(bits(middle, cut)) <= 6
    assert min(bits(whole, np.roll(whole, 1))) > 10


def test_a_mirrored_sketch_is_that_of_the_mirror_image() -> None:
    originals = [drawing(seed) for seed in range(6)]
    for one, two in zip(sketches(views(originals), flip=True), sketches(views([ImageOps.mirror(side) for side in originals])), strict=True):
        assert max(bits(one, two)) <= 2


def test_the_same_for_ever() -> None:
    rows = {"signature": [bytes(range(256)) * 24], "signature_subject": [b""], "subject_share": [1.0], "width": [10], "height": [10]}
    box = {"subject_left": [0.0], "subject_top": [0.0], "subject_right": [1.0], "subject_bottom": [1.0]}
    found = sketches(Views.read(pd.DataFrame(rows | box)))
    assert found[0][0] == found[1][0]
    assert sys.byteorder == "big" or found[0][0] == np.uint64(int(found[0].astype(">u8").tobytes().hex(), 16))
