from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.curate import gate, start
from pipeline.curate.closest import LIMIT, limit
from pipeline.curate.look import Look, look
from pipeline.curate.views import Views
from pipeline.measure import shape, signature
from pipeline.measure.base import Decoded

WHITE = (255, 255, 255)


def drawing(seed: int, size: tuple[int, int] = (240, 240)) -> Image.Image:
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", size, WHITE)
    draw = ImageDraw.Draw(picture)
    for _ in range(7):
        x, y = int(rng.integers(20, size[0] - 100)), int(rng.integers(20, size[1] - 90))
        colour = tuple(int(value) for value in rng.integers(0, 220, 3))
        draw.ellipse((x, y, x + int(rng.integers(30, 80)), y + int(rng.integers(30, 70))), fill=colour, outline=(20, 20, 20), width=3)
    return picture


def seen(*pairs: tuple[Image.Image, Image.Image], flip: bool = False) -> Look:
    rows = [{**shape.MEASUREMENT.compute(Decoded(side)), **signature.MEASUREMENT.compute(Decoded(side))} for side in sum(pairs, start=())]
    views, first = Views.read(pd.DataFrame(rows)), np.arange(len(pairs)) * 2
    return look(views.take(first), views.take(first + 1, flip))


def test_copies_are_the_same_and_the_map_says_where_they_lie() -> None:
    picture = drawing(1)
    found = seen(
        (picture, picture),
        (picture, picture.resize((120, 120), Image.Resampling.LANCZOS)),
        (picture.crop((12, 12, 228, 228)), picture),
        (picture, picture.rotate(4, Image.Resampling.BICUBIC, fillcolor=WHITE)),
        (picture, picture.point([round(255 * (value / 255) ** 1.4) for value in range(256)] * 3)),
    )
    assert found.same.all()
    assert found.difference[0] == 0
    assert found.maps[0] == pytest.approx(np.eye(2, 3), abs=1e-6)
    assert found.maps[2][0, 0] == pytest.approx(0.9, abs=0.01)
    assert np.degrees(np.arctan2(found.maps[3][1, 0], found.maps[3][0, 0])) == pytest.approx(-4, abs=0.3)
    assert found.effort[:4].tolist() == [0, 0, 0, 0]
    assert found.effort[4] > 0.3


def test_strangers_are_infinitely_different() -> None:
    found = seen(*((drawing(one), drawing(one + 20)) for one in range(6)))
    assert not found.same.any()
    assert np.isinf(found.difference).sum() >= 5


def test_a_mirrored_picture_is_one_with_the_mirror_image() -> None:
    picture = drawing(3)
    assert seen((picture, ImageOps.mirror(picture)), flip=True).same.all()
    assert not seen((picture, ImageOps.mirror(picture))).same.any()


def test_an_oblong_is_no_square_but_may_be_squeezed_to_one() -> None:
    square, oblong = Image.new("RGB", (240, 240), WHITE), Image.new("RGB", (240, 240), WHITE)
    ImageDraw.Draw(square).rectangle((50, 50, 190, 190), fill=(180, 40, 40), outline=(0, 0, 0), width=4)
    ImageDraw.Draw(oblong).rectangle((20, 60, 220, 180), fill=(180, 40, 40), outline=(0, 0, 0), width=4)
    wide = drawing(4, (320, 200))
    assert seen((square, oblong), (wide, wide.resize((160, 160), Image.Resampling.LANCZOS))).same.tolist() == [False, True]


def test_margins_of_one_width_round_an_oblong_picture() -> None:
    wide = drawing(5, (320, 200))
    assert seen((ImageOps.expand(wide, 24, WHITE), wide)).same.all()


def test_many_pairs_are_seen_as_each_by_itself() -> None:
    pairs = [(drawing(one), drawing(one).resize((100, 100), Image.Resampling.LANCZOS)) for one in range(3)]
    pairs += [(drawing(one), drawing(one + 1)) for one in range(3)]
    together, alone = seen(*(pairs * 15)), [seen(pair) for pair in pairs]
    assert together.same.tolist() == [bool(one.same[0]) for one in alone] * 15
    assert together.difference[:6] == pytest.approx([one.difference[0] for one in alone], abs=0.01)


def test_the_gate_lets_every_brightness_through_and_no_other_drawing() -> None:
    picture = drawing(6)
    darker = picture.point([round(value * 0.8) for value in range(256)] * 3)
    rows = [
        {**shape.MEASUREMENT.compute(Decoded(side)), **signature.MEASUREMENT.compute(Decoded(side))}
        for side in (picture, darker, drawing(7))
    ]
    views = Views.read(pd.DataFrame(rows))
    one, two = views.take(np.array([0, 0])), views.take(np.array([1, 2]))
    maps = start.best(one, two)
    assert gate.passes(one, two, maps, 16).tolist() == [True, False]
    assert gate.worst(one, two, maps, 16)[0] == pytest.approx(51, abs=2)


def test_the_limit_falls_with_the_strength_of_the_curve() -> None:
    assert limit(np.array([0.0, 0.1])).tolist() == [LIMIT, LIMIT]
    assert (np.diff(limit(np.linspace(0, 0.4, 9))) <= 0).all()
    assert limit(np.array([0.36]))[0] == 4
