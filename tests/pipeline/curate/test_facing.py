from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw, ImageOps

from pipeline.curate import facing
from pipeline.measure import facing as measured
from pipeline.measure.base import Decoded

COUNT = 120


def creature(number: int) -> Image.Image:
    """A body that looks to the right: a head with an eye high up in front, a tail behind; every one of another shape."""
    chance = np.random.default_rng(number)
    image = Image.new("RGB", (120, 100), "white")
    pen = ImageDraw.Draw(image)
    colour = tuple(int(value) for value in chance.integers(20, 200, 3))
    long, high, head = (int(chance.integers(low, top)) for low, top in ((25, 45), (12, 25), (8, 16)))
    pen.ellipse((60 - long, 60 - high, 60 + long, 60 + high), fill=colour)
    x, y = 60 + long - 6, 60 - high - int(chance.integers(0, 8))
    pen.ellipse((x - head, y - head, x + head, y + head), fill=colour)
    pen.ellipse((x + 2, y - 4, x + 6, y), fill="black")
    pen.line((60 - long, 60, 60 - long - 12, int(chance.integers(45, 75))), fill=colour, width=4)
    for foot in chance.integers(-long, long, 4):
        pen.line((60 + int(foot) // 2, 60, 60 + int(foot) // 2, 95), fill=colour, width=5)
    return image


def blob(image: Image.Image) -> bytes:
    return bytes(measured.MEASUREMENT.compute(Decoded(image))["facing"])


@pytest.fixture(scope="module")
def herd() -> tuple[pd.DataFrame, dict[str, str]]:
    """Creatures that look to either side, and which."""
    true = {f"i{number:03}": "left" if number % 3 else "right" for number in range(COUNT)}
    pictures = [creature(number) for number in range(COUNT)]
    turned = [picture if true[f"i{n:03}"] == "right" else ImageOps.mirror(picture) for n, picture in enumerate(pictures)]
    return pd.DataFrame({"id": list(true), "facing": [blob(picture) for picture in turned]}), true


def some(true: dict[str, str], count: int) -> dict[str, str]:
    return {id: true[id] for id in list(true)[::3][: count // 3] + list(true)[1::3][: count - count // 3]}


def test_learns_from_a_few_verdicts(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    learnt = facing.suggest(table, some(true, 30))
    rest = learnt.table[learnt.table["verdict"] == ""]
    assert list(learnt.table.columns) == facing.COLUMNS
    assert (learnt.verdicts, len(rest), len(learnt.table)) == (30, COUNT - 30, COUNT)
    right = rest["suggestion"] == rest["id"].map(true)
    assert right.mean() >= 0.9
    assert right.iloc[len(rest) // 2 :].mean() >= right.mean()
    assert learnt.table["confidence"].is_monotonic_increasing
    assert learnt.table["confidence"].between(0.5, 1).all()
    assert learnt.accuracy >= 0.8


def test_mirrored_pictures_get_the_opposite_answer_with_the_same_confidence(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    said = some(true, 24)
    turned = measured.mirrored(measured.parts(list(table["facing"])))
    turned[2] = (turned[2] + 1) / 2
    rows = [b"".join(np.rint(part[n] * 255).astype(np.uint8).tobytes() for part in turned) for n in range(COUNT)]
    other = pd.DataFrame({"id": "m" + table["id"], "facing": rows})
    found = facing.suggest(pd.concat([table, other]), said).table.set_index("id")
    mine, theirs = found.loc[list(other["id"].str[1:])], found.loc[list(other["id"])]
    plain = (mine["verdict"] == "").to_numpy()
    assert (mine["suggestion"].to_numpy() != theirs["suggestion"].to_numpy())[plain].all()
    assert mine["confidence"].to_numpy()[plain] == pytest.approx(theirs["confidence"].to_numpy()[plain], abs=1e-5)


def test_verdicts_of_one_side_are_enough(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    said = {id: side for id, side in true.items() if side == "left"}
    found = facing.suggest(table, dict(list(said.items())[:30])).table
    rest = found[found["verdict"] == ""]
    assert (rest["suggestion"] == rest["id"].map(true)).mean() >= 0.9


def test_a_wrong_verdict_is_contradicted_by_the_others(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    said = some(true, 60)
    odd = next(iter(said))
    found = facing.suggest(table, {**said, odd: {"left": "right", "right": "left"}[said[odd]]}).table.set_index("id")
    assert found.loc[odd, "suggestion"] == true[odd] != found.loc[odd, "verdict"]


def test_too_few_verdicts_suggest_nothing(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    learnt = facing.suggest(table, {**some(true, facing.FEWEST - 1), "i999": "left"})
    assert learnt.table.empty
    assert learnt.verdicts == facing.FEWEST - 1
    assert facing.suggest(table[["id"]], some(true, 30)).table.empty


def test_answers_that_mean_nothing_are_given_no_confidence(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    chance = np.random.default_rng(1)
    learnt = facing.suggest(table, {id: str(chance.choice(["left", "right"])) for id in list(true)[:80]})
    rest = learnt.table[learnt.table["verdict"] == ""]
    assert rest["confidence"].mean() < 0.75


def test_order_does_not_count(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    said = some(true, 30)
    one = facing.suggest(table, said).table
    two = facing.suggest(table, dict(reversed(said.items()))).table
    pd.testing.assert_frame_equal(one, two)


def test_unmeasured_pictures_are_left_out(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    broken = pd.concat([table, pd.DataFrame({"id": ["ibad"], "facing": [None]})])
    assert "ibad" not in set(facing.suggest(broken, some(true, 30)).table["id"])


def test_equal_pictures(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, _ = herd
    same = pd.DataFrame({"id": [f"i{n}" for n in range(20)], "facing": [table["facing"].iloc[0]] * 20})
    found = facing.suggest(same, {f"i{n}": "left" for n in range(12)}).table
    assert set(found["suggestion"]) == {"left"}
    blank = pd.DataFrame({"id": [f"i{n}" for n in range(20)], "facing": [blob(Image.new("RGB", (50, 50)))] * 20})
    assert facing.suggest(blank, {f"i{n}": "left" for n in range(12)}).table["confidence"].to_numpy() == pytest.approx(0.5, abs=1e-6)


def test_sides(herd: tuple[pd.DataFrame, dict[str, str]]) -> None:
    table, true = herd
    said = some(true, 30)
    wrong = next(iter(said))
    said[wrong] = {"left": "right", "right": "left"}[true[wrong]]
    assert facing.sides(table, said, None) == said
    sure = facing.sides(table, said, 0.8)
    assert sure[wrong] == said[wrong], "a verdict wins"
    assert len(said) < len(sure) < COUNT
    assert len(facing.sides(table, said, 0.5)) == COUNT
    few = dict(list(said.items())[:3])
    assert facing.sides(table, few, 0.5) == few
