from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageOps

from sources.demo import pictures, plan
from sources.demo.plan import Picture

pytest.importorskip("robohash")


@pytest.fixture(scope="module")
def planned() -> list[Picture]:
    return [picture for unit in plan.plan(200, 2) for _, picture in unit.pictures]


def _one(planned: list[Picture], **traits: object) -> Picture:
    values = {"answer": "picture", "mirrored": False, **traits}
    return next(
        picture
        for picture in planned
        if all(getattr(picture.shot if name in ("treatment", "subject") else picture, name) == value for name, value in values.items())
    )


def _open(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(pictures.content(picture)))


def test_the_bytes_do_not_hang_on_order_or_thread(planned: list[Picture]) -> None:
    some = planned[::12]
    alone = [pictures.content(picture) for picture in some]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(pictures.content, some[::-1]))[::-1]
    assert together == alone
    assert len(set(alone)) > len(some) * 0.8


def test_a_file_is_what_its_name_and_plan_say(planned: list[Picture]) -> None:
    for picture in planned[:40]:
        if picture.answer == "picture":
            image = _open(picture)
            assert image.size == picture.size
            assert image.format == ("PNG" if picture.path.endswith(".png") else "JPEG")


def test_a_plain_picture_is_white_around_the_robot(planned: list[Picture]) -> None:
    pixels = np.asarray(_open(_one(planned, treatment="plain", subject="robot", clear=False)).convert("RGB"))
    assert (pixels[:4] > 245).all()
    clear = _open(_one(planned, treatment="plain", subject="robot", clear=True))
    assert clear.mode == "RGBA"
    assert clear.getpixel((1, 1))[3] == 0  # type: ignore[index]


def test_a_mirrored_copy_is_the_mirror_image(planned: list[Picture]) -> None:
    copy = _one(planned, mirrored=True)
    difference = ImageChops.difference(ImageOps.mirror(_open(copy).convert("RGB")), _open(replace(copy, mirrored=False)).convert("RGB"))
    assert np.asarray(difference).mean() < 2


def test_a_truncated_file_has_a_head_and_no_end(planned: list[Picture]) -> None:
    damaged = _one(planned, answer="truncated")
    data = pictures.content(damaged)
    whole = pictures.content(replace(damaged, answer="picture"))
    assert whole.startswith(data)
    assert len(data) == len(whole) * 6 // 10
    image = Image.open(io.BytesIO(data))
    assert image.size == damaged.size
    with pytest.raises(OSError, match="truncated"):
        image.load()


def test_html_is_sent_for_a_picture(planned: list[Picture]) -> None:
    assert pictures.content(_one(planned, answer="html")).startswith(b"<html>")


def test_grayscale_pictures_are_grey_in_three_ways(planned: list[Picture]) -> None:
    grey = [picture for picture in planned if picture.shot.treatment == "grayscale"]
    assert "L" in {_open(picture).mode for picture in grey}
    spreads = []
    for picture in grey:
        rgb = np.asarray(_open(picture).convert("RGB")).astype(int)
        spreads.append(int((rgb.max(axis=2) - rgb.min(axis=2)).max()))
    assert max(spreads) <= 16
    assert min(spreads) == 0
    assert any(spreads), "one is tinted like a scan"


def test_a_scene_leaves_no_white_border(planned: list[Picture]) -> None:
    for picture in planned:
        if picture.shot.treatment == "scene":
            top = np.asarray(_open(picture).convert("RGB"))[:4]
            assert (top.min(axis=2) > 245).mean() < 0.5
