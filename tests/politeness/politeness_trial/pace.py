"""How fast: delays, rests, pauses that were asked for, and hosts that do not answer."""

from __future__ import annotations

from collections import Counter

from politeness_trial.record import Entry
from politeness_trial.scrape import EPS, Scrape
from politeness_trial.served import heeded, host_of, may_pass, origin_of, pause_of, rules_of, target_of

WEIGHT = 0.3
"""Of the newest answer in a host's smoothed latency."""
SILENT = {"timeout", "unreachable", "certificate"}


def delay(scrape: Scrape, entries: list[Entry]) -> None:
    delay, earlier = 0.0, None
    delays = crawl_delays(scrape, host_of(entries[0].url))
    for entry in entries:
        for at, origin, seconds in delays:
            # Who stands in line may start at the very moment that a delay is learnt; what is asked next because of it may not.
            if at < entry.start - EPS or (entry.kind == "tdmrep" and origin == origin_of(entry.url)):
                delay = max(delay, seconds)
        delay = max(delay, scrape.asker(entry).delay)
        under_way = [one for one in entries if one.began < entry.began and (one.ended is None or one.ended > entry.began)]
        if earlier is not None and entry.start - earlier.start < delay - EPS:
            gap = entry.start - earlier.start
            scrape.broken("delay", entry, f"{gap:.3f} s after {earlier.kind} {earlier.url}, where {delay:g} s are due")
        most = 1 if delay else scrape.limits["connections"]
        if len(under_way) >= most:
            scrape.broken("at once", entry, f"{len(under_way)} were under way, at most {most:g} may be")
        if earlier is not None and delay:
            scrape.occasions("gaps with a delay")
            scrape.occasions("gaps longer than the delay by jitter", delay + EPS < entry.start - earlier.start < delay * 1.25 + EPS)
        scrape.occasions("starts beside others", bool(under_way))
        earlier = entry
    scrape.occasions("hosts with several fetchers", len({entry.agent for entry in entries}) > 1)
    scrape.occasions("hosts with a Crawl-delay", bool(delays))
    scrape.occasions("hosts with several origins", len({origin_of(entry.url) for entry in entries}) > 1)


def crawl_delays(scrape: Scrape, host: str) -> list[tuple[float, str, float]]:
    """When (s) a host's robots.txt files were had, of which origin, and the delays they ask for, as far as anybody keeps them."""
    found = []
    for origin in sorted({origin_of(entry.url) for entry in scrape.by_host[host] if entry.kind == "robots"}):
        state, text = scrape.robots(origin, None)
        delay = min(rules_of(text).crawl_delay, scrape.limits["longest_crawl_delay"])
        if state == "had" and delay:
            url = f"{origin}/robots.txt"
            while (target := target_of(scrape.by_url["robots", url][-1])) and target != url:
                url = target
            found.append((max(one.end for one in scrape.by_url["robots", url] if one.ended is not None), origin, delay))
    return found


# rule 5: a host that has slowed


def slow(scrape: Scrape, entries: list[Entry]) -> None:
    answers = sorted((entry for entry in entries if entry.ended is not None), key=lambda entry: entry.ended or 0)
    slow, waiting, latency, last = scrape.limits["slow"], iter(answers), 0.0, None
    upcoming = next(waiting, None)
    for entry in entries:
        while upcoming is not None and (upcoming.ended or 0) < entry.began:
            latency += WEIGHT * (upcoming.end - upcoming.start - latency)
            last, upcoming = upcoming, next(waiting, None)
        if last is None or latency <= slow + EPS:
            continue
        scrape.occasions("starts at a slow host")
        rest = min(latency, scrape.limits["longest_rest"])
        if entry.start < last.end + rest - EPS:
            scrape.broken("slow host", entry, f"{entry.start - last.end:.3f} s after an answer, where {rest:.3f} s of rest are due")
        if any(one.began < entry.began and (one.ended is None or one.ended > entry.began) for one in entries):
            scrape.broken("slow host", entry, f"its answers take {latency:.1f} s, and another request is under way")


# rule 3: pauses that were asked for


def pauses(scrape: Scrape, entries: list[Entry]) -> None:
    for answer in entries:
        pause = pause_of(answer)
        if answer.ended is None or pause is None:
            continue
        if not heeded(answer):
            redirected(scrape, answer, pause)
            continue
        long = pause > scrape.limits["longest_wait"]
        scrape.occasions("Retry-After too long to wait for" if long else "Retry-After")
        scrape.occasions("Retry-After as a date", not answer.headers["retry-after"][0].isdigit())
        scrape.occasions("Retry-After with a final answer", not may_pass(answer))
        for entry in entries:
            if entry.began > answer.ended and entry.start < answer.end + pause - EPS:
                left = f"{answer.end + pause - entry.start:.3f} s of the {pause:g} s that {answer.url} asked for with {answer.status}"
                scrape.broken("long pause" if long else "retry-after", entry, f"{left} were left")


def redirected(scrape: Scrape, answer: Entry, pause: float) -> None:
    """A redirect's Retry-After is for the redirected request (RFC 9110, 10.2.3), unless somebody wants the target in any case."""
    kind, target = answer.kind, target_of(answer)
    if (scrape.number, kind, target) in scrape.log.asked or len(scrape.led[kind, target]) > 1:
        return
    scrape.occasions("Retry-After with a redirect")
    for entry in scrape.by_url[kind, target]:
        if entry.began > (answer.ended or 0) and entry.start < answer.end + pause - EPS:
            scrape.broken("redirect's pause", entry, f"{entry.start - answer.end:.3f} s after a redirect that asked for {pause:g} s")


# rule 7: a host that never answers


def given_up(scrape: Scrape, entries: list[Entry]) -> None:
    tries: Counter[tuple[str, str]] = Counter()
    answers = iter(sorted((entry for entry in entries if entry.ended is not None), key=lambda entry: entry.ended or 0))
    answer = next(answers, None)
    silent = 0
    for entry in entries:
        while answer is not None and (answer.ended or 0) < entry.began:
            silent = (
                silent + ended_silent(scrape, answer, tries) if answer.trouble in SILENT else 0
            )  # even one that was under way shows life
            answer = next(answers, None)
        if silent >= scrape.limits["give_up"]:
            scrape.broken("given up", entry, f"{silent} addresses in a row had given no answer")
    while answer is not None:
        silent = silent + ended_silent(scrape, answer, tries) if answer.trouble in SILENT else 0
        answer = next(answers, None)
    scrape.occasions("hosts given up", silent >= scrape.limits["give_up"])


def ended_silent(scrape: Scrape, answer: Entry, tries: Counter[tuple[str, str]]) -> bool:
    """Whether this was the last attempt at an address. (False where two fetchers tried at once, and nobody can tell.)"""
    place = answer.kind, answer.url
    tries[place] += 1
    most = 1 if answer.kind == "tdmrep" or answer.trouble == "certificate" else scrape.limits["attempts"]
    alone = len({one.agent for one in scrape.by_url[place]}) == 1 and len(scrape.led[place]) + scrape.wanted(*place) <= 1
    return alone and tries[place] >= most
