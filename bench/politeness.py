"""Is anybody troubled? Thousands of random webs on a fake clock, judged by their servers' own logs.

Each scenario is a few hosts with random robots.txt files, redirects, error bursts, pauses and latencies, and the fetchers of one to
three scrapes let loose on them (`tests/politeness`). The judge knows nothing of the program. `--faults N` then plants one rudeness
after another in the fetcher, and tells in how many of N scenarios the judge saw it.

    python bench/politeness.py [--quick] [--scenarios N] [--seed N] [--faults N]
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "politeness")]

from politeness_trial.faults import FAULTS  # noqa: E402
from politeness_trial.judge import judge  # noqa: E402
from politeness_trial.maker import scenario  # noqa: E402
from politeness_trial.play import play  # noqa: E402

SHOWN = 20
"""Violations that are printed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="500 scenarios and 50 for each fault")
    parser.add_argument("--scenarios", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0, help="of the first scenario")
    parser.add_argument("--faults", type=int, default=200, help="scenarios for each planted fault; 0 plants none")
    options = parser.parse_args()
    if options.quick:
        options.scenarios, options.faults = 500, 50
    seeds = range(options.seed, options.seed + options.scenarios)
    began = time.monotonic()
    occasions: Counter[str] = Counter()
    violations: Counter[str] = Counter()
    for seed in seeds:
        verdict = judge(play(scenario(seed)))
        occasions += verdict.occasions
        for violation in verdict.violations:
            if violations.total() < SHOWN:
                print(f"seed {seed}, {violation}")
            violations[violation.rule] += 1
    seconds = time.monotonic() - began
    print(f"{options.scenarios:,} scenarios, {occasions['requests']:,} requests, {violations.total():,} violations", flush=True)
    seen = {}
    for name, fault in FAULTS.items() if options.faults else ():
        with fault.plant():
            trials = range(options.seed, options.seed + options.faults)
            seen[name] = sum(bool(judge(play(scenario(seed))).broken & fault.rules) for seed in trials)
        print(f"{name}: seen in {seen[name]} of {options.faults}", flush=True)
    result = {
        "scenarios": options.scenarios,
        "seed": options.seed,
        "seconds": round(seconds, 1),
        "violations": dict(violations),
        "occasions": dict(sorted(occasions.items())),
        "faults": {"scenarios": options.faults, "seen": seen},
        "python": platform.python_version(),
    }
    print(json.dumps(result))
    sys.exit(bool(violations.total() or not all(seen.values())))


if __name__ == "__main__":
    main()
