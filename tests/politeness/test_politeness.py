"""Random webs, judged by what their servers saw. The rules stand in `politeness_trial/judge.py`, each in a line.

ART_SCENARIOS=5000 in the environment runs so many scenarios instead of the usual ones, as `bench/politeness.py` does.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from politeness_trial.faults import FAULTS
from politeness_trial.judge import RULES, judge
from politeness_trial.maker import scenario
from politeness_trial.play import play

PARTS = 4
SCENARIOS = int(os.environ.get("ART_SCENARIOS", "400"))
MOST_TRIALS = 150
"""Scenarios in which a planted fault must show at least once; most show in every second one."""
OCCASIONS = (
    "gaps with a delay", "gaps longer than the delay by jitter", "starts beside others", "hosts with several fetchers",
    "hosts with several origins", "hosts with a Crawl-delay", "Retry-After", "Retry-After as a date", "Retry-After too long to wait for",
    "Retry-After with a redirect", "long pauses and a later scrape", "further attempts", "URLs with all attempts used",
    "starts at a slow host", "hosts given up", "hops within a host", "hops across hosts", "hops across schemes or ports",
    "redirects to what robots.txt forbids", "wishes that robots.txt forbids", "wishes where robots.txt could not be had",
    "wishes that are reserved", "answers with an opt-out", "clock jumps",
)  # fmt: skip


def seeds(part: int) -> Iterator[int]:
    return iter(range(part, SCENARIOS, PARTS))


@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_is_troubled(part: int) -> None:
    occasions: Counter[str] = Counter()
    complaints: list[str] = []
    for seed in seeds(part):
        verdict = judge(play(scenario(seed)))
        occasions += verdict.occasions
        complaints += [f"seed {seed}, {violation}" for violation in verdict.violations]
    assert not complaints, "\n".join([f"{len(complaints)}, of them:", *complaints[:20]])
    if SCENARIOS >= 400:
        assert [name for name in OCCASIONS if not occasions[name]] == []


def test_nobody_is_troubled_by_threads_either() -> None:
    for seed in range(1000, 1040):
        assert judge(play(scenario(seed), threads=True)).violations == []


def test_one_seed_is_one_log() -> None:
    for seed in range(10):
        assert play(scenario(seed)) == play(scenario(seed))


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(name: str) -> None:
    fault = FAULTS[name]
    assert fault.rules <= set(RULES)
    with fault.plant():
        assert any(judge(play(scenario(seed))).broken & fault.rules for seed in range(MOST_TRIALS))
