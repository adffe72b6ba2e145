"""What is on the site: every unit, every picture, every trap. A pure function of how many units there are, and of a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.demo import art, words
from sources.demo.art import Design

OLD_SERIES = ("aurora", "basalt", "cinder", "dorado", "ember", "fathom")
NEW_SERIES = ("meridian", "zenith")
SECTION = "/mecha/gundam"
"""Where the old layout stands: the folder in which mahq's own readers look for it."""

START, NEW_START = f"{SECTION}/index.htm", "/gundammain/"
FLEET = {"battleship": 8, "carrier": 9, "landing craft": 7, "plane": 8, "truck": 7, "tank": 7, "shuttle": 7, "submarine": 6}
"""Pages that show a vehicle, by kind."""

IN_NEW = {"robot": 34, "battleship": 1, "carrier": 1, "plane": 1, "truck": 1, "tank": 1, "shuttle": 1}
"""What the pages in the new layout show."""

TRAPS = {
    "grayscale": (5, 5),
    "scene": (6, 6),
    "photo": (6, 6),
    "tiny": (4, 4),
    "truncated": (4, 4),
    "html": (4, 4),
    "dead": (4, 4),
    "moved": (3, 3),
    "recompressed": (4, 4),
    "resized": (4, 4),
    "mirrored": (4, 4),
    "exact": (3, 3),
    "shared": (6, 6),
    "view": (0, 40),
}
"""Pictures of each trap: so many as a page's first picture, so many as an alternate. `exact`: the same bytes under another URL.
`shared`: the same URL on a second page, which for the alternates is a carrier's. `view`: no trap, a further robot."""

COPIES = ("recompressed", "resized", "mirrored", "exact", "shared")
FEWEST = 200
"""Units below which the traps would not find room."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture before it is copied. `subject`: robot, landscape, or a kind of vehicle. `treatment`: plain, grayscale, scene, photo,
    or print (a photo with a margin). `size`: width and height in pixels."""

    group: str
    subject: str
    treatment: str
    size: tuple[int, int]
    seed: int
    colour: str = ""
    design: Design | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture under a URL path. `quality`: of the JPEG; 0 for a PNG. `answer`: what a request for it gets: picture, truncated,
    html, dead, or moved (then `target` is the path it moved to). `listed`: a page names it as the unit's picture."""

    path: str
    shot: Shot
    size: tuple[int, int]
    quality: int
    mirrored: bool = False
    clear: bool = False
    answer: str = "picture"
    target: str = ""
    listed: bool = True


@dataclass(slots=True)
class Unit:
    """A page about one machine. `charset`: how a page with accents declares its Latin-1 (meta, header, or not at all: none), else empty.
    `spread`: what stands between the words of its unit type: blanks, a line break, or (empty) a single blank."""

    series: str
    new: bool
    kind: str
    slug: str
    title: str
    figures: dict[str, str]
    history: str
    note: str
    charset: str = ""
    spread: str = ""
    pictures: list[tuple[str, Picture]] = field(default_factory=list)
    """Label and picture; the first is the one the page shows."""

    @property
    def path(self) -> str:
        """The page's URL path."""
        return f"/{self.slug}/" if self.new else f"{SECTION}/{self.series}/{self.slug}.htm"


def plan(units: int, seed: int) -> list[Unit]:
    """All unit pages with their pictures, series by series. Raises ValueError for too few or too many units."""
    most = len(art.designs()) - sum(first + further for first, further in TRAPS.values())
    if not FEWEST <= units <= most:
        raise ValueError(f"units = {units}: the demo site has between {FEWEST} and {most}")
    return _Planner(units, seed).units


