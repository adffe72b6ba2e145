"""The judge itself: each rule speaks up on the shortest log that breaks it, and not on the same one kept politely."""

from __future__ import annotations

import itertools
import random
from typing import Any
from urllib.parse import urlsplit

import pytest
from politeness_trial import maker, world
from politeness_trial.judge import RULES, judge
from politeness_trial.record import Asker, Entry, Log, Outcome
from politeness_trial.served import AGENT, Rules
from protego import Protego
from robots import RobotsParser

LIMITS = {
    "attempts": 4, "backoff": 1.0, "hops": 8, "longest_wait": 600.0, "longest_crawl_delay": 60.0, "slow": 1.0, "longest_rest": 60.0,
    "connections": 2, "give_up": 2,
}  # fmt: skip
A, B = "http://a.example", "http://b.example"
NOAI = {"x-robots-tag": "noai"}


class Story:
    """A log in the making. Requests are `(start, URL)` and what else is unusual about them."""

    def __init__(self, *delays: float, offline: bool = False, overrides: frozenset[str] = frozenset()) -> None:
        self.log = Log(LIMITS, clock=[(0, 1e9)])
        self.delays = delays or (0.0,)
        self.events = itertools.count(1)
        self.settings = (overrides, offline)
        self.scrape = 0
        self.began()

    def began(self, scrape: int = 0) -> Story:
        self.scrape = scrape
        for number, delay in enumerate(self.delays):
            self.log.askers[scrape, str(number)] = Asker(delay, *self.settings)
        return self

    def wish(self, *urls: str, kind: str = "page") -> Story:
        self.log.asked |= {(self.scrape, kind, url) for url in urls}
        return self

    def ask(self, start: float, url: str, takes: float = 0.1, by: int = 0, kind: str = "", after: int | None = None, **said: Any) -> Story:
        """`after`: at which event it ended, for requests that overlap."""
        known = {"/robots.txt": "robots", world.TDMREP: "tdmrep"}
        kind = kind or known.get(urlsplit(url).path, "image" if url.endswith(".png") else "page")
        began = next(self.events)
        entry = Entry(self.scrape, url, kind, str(by), start, began, **{"conditional": False, "status": 200, **said})
        entry.end, entry.ended, entry.wall_end = start + takes, after or next(self.events), 1e9 + start + takes
        self.log.entries.append(entry)
        return self

    def site(self, origin: str, robots: str = "", tdmrep: str = "", start: float = -1000.0, apart: float = 100.0, **said: Any) -> Story:
        """The two files, long before."""
        self.ask(start, f"{origin}/robots.txt", **{"body": robots, **said})
        return self.ask(start + apart, origin + world.TDMREP, status=200 if tdmrep else 404, body=tdmrep)

    def broken(self) -> set[str]:
        return judge(self.log).broken


def a(*delays: float, robots: str = "", tdmrep: str = "", **settings: Any) -> Story:
    """A story at one host, whose rules have been read."""
    return Story(*delays, **settings).site(A, robots, tdmrep).wish(f"{A}/1", f"{A}/2", f"{A}/3", f"{A}/4").wish(f"{A}/1.png", kind="image")


FORBIDDEN = "User-agent: *\nDisallow: /1\n"
DELAYED = "User-agent: *\nDisallow: /no\nCrawl-delay: 5\n"
USAGE = "User-agent: *\nDisallow: /no\nContent-Usage: /1 train-ai=n\n"
RESERVED = '[{"location": "/1", "tdm-reservation": 1}]'
BUSY: dict[str, Any] = {"status": 503, "headers": {"retry-after": "30"}}
DATED: dict[str, Any] = {"status": 429, "headers": {"retry-after": "Sun, 09 Sep 2001 01:47:10 GMT"}}  # 30 s after 1e9
LONG: dict[str, Any] = {"status": 503, "headers": {"retry-after": "7200"}}
MOVED: dict[str, Any] = {"status": 301, "headers": {"location": f"{B}/2"}}

DEAD: dict[str, Any] = {"trouble": "certificate"}

