"""The lines that a running scrape shows: what it has, what it waits for, and how long it may take."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.fetch.pace import Wait
from pipeline.tally import Tally

HOSTS = 4
"""Hosts that are named; of more, only how many."""
SHORT = 1.0
"""Waits shorter than this, in seconds, are not worth a line."""


def lines(blocks: Sequence[Tally], waits: Sequence[Wait], seconds: float) -> list[str]:
    """One line a block, then one for each host that is waited for. `seconds`: how long the scrape has run."""
    shown = [_block(block, seconds) for block in blocks]
    waits = [wait for wait in waits if wait.seconds >= SHORT]
    for wait in waits[:HOSTS]:
        line = f", {wait.queue} in line" if wait.queue > 1 else ""
        shown.append(f"  waiting for {wait.host}: {wait.seconds:.0f} s ({wait.why}{line})")
    if len(waits) > HOSTS:
        shown.append(f"  and for {len(waits) - HOSTS} other hosts")
    return shown


def _block(block: Tally, seconds: float) -> str:
    failed = sum(block.failures.values())
    parts = [
        f"{block.name}: {block.pages:,} pages" + (f" (+{block.announced:,})" if block.announced else ""),
        f"{block.pictures:,} pictures" + (f" (+{block.queued:,})" if block.queued else ""),
        f"{block.pictures / seconds:,.1f}/s" if seconds > 1 and block.pictures else "",
        f"{failed:,} failed" if failed else "",
        left(block, seconds),
    ]
    return " · ".join(part for part in parts if part)


def left(block: Tally, seconds: float) -> str:
    """How long the work that is known may take, at the pace so far; empty when there is nothing to go by."""
    done = block.pages + block.pictures
    per_page = block.pictures / block.pages if block.pages else 0.0
    to_do = block.queued + block.announced * (1 + per_page)
    if not to_do or done < 5 or seconds < 2:
        return ""
    return f"about {_span(to_do * seconds / done)} left"


def _span(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min" if minutes >= 5 else f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
