"""Random scenarios: one seed, one web with its troubles, and the walks through it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from politeness_trial.world import (
    AGENT,
    BROKEN,
    CERTIFICATE,
    TDMREP,
    TIMEOUT,
    UNREACHABLE,
    Answer,
    Host,
    Scenario,
    Source,
    Step,
    World,
)  # fmt: skip

T = TypeVar("T")
HOSTS = ("a.example", "b.example", "pics.example", "cdn.example")

# Constructs of robots.txt that RFC 9309 settles, and that two independent parsers read alike (see test_judge.py). Left out: a bare
# "?" in a pattern beside a "*" (is its length counted as written or as %3F?), percent-encoded slashes, "//", index.html, names
# with a version, a name that stands in several groups together with others.
PATTERNS = (
    "/", "/art/", "/art/p2", "/other/p2", "/private/", "/private/", "/x", "/gallery/2023/", "/art/p1", "/art/p", "/private/",
    "/private/open/", "/*.png$", "/*.png", "/gallery/*/hidden", "/gallery/", "/x?id=", "/*?id=2", "/art/p1$", "/art*", "*",
    "/gallery/2024/", "", "/%7Eme/", "/art/*/", "/art/p*$",
)  # fmt: skip
PATHS = (
    "/", "/art/", "/art/p1", "/art/p12", "/art/p2", "/art/p1.png", "/art/p2.png", "/art/p12.png", "/private/p1", "/private/open/p1",
    "/private/p1.png", "/gallery/2024/p1", "/gallery/2024/hidden/p1", "/gallery/2024/p1.png", "/gallery/2023/p1.png", "/x?id=1",
    "/x?id=2", "/x?id=12", "/~me/", "/~me/p1.png", "/other/p1", "/other/p1.png", "/other/p2", "/other/p2.png",
)  # fmt: skip

NAMES = ("*", "*", "*", "*", "art-pipeline", "Art-Pipeline", "ART-PIPELINE", "otherbot", "googlebot", "pipeline", "my-art-pipeline")
BEGINNINGS = ("art", "art-pipe", "a")
"""Other robots, whose names ours begins with."""
DELAYS = ("0", "0.5", "1", "1.5", "3", "10", "30", "61", "120", "3600", "soon", "-1", "")
RESERVING = (
    {"x-robots-tag": "noai"},
    {"x-robots-tag": "noindex, noimageai"},
    {"x-robots-tag": "googlebot: all\nNoAI"},
    {"x-robots-tag": "art-pipeline: none"},
    {"x-robots-tag": "noimageindex"},
    {"content-usage": "train-ai=n"},
    {"content-usage": "search=y, train-ai=n"},
    {"tdm-reservation": "1"},
)
NOT_RESERVING = (
    {"x-robots-tag": "googlebot: noai"},
    {"x-robots-tag": "all"},
    {"content-usage": "train-ai=y"},
    {"content-usage": "search=n"},
    {"tdm-reservation": "0"},
)
METAS = ('<meta name="robots" content="noai">', '<meta name="art-pipeline" content="noimageai, noindex">')


def scenario(seed: int) -> Scenario:
    """The scenario of a seed, always the same."""
    return Maker(seed).scenario()


class Maker:
    """Makes one scenario."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)

    def scenario(self) -> Scenario:
        world = self.world()
        scrapes = self.often({1: 8, 2: 3, 3: 1})
        gaps = [0.0] + [self.often({0.0: 2, 100.0: 2, 3000.0: 2, 8000.0: 2, 3e5: 1}) for _ in range(scrapes - 1)]
        walks: list[tuple[Source, ...]] = []
        for number in range(scrapes):
            again = bool(walks) and self.chance.random() < 0.6
            walks.append(self.again(walks[0]) if again else self.sources(world, number, small=scrapes > 1))
        return Scenario(self.seed, world, tuple(walks), tuple(gaps), self.limits())

    def often(self, weights: Mapping[T, int]) -> T:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def limits(self) -> dict[str, float]:
        changed: dict[str, float] = {}
        for name, values in {"attempts": (1, 2, 3), "give_up": (2, 3), "connections": (1, 2, 4), "longest_wait": (60.0,)}.items():
            if self.chance.random() < 0.2:
                changed[name] = self.chance.choice(values)
        return changed

    # --- the web

    def world(self) -> World:
        names = self.chance.sample(HOSTS, self.often({1: 2, 2: 4, 3: 3, 4: 1}))
        origins = []
        for name in names:
            schemes = [f"http://{name}", f"https://{name}", f"http://{name}:8080"]
            origins += self.chance.sample(schemes, self.often({1: 6, 2: 3, 3: 1}))
        world = World({name: self.host() for name in names}, origins, {})
        for origin in origins:
            self.robots(world, origin)
            self.tdmrep(world, origin)
            for path in PATHS:
                world.scripts[origin + path] = self.script(world, origin, path)
        return world

    def host(self) -> Host:
        chance = self.chance
        latencies = [(0, self.often({0.0: 2, 0.01: 4, 0.2: 5, 0.8: 2, 1.5: 1, 4.0: 1}))]
        if chance.random() < 0.25:
            begin = chance.randint(2, 15)
            latencies.append((begin, chance.choice((1.2, 3.0, 8.0, 25.0, 90.0))))
            if chance.random() < 0.6:
                latencies.append((begin + chance.randint(3, 12), 0.1))
        spells = []
        for _ in range(self.often({0: 6, 1: 3, 2: 1})):
            begin = chance.choice((0, 3, 5, 8, 12, 18, 25))
            spells.append((begin, begin + chance.randint(1, 8), tuple(self.trouble() for _ in range(chance.choice((1, 1, 2))))))
        if chance.random() < 0.06:
            spells.append((chance.randint(0, 12), 1_000_000, (self.silence(),)))
        return Host(latencies, spells, chance.choice((0.0, 0.0, 0.5)))

    def silence(self) -> Answer:
        if self.chance.random() < 0.5:
            return Answer(trouble=TIMEOUT, latency=self.chance.choice((10.0, 30.0)))
        return Answer(trouble=self.chance.choice((UNREACHABLE, UNREACHABLE, CERTIFICATE)))

    def trouble(self) -> Answer:
        """Something that may pass by itself."""
        kind = self.often({"busy": 10, "server": 4, "silent": 4, "broken": 1, "wiki": 1})
        if kind == "silent":
            return self.silence()
        if kind == "broken":
            return Answer(trouble=BROKEN, headers={"content-type": "text/html"})
        asks = None
        if self.chance.random() < (0.7 if kind != "server" else 0.3):
            asks = self.often({0.0: 2, 1.0: 4, 2.5: 2, 7.0: 6, 45.0: 6, 300.0: 4, 600.0: 1, 601.0: 1, 1800.0: 1, 7200.0: 2})
        if kind == "wiki":
            return Answer(headers={"mediawiki-api-error": "maxlag", "content-type": "application/json"}, body="{}", asks=asks)
        status = self.chance.choice((429, 503)) if kind == "busy" else self.chance.choice((500, 502, 504, 408))
        return Answer(status, asks=asks, dated=asks is not None and self.chance.random() < 0.35)

    def refusal(self) -> Answer:
        status = self.chance.choice((404, 404, 410, 403, 401, 402, 451, 400, 418))
        return Answer(status, asks=self.chance.choice((20.0, 90.0)) if self.chance.random() < 0.1 else None)

    def good(self, path: str, meta: str = "") -> Answer:
        headers = {"content-type": "image/png" if path.endswith(".png") else "text/html; charset=utf-8"}
        if self.chance.random() < 0.5:
            headers["etag"] = f'"{self.chance.randint(0, 9)}"'
        return Answer(headers=headers, body=meta + "<p>art</p>")

    def script(self, world: World, origin: str, path: str) -> list[Answer]:
        chance, good = self.chance, self.good(path)
        kind = self.often({"good": 60, "refused": 8, "burst": 10, "down": 3, "redirect": 13, "reserved": 8, "odd": 2})
        if kind == "refused":
            return [self.refusal()]
        if kind == "burst":
            return [self.trouble() for _ in range(chance.randint(1, 5))] + [good]
        if kind == "down":
            return [self.trouble()]
        if kind == "redirect":
            hops = [self.redirect(world, origin)]
            return [self.trouble(), *hops] if chance.random() < 0.15 else hops
        if kind == "reserved":
            return self.reserved(path, good)
        if kind == "odd":
            odd = {"content-type": "text/html" if path.endswith(".png") else "image/png"}
            return [chance.choice((Answer(206), Answer(304), Answer(204, odd), Answer(headers=odd, body="not what it should be")))]
        return [good]

    def reserved(self, path: str, good: Answer) -> list[Answer]:
        """Reserved from the start, or later on; by headers or on the page."""
        chance = self.chance
        if not path.endswith(".png") and chance.random() < 0.2:
            return [self.good(path, chance.choice(METAS))]
        signal = chance.choice(RESERVING if chance.random() < 0.8 else NOT_RESERVING)
        closed = Answer(good.status, {**good.headers, **signal}, good.body)
        return [good, closed] if chance.random() < 0.4 else [closed]

    def redirect(self, world: World, origin: str) -> Answer:
        asks = 15.0 if self.chance.random() < 0.08 else None
        status = self.chance.choice((301, 302, 303, 307, 308))
        path = self.chance.choice(PATHS)
        where = self.often({"same": 4, "other": 6, "nowhere": 1})
        if where == "same":
            return Answer(status, {"location": path}, asks=asks)
        if where == "nowhere":
            return Answer(status, self.chance.choice(({}, {"location": "ftp://a.example/"}, {"location": "http://[bad"})))
        return Answer(status, {"location": self.chance.choice(world.origins) + path}, asks=asks)

    def robots(self, world: World, origin: str) -> None:
        url = f"{origin}/robots.txt"
        text = Answer(headers={"content-type": "text/plain"}, body=self.robots_text())
        kind = self.often({"text": 66, "refused": 14, "burst": 8, "down": 3, "moved": 10, "circle": 1})
        script = [text]
        if kind == "refused":
            script = [self.refusal()]
        elif kind == "burst":
            script = [self.trouble() for _ in range(self.chance.randint(1, 4))] + [text]
        elif kind == "down":
            script = [self.trouble()]
        elif kind == "moved":
            base = origin if self.chance.random() < 0.4 else self.chance.choice(world.origins)
            target = f"{base}/rules/{urlsplit(origin).scheme}-{urlsplit(origin).netloc.replace(':', '-')}.txt"
            script = [Answer(301, {"location": target})]
            world.scripts[target] = [self.chance.choice((text, text, self.refusal(), self.trouble()))]
        elif kind == "circle":
            script = [Answer(302, {"location": "/robots.txt"})]
        world.scripts[url] = script

    def robots_text(self) -> str:
        chance = self.chance
        if chance.random() < 0.06:
            return ""
        groups: list[list[str]] = []
        names: list[str] = []
        for _ in range(self.often({1: 5, 2: 4, 3: 1})):
            among = NAMES + BEGINNINGS if chance.random() < 0.05 else NAMES
            agents = chance.sample(among, self.often({1: 5, 2: 1}))
            lowered = [agent.lower() for agent in agents]
            if len(set(lowered)) < len(lowered) or (set(lowered) & set(names) and len(agents) > 1):
                agents, lowered = ["otherbot"], ["otherbot"]
            groups.append(self.group(agents, first=not set(lowered) & set(names)))
            names += lowered
        lines = [line for group in groups for line in [*group, *([""] if chance.random() < 0.8 else [])]]
        if chance.random() < 0.2:
            lines.insert(0, "# keep out, please")
        if chance.random() < 0.2:
            lines += ["", "Sitemap: http://a.example/sitemap.xml"]
        text = chance.choice(("\n", "\n", "\r\n")).join([*lines, ""])
        return "\ufeff" + text if chance.random() < 0.05 else text

    def group(self, agents: Sequence[str], *, first: bool) -> list[str]:
        """`first`: the only group of these robots so far, which alone may hold what merging would make a matter of opinion."""
        chance = self.chance
        lines = [f"{chance.choice(('User-agent', 'user-agent', 'USER-AGENT'))}: {agent}" for agent in agents]
        words = ("Disallow", "Disallow", "Allow", "disallow")
        rules = [f"{chance.choice(words)}: {chance.choice(PATTERNS)}" for _ in range(chance.randint(1, 4))]
        if all(line.endswith(("/", " *")) for line in rules):
            rules.append("Allow: /art/")
        lines += [f"{rule}{'  # so there' if chance.random() < 0.1 else ''}" for rule in rules]
        if first and chance.random() < 0.5:
            lines.append(f"Crawl-delay: {chance.choice(DELAYS)}")
        if first and chance.random() < 0.12:
            where = chance.choice(("", "/art/ ", "/gallery/2024/ ", "/x "))
            lines.append(f"Content-Usage: {where}{chance.choice(('train-ai=n', 'train-ai=n', 'train-ai=y', 'search=n'))}")
            if where and chance.random() < 0.3:
                lines.append(f"Content-Usage: {where.strip()}p1 train-ai={chance.choice('yn')}")
        return lines

    def tdmrep(self, world: World, origin: str) -> None:
        chance = self.chance
        places = ("/art/", "/gallery/*", "/other/p1", "/*.png$", "/~me/")
        rules = [{"location": chance.choice(places), "tdm-reservation": chance.randint(0, 1)} for _ in range(chance.randint(1, 3))]
        answer = Answer(headers={"content-type": "application/json"}, body=json.dumps(rules))
        kind = self.often({"none": 66, "rules": 16, "trouble": 8, "moved": 6, "away": 2, "dirt": 2})
        script = [Answer(404)]
        if kind == "rules":
            script = [answer]
        elif kind == "trouble":
            script = [self.trouble(), answer]
        elif kind == "moved":
            target = origin + chance.choice(("/private/tdm.json", "/art/tdm.json", "/tdm.json"))
            script, world.scripts[target] = [Answer(301, {"location": target})], [answer]
        elif kind == "away":
            script = [Answer(301, {"location": chance.choice(world.origins) + "/art/p1"})]
        elif kind == "dirt":
            script = [Answer(body=chance.choice(("", "{", "[1, 2]", "<html>")))]
        world.scripts[origin + TDMREP] = script

    # --- the sources

    def sources(self, world: World, scrape: int, small: bool) -> tuple[Source, ...]:
        count = self.often({1: 5, 2: 4, 3: 2})
        homes = [self.chance.choice(world.origins) for _ in range(count)]
        if count > 1 and self.chance.random() < 0.5:
            homes[1] = homes[0]
        return tuple(self.source(world, scrape, n, homes[n], small) for n in range(count))

    def again(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """The same walks another day, under other settings."""
        return tuple(replace(source, revisit_days=self.revisit(), overrides=self.overrides()) for source in sources)

    def revisit(self) -> float:
        return self.often({30.0: 5, 0.0: 3, 0.05: 1})

    def overrides(self) -> frozenset[str]:
        names = ("noai", "noindex", "noimageai", "none", "noimageindex", "content-usage", "tdm-reservation")
        return frozenset(self.chance.sample(names, 4)) if self.chance.random() < 0.15 else frozenset()

    def source(self, world: World, scrape: int, number: int, home: str, small: bool) -> Source:
        chance = self.chance
        delay = self.often({0.0: 6, 0.3: 1, 1.0: 3, 2.0: 2, 5.0: 1, 10.0: 1})
        offline = scrape > 0 and chance.random() < 0.12
        pardoned = frozenset(chance.sample(PATHS, 3)) if chance.random() < 0.04 else frozenset()
        plan = self.plan(world, home, small)
        return Source(f"{AGENT}/1.0 (source {number})", delay, self.revisit(), self.overrides(), offline, plan, pardoned)

    def plan(self, world: World, home: str, small: bool) -> tuple[Step, ...]:
        chance = self.chance
        pages = [path for path in PATHS if not path.endswith(".png")]
        pictures = [path for path in PATHS if path.endswith(".png")]

        def some(paths: Sequence[str]) -> str:
            where = home if chance.random() < 0.75 else chance.choice(world.origins)
            return where + chance.choice(paths)

        steps: list[Step] = []
        for _ in range(chance.randint(2, 8 if small else 16)):
            do = self.often({"page": 8, "images": 8, "announce": 2, "wait": 2, "sleep": 1, "jump": 1})
            if do == "page":
                steps.append(Step("page", ((some(pages),),)))
            elif do == "images":
                lists = [tuple(some(pictures) for _ in range(self.often({1: 5, 2: 1}))) for _ in range(chance.choice((1, 1, 3, 8)))]
                steps.append(Step("images", tuple(lists)))
            elif do == "announce":
                urls = list(dict.fromkeys(some(pages) for _ in range(chance.randint(2, 8))))
                steps.append(Step("announce", tuple((url,) for url in urls)))
                steps += [Step("page", ((url,),)) for url in urls if chance.random() < 0.8]
            elif do == "wait":
                steps.append(Step("wait"))
            elif do == "sleep":
                steps.append(Step("sleep", seconds=chance.choice((0.1, 3.0, 400.0))))
            else:
                steps.append(Step("jump", seconds=chance.choice((-7200.0, -3.0, 5.0, 3600.0, 90_000.0))))
        return tuple(steps)
