from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.limits import retry_after

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("1.5", 1.5),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tuesday, 14-Nov-23 22:14:20 GMT", 60.0),
        ("Tue Nov 14 22:14:20 2023", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
        ("Tue, 99 Nov 2023 22:14:20 GMT", None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    assert retry_after(value, NOW) == expected


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system's time zone cannot be set")
def test_a_date_without_a_zone_is_gmt_wherever_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    try:
        assert retry_after("Tue Nov 14 22:14:20 2023", NOW) == 60.0
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.integers(0, 10**12))
def test_retry_after_seconds(seconds: int) -> None:
    assert retry_after(str(seconds), NOW) == seconds


@given(st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1)))
def test_retry_after_dates(when: datetime) -> None:
    whole = when.replace(microsecond=0, tzinfo=UTC)
    assert retry_after(format_datetime(whole, usegmt=True), NOW) == max(0.0, whole.timestamp() - NOW)


@given(st.one_of(st.text(), st.text("0123456789 :-+,TueNovGMT", max_size=40), st.integers(300, 5000).map(lambda n: "9" * n)))
def test_retry_after_of_anything(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0
