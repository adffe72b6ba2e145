from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.licences.listed import expression, id_or_reference, listed


def test_ids_in_use_and_given_up() -> None:
    ids = listed()
    assert ids["mit"] == "MIT"
    assert ids["gpl-2.0"] == "GPL-2.0-only"  # given up for a clearer one
    assert all(ids[name.lower()] == name for name in ids.values())
    assert len(ids) > 500


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("cc-by-4.0", "CC-BY-4.0"),
        ("My own terms!", "LicenseRef-My-own-terms"),
        ("..-..", ""),
        ("", ""),
        ("Künstler", "LicenseRef-K-nstler"),
    ],
)
def test_id_or_reference(wanted: str, expected: str) -> None:
    assert id_or_reference(wanted) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mit", "MIT"),
        ("licenseref-Mine", "LicenseRef-Mine"),
        ("mit OR apache-2.0", "MIT OR Apache-2.0"),
        ("GPL-2.0-or-later with Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("MIT Apache-2.0", ""),
        ("(MIT and", ""),
        ("MIT or nothing-known", ""),
        ("free of charge", ""),
        ("MIT or " * 40 + "MIT", ""),
        ("", ""),
    ],
)
def test_expression(text: str, expected: str) -> None:
    assert expression(text) == expected


@given(st.text(), st.sampled_from(["", "LicenseRef-", "MIT or ", "("]))
def test_a_reference_or_expression_reads_as_itself(text: str, before: str) -> None:
    for found in (expression(before + text), id_or_reference(before + text)):
        assert not found or expression(found) == found
