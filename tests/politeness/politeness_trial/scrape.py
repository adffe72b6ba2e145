"""One scrape of a log, and what is said about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from politeness_trial.record import Asker, Entry, Log
from politeness_trial.served import REDIRECTS, TDMREP, host_of, path_of, target_of, wiki_busy

EPS = 1e-6
"""Seconds; what adding up floating-point times may lose."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, by which request, and by how much. `hop`: it followed a redirect from another host."""

    rule: str
    scrape: int
    url: str
    detail: str
    hop: bool = False

    def __str__(self) -> str:
        return f"{self.rule}: scrape {self.scrape}, {self.url}: {self.detail}{' (after a redirect from another host)' if self.hop else ''}"


@dataclass(slots=True)
class Verdict:
    """`occasions` counts how often each thing happened that a rule is about."""

    violations: list[Violation] = field(default_factory=list)
    occasions: Counter[str] = field(default_factory=Counter)

    @property
    def broken(self) -> set[str]:
        """The names of the broken rules."""
        return {one.rule for one in self.violations}


class Scrape:
    """The requests of one scrape, sorted in every way that the rules ask for."""

    def __init__(self, log: Log, number: int, verdict: Verdict) -> None:
        self.log = log
        self.number = number
        self.verdict = verdict
        self.limits = log.limits
        self.entries = sorted((entry for entry in log.entries if entry.scrape == number), key=lambda entry: entry.began)
        self.by_url: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self.by_host: dict[str, list[Entry]] = defaultdict(list)
        self.led: dict[tuple[str, str], list[Entry]] = defaultdict(list)  # (kind, URL) → the redirects to it
        for entry in self.entries:
            self.by_url[entry.kind, entry.url].append(entry)
            self.by_host[host_of(entry.url)].append(entry)
            if target := target_of(entry):
                self.led[entry.kind, target].append(entry)

    def broken(self, rule: str, entry: Entry, detail: str) -> None:
        """Complain."""
        hop = any(host_of(one.url) != host_of(entry.url) for one in self.before(entry, self.led[entry.kind, entry.url]))
        self.verdict.violations.append(Violation(rule, self.number, entry.url, f"{entry.kind} at {entry.start:.3f} s, {detail}", hop))

    def occasions(self, name: str, count: int = 1) -> None:
        """Count."""
        self.verdict.occasions[name] += count

    def wanted(self, kind: str, url: str) -> bool:
        """Whether a URL may be asked for without a redirect that leads to it."""
        own = {"robots": "/robots.txt", "tdmrep": TDMREP}.get(kind)
        return path_of(url) == own if own else (self.number, kind, url) in self.log.asked

    def asker(self, entry: Entry) -> Asker:
        """What the fetcher behind a request was told."""
        return self.log.askers[self.number, entry.agent]

    @staticmethod
    def before(entry: Entry, entries: list[Entry]) -> Iterator[Entry]:
        """Those that had been answered when the entry began."""
        return (one for one in entries if one.ended is not None and one.ended < entry.began)

    def robots(self, origin: str, entry: Entry | None) -> tuple[str, str]:
        """What had become of an origin's robots.txt when the entry began (None: at the end), and its text.

        open, had (with "" where there is none, RFC 9309, 2.3.1), or how it failed.
        """
        url, seen = f"{origin}/robots.txt", set()
        while True:
            asked = self.by_url["robots", url]
            answers = [one for one in asked if one.ended is not None and (entry is None or one.ended < entry.began)]
            if not answers:
                return "open", ""
            last = max(answers, key=lambda one: one.ended or 0)
            if last.trouble or last.status >= 500 or last.status in (408, 429, 206, 304) or wiki_busy(last):
                return f"failed: {last.trouble or last.status}", ""
            if last.status in REDIRECTS:
                seen.add(url)
                url = target_of(last)
                if not url or url in seen or len(seen) > self.limits["hops"]:
                    return "had", ""
                continue
            return "had", last.body if last.status < 300 else ""

    def tdmrep(self, url: str, entry: Entry | None) -> str:
        """The tdmrep.json that was had from a URL before the entry began (None: at all), or ""."""
        seen: set[str] = set()
        while url not in seen:
            seen.add(url)
            answers = [one for one in self.by_url["tdmrep", url] if one.ended is not None and (entry is None or one.ended < entry.began)]
            if not answers:
                return ""
            if answers[-1].status not in REDIRECTS:
                return answers[-1].body if answers[-1].status == 200 and not answers[-1].trouble else ""
            url = target_of(answers[-1])
        return ""