RUDE = {
    "no robots.txt": ("robots first", Story().wish(f"{A}/1").ask(0, f"{A}/1")),
    "robots.txt of another port": ("robots first", Story().site(A).wish(f"{A}:8080/1").ask(0, f"{A}:8080/1")),
    "before the robots.txt has come": ("robots first", Story().wish(f"{A}/1").ask(0, f"{A}/robots.txt", 5, after=99).ask(1, f"{A}/1")),
    "a forbidden path": ("robots forbids", a(robots=FORBIDDEN).ask(0, f"{A}/1")),
    "a redirect to a forbidden path": (
        "robots forbids", a().site(B, "User-agent: art-pipeline\nDisallow: /2\n").ask(0, f"{A}/1", **MOVED).ask(0, f"{B}/2")
    ),
    "a redirect to a host not asked for its rules": ("robots first", a().ask(0, f"{A}/1", **MOVED).ask(0, f"{B}/2")),
    "robots.txt failed": ("robots missing", Story().site(A, status=500).wish(f"{A}/1").ask(0, f"{A}/1")),
    "robots.txt timed out": ("robots missing", Story().site(A, trouble="timeout").wish(f"{A}/1").ask(0, f"{A}/1")),
    "no tdmrep.json": ("tdmrep first", Story().ask(-9, f"{A}/robots.txt", status=404).wish(f"{A}/1").ask(0, f"{A}/1")),
    "what nobody wanted": ("uninvited", a().ask(0, f"{A}/5")),
    "offline": ("offline", a(offline=True).ask(0, f"{A}/1")),
    "too soon": ("delay", a(2.0).ask(0, f"{A}/1").ask(1.9, f"{A}/2")),
    "too soon after another port": (
        "delay", a(2.0).site(f"{A}:8080", start=-500).wish(f"{A}:8080/1").ask(0, f"{A}/1").ask(1, f"{A}:8080/1")
    ),
    "too soon for another fetcher": ("delay", a(0.0, 2.0).ask(0, f"{A}/1", by=1).ask(1, f"{A}/2", by=0)),
    "a second fetcher's first request": ("delay", a(0.0, 2.0).ask(0, f"{A}/1", by=0).ask(1, f"{A}/2", by=1)),
    "too soon for its Crawl-delay": ("delay", a(robots=DELAYED).ask(0, f"{A}/1").ask(4.9, f"{A}/2")),
    "tdmrep.json within the Crawl-delay": ("delay", Story().site(A, DELAYED, apart=1)),
    "two at once with a delay": ("at once", a(1.0).ask(0, f"{A}/1", 5, after=99).ask(2, f"{A}/2")),
    "three at once": ("at once", a().ask(0, f"{A}/1", 5, after=97).ask(0, f"{A}/2", 5, after=98).ask(0, f"{A}/3", 5, after=99)),
    "Retry-After": ("retry-after", a().ask(0, f"{A}/1", **BUSY).ask(29, f"{A}/2")),
    "Retry-After of a robots.txt": ("retry-after", a().ask(0, f"{A}:8080/robots.txt", **BUSY).ask(1, f"{A}/1")),
    "Retry-After as a date": ("retry-after", a().ask(0, f"{A}/1", 0.0, **DATED).ask(29, f"{A}/2")),
    "Retry-After with a 403": ("retry-after", a().ask(0, f"{A}/1", **{**BUSY, "status": 403}).ask(29, f"{A}/2")),
    "a long Retry-After": ("long pause", a().ask(0, f"{A}/1", **LONG).ask(7100, f"{A}/2")),
    "a long Retry-After, in the next scrape": (
        "long pause", a().ask(0, f"{A}/1", **LONG).began(1).site(A, start=5000).wish(f"{A}/2").ask(7300, f"{A}/2")
    ),
    "a redirect with Retry-After": (
        "redirect's pause", a().site(B).ask(0, f"{A}/1", status=302, headers={"location": f"{B}/2", "retry-after": "9"}).ask(5, f"{B}/2")
    ),
    "five attempts": ("attempts", a().ask(0, f"{A}/1", status=500).ask(9, f"{A}/1", status=500).ask(18, f"{A}/1", status=500)
                      .ask(27, f"{A}/1", status=500).ask(60, f"{A}/1")),
    "two attempts at tdmrep.json": (
        "attempts", Story().ask(0, f"{A}/robots.txt").ask(9, A + world.TDMREP, status=500).ask(30, A + world.TDMREP)
    ),
    "no backoff": ("backoff", a().ask(0, f"{A}/1", status=500).ask(0.5, f"{A}/1")),
    "a backoff that does not grow": ("backoff", a().ask(0, f"{A}/1", status=500).ask(2, f"{A}/1", status=500).ask(3.5, f"{A}/1")),
    "a page that was had": ("asked twice", a().ask(0, f"{A}/1").ask(99, f"{A}/1")),
    "a page that is gone": ("asked twice", a().ask(0, f"{A}/1", status=404).ask(99, f"{A}/1")),
    "a page that another fetcher has had": ("asked twice", a(0.0, 0.0).ask(0, f"{A}/1").ask(99, f"{A}/1", by=1)),
    "a slow host without rest": ("slow host", a().ask(0, f"{A}/1", 20).ask(25, f"{A}/2")),
    "a slow host, two at once": ("slow host", a().ask(0, f"{A}/1", 20).ask(30, f"{A}/2", 20, after=99).ask(50, f"{A}/3")),
    "a dead host": ("given up", a().ask(0, f"{A}/1", 0, **DEAD).ask(9, f"{A}/2", 0, **DEAD).ask(99, f"{A}/3")),
    "an opt-out again": (
        "opt-out again", a().ask(0, f"{A}/2", headers=NOAI).ask(1, f"{A}/1", status=301, headers={"location": "/2"}).ask(2, f"{A}/2")
    ),
    "Content-Usage in robots.txt": ("reserved", a(robots=USAGE).ask(0, f"{A}/1")),
    "tdmrep.json": ("reserved", a(tdmrep=RESERVED).ask(0, f"{A}/1")),
}  # fmt: skip

