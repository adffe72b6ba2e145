from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.limits import Limits, Pacer, retry_after
from pipeline.fetch.result import Failed

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


class Host:
    """A pacer with a clock of its own."""

    def __init__(self, delay: float, limits: Limits | None = None) -> None:
        self.now = NOW
        self.slept: list[float] = []
        self.notes: list[str] = []
        self.pacer = Pacer(delay, limits or Limits(), lambda: self.now, self._sleep, self.notes.append)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_requests_to_one_host_start_a_delay_apart() -> None:
    host = Host(2.0)
    host.pacer.wait("a")
    host.now += 0.5
    host.pacer.wait("a")
    host.now += 3.0
    host.pacer.wait("a")
    assert host.slept == [1.5]


def test_hosts_do_not_wait_for_each_other() -> None:
    host = Host(2.0)
    for name in ("a", "b", "c"):
        host.pacer.wait(name)
    assert host.slept == []


def test_crawl_delay_raises_the_delay_of_its_host_only() -> None:
    host = Host(1.0)
    host.pacer.slow("a", 20.0)
    host.pacer.slow("b", 0.5)
    for name in ("a", "b", "a", "b", "a"):
        host.pacer.wait(name)
    assert host.slept == [20.0, 20.0]
    assert host.notes == ["a: waiting 20 s before each request (Crawl-delay in its robots.txt)"]


def test_crawl_delay_is_capped_and_told() -> None:
    host = Host(1.0)
    host.pacer.slow("a", 3600.0)
    host.pacer.slow("a", 3600.0)
    host.pacer.wait("a")
    host.pacer.wait("a")
    assert host.slept == [60.0]
    assert host.notes[0] == "a: its robots.txt asks for 3600 s between requests; it gets 60 s, the longest kept"
    assert len(host.notes) == 2


def test_a_hold_is_kept_and_its_reason_told() -> None:
    host = Host(1.0)
    host.pacer.wait("a")
    host.pacer.hold("a", 30.0, "HTTP 503 with Retry-After")
    host.pacer.wait("a")
    assert host.slept == [30.0]
    assert host.notes == ["a: waiting 30 s (HTTP 503 with Retry-After)"]


def test_short_waits_are_not_told() -> None:
    host = Host(4.0)
    host.pacer.wait("a")
    host.pacer.wait("a")
    assert host.slept == [4.0]
    assert host.notes == []


def test_too_long_a_hold_is_a_failure_until_it_is_short_enough() -> None:
    host = Host(0.0)
    host.pacer.hold("a", 4000.0, "asked")
    with pytest.raises(Failed, match="busy"):
        host.pacer.wait("a")
    host.now += 3500.0
    host.pacer.wait("a")
    assert host.slept == [500.0]


def test_a_long_delay_of_the_manifest_is_no_failure() -> None:
    host = Host(3600.0)
    host.pacer.wait("a")
    host.pacer.wait("a")
    assert host.slept == [3600.0]


def test_a_clock_set_back_does_not_stretch_a_pause() -> None:
    host = Host(2.0)
    host.pacer.wait("a")
    host.now -= 86_400.0
    host.pacer.wait("a")
    host.pacer.hold("a", 9.0, "asked")
    host.now -= 86_400.0
    host.pacer.wait("a")
    assert host.slept == [2.0, 9.0]
