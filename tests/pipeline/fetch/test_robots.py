from __future__ import annotations

import pytest

from pipeline.fetch.result import Failed
from pipeline.fetch.robots import Robots

RULES = b"""\xef\xbb\xbfUser-agent: *
Disallow: /private/
Allow: /private/open
Crawl-delay: 7

User-agent: art-pipeline
Disallow: /art/
"""


class Sites:
    """Robots over scripted sites; a Failed is raised, bytes are a robots.txt."""

    def __init__(self, agent: str, **answers: bytes | Failed) -> None:
        self.asked: list[str] = []
        self._answers = answers
        self.robots = Robots(agent, self._read)

    def _read(self, url: str) -> bytes:
        self.asked.append(url)
        answer = self._answers[url.split("/")[2].split(".")[0]]
        if isinstance(answer, Failed):
            raise answer
        return answer

    def allows(self, url: str) -> bool:
        try:
            self.robots.check(url)
        except Failed as failure:
            if (failure.error, failure.detail) != ("refused", "robots.txt forbids it"):
                raise
            return False
        return True


def test_rules_and_delay_of_everyone() -> None:
    sites = Sites("other", a=RULES)
    assert not sites.allows("http://a.org/private/x")
    assert sites.allows("http://a.org/private/open")
    assert sites.allows("http://a.org/art/x")
    assert sites.robots.crawl_delay("http://a.org/art/x") == 7.0


def test_our_own_group_replaces_that_of_everyone() -> None:
    sites = Sites("art-pipeline", a=RULES)
    assert sites.allows("http://a.org/private/x")
    assert not sites.allows("http://a.org/art/x")
    assert sites.robots.crawl_delay("http://a.org/") is None


def test_asked_once_per_origin() -> None:
    sites = Sites("other", a=RULES)
    for url in ("http://a.org/1", "http://a.org/2", "https://a.org/", "http://a.org:8080/", "http://a.org/3"):
        sites.allows(url)
    assert sites.asked == ["http://a.org/robots.txt", "https://a.org/robots.txt", "http://a.org:8080/robots.txt"]


@pytest.mark.parametrize(
    "failure",
    [
        Failed("gone", "HTTP 404", status=404),
        Failed("refused", "HTTP 403", status=403),
        Failed("redirects", "more than 8 redirects", status=302),
    ],
)
def test_a_site_without_rules_allows_everything(failure: Failed) -> None:
    assert Sites("other", a=failure).allows("http://a.org/private/x")


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
def test_a_site_whose_rules_cannot_be_had_forbids_everything(failure: Failed) -> None:
    sites = Sites("other", a=failure)
    for url in ("http://a.org/1", "http://a.org/2"):
        with pytest.raises(Failed) as caught:
            sites.robots.check(url)
        assert caught.value.error == failure.error
        assert caught.value.detail.startswith(f"robots.txt: {failure.detail}")
        assert not caught.value.again
    assert len(sites.asked) == 1


@pytest.mark.parametrize("dirt", [b"", b"<html><body>Not found</body></html>", b"\xff\xfe\x00\x80" * 50, b"Crawl-delay: nan\nDisallow"])
def test_what_is_no_rule_allows_everything(dirt: bytes) -> None:
    assert Sites("other", a=dirt).allows("http://a.org/x")


@pytest.mark.parametrize("delay", [b"nan", b"inf", b"-5", b"soon", b""])
def test_a_senseless_delay_is_none(delay: bytes) -> None:
    assert Sites("other", a=b"User-agent: *\nCrawl-delay: " + delay).robots.crawl_delay("http://a.org/") is None
