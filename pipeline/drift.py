"""Does a crawl look as its source says a healthy one does, and as the last healthy one did?"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import PipelineError
from pipeline.fetch.result import OPTED_OUT, TRANSIENT
from pipeline.tally import Tally
from sources.base import Source, WebsiteSettings

ENOUGH = 20
"""Pages about things that make shares worth judging."""
HISTORY = "history"
"""The key of the bound on how many pages about things there must be for one at the last healthy crawl."""
LEAST_OF_LAST = 0.5
TROUBLE = 0.2
"""Share of pages that failed for passing reasons, or were opted out, above which fewer pages prove nothing about the parser."""


class Drift(PipelineError):
    """A site no longer looks as its source expects."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a crawl stands: `values` by expectation, and a line for each that is far below. `telling`: enough could be read to judge."""

    values: dict[str, float]
    complaints: tuple[str, ...]
    telling: bool


def judge(source: Source, settings: WebsiteSettings, tally: Tally, last: tuple[int, int] | None, *, whole: bool) -> Verdict:
    """Compare a crawl with the source's expectations and with `last` (pages about things, pictures).

    A part of a crawl (not `whole`) is not compared with the last one, nor blamed for what it has not seen yet.
    """
    subjects = list(tally.subjects.values())
    values = {one.name: one.value(subjects) for one in source.health} if subjects else {}
    complaints = []
    unread = sum(tally.failures[name] for name in (*TRANSIENT, OPTED_OUT))
    telling = whole and unread <= TROUBLE * max(1, tally.pages)
    parsed = tally.pages > 0  # a list has no pages that a parser could fail on
    if source.health and telling and parsed and not subjects and tally.pages > sum(tally.failures.values()):
        complaints.append(f"not one page about a thing among {tally.pages:,} pages (read by {source.health[0].reads})")
    for one in source.health:
        least = settings.expect.get(one.name, one.least)
        if len(subjects) >= ENOUGH and values[one.name] < least:
            complaints.append(f"{one.about}: {values[one.name]:.2f}, at least {least:g} expected (`{one.name}`, read by {one.reads})")
    least = settings.expect.get(HISTORY, LEAST_OF_LAST)
    if telling and parsed and last and len(subjects) < least * last[0]:
        reads = f", read by {source.health[0].reads}" if source.health else ""
        complaints.append(f"{len(subjects):,} pages about things, {last[0]:,} at the last healthy crawl (`{HISTORY}`{reads})")
    return Verdict(values, tuple(complaints), telling)


def message(source: Source, complaints: tuple[str, ...], where: str, *, kept_back: bool) -> str:
    """What to tell the person."""
    left = "the old sightings are left as they were" if kept_back else "what was found is kept, unconfirmed"
    first = complaints[0].partition("`")[2].partition("`")[0] or HISTORY
    return (
        f"source {source.name}: DRIFT, the site no longer looks as expected: {'; '.join(complaints)}; {left}. Mend what reads it and run"
        f" `pipeline scrape {where} --offline`; or, if the site is right, `pipeline scrape {where} --set scrape.expect.{first}=0`"
    )
