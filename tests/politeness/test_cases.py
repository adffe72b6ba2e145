"""Small webs with one difficulty each: what the random ones brought to light, cut down to the least that shows it."""

from __future__ import annotations

from typing import Any

import pytest
from politeness_trial.judge import judge
from politeness_trial.play import play
from politeness_trial.world import TDMREP, Answer, Host, Scenario, Source, Step, World

A, OTHER_PORT, B = "http://a.example", "http://a.example:8080", "http://b.example"
PICTURE = Answer(headers={"content-type": "image/png"})
NOAI = {"x-robots-tag": "noai"}
NOTHING: frozenset[str] = frozenset()
SLOW_DOWN = "User-agent: *\nDisallow: /no\nCrawl-delay: 10\n"


def html(**headers: str) -> Answer:
    return Answer(headers={"content-type": "text/html", **headers})


def says(text: str) -> Answer:
    return Answer(headers={"content-type": "text/plain"}, body=text)


def moved(url: str, **more: Any) -> Answer:
    return Answer(301, {"location": url}, **more)


def pages(*urls: str) -> list[Step]:
    return [Step("page", ((url,),)) for url in urls]


def pictures(*urls: str) -> list[Step]:
    return [Step("images", tuple((url,) for url in urls))]


def source(*plan: Step, name: str = "one", delay: float = 0.0, revisit: float = 0.0, overrides: frozenset[str] = NOTHING) -> Source:
    return Source(f"art-pipeline/1 ({name})", delay, revisit, overrides, False, plan)


def case(
    scripts: dict[str, Answer | list[Answer]], *scrapes: tuple[Source, ...], gap: float = 0.0, latency: float = 0.1, slack: float = 0.0
) -> Scenario:
    listed = {url: [one] if isinstance(one, Answer) else one for url, one in scripts.items()}
    hosts = {name: Host([(0, latency)], slack=slack) for name in ("a.example", "b.example")}
    return Scenario(0, World(hosts, [A, B], listed), scrapes, (0.0, gap, gap)[: len(scrapes)], {})


CASES = {
    "tdmrep.json waits for the Crawl-delay too": case({f"{A}/robots.txt": says(SLOW_DOWN)}, (source(*pages(f"{A}/1")),)),
    "the Crawl-delay of one port holds for the other at once": case(
        {f"{A}/robots.txt": says(SLOW_DOWN)},
        (source(*pages(*(f"{OTHER_PORT}/{n}" for n in range(30)))), source(*pages(f"{A}/1"), name="two")),
    ),
    "a moved tdmrep.json may be forbidden": case(
        {f"{A}/robots.txt": says("User-agent: *\nDisallow: /private/\n"), A + TDMREP: moved("/private/tdm.json")},
        (source(*pages(f"{A}/1")),),
    ),
    "a host asked by many at once becomes slow": case(
        {f"{A}/{n}.png": Answer(headers=PICTURE.headers, body=str(n)) for n in range(40)},
        (source(*pictures(*(f"{A}/{n}.png" for n in range(40)))),), latency=1.0, slack=1.0,
    ),
    "two sources want one page": case({f"{A}/1": html()}, (source(*pages(f"{A}/1")), source(*pages(f"{A}/1"), name="two"))),
    "two sources want a page that fails": case(
        {f"{A}/1": Answer(500)}, (source(*pages(f"{A}/1")), source(Step("sleep", seconds=99.0), *pages(f"{A}/1"), name="two"))
    ),
    "a picture had by one source while it fails another": case(
        {f"{A}/1.png": [PICTURE, *[Answer(500)] * 4, PICTURE]},
        (source(*pictures(f"{A}/1.png")), source(*pictures(f"{A}/1.png"), name="two")), (source(*pictures(f"{A}/1.png")),),
    ),
    "an unchanged page that has since been reserved": case(
        {f"{A}/1": [html(etag='"1"'), html(etag='"1"', **NOAI)]}, *[(source(*pages(f"{A}/1")),)] * 3
    ),
    "an unchanged page that was had under an override": case(
        {f"{A}/1": html(etag='"1"', **NOAI)}, (source(*pages(f"{A}/1"), overrides=frozenset({"noai"})),), *[(source(*pages(f"{A}/1")),)] * 2
    ),
    "a page that was had under an override, and now fails": case(
        {f"{A}/1": [html(**NOAI), Answer(500)]}, (source(*pages(f"{A}/1"), overrides=frozenset({"noai"})),), (source(*pages(f"{A}/1")),)
    ),
    "the longer of two long pauses counts": case(
        {f"{A}/1.png": Answer(503, asks=7200.0), f"{A}/2.png": Answer(503, asks=700.0, latency=1.0)},
        (source(*pictures(f"{A}/1.png", f"{A}/2.png")),), (source(*pages(f"{A}/3")),), gap=2000.0,
    ),
    "an opt-out that redirects lead to again": case(
        {f"{A}/1": moved("/3"), f"{A}/2": moved("/3"), f"{A}/3": html(**NOAI)}, (source(*pages(f"{A}/1", f"{A}/2", f"{A}/3")),)
    ),
    "an opt-out heard while others stand in line for it": case(
        {f"{A}/{n}.png": moved("/x.png") for n in range(4)} | {f"{A}/x.png": Answer(headers={**PICTURE.headers, **NOAI})},
        (source(*pictures(*(f"{A}/{n}.png" for n in range(4))), delay=1.0),),
    ),
    "a robot whose name ours begins with": case(
        {f"{A}/robots.txt": says("User-agent: art\nAllow: /\n\nUser-agent: *\nDisallow: /\n"), f"{A}/1": html()},
        (source(*pages(f"{A}/1")),),
    ),
    "a refusal that asks for a pause": case(
        {f"{A}/1": Answer(403, asks=60.0)}, (source(*pages(f"{A}/1", f"{A}/2")),)
    ),
    "a redirect that asks for a pause": case(
        {f"{A}/1": moved(f"{B}/2", asks=60.0), f"{B}/2": html()}, (source(*pages(f"{B}/1", f"{A}/1")),)
    ),
    "a long pause before tdmrep.json could be asked for": case(
        {f"{A}/robots.txt": says(""), f"{OTHER_PORT}/robots.txt": Answer(503, asks=700.0)},
        (
            source(*pages(f"{A}/1"), Step("sleep", seconds=400.0), *pages(f"{A}/2"), delay=2.0),
            source(*pages(f"{OTHER_PORT}/1"), name="two"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_nobody_is_troubled(name: str) -> None:
    log = play(CASES[name])
    assert log.entries
    assert judge(log).violations == []
