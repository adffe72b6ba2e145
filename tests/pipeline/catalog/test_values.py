from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.catalog.values import as_json, marks, parsed, plain


def test_equal_values_are_equal_texts() -> None:
    assert as_json({"b": 1, "a": "é"}) == as_json({"a": "é", "b": 1}) == '{"a": "é", "b": 1}'
    assert marks(3) == "?, ?, ?"


@given(st.lists(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text()))))
def test_many_texts_are_parsed_as_one_by_one(values: list[dict[str, object]]) -> None:
    column = pd.Series([as_json(value) for value in values], dtype=object)
    assert parsed(column) == values == [json.loads(text) for text in column]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series([1, 2]), [1, 2]),
        (pd.Series([1.5, float("nan")]), [1.5, None]),
        (pd.Series(["a", None]), ["a", None]),
        (pd.Series([np.int64(3), np.float32(0.5), True], dtype=object), [3, 0.5, True]),
        (pd.Series([], dtype=float), []),
    ],
)
def test_values_are_of_no_library(column: pd.Series, expected: list[object]) -> None:
    found = plain(column)
    assert found == expected
    assert {type(value).__module__ for value in found} <= {"builtins"}
