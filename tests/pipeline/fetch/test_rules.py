from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.fetch.result import Failed
from pipeline.fetch.rules import TDMREP, Rules, Site

Run = Callable[..., Any]

RULES = b"""\xef\xbb\xbfUser-agent: *
Disallow: /private/
Allow: /private/open
Crawl-delay: 7

User-agent: art-pipeline
Disallow: /art/
"""


class Sites:
    """Rules of scripted sites; a Failed is raised, bytes are a robots.txt. tdmrep.json is `reserved`, everywhere."""

    def __init__(self, run: Run, reserved: bytes = b"", **answers: bytes | Failed) -> None:
        self.asked: list[str] = []
        self._answers = answers
        self._reserved = reserved
        self._run = run
        self.rules = Rules("art-pipeline")

    async def _read(self, url: str, kind: str) -> bytes:
        self.asked.append(url)
        if kind == "tdmrep":
            return self._reserved
        answer = self._answers[url.split("/")[2].split(".")[0]]
        if isinstance(answer, Failed):
            raise answer
        return answer

    def of(self, url: str) -> Site:
        site: Site = self._run(self.rules.of(url, self._read))
        return site

    def allows(self, url: str) -> bool:
        return self.of(url).allows(url)


def test_rules_and_delay_of_everyone(run: Run) -> None:
    sites = Sites(run, a=RULES.replace(b"art-pipeline", b"another"))
    assert not sites.allows("http://a.org/private/x")
    assert sites.allows("http://a.org/private/open")
    assert sites.allows("http://a.org/art/x")
    assert sites.of("http://a.org/art/x").crawl_delay == 7.0


def test_our_own_group_replaces_that_of_everyone(run: Run) -> None:
    sites = Sites(run, a=RULES)
    assert sites.allows("http://a.org/private/x")
    assert not sites.allows("http://a.org/art/x")
    assert sites.of("http://a.org/").crawl_delay == 0.0


def test_asked_once_per_origin(run: Run) -> None:
    sites = Sites(run, a=RULES)
    for url in ("http://a.org/1", "http://a.org/2", "https://a.org/", "http://a.org:8080/", "http://a.org/3"):
        sites.allows(url)
    origins = ["http://a.org", "https://a.org", "http://a.org:8080"]
    assert sites.asked == [origin + path for origin in origins for path in ("/robots.txt", TDMREP)]


def test_asked_once_by_many_at_the_same_time(run: Run) -> None:
    sites = Sites(run, a=RULES)

    async def many() -> None:
        await asyncio.gather(*(sites.rules.of(f"http://a.org/{n}", sites._read) for n in range(9)))

    run(many())
    assert sites.asked == ["http://a.org/robots.txt", "http://a.org" + TDMREP]


def test_reservations(run: Run) -> None:
    sites = Sites(run, b'[{"location": "/art/", "tdm-reservation": 1}]', a=b"")
    assert [one.name for one in sites.of("http://a.org/art/x").signals("http://a.org/art/x")] == ["tdm-reservation"]
    assert sites.of("http://a.org/x").signals("http://a.org/x") == []


def test_a_forbidden_tdmrep_is_not_asked_for(run: Run) -> None:
    sites = Sites(run, a=b"User-agent: *\nDisallow: /.well-known/\n")
    assert sites.allows("http://a.org/x")
    assert sites.asked == ["http://a.org/robots.txt"]


@pytest.mark.parametrize(
    "failure",
    [
        Failed("gone", "HTTP 404", status=404),
        Failed("refused", "HTTP 403", status=403),
        Failed("redirects", "more than 8 redirects", status=302),
    ],
)
def test_a_site_without_rules_allows_everything(run: Run, failure: Failed) -> None:
    assert Sites(run, a=failure).allows("http://a.org/private/x")


@pytest.mark.parametrize(
    "failure",
    [
        Failed("server_error", "HTTP 500", status=500),
        Failed("busy", "HTTP 429", status=429),
        Failed("unreachable", "no connection"),
        Failed("timeout", "no answer", status=408),
        Failed("broken", "the body ended early", status=200),
        Failed("refused", "10.0.0.1 is not public"),
    ],
)
def test_a_site_whose_rules_cannot_be_had_forbids_everything(run: Run, failure: Failed) -> None:
    sites = Sites(run, a=failure)
    for url in ("http://a.org/1", "http://a.org/2"):
        with pytest.raises(Failed) as caught:
            sites.of(url)
        assert caught.value.error == failure.error
        assert caught.value.detail.startswith(f"robots.txt: {failure.detail}")
        assert not caught.value.again
    assert len(sites.asked) == 1


@pytest.mark.parametrize("dirt", [b"", b"<html><body>Not found</body></html>", b"\xff\xfe\x00\x80" * 50, b"Crawl-delay: nan\nDisallow"])
def test_what_is_no_rule_allows_everything(run: Run, dirt: bytes) -> None:
    assert Sites(run, a=dirt).allows("http://a.org/x")


@pytest.mark.parametrize("delay", [b"nan", b"inf", b"-5", b"soon", b""])
def test_a_senseless_delay_is_none(run: Run, delay: bytes) -> None:
    assert Sites(run, a=b"User-agent: *\nCrawl-delay: " + delay).of("http://a.org/").crawl_delay == 0.0
