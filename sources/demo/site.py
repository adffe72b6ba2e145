"""The whole site as a function from a path to an answer. Nothing is drawn before it is asked for, and then only once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image

from sources.demo import art, pages, pictures
from sources.demo.plan import NEW_SERIES, NEW_START, OLD_SERIES, SECTION, START, Picture, plan

ROBOTS = b"User-agent: *\nDisallow: /cgi-bin/\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends: status, Content-Type, body, and for a redirect the path to go to."""

    status: int
    kind: str
    body: bytes
    location: str = ""


class Site:
    """The site of so many units under a seed. Paths are the same in capitals, as on the servers of old."""

    def __init__(self, units: int, seed: int) -> None:
        self.units = plan(units, seed)
        self.pictures: dict[str, Picture] = {}
        self._makers: dict[str, Callable[[], Answer]] = {}
        self._made: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._put_pages()
        self._put_pictures()
        self._put_furniture()

    def answer(self, path: str) -> Answer:
        """The answer to a GET request for this path; the same whenever and by whomever it is asked."""
        key = path.partition("?")[0].lower()
        found = self._made.get(key)
        if found is None:
            found = self._makers.get(key, _not_found)()
            with self._lock:
                self._made[key] = found
        return found

    def _put_pages(self) -> None:
        by_series = {name: [unit for unit in self.units if unit.series == name] for name in (*OLD_SERIES, *NEW_SERIES)}
        self._page(START, partial(pages.index, list(OLD_SERIES)))
        self._page(NEW_START, partial(pages.new_index, list(NEW_SERIES)))
        self._put("/", Answer(302, "text/html", b"", START))
        for name in OLD_SERIES:
            self._page(f"{SECTION}/{name}/index.htm", partial(pages.series_list, name, by_series[name]))
        for name in NEW_SERIES:
            self._page(f"/{name}/", partial(pages.new_series, name, by_series[name]))
        for unit in self.units:
            self._page(unit.path, partial(pages.unit_page, unit))
            if not unit.new:
                self._put(f"{SECTION}/{unit.series}/{pages.moved_slug(unit)}.htm", Answer(301, "text/html", b"", unit.path))

    def _put_pictures(self) -> None:
        for unit in self.units:
            for _, picture in unit.pictures:
                self._picture(picture)
                if picture.answer == "moved":
                    self._picture(replace(picture, path=picture.target, answer="picture", target="", listed=False))
                for side in (300, 150) if unit.new else ():
                    height = round(side * picture.size[1] / picture.size[0])
                    self._picture(replace(picture, path=pages.scaled(picture, side), size=(side, height), listed=False))

    def _picture(self, picture: Picture) -> None:
        self.pictures[picture.path] = picture
        if picture.answer == "moved":
            self._put(picture.path, Answer(302, "text/html", b"", picture.target))
        elif picture.answer != "dead":
            kind = "image/jpeg" if picture.path.endswith("jpg") else "image/png"
            self._makers[picture.path] = lambda: Answer(200, kind, pictures.content(picture))

    def _put_furniture(self) -> None:
        self._put("/robots.txt", Answer(200, "text/plain", ROBOTS))
        self._page("/styles/old.css", partial(pages.style, "old"))
        self._page("/wp-content/themes/harbour/style.css", partial(pages.style, "new"))
        logo = partial(_strip, 1, 96, 96, "#ffffff")
        drawn = {
            "/images/spacer.gif": partial(_blank, (1, 1)),
            "/images/corner_left.gif": partial(_blank, (12, 12)),
            "/images/corner_right.gif": partial(_blank, (12, 12)),
            "/images/banner.png": partial(_strip, 8, 780, 90, "#28435c"),
            "/images/banner_heads.png": partial(_strip, 5, 560, 110, "#ffffff"),
            "/images/logo.png": logo,
            "/wp-content/themes/harbour/logo.png": logo,
        }
        for path, draw in drawn.items():
            self._makers[path] = partial(_drawn, draw, "GIF" if path.endswith("gif") else "PNG")

    def _page(self, path: str, make: Callable[[], pages.Body]) -> None:
        self._makers[path] = lambda: _page_answer(make())

    def _put(self, path: str, answer: Answer) -> None:
        self._makers[path] = lambda: answer


def _page_answer(made: pages.Body) -> Answer:
    return Answer(200, made[1], made[0])


def _not_found() -> Answer:
    body, kind = pages.lost()
    return Answer(404, kind, body)


def _drawn(draw: Callable[[], Image.Image], format: str) -> Answer:
    file = io.BytesIO()
    draw().save(file, format, **({"transparency": 0} if format == "GIF" else {}))
    return Answer(200, f"image/{format.lower()}", file.getvalue())


def _blank(size: tuple[int, int]) -> Image.Image:
    return Image.new("P", size)


def _strip(count: int, width: int, height: int, ground: str) -> Image.Image:
    """A row of robots, for banner and logo."""
    image = Image.new("RGBA", (width, height), ground)
    for place in range(count):
        colour = art.COLOURS[place % len(art.COLOURS)]
        figure = art.robot(colour, art.designs()[place * 97 + 5]).resize((height, height), Image.Resampling.BICUBIC)
        image.alpha_composite(figure, (round((place + 0.5) * width / count - height / 2), 0))
    return image.convert("RGB")
