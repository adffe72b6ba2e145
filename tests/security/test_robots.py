"""robots.txt and tdmrep.json as weapons."""

from __future__ import annotations

from typing import Any

import pytest


def crawl(attack: Any, serve: Any, robots: bytes, *links: str, kind: str = "text/plain", **options: Any) -> Any:
    """Scrape under this robots.txt."""
    attack.on("/robots.txt", serve.says(robots, kind))
    outcome = attack.run(*links, commands=["scrape"], **options)
    assert outcome.commands[0].cpu < 15
    return outcome


def test_a_hundred_megabytes(attack: Any, serve: Any, bombs: Any) -> None:
    """The first 500 KB count."""
    attack.on("/robots.txt", serve.streams(lambda: (b"Allow: /%d\n" % (number % 10) * 10_000 for number in range(900)), "text/plain"))
    attack.on("/tail", serve.says(b"x"))
    outcome = attack.run("/tail", commands=["scrape"])
    assert outcome.error("/tail") == ""
    assert outcome.commands[0].cpu < 15


def test_a_gzip_bomb(attack: Any, serve: Any, bombs: Any) -> None:
    attack.on("/robots.txt", serve.streams(lambda: bombs.gzipped(b"Allow: /\n" * 100_000, 10_000), "text/plain", "Content-Encoding: gzip"))
    outcome = attack.run(commands=["scrape"], honest=False)
    assert outcome.commands[0].cpu < 15


BODIES = {
    "binary": bytes(range(256)) * 2_000,
    "nothing-but-zeros": bytes(500_000),
    "one-line": b"a" * 500_000,
    "one-long-rule": b"User-agent: *\nDisallow: /" + b"a" * 499_000,
    "many-groups": b"User-agent: a\n" * 30_000,
    "many-rules": b"User-agent: *\n" + b"Disallow: /x\n" * 38_000,
    "many-rules-that-differ": b"User-agent: *\n" + b"".join(b"Disallow: /%x*a\n" % number for number in range(26_000)),
    "html": b"<!doctype html><title>404</title>" * 1_000,
    "not-utf-8": b"User-agent: \xff\xfe\nDisallow: /\xff\xfe\n" * 1_000,
    "carriage-returns": b"User-agent: *\rDisallow: /nothing\r" * 1_000,
    "escapes": b"\x1b[31mUser-agent: *\x07\nDisallow: /\x1b[2J\n",
    "percent-signs": b"User-agent: *\nDisallow: /%%%%%2%zz%" + b"%" * 100_000,
    "colons": b":" * 500_000,
    "delay-of-a-billion": b"User-agent: *\nCrawl-delay: 1e999\n",
    "delay-nan": b"User-agent: *\nCrawl-delay: nan\n",
    "delay-negative": b"User-agent: *\nCrawl-delay: -1\n",
    "delay-of-digits": b"User-agent: *\nCrawl-delay: " + b"9" * 400_000 + b"\n",
    "delay-of-text": b"User-agent: *\nCrawl-delay: a\x1b[31m\n",
    "rate": b"User-agent: *\nRequest-rate: 0/0\nVisit-time: 9999-0000\n",
    "rate-of-digits": b"User-agent: *\nRequest-rate: " + b"9" * 100_000 + b"/" + b"9" * 100_000 + b"s\n",
    "sitemap": b"Sitemap: http://169.254.169.254/\n" * 10_000,
    "content-usage": b"User-agent: *\nContent-Usage: " + b"train-ai=y, " * 40_000 + b"\n",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_robots_txt(attack: Any, serve: Any, name: str) -> None:
    crawl(attack, serve, BODIES[name])


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (b"/" + b"*a" * 40 + b"b$", "/" + "a" * 4_000),
        (b"/" + b"*" * 5_000 + b"b", "/" + "a" * 4_000),
        (b"/" + b"*a*" * 1_000 + b"$", "/" + "a" * 8_000),
        (b"/" + b"*ab" * 2_000 + b"$", "/" + "ab" * 3_900 + "c"),
        (b"/" + b"(a+)+" * 20 + b"$", "/" + "a" * 4_000),
        (b"/" + b"%2a" * 1_000 + b"*$", "/" + "*" * 4_000),
    ],
    ids=["wildcards", "stars", "wildcards-and-end", "pairs", "regular-expression", "encoded"],
)
def test_a_rule_that_never_stops_matching(attack: Any, serve: Any, rule: bytes, path: str) -> None:
    """Wildcards turned into a regular expression take exponential time; the site chooses both the rule and the addresses."""
    crawl(attack, serve, b"User-agent: *\n" + b"Disallow: " + rule + b"\n", path, path + "?x")


def test_a_delay_of_a_day(attack: Any, serve: Any) -> None:
    """Kept up to a minute, and told; lowered here to be waited for."""
    outcome = crawl(attack, serve, b"User-agent: *\nCrawl-delay: 86400\n", limits={"longest_crawl_delay": 0.3, "jitter": 0.0})
    assert "86400 s" in outcome.commands[0].err


def test_robots_txt_of_no_http(attack: Any, serve: Any) -> None:
    attack.on("/robots.txt", serve.writes(b"\x00\xff" * 1000))
    outcome = attack.run(commands=["scrape"], honest=False)
    assert outcome.error("/start") == "broken"
    assert not attack.server.asked("/start")


RESERVATIONS = {
    "binary": bytes(range(256)) * 100,
    "deep": b"[" * 200_000,
    "deep-objects": b'{"a":' * 100_000,
    "long-number": b'[{"location": "/", "tdm-reservation": ' + b"9" * 200_000 + b"}]",
    "surrogate": b'[{"location": "/\\ud800", "tdm-reservation": 1, "tdm-policy": "\\udfff\\u001b[31m"}]',
    "wildcards": b'[{"location": "/' + b"*a" * 2_000 + b'$", "tdm-reservation": 1}]',
    "wrong-types": b'[1, null, {"location": 5, "tdm-reservation": {}}, {"location": [], "tdm-reservation": "1"}]',
    "many": b"[" + b'{"location": "/x", "tdm-reservation": 1},' * 10_000 + b'{"location": "/y", "tdm-reservation": 0}]',
    "nan": b'[{"location": "/", "tdm-reservation": NaN}]',
    "twice": b'[{"location": "/z", "location": "/y", "tdm-reservation": 0}]',
}


@pytest.mark.parametrize("name", RESERVATIONS)
def test_a_hostile_tdmrep(attack: Any, serve: Any, name: str) -> None:
    attack.on("/.well-known/tdmrep.json", serve.says(RESERVATIONS[name], "application/json"))
    outcome = attack.run(f"/{'a' * 4_000}", commands=["scrape"])
    assert outcome.commands[0].cpu < 15
