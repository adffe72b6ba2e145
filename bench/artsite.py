"""A made-up art site on the loopback, held in memory, for measuring crawlers.

It is not named `site.py`: a folder with such a file on PYTHONPATH takes the place of the standard library's own.

    python bench/artsite.py [--pages N] [--pictures N] [--latency SECONDS]

prints its address as a line of JSON and serves until its standard input is closed. `/` is the whole site, `/some.html` the first
lists of it (for trials), `/one.html` one page with one picture (for the time a crawler needs to start). `/-/reset` empties the log
of requests and `/-/log` shows it.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import dataclasses
import html
import io
import json
import random
import sys
import time

LIST = 50
"""Unit pages to a list page."""
TRIAL = 2
"""`/some.html` shows one in so many lists."""
VOCABULARY = (
    "armour frame sensor thruster panel joint shield cannon pilot reactor fin visor booster mount array plating servo blade turret hull"
    " early later rebuilt standard heavy light captured painted damaged ceremonial prototype series field naval desert winter"
)
WORDS = VOCABULARY.split()


@dataclasses.dataclass(frozen=True)
class Plan:
    """What stands where: paths of pages and pictures, the same for the same numbers. `pages` counts the start and the lists too."""

    pages: int
    pictures: int

    @property
    def units(self) -> int:
        """How many pages show pictures."""
        return self.pages - 1 - self.lists

    @property
    def lists(self) -> int:
        """How many pages list units."""
        return -(-(self.pages - 1) // (LIST + 1))

    @property
    def trial(self) -> Plan:
        """What `/some.html` leads to, as numbers only."""
        lists = max(1, self.lists // TRIAL)
        units = min(self.units, lists * LIST)
        return Plan(1 + lists + units, sum(len(self.shown(unit)) for unit in range(units)))

    def listed(self, number: int) -> range:
        """The units on a list."""
        return range(number * LIST, min(self.units, (number + 1) * LIST))

    def shown(self, unit: int) -> range:
        """The pictures on a unit's page: as even a spread as whole numbers allow."""
        return range(unit * self.pictures // self.units, (unit + 1) * self.pictures // self.units)

    def picture(self, number: int) -> str:
        """The path of a picture; three in ten are PNG."""
        return f"/art/{number // 500}/p{number:05d}.{'png' if _is_png(number) else 'jpg'}"


class Site(asyncio.Protocol):
    """One connection: HTTP/1.1 with keep-alive, answers cut beforehand."""

    def __init__(self, answers: dict[bytes, bytes], log: collections.Counter[bytes], latency: float) -> None:
        self._answers = answers
        self._log = log
        self._latency = latency
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            head, self._pending = self._pending[:end], self._pending[end + 4 :]
            last = b"connection: close" in head.lower()
            path = head.split(b" ", 2)[1]
            if self._latency and not path.startswith(b"/-/"):
                asyncio.get_running_loop().call_later(self._latency, self._answer, path, last)
            else:
                self._answer(path, last)

    def _answer(self, path: bytes, last: bool) -> None:
        if path == b"/-/reset":
            self._log.clear()
        if path.startswith(b"/-/"):
            text = json.dumps({asked.decode("latin-1"): times for asked, times in self._log.items()})
            self._transport.write(answer("200 OK", "application/json", text.encode()))
        else:
            self._log[path] += 1
            self._transport.write(self._answers.get(path, MISSING))
        if last:
            self._transport.close()


def answer(status: str, content_type: str, body: bytes, tag: str = "") -> bytes:
    """A whole HTTP answer, with the headers that a plain web server gives a file."""
    lines = [
        f"HTTP/1.1 {status}",
        "Server: artsite",
        "Date: Mon, 05 Jan 2026 10:00:00 GMT",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *([f'ETag: "{tag}"', "Last-Modified: Mon, 01 Dec 2025 08:00:00 GMT", "Accept-Ranges: bytes"] if tag else []),
        "Connection: keep-alive",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


MISSING = answer("404 Not Found", "text/plain", b"not here\n")


def built(plan: Plan) -> dict[bytes, bytes]:
    """Every answer of the site by path."""
    everything: dict[str, tuple[str, bytes]] = {"/robots.txt": ("text/plain", b"User-agent: *\nAllow: /\n")}
    lists = [f"/series/{number}.html" for number in range(plan.lists)]
    everything["/"] = _html(_index("Art site", lists))
    everything["/some.html"] = _html(_index("Some of the art site", lists[: max(1, plan.lists // TRIAL)]))
    everything["/one.html"] = _html(_index("One of the art site", ["/series/one.html"]))
    everything["/series/one.html"] = _html(_index("One", ["/unit/0.html"]))
    for number, path in enumerate(lists):
        everything[path] = _html(_index(f"Series {number}", [f"/unit/{unit}.html" for unit in plan.listed(number)]))
    for unit in range(plan.units):
        everything[f"/unit/{unit}.html"] = _html(_unit(plan, unit))
    for number in range(plan.pictures):
        png = _is_png(number)
        everything[plan.picture(number)] = ("image/png" if png else "image/jpeg", _picture(number, png))
    return {
        path.encode(): answer("200 OK", kind, body, f"{number:x}-{len(body):x}")
        for number, (path, (kind, body)) in enumerate(everything.items())
    }


def _is_png(number: int) -> bool:
    return number % 10 in (2, 5, 8)


def _html(text: str) -> tuple[str, bytes]:
    return "text/html; charset=utf-8", text.encode()


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choices(WORDS, k=count)).capitalize() + "."


def _frame(title: str, main: str) -> str:
    """A page around its content, with the menu, scripts and footer that a site has on every page: some 3 KB of them."""
    menu = "".join(f'<li class="menu-item depth-{n % 3}"><a class="menu-link" href="/topic/{n}.html">Topic {n}</a></li>' for n in range(24))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">'
        "<script>window.dataLayer=window.dataLayer||[];function track(){dataLayer.push(arguments);}</script></head>"
        f'<body><header><a href="/">Art site</a><nav><ul>{menu}</ul></nav></header><main>{main}</main>'
        '<footer><p>All pictures © their makers, <a href="/terms.html">CC BY 4.0</a>.</p></footer></body></html>'
    )


def _index(title: str, paths: list[str]) -> str:
    chance = random.Random(title)
    rows = "".join(
        f'<li class="entry"><a class="entry-link" href="{path}">{_words(chance, 3)}</a> <span>{_words(chance, 6)}</span></li>'
        for path in paths
    )
    return _frame(title, f'<h1>{title}</h1><p>{_words(chance, 60)}</p><ul class="entries">{rows}</ul>')


def _unit(plan: Plan, unit: int) -> str:
    chance = random.Random(unit)
    figures = "".join(
        f'<figure class="picture"><img src="{plan.picture(number)}" alt="{_words(chance, 4)}"><figcaption>{_words(chance, 8)}'
        "</figcaption></figure>"
        for number in plan.shown(unit)
    )
    facts = "".join(
        f"<tr><th>{label}</th><td>{_words(chance, 4)}</td></tr>"
        for label in ("Model number", "Unit type", "Manufacturer", "Operator", "Height", "Weight", "Armament", "First seen")
    )
    text = "".join(f"<p>{_words(chance, chance.randint(30, 120))}</p>" for _ in range(chance.randint(1, 8)))
    related = "".join(f'<li><a href="/unit/{chance.randrange(plan.units)}.html">{_words(chance, 3)}</a></li>' for _ in range(12))
    return _frame(
        f"Unit {unit}",
        f'<h1 class="title">Unit {unit}</h1>{figures}<table class="facts">{facts}</table>{text}<aside><ul>{related}</ul></aside>',
    )


def _picture(number: int, png: bool) -> bytes:
    """A drawing of 256–400 pixels a side, 15–40 KB: flat shapes, and noise (over all of a JPEG, in one patch of a PNG)."""
    import numpy as np
    from PIL import Image, ImageDraw

    chance, noise = random.Random(number), np.random.default_rng(number)

    def colour() -> tuple[int, int, int]:
        return chance.randrange(256), chance.randrange(256), chance.randrange(256)

    width, height = chance.randint(256, 400), chance.randint(256, 400)
    image = Image.new("RGB", (width, height), colour())
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = chance.randrange(width), chance.randrange(height)
        box = (x, y, x + chance.randint(20, 150), y + chance.randint(20, 150))
        (draw.ellipse if chance.random() < 0.5 else draw.rectangle)(box, fill=colour())
    file = io.BytesIO()
    if png:
        side = chance.randint(70, 108)
        image.paste(Image.fromarray(noise.integers(0, 256, (side, side, 3), np.uint8)), (chance.randrange(100), chance.randrange(100)))
        image.save(file, "PNG", compress_level=1)
    else:
        grain = noise.integers(-14, 15, (height, width, 1), np.int16)
        Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=82)
    return file.getvalue()


async def _serve(answers: dict[bytes, bytes], latency: float) -> None:
    loop, log = asyncio.get_running_loop(), collections.Counter[bytes]()
    server = await loop.create_server(lambda: Site(answers, log, latency), "127.0.0.1", 0, backlog=1024)
    async with server:
        sizes = sorted(len(body) for path, body in answers.items() if path.startswith(b"/art/"))
        page_sizes = sorted(len(body) for path, body in answers.items() if path.startswith(b"/unit/"))
        told = {
            "address": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            "picture bytes": [sizes[0], sizes[len(sizes) // 2], sizes[-1]],
            "page bytes": [page_sizes[0], page_sizes[len(page_sizes) // 2], page_sizes[-1]],
        }
        print(json.dumps(told), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--pictures", type=int, default=5000)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    began = time.monotonic()
    answers = built(Plan(options.pages, options.pictures))
    print(f"site built in {time.monotonic() - began:.0f} s", file=sys.stderr)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(answers, options.latency))


if __name__ == "__main__":
    main()
