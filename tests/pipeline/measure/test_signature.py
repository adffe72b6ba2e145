from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from pipeline.measure.base import Decoded
from pipeline.measure.signature import LIMIT, MEASUREMENT, SIDE, TINY_LIMIT, coarse, difference, far_apart, limit, unpack

RED, BLUE = (190, 40, 50), (40, 70, 190)


def robot(
    colour: tuple[int, int, int] = RED, eye: tuple[int, int, int] = (250, 220, 60), mouth: str = "slit", arm: bool = True
) -> Image.Image:
    picture = Image.new("RGB", (300, 300), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    dark = tuple(value // 2 for value in colour)
    draw.rectangle((90, 170, 210, 290), fill=colour, outline=(30, 20, 20), width=3)
    draw.rectangle((105, 185, 150, 230), fill=dark)
    draw.rounded_rectangle((100, 30, 200, 150), 25, fill=colour, outline=(30, 20, 20), width=3)
    draw.rectangle((140, 150, 160, 170), fill=(110, 110, 110))
    draw.ellipse((115, 60, 140, 85), fill=eye, outline=(30, 20, 20), width=2)
    draw.ellipse((160, 60, 185, 85), fill=eye, outline=(30, 20, 20), width=2)
    if mouth == "slit":
        draw.rectangle((130, 115, 170, 125), fill=(40, 20, 20))
    else:
        draw.rectangle((145, 105, 155, 135), fill=(40, 20, 20))
    if arm:
        draw.line((210, 190, 260, 260), fill=dark, width=18)
    return picture


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def resized(picture: Image.Image, factor: float) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.LANCZOS)


def cells(picture: Image.Image, column: str = "signature") -> NDArray[np.uint8]:
    return unpack([MEASUREMENT.compute(Decoded(picture))[column]])


def apart(one: Image.Image, other: Image.Image, column: str = "signature") -> float:
    return float(difference(cells(one, column), cells(other, column))[0])


SAME: dict[str, Callable[[Image.Image], Image.Image]] = {
    "itself": lambda picture: picture,
    "JPEG 30": lambda picture: jpeg(picture, 30),
    "JPEG 95": lambda picture: jpeg(picture, 95),
    "quarter": lambda picture: resized(picture, 0.25),
    "double": lambda picture: resized(picture, 2),
    "half, JPEG 50": lambda picture: jpeg(resized(picture, 0.5), 50),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.1),
    "darker": lambda picture: ImageEnhance.Brightness(picture).enhance(0.8),
}
OTHER: dict[str, Image.Image] = {
    "colour": robot(BLUE),
    "shade": robot((150, 70, 50)),
    "eyes": robot(eye=(60, 160, 250)),
    "mouth": robot(mouth="bar"),
    "no arm": robot(arm=False),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_picture_stays_below_the_limit(name: str) -> None:
    copy = SAME[name](robot())
    assert apart(robot(), copy) <= limit(np.array([copy.width]))[0]


def test_tiny_pictures_are_given_more_room() -> None:
    assert limit(np.array([75.0, 159, 160, 3000])).tolist() == [TINY_LIMIT, TINY_LIMIT, LIMIT, LIMIT]


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.parametrize("change", ["itself", "JPEG 30", "brighter"])
def test_another_robot_does_not_however_alike(name: str, change: str) -> None:
    assert apart(robot(), SAME[change](OTHER[name])) > TINY_LIMIT


def test_the_difference_is_symmetric_and_batches_change_nothing() -> None:
    pictures = [change(robot()) for change in SAME.values()] + list(OTHER.values())
    stack = np.concatenate([cells(picture) for picture in pictures] * 3)
    other = np.roll(stack, 4, axis=0)
    together = difference(stack, other)
    assert np.allclose(together, difference(other, stack), atol=0.01)
    assert together.tolist() == [float(difference(stack[[at]], other[[at]])[0]) for at in range(len(stack))]
    assert difference(stack[:0], stack[:0]).tolist() == []


def test_a_mirrored_signature_is_that_of_the_mirrored_picture() -> None:
    assert apart(robot(), ImageOps.mirror(robot())) > LIMIT
    assert difference(cells(robot())[:, :, ::-1], cells(ImageOps.mirror(robot())))[0] <= 2


def test_margins_leave_the_subject_signature() -> None:
    padded = ImageOps.expand(robot(), (90, 10, 20, 40), (255, 255, 255))
    assert apart(robot(), padded) > LIMIT
    assert apart(robot(), padded, "signature_subject") <= LIMIT
    small, large = (MEASUREMENT.compute(Decoded(picture))["subject_share"] for picture in (padded, robot()))
    assert small == pytest.approx(260 / 410, abs=0.02)
    assert large == pytest.approx(260 / 300, abs=0.02)


def test_the_coarse_look_never_parts_what_the_close_look_joins() -> None:
    one = coarse(cells(robot()))
    assert not any(far_apart(one, coarse(cells(change(robot()))))[0] for change in SAME.values())
    assert far_apart(one, coarse(cells(OTHER["colour"])))[0]


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (500, 3)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_shapes_and_sizes(size: tuple[int, int], mode: str) -> None:
    row = MEASUREMENT.compute(Decoded(Image.new(mode, size)))
    assert {name: len(row[name]) for name in ("signature", "signature_subject")} == {
        "signature": SIDE * SIDE * 3,
        "signature_subject": SIDE * SIDE * 3,
    }
    assert 0 < row["subject_share"] <= 1
    assert difference(unpack([row["signature"]]), unpack([row["signature"]]))[0] == 0