class _Planner:
    def __init__(self, units: int, seed: int) -> None:
        self._rng = random.Random(f"demo site, {units} units, seed {seed}")
        self._designs = iter(self._rng.sample(art.designs(), len(art.designs())))
        self._groups = 0
        self.units = self._pages(units)
        self._first_pictures()
        self._traps()

    def _pages(self, count: int) -> list[Unit]:
        kinds = [kind for kind, number in FLEET.items() for _ in range(number - IN_NEW.get(kind, 0))]
        kinds += ["robot"] * (count - len(kinds) - sum(IN_NEW.values()))
        self._rng.shuffle(kinds)
        recent = [kind for kind, number in IN_NEW.items() for _ in range(number)]
        self._rng.shuffle(recent)
        shelves = {name: kinds[place :: len(OLD_SERIES)] for place, name in enumerate(OLD_SERIES)}
        shelves |= {name: recent[place :: len(NEW_SERIES)] for place, name in enumerate(NEW_SERIES)}
        names = iter(self._rng.sample([name + form for form in words.FORMS for name in words.NAMES], count))
        accented = iter(words.ACCENTED)
        turns = dict.fromkeys([*words.VESSELS, "robot"], 0)
        pages = []
        for series, shelf in shelves.items():
            for place, kind in enumerate(shelf):
                pages.append(self._page(series, place, kind, turns[kind], next(names), accented))
                turns[kind] += 1
        return pages

    def _page(self, series: str, place: int, kind: str, turn: int, name: str, accented: Iterator[str]) -> Unit:
        new = series in NEW_SERIES
        types = words.SUITS if kind == "robot" else words.VESSELS[kind]
        # Two pages of every old series carry accents, and a third of each is declared in one way.
        latin = not new and place in (4, 11)
        charset = ("meta", "header", "none")[(OLD_SERIES.index(series) * 2 + (place == 11)) % 3] if latin else ""
        name = f"{next(accented)} {name.partition(' ')[2]}".strip() if latin else name
        number = f"{series[:2].upper()}-{101 + place}"
        figures = words.figures(self._rng, name, number, kind, types[turn % len(types)])
        history = words.history(self._rng, name, kind)
        spread = "" if new else {5: "blanks", 13: "break"}.get(place % 20, "")
        return Unit(series, new, kind, number.lower(), f"{number} {name}", figures, history, self._rng.choice(words.NOTES), charset, spread)

    def _first_pictures(self) -> None:
        for unit in self.units:
            shot = self._shot("plain", unit.kind)
            unit.pictures.append(("", self._picture(unit, "", shot)))

    def _shot(self, treatment: str, subject: str = "robot", width: int = 0) -> Shot:
        rng = self._rng
        self._groups += 1
        group, seed = f"g{self._groups:04d}", rng.randrange(1 << 30)
        width = width or rng.randint(220, 400)
        if subject == "robot":
            size = (width, round(width * rng.uniform(1, 1.04)))
            return Shot(group, subject, treatment, size, seed, rng.choice(art.COLOURS), next(self._designs))
        width = max(width, 260)
        return Shot(group, subject, treatment, (width, round(width * rng.uniform(0.74, 0.9))), seed)

    def _picture(self, unit: Unit, suffix: str, shot: Shot, **further: object) -> Picture:
        quality = 0 if unit.new or self._rng.random() < 0.25 else self._rng.randint(85, 92)
        values: dict[str, object] = {"size": shot.size, "quality": quality, "clear": quality == 0 and self._rng.random() < 0.4} | further
        folder = "/wp-content/uploads/2023/04" if unit.new else f"{SECTION}/{unit.series}"
        ending = "jpg" if values["quality"] else "png"
        return Picture(f"{folder}/{unit.slug}{suffix}.{ending}", shot, **values)  # type: ignore[arg-type]  # named as its fields are

    def _traps(self) -> None:
        robots = [unit for unit in self.units if unit.kind == "robot" and not unit.new]
        self._rng.shuffle(robots)
        first = sum(number for number, _ in TRAPS.values())
        trapped, plain = iter(robots[:first]), robots[first:]
        # Each copy has an original of its own, which stands on a page without a trap.
        originals = iter(plain)
        carriers = iter([unit for unit in self.units if unit.kind == "carrier" and not unit.new])
        hosts = iter(robots[::-1] * 2)
        for trap, (as_first, as_further) in TRAPS.items():
            for turn in range(as_first):
                unit = next(trapped)
                unit.pictures[0] = ("", self._trap(trap, unit, "", turn, next(originals) if trap in COPIES else unit))
            for turn in range(as_further):
                original = next(originals) if trap in COPIES else next(hosts)
                host = next(carriers) if trap == "shared" else original
                label = {"view": "second mode", "shared": "complement", "mirrored": "other side"}.get(trap, "other drawing")
                host.pictures.append((label, self._trap(trap, host, f"-{len(host.pictures) + 1}", turn, original)))

    def _trap(self, trap: str, unit: Unit, suffix: str, turn: int, original: Unit) -> Picture:
        source = original.pictures[0][1]
        if trap == "shared":
            return source
        if trap in COPIES:
            return self._copy(trap, unit, suffix, original)
        if trap == "tiny":
            # An alternate is a thumbnail of the page's own picture, just large enough to be told for one.
            shot, side = (source.shot, self._rng.randint(46, 60)) if suffix else (self._shot("plain"), self._rng.randint(20, 44))
            return self._picture(unit, suffix, shot, size=(side, round(side * shot.size[1] / shot.size[0])))
        if trap in ("grayscale", "scene"):
            return self._picture(unit, suffix, self._shot(trap), clear=False)
        if trap == "photo":
            shot = self._shot(("photo", "print")[turn % 2], ("robot", "landscape")[turn // 2 % 2])
            return self._picture(unit, suffix, shot, quality=90, clear=False)
        picture = self._picture(unit, suffix, self._shot("plain"), quality=self._rng.randint(85, 92), clear=False)
        if trap == "view":
            return picture
        values = {name: getattr(picture, name) for name in Picture.__slots__}
        if trap == "moved":
            values["target"] = picture.path.replace(f"/{unit.series}/", "/archive/")
        return Picture(**{**values, "answer": trap})

    def _copy(self, trap: str, unit: Unit, suffix: str, original: Unit) -> Picture:
        label, source = original.pictures[0]
        if trap == "exact":
            same = {name: getattr(source, name) for name in ("size", "quality", "clear")}
            return self._picture(unit, suffix, source.shot, **same)
        if trap == "resized":
            if source.size[0] < 300:  # so that the copy is still large enough to be wanted
                source = self._picture(original, "", self._shot("plain", width=self._rng.randint(320, 400)))
                original.pictures[0] = (label, source)
            scale = self._rng.uniform(0.55, 0.8)
            return self._picture(unit, suffix, source.shot, size=(round(source.size[0] * scale), round(source.size[1] * scale)))
        quality = self._rng.randint(35, 60) if trap == "recompressed" else self._rng.randint(85, 92)
        return self._picture(unit, suffix, source.shot, quality=quality, clear=False, mirrored=trap == "mirrored")
