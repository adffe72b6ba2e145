from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.curate.views import FRAME, Views, unframed
from pipeline.measure import shape, signature
from pipeline.measure.base import Decoded

WHITE = (255, 255, 255)


def drawing(size: tuple[int, int] = (200, 160)) -> Image.Image:
    picture = Image.new("RGB", size, WHITE)
    ImageDraw.Draw(picture).ellipse((20, 20, size[0] - 30, size[1] - 40), fill=(200, 40, 40), outline=(0, 0, 0), width=4)
    return picture


def small() -> Image.Image:
    scene = Image.new("RGB", (800, 800), WHITE)
    scene.paste(drawing(), (500, 100))
    return scene


def views(*pictures: Image.Image) -> Views:
    rows = [{**shape.MEASUREMENT.compute(Decoded(side)), **signature.MEASUREMENT.compute(Decoded(side))} for side in pictures]
    return Views.read(pd.DataFrame(rows))


def test_a_large_subject_is_seen_whole_and_a_small_one_by_itself() -> None:
    found = views(drawing(), small())
    assert found.size.tolist() == [[200, 160], [800, 800]]
    assert found.box[0].tolist() == [0, 0, 1, 1]
    left, top, right, bottom = found.box[1] * 800
    assert (left, right) == pytest.approx((500 + 95 - 90, 500 + 95 + 90), abs=8)
    assert right - left == pytest.approx(bottom - top)
    assert (found.cells.luma[0] == found.whole.luma[0]).all()
    assert (found.cells.luma[1] != found.whole.luma[1]).any()


def test_a_picture_that_comes_often_is_made_once() -> None:
    taken = views(drawing(), small()).take(np.array([1, 0, 1, 1]))
    assert taken.luma.shape == (4, 64, 64)
    assert taken.luma is taken.luma
    assert (taken.soft(16)[0] == taken.soft(16)[2]).all()
    assert taken.colours(16).shape == (4, 16, 16, 3)
    some = taken.some(np.array([1, 3]))
    assert (some.colours(32) == taken.colours(32)[[1, 3]]).all()
    assert some.detail() == pytest.approx([200, 180], abs=10)


def test_flipped_views_are_those_of_the_mirror_image() -> None:
    flipped, mirrored = views(small()).take(np.array([0]), flip=True), views(ImageOps.mirror(small())).take(np.array([0]))
    assert flipped.box == pytest.approx(mirrored.box, abs=1e-4)
    assert flipped.subject == pytest.approx(mirrored.subject, abs=1e-4)
    assert np.abs(flipped.luma - mirrored.luma).max() <= 3


def test_frames_and_margins_do_not_count_and_drawings_do() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (1, 64, 64)).astype(np.uint8)
    assert (unframed(luma) == 1).all()
    framed, wide = luma.copy(), luma.copy()
    framed[0, :2], wide[0, :, -9:] = 20, 250
    weight = unframed(np.concatenate([framed, wide]))
    assert (weight[0, :3] == 0).all()  # the cell beside a frame is half frame
    assert (weight[0, 3:] == 1).all()
    assert (weight[1, :, -FRAME - 1 :] == 0).all()  # of a wide margin only so much
    assert (weight[1, :, : -FRAME - 1] == 1).all()


def test_no_pictures() -> None:
    assert views(drawing()).take(np.zeros(0, dtype=np.intp)).colours(16).shape == (0, 16, 16, 3)