POLITE = {
    "nothing at all": Story(),
    "a page": a().ask(0, f"{A}/1"),
    "no rules": Story().site(A, status=404).wish(f"{A}/1").ask(0, f"{A}/1"),
    "an allowed path": a(robots=FORBIDDEN).ask(0, f"{A}/2"),
    "robots.txt came at last": Story().ask(-99, f"{A}/robots.txt", status=503).site(A, start=-90, apart=1).wish(f"{A}/1").ask(0, f"{A}/1"),
    "robots.txt elsewhere": Story().ask(-99, f"{A}/robots.txt", status=301, headers={"location": f"{B}/r"})
    .ask(-98, f"{B}/r", kind="robots", body="User-agent: *\nDisallow: /2\n").ask(-97, A + world.TDMREP, status=404)
    .wish(f"{A}/1").ask(0, f"{A}/1"),
    "delays kept": a(0.0, 2.0).ask(0, f"{A}/1", by=1).ask(2, f"{A}/2", by=0).ask(4, f"{A}/3", by=1),
    "a delay nobody has asked for yet": a(0.0, 2.0).ask(0, f"{A}/1").ask(0.5, f"{A}/2").ask(2.5, f"{A}/3", by=1),
    "a Crawl-delay kept": a(robots=DELAYED).ask(0, f"{A}/1").ask(5, f"{A}/2"),
    "two at once": a().ask(0, f"{A}/1", 0.5, after=98).ask(0, f"{A}/2", 0.5, after=99),
    "Retry-After kept": a().ask(0, f"{A}/1", **BUSY).ask(30.1, f"{A}/1"),
    "a date kept": a().ask(0, f"{A}/1", 0.0, **DATED).ask(30, f"{A}/1"),
    "a long Retry-After kept": a().ask(0, f"{A}/1", **LONG).ask(7201, f"{A}/2"),
    "and by the next scrape": a().ask(0, f"{A}/1", **LONG).began(1).site(A, start=7201, apart=1).wish(f"{A}/2").ask(7300, f"{A}/2"),
    "a redirect after its pause": a().site(B).ask(0, f"{A}/1", status=302, headers={"location": f"{B}/2", "retry-after": "9"})
    .ask(9.2, f"{B}/2"),
    "attempts": a().ask(0, f"{A}/1", status=500).ask(1.2, f"{A}/1", status=500).ask(3.5, f"{A}/1", status=500).ask(8, f"{A}/1"),
    "two ways to a page": a().ask(0, f"{A}/2").ask(1, f"{A}/1", status=301, headers={"location": "/2"}).ask(2, f"{A}/2"),
    "a slow host, rested": a().ask(0, f"{A}/1", 20).ask(27, f"{A}/2", 0.1).ask(32, f"{A}/3"),
    "a host that came back": a().ask(0, f"{A}/1", 0, **DEAD).ask(9, f"{A}/2", status=404)
    .ask(99, f"{A}/3", 0, **DEAD).ask(120, f"{A}/4"),
    "an overridden opt-out": a(overrides=frozenset({"noai", "content-usage"}), robots=USAGE).ask(0, f"{A}/1", headers=NOAI),
}  # fmt: skip


@pytest.mark.parametrize("name", RUDE)
def test_rude(name: str) -> None:
    rule, story = RUDE[name]
    assert story.broken() == {rule}


@pytest.mark.parametrize("name", POLITE)
def test_polite(name: str) -> None:
    assert judge(POLITE[name].log).violations == []


def test_every_rule_has_its_rude_log() -> None:
    elsewhere = {"had before", "opt-out stored"}  # below
    assert {rule for rule, _ in RUDE.values()} | elsewhere == set(RULES)


