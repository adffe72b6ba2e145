from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.curate import classify
from pipeline.manifest import ClassifySettings

SETTINGS = ClassifySettings(field="unit_type", keep=("mobile suit", "mobile armor"), drop=("carrier", "fighter"))


def sighting(id: str, unit_type: str | None, page: str = "http://m/a.htm", title: str = "", text: str = "") -> dict[str, Any]:
    fields = {} if unit_type is None else {"unit_type": unit_type}
    return {
        "id": id,
        "page_url": page,
        "image_url": "http://m/a.jpg",
        "source": "mahq",
        "title": title,
        "fields": fields,
        "text": text,
        "license": "",
        "credit": "",
    }


def decide(*rows: dict[str, Any], settings: ClassifySettings = SETTINGS) -> pd.DataFrame:
    return classify.decide(pd.DataFrame(rows), settings).set_index("id")


def test_one_row_per_item_in_id_order_with_the_evidence() -> None:
    frame = classify.decide(
        pd.DataFrame([sighting("i2", "carrier"), sighting("i1", "mobile suit"), sighting("i3", "hover bike")]), SETTINGS
    )
    assert list(frame.columns) == ["id", "decision", "rule", "score", "threshold", "reason", "for", "against", "conflict", "page"]
    assert frame["id"].tolist() == ["i1", "i2", "i3"]
    assert frame["decision"].tolist() == ["keep", "drop", "drop"]
    assert frame["rule"].tolist() == ["field", "field", "no_keyword"]
    assert frame["score"].tolist() == [2, -2, -1]
    assert frame["threshold"].tolist() == [0, 0, 0]
    assert frame["for"].tolist() == ["unit_type: mobile suit", "", ""]
    assert frame["against"].tolist() == ["", "unit_type: carrier", ""]
    assert frame["reason"].tolist()[2] == 'unit_type says "hover bike": no listed word'


def test_one_sighting_that_keeps_is_enough_and_the_others_are_listed() -> None:
    rows = [sighting("i1", "carrier", "http://m/1"), sighting("i1", "mobile suit", "http://m/2"), sighting("i1", None, "http://m/3")]
    for order in (rows, rows[::-1]):
        row = decide(*order).loc["i1"]
        assert (row["decision"], row["rule"], row["for"]) == ("keep", "field", "unit_type: mobile suit")
        assert row["conflict"] == (
            'drop: http://m/1 (unit_type says "carrier": carrier); drop: http://m/3 (no unit_type; no keyword in title or text)'
        )


def test_even_a_weaker_sighting_keeps() -> None:
    row = decide(sighting("i1", "carrier", "http://m/1"), sighting("i1", None, "http://m/2", text="It is a mobile suit.")).loc["i1"]
    assert (row["decision"], row["rule"]) == ("keep", "text")
    assert row["conflict"] == 'drop: http://m/1 (unit_type says "carrier": carrier)'


def test_sightings_that_agree_are_no_conflict() -> None:
    frame = decide(
        sighting("i1", "mobile suit"), sighting("i1", "mobile armor", "http://m/2"), sighting("i2", None), sighting("i2", "carrier", "b")
    )
    assert frame["conflict"].tolist() == ["", ""]
    assert frame.loc["i2", "reason"] == 'unit_type says "carrier": carrier'


def test_text_is_weaker_than_any_field() -> None:
    frame = decide(sighting("i1", None, text="It is a mobile suit. " * 30), sighting("i2", "mobile suit", text="It is a carrier. " * 30))
    assert frame["decision"].tolist() == ["keep", "keep"]
    assert frame.loc["i1", "score"] < frame.loc["i2", "score"]
    assert frame.loc["i2", "against"] == "text: carrier ×30"


def test_no_words_keep_everything_without_a_score() -> None:
    frame = decide(sighting("i1", "carrier"), settings=ClassifySettings(field="unit_type"))
    assert frame["decision"].tolist() == ["keep"]
    assert frame["rule"].tolist() == [""]
    assert frame[["score", "threshold"]].isna().all().all()


def test_nothing_seen_gives_an_empty_frame() -> None:
    frame = classify.decide(pd.DataFrame([sighting("i1", "x")]).iloc[:0], SETTINGS)
    assert list(frame.columns) == classify.COLUMNS
    assert frame.empty
