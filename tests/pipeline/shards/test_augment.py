from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.errors import UsageError
from pipeline.manifest import AugmentSettings
from pipeline.shards import augment
from pipeline.shards.augment import Variant

CALM = settings(deadline=None, max_examples=50)  # a busy machine is no failure


def gradient() -> Image.Image:
    return Image.merge("RGB", [Image.linear_gradient("L"), Image.linear_gradient("L").rotate(90), Image.new("L", (256, 256), 9)])


def test_a_mirrored_copy_is_the_picture_read_from_the_right() -> None:
    image = gradient()
    copy = Variant(mirror=True).apply(image)
    assert all(copy.getpixel((x, y)) == image.getpixel((255 - x, y)) for x in range(0, 256, 5) for y in range(0, 256, 51))
    assert Variant(mirror=True).apply(copy).tobytes() == image.tobytes()


def test_brightness_multiplies_rounds_and_stops_at_white() -> None:
    image = Image.new("RGB", (2, 2), (10, 101, 250))
    assert Variant(percent=83).apply(image).getpixel((0, 0)) == (8, 84, 208)
    assert Variant(percent=110).apply(image).getpixel((1, 1)) == (11, 111, 255)


@pytest.mark.parametrize(
    ("variant", "label"),
    [
        (Variant(), ""),
        (Variant(mirror=True), "mirror"),
        (Variant(percent=83), "brightness=0.83"),
        (Variant(mirror=True, percent=110), "mirror brightness=1.10"),
        (Variant(turned=True), "turned"),
        (Variant(percent=83, turned=True), "turned brightness=0.83"),
    ],
)
def test_labels(variant: Variant, label: str) -> None:
    assert variant.label == label


def test_turned_is_mirrored_and_still_an_original() -> None:
    image = Image.effect_noise((6, 4), 90).convert("RGB")
    assert Variant(turned=True).apply(image).tobytes() == Variant(mirror=True).apply(image).tobytes()
    assert Variant(mirror=True, turned=True).apply(image).tobytes() == image.tobytes()
    assert [Variant(turned=True).original, Variant(mirror=True).original, Variant(percent=90, turned=True).original] == [True, False, False]


@CALM
@given(
    st.text(max_size=8),
    st.integers(0, 99),
    st.booleans(),
    st.tuples(st.integers(10, 150), st.integers(40, 150)).map(lambda pair: (pair[0] / 100, (pair[0] + pair[1]) / 100)),
    st.integers(0, 12),
)
def test_copies_differ_stay_in_range_and_are_repeatable(
    id: str, seed: int, mirror: bool, brightness: tuple[float, float], copies: int
) -> None:
    wanted = AugmentSettings(mirror=mirror, brightness=brightness, copies=copies)
    found = augment.variants(id, wanted, seed)
    fixed = ["", "mirror"] if mirror else [""]
    labels = [variant.label for variant in found]
    assert labels[: len(fixed)] == fixed
    assert len(set(labels)) == len(labels) == len(fixed) + copies
    assert all(brightness[0] - 1e-9 <= variant.percent / 100 <= brightness[1] + 1e-9 for variant in found[len(fixed) :])
    assert mirror or not any(variant.mirror for variant in found)
    assert found == augment.variants(id, wanted, seed)
    assert found[:-1] == augment.variants(id, wanted.model_copy(update={"copies": max(copies - 1, 0)}), seed) or copies == 0


def test_draws_fill_the_range_and_both_sides() -> None:
    wanted = AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=1)
    drawn = [augment.variants(f"i{number}", wanted, 0)[2] for number in range(2000)]
    percents = [variant.percent for variant in drawn]
    assert (min(percents), max(percents)) == (70, 120)
    assert abs(sum(percents) / len(percents) - 95) < 1.5
    assert abs(sum(variant.mirror for variant in drawn) - 1000) < 120


def test_draws_stay_the_same_in_every_version() -> None:
    wanted = AugmentSettings(mirror=True, brightness=(0.7, 1.2), copies=3)
    assert [variant.label for variant in augment.variants("i0123", wanted, 0)] == [
        "",
        "mirror",
        "brightness=1.11",
        "mirror brightness=0.76",
        "brightness=0.93",
    ]


def test_more_copies_than_can_differ_are_refused() -> None:
    with pytest.raises(UsageError, match=r"augment\.copies = 1: no range that is open gives 0 different copies"):
        augment.check(AugmentSettings(copies=1))
    augment.check(AugmentSettings(copies=2, brightness=(1.0, 1.02)))
    with pytest.raises(UsageError, match="gives 2 different"):
        augment.check(AugmentSettings(copies=3, brightness=(1.0, 1.02)))


EVERYTHING = AugmentSettings(
    **{"mirror": True, "copies": 20, "brightness": (0.7, 1.2), "contrast": (0.8, 1.2), "saturation": (0.5, 1.5), "hue": 20},
    **{"rotate": 10, "zoom": (0.9, 1.1), "blur": 1.5, "noise": 10, "desaturate": 0.4},
)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_every_change_at_once_is_repeatable_and_keeps_the_form(mode: str) -> None:
    image = gradient().resize((48, 48)).convert(mode)
    found = augment.variants("i1", EVERYTHING, 0)
    made = [variant.apply(image) for variant in found]
    assert {(copy.mode, copy.size) for copy in made} == {(mode, (48, 48))}
    assert len({copy.tobytes() for copy in made}) == len(made) == 22
    assert [variant.apply(image).tobytes() for variant in augment.variants("i1", EVERYTHING, 0)] == [copy.tobytes() for copy in made]


def test_a_copy_depends_on_its_own_picture_number_and_seed_alone() -> None:
    few = augment.variants("i1", EVERYTHING.model_copy(update={"copies": 3}), 0)
    assert augment.variants("i1", EVERYTHING, 0)[: len(few)] == few
    assert augment.variants("i2", EVERYTHING, 0)[2:5] != few[2:]
    assert augment.variants("i1", EVERYTHING, 1)[2:5] != few[2:]


def test_each_change_alone_is_shown_at_an_end_of_its_range() -> None:
    high, low = (augment.alone(EVERYTHING, end) for end in (True, False))
    assert list(high) == list(augment.SCALES)
    assert (high["brightness"].label, low["brightness"].label) == ("brightness=1.20", "brightness=0.70")
    assert (high["rotate"].label, low["rotate"].label) == ("rotate=10.0", "rotate=-10.0")
    assert (high["noise"].label, low["noise"].label) == ("noise=10.0", "noise=10.0")


@pytest.mark.parametrize("name", ["saturation", "hue", "desaturate"])
def test_what_changes_nothing_in_gray_is_refused(name: str) -> None:
    wanted = AugmentSettings(
        copies=1, brightness=(0.5, 1), **{name: (0.5, 1) if name == "saturation" else 0.5 if name == "desaturate" else 5}
    )
    augment.check(wanted)
    with pytest.raises(UsageError, match=f"augment.{name} changes nothing in gray pictures"):
        augment.check(wanted, "gray")
