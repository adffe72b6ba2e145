"""Reads a server's log and says where a visitor was not polite.

It knows nothing of the program: all it has is what was served, and what the fetchers were told. Each rule has a name; a violation
names it and the request that broke it. Every rule also counts its occasions, so that silence can be told from lack of opportunity.
"""

from __future__ import annotations

from politeness_trial import allowed, pace, rows
from politeness_trial.record import Log
from politeness_trial.scrape import EPS, Scrape, Verdict, Violation
from politeness_trial.served import heeded, host_of, pause_of, reserving, target_of

RULES = {
    "robots first": "nothing is asked of an origin before its robots.txt has been answered",
    "robots forbids": "nothing is asked that robots.txt forbids",
    "robots missing": "nothing is asked of an origin whose robots.txt could not be had",
    "tdmrep first": "no page or picture is asked before the origin's tdmrep.json has been asked",
    "uninvited": "nothing is asked that no source wanted and no redirect led to",
    "offline": "an offline source asks nobody",
    "delay": "two requests to a host start at least its delay apart",
    "at once": "one request at a time to a host with a delay, and never more than the limit",
    "retry-after": "a host that asked for a pause is left alone until it is over",
    "long pause": "also if it is longer than anybody waits, and over the end of a scrape",
    "redirect's pause": "a redirect that asks for a pause is followed after it",
    "attempts": "no more attempts at a URL than the limit",
    "backoff": "pauses between the attempts at a URL double",
    "asked twice": "what was had, gone or refused is not asked again within a scrape",
    "had before": "a picture that an earlier scrape has had is not asked again",
    "slow host": "a host that has become slow rests as long as its answers take, and has one request at a time",
    "given up": "a host that gave no answer to so many addresses in a row is asked nothing more",
    "opt-out again": "what answered with an opt-out is not asked again within a scrape",
    "opt-out stored": "and its body is neither kept nor handed out",
    "reserved": "what robots.txt or tdmrep.json reserve is not asked",
}


def judge(log: Log) -> Verdict:
    """The verdict on a whole log."""
    verdict = Verdict()
    verdict.occasions["clock jumps"] = len(log.clock) - 1
    scrapes = sorted({scrape for scrape, _ in log.askers})
    for scrape in scrapes:
        _scrape(Scrape(log, scrape, verdict))
    _bodies(log, verdict)
    _between(log, verdict)
    verdict.occasions["requests"] = len(log.entries)
    verdict.occasions["scrapes"] = len(scrapes)
    return verdict


def _scrape(scrape: Scrape) -> None:
    scrape.occasions("hosts", len(scrape.by_host))
    scrape.occasions("fetchers", sum(1 for number, _ in scrape.log.askers if number == scrape.number))
    for entry in scrape.entries:
        allowed.invited(scrape, entry)
        allowed.allowed(scrape, entry)
    for entries in scrape.by_host.values():
        pace.delay(scrape, entries)
        pace.slow(scrape, entries)
        pace.pauses(scrape, entries)
        pace.given_up(scrape, entries)
    for (kind, _), entries in scrape.by_url.items():
        rows.attempts(scrape, kind, entries)
    allowed.opt_outs_again(scrape)
    allowed.wishes(scrape)


def _bodies(log: Log, verdict: Verdict) -> None:
    """What was reserved is not kept, nor handed to a source that does not override it, in this scrape or a later one."""
    reserved: dict[str, set[str]] = {}
    for answer in log.entries:
        signals = reserving(answer)
        if not signals:
            continue
        asker = log.askers[answer.scrape, answer.agent]
        if answer.status == 200:
            reserved[answer.digest] = signals
            if signals - asker.overrides and answer.digest in log.stored:
                said = f"it answered with {sorted(signals)}, and its body is on the disk"
                verdict.violations.append(Violation("opt-out stored", answer.scrape, answer.url, said))
        elif signals - asker.overrides:
            for outcome in log.outcomes:
                same = (outcome.scrape, outcome.agent, outcome.kind, outcome.url) == (answer.scrape, answer.agent, answer.kind, answer.url)
                if same and outcome.digest and outcome.number > (answer.ended or 0):
                    said = f"it answered 304 with {sorted(signals)}, and the body of old was handed out"
                    verdict.violations.append(Violation("opt-out stored", answer.scrape, answer.url, said))
    for outcome in log.outcomes:
        signals = reserved.get(outcome.digest, set()) - log.askers[outcome.scrape, outcome.agent].overrides
        if signals:
            said = f"its body, which came with {sorted(signals)}, was handed to {outcome.agent}"
            verdict.violations.append(Violation("opt-out stored", outcome.scrape, outcome.url, said))


def _between(log: Log, verdict: Verdict) -> None:
    """What one scrape has learnt must hold in the next."""
    had: dict[tuple[str, str], int] = {}
    for outcome in log.outcomes:
        if outcome.digest and outcome.kind == "image":
            had.setdefault((outcome.url, outcome.kind), outcome.scrape)
    led: set[tuple[int, str]] = {(entry.scrape, target_of(entry)) for entry in log.entries if entry.kind == "image"}
    for entry in log.entries:
        if had.get((entry.url, entry.kind), entry.scrape) < entry.scrape and (entry.scrape, entry.url) not in led:
            verdict.violations.append(Violation("had before", entry.scrape, entry.url, "the picture was had in an earlier scrape"))
    for answer in log.entries:
        pause = pause_of(answer) if answer.ended is not None and heeded(answer) else None
        if pause is None:
            continue
        long = pause > log.limits["longest_wait"]
        later = [entry for entry in log.entries if entry.scrape > answer.scrape and host_of(entry.url) == host_of(answer.url)]
        verdict.occasions["long pauses and a later scrape"] += long and any(scrape > answer.scrape for scrape, _ in log.askers)
        for entry in later:
            # Only the calendar goes from one run to the next: what a person has set it forward by is lost, and no fault.
            calendar = answer.wall_end + pause - entry.start - log.latest_base(entry.began)
            left = min(calendar, answer.end + pause - entry.start)
            if left > EPS and long:
                said = f"{left:.3f} s of the {pause:g} s that {answer.url} asked for in scrape {answer.scrape} were left"
                verdict.violations.append(Violation("long pause", entry.scrape, entry.url, said))
            verdict.occasions["requests of a new scrape within a short pause of the last one"] += left > EPS and not long
