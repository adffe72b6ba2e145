from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from pipeline.curate.filters.background import FILTER, BackgroundSettings

Row = tuple[str, float, float]
WHITE: Row = ("#ffffff", 1.0, 0.0)
GRAY: Row = ("#ececec", 0.9, 0.0)
PINK: Row = ("#e97070", 0.95, 0.0)
SCENE: Row = ("#203050", 0.41, 0.0)
CLEAR: Row = ("#ffffff", 1.0, 1.0)


def judge(*rows: Row, **keys: object) -> pd.DataFrame:
    table = pd.DataFrame(
        rows, columns=["border_colour", "border_uniformity", "border_transparent"], index=[f"i{n}" for n in range(len(rows))]
    )
    return FILTER.judge(table, BackgroundSettings.model_validate(keys))


def test_the_commonest_plain_colour_is_learned() -> None:
    found = judge(WHITE, PINK, WHITE, GRAY, SCENE, SCENE, SCENE, SCENE)
    assert found["drop"].tolist() == [False, True, False, False, True, True, True, True]
    assert found["reason"].iloc[1] == "border is #e97070, off #ffffff by 143, 40 allowed"


def test_a_busy_border_says_how_busy() -> None:
    row = judge(("#fefefe", 0.41, 0.0), expected="any").iloc[0]
    assert (row["score"], row["threshold"], row["reason"]) == (0.41, 0.5, "border is 41% one colour, 50% needed")


def test_the_row_order_does_not_matter() -> None:
    rows = [WHITE, PINK, GRAY, WHITE, PINK, SCENE, WHITE]
    assert judge(*rows)["drop"].tolist() == judge(*rows[::-1])["drop"].tolist()[::-1]


def test_nothing_is_expected_where_no_colour_has_half_of_them() -> None:
    found = judge(WHITE, PINK, ("#3060c0", 1.0, 0.0), ("#207030", 1.0, 0.0), SCENE)
    assert found["drop"].tolist() == [False, False, False, False, True]


def test_several_grounds_are_learned() -> None:
    light: Row = ("#b0b0b0", 1.0, 0.0)
    dark: Row = ("#303840", 0.9, 0.0)
    rows = [WHITE] * 50 + [light] * 30 + [dark] * 16 + [PINK] * 3
    found = judge(*rows)
    assert found["drop"].tolist() == [False] * 96 + [True] * 3
    assert "off #b0b0b0 by" in found["reason"].iloc[-1]  # the nearest of them
    assert judge(*rows, share=0.2)["drop"].tolist() == [False] * 80 + [True] * 19
    assert not judge(*rows, share=0.01)["drop"].any()


def test_two_pictures_teach_nothing_in_a_large_collection() -> None:
    assert judge(*[WHITE] * 10, PINK, PINK, share=0)["drop"].tolist() == [False] * 10 + [True] * 2


def test_transparency_can_be_refused_or_learned() -> None:
    rows = [WHITE] * 20 + [CLEAR]
    assert judge(*rows, transparency="refuse")["reason"].iloc[-1] == "border is transparent"
    assert judge(*rows, transparency="learn")["drop"].tolist() == [False] * 20 + [True]
    assert not judge(*rows, *[CLEAR] * 3, transparency="learn")["drop"].any()


def test_a_list_of_colours_is_held_to() -> None:
    assert judge(WHITE, PINK, GRAY, ("#000000", 1.0, 0.0), expected=["#ffffff", "#000000"])["drop"].tolist() == [False, True, False, False]


def test_transparency_is_plain_and_of_any_expected_colour() -> None:
    assert not judge(CLEAR, expected="#000000")["drop"].any()
    found = judge(CLEAR, CLEAR, CLEAR, PINK)
    assert not found["drop"].any()  # only opaque borders teach a colour


def test_a_given_colour_is_held_to() -> None:
    found = judge(WHITE, PINK, PINK, expected="#FFFFFF")
    assert found["drop"].tolist() == [False, True, True]
    assert found["score"].tolist() == [1.0, 0.0, 0.0]


def test_both_faults_are_named() -> None:
    assert judge(SCENE, expected="#ffffff").iloc[0]["reason"].count(" and ") == 1


def test_an_empty_collection() -> None:
    assert judge().empty


@pytest.mark.parametrize("value", ["white", "#fff", "#ggffff", "", [], ["#ffffff", "learn"]])
def test_an_unknown_expectation_is_refused(value: str | list[str]) -> None:
    with pytest.raises(ValidationError, match="learn"):
        BackgroundSettings.model_validate({"expected": value})
