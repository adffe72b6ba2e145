"""Whether it still gets better."""

from __future__ import annotations

import math

from pipeline.train.watch.guards.case import Case, Finding

STALE = 100.0
"""Thousand images without a better KID before a run is held to be over …"""
STALE_SCORES = 3
"""… in so many evaluations at least."""


def no_better(case: Case) -> Finding | None:
    """KID has not improved for long."""
    scored = [(moment.kimg, moment.row["kid"]) for moment in case.moments if not math.isnan(moment.row.get("kid", math.nan))]
    if not scored:
        return None
    best_kimg, best = min(scored, key=lambda pair: pair[1])
    since = [kid for kimg, kid in scored if kimg > best_kimg]
    if scored[-1][0] - best_kimg < STALE or len(since) < STALE_SCORES:
        return None
    return Finding(
        "stop now",
        f"KID has not improved for {scored[-1][0] - best_kimg:.4g} kimg: {1000 * best:.1f} (×1000) at {best_kimg:.4g} kimg, "
        f"{1000 * since[-1]:.1f} now, {1000 * min(since):.1f} at best since",
        "Ctrl-C: the best generator so far is the one that is kept. A new run with lower rates, or more pictures, may get further",
    )