def test_a_body_with_an_opt_out() -> None:
    for_another = {"x-robots-tag": "otherbot: noai"}
    for signals, kept, expected in ((NOAI, True, {"opt-out stored"}), (NOAI, False, set()), (for_another, True, set())):
        story = a().ask(0, f"{A}/1", headers=signals, digest="1")
        story.log.stored = {"1"} if kept else set()
        assert story.broken() == expected
    handed_out = a().ask(0, f"{A}/1", headers=NOAI, digest="1")
    handed_out.log.outcomes.append(Outcome(0, "0", "page", f"{A}/1", "1", 99))
    assert handed_out.broken() == {"opt-out stored"}


def test_an_unchanged_page_that_has_since_been_reserved() -> None:
    story = a().ask(0, f"{A}/1", status=304, headers=NOAI, conditional=True)
    story.log.outcomes.append(Outcome(0, "0", "page", f"{A}/1", "0", 99))
    assert story.broken() == {"opt-out stored"}


def test_a_picture_that_was_had_before() -> None:
    story = a().ask(0, f"{A}/1.png", digest="1")
    story.log.outcomes.append(Outcome(0, "0", "image", f"{A}/1.png", "1", 99))
    story.began(1).site(A, start=1000, apart=10).wish(f"{A}/1.png", kind="image").ask(2000, f"{A}/1.png")
    assert story.broken() == {"had before"}


# --- the judge's reader of robots.txt

EXAMPLE = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\nUser-Agent: foobot\nDisallow:/\n"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        # RFC 9309, 5.1: the groups of the example, with our name among them
        (EXAMPLE, "/example/x", False),
        (EXAMPLE, "/a.gif", False),
        (EXAMPLE, "/a.gif?x", True),
        ("User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\n\nUser-Agent: *\nDisallow: /x\n", "/example/page.html", True),
        ("User-Agent: foobot\nUser-Agent: art-pipeline\nDisallow: /\n", "/", False),
        ("User-Agent: quxbot\n\nUser-Agent: *\nDisallow: /\n", "/", False),
        # 5.2: the longest match
        ("User-Agent: art-pipeline\nAllow: /a/page/\nDisallow: /a/page/disallowed.gif\n", "/a/page/disallowed.gif", False),
        # 2.2.1: the name is compared whole and in any case, several groups of one name are one, ours replace those for everybody
        ("User-agent: ART-PIPELINE\nDisallow: /a\n", "/a", False),
        ("User-agent: art\nDisallow: /a\n", "/a", True),
        ("User-agent: my-art-pipeline\nDisallow: /a\n", "/a", True),
        ("User-agent: art-pipeline\nDisallow: /a\n\nUser-agent: art-pipeline\nDisallow: /b\n", "/b", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: art-pipeline\nDisallow: /b\n", "/a", True),
        # 2.2.2: allow wins a draw, an empty rule says nothing, /robots.txt is always allowed
        ("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", True),
        ("User-agent: *\nDisallow:\n", "/a", True),
        ("User-agent: *\nDisallow: /\n", "/robots.txt", True),
        # 2.2.3: special characters, and comments
        ("User-agent: *\nDisallow: /a$ # only this\n", "/ab", True),
        ("User-agent: *\nDisallow: /a$ # only this\n", "/a", False),
        ("User-agent: *\nDisallow: /a*c\n", "/abbbcd", False),
        ("User-agent: *\nDisallow: /%7Eme/\n", "/~me/x", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
    ],
)  # fmt: skip
def test_robots_txt_is_read_as_rfc_9309_says(text: str, path: str, allowed: bool) -> None:
    assert Rules(text).allows(A + path) == allowed


def test_two_parsers_read_what_is_generated_alike() -> None:
    """Else the trial would be about parsers. The names that ours begins with are left out: protego takes them for ours."""
    one_maker = maker.Maker(0)
    one_maker.chance = random.Random(5)
    seen = 0
    for _ in range(600):
        text = one_maker.robots_text()
        if any(f": {name}\n" in f"{text.lower()}\n".replace("\r", "") for name in maker.BEGINNINGS):
            continue
        one, other = Protego.parse(text.removeprefix("\ufeff")), RobotsParser.from_string(text.removeprefix("\ufeff"))
        for path in (*maker.PATHS, world.TDMREP, "/private/tdm.json", "/art/tdm.json"):
            seen += not other.can_fetch(AGENT, path)
            assert one.can_fetch(A + path, AGENT) == bool(other.can_fetch(AGENT, path)), (text, path)
        said = one.crawl_delay(AGENT) or 0.0
        assert said == Rules(text).crawl_delay, text
    assert seen > 1000
