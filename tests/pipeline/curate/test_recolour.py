from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from pipeline.curate.recolour import outlines, recoloured
from pipeline.curate.views import Views
from pipeline.measure import shape, signature
from pipeline.measure.base import Decoded

RED, BLUE, YELLOW = (190, 40, 50), (40, 70, 190), (250, 220, 60)


def figure(coat: tuple[int, int, int], eye: tuple[int, int, int] = YELLOW, arm: bool = True, mouth: int = 0) -> Image.Image:
    picture = Image.new("RGB", (300, 300), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((80, 170, 200, 280), fill=coat, outline=(30, 20, 20), width=3)
    draw.rounded_rectangle((100, 30, 200, 150), 25, fill=coat, outline=(30, 20, 20), width=3)
    draw.ellipse((115, 60, 140, 85), fill=eye)
    draw.line((120, 120, 180, 120 + mouth), fill=(20, 20, 20), width=6)
    if arm:
        draw.line((205, 190, 260, 260), fill=(60, 60, 60), width=18)
    return picture


def views(*pictures: Image.Image) -> Views:
    rows = [{**shape.MEASUREMENT.compute(Decoded(side)), **signature.MEASUREMENT.compute(Decoded(side))} for side in pictures]
    return Views.read(pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("other", "wanted"),
    [
        (figure(BLUE), True),
        (figure((20, 90, 60), eye=(180, 220, 250)), True),
        (figure(RED), False),  # no other colour
        (figure(RED, eye=(60, 220, 250)), False),  # too little of it
        (figure(BLUE, arm=False), False),  # another outline
        (figure(RED, mouth=20), False),
        (figure(BLUE).rotate(20, fillcolor=(255, 255, 255)), False),  # not in the same frame
    ],
)
def test_the_same_outlines_in_other_paints(other: Image.Image, wanted: bool) -> None:
    both = views(figure(RED), other)
    for one, two in ((0, 1), (1, 0)):
        assert recoloured(both.take(np.array([one])), both.take(np.array([two]))).tolist() == [wanted]


def test_no_pairs() -> None:
    nothing = views(figure(RED)).take(np.zeros(0, dtype=np.intp))
    assert recoloured(nothing, nothing).tolist() == []


def test_an_outline_is_one_whatever_the_paint() -> None:
    red, blue = (outlines(views(figure(coat)).take(np.array([0])), 64) for coat in (RED, BLUE))
    assert red.shape == (1, 64, 64)
    assert red[0, 0].max() < 1
    assert red.max() > 200
    assert np.abs(red - blue).mean() < 5
