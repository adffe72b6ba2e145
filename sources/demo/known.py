"""What a flawless run would say of every picture on the site."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sources.demo import words
from sources.demo.plan import Picture
from sources.demo.site import Site

SMALLEST = 100
"""Pixels on the shorter side: no wanted picture of the site is smaller, and every tiny one is."""

RULES = {"scene": ("background",), "grayscale": ("grayscale",), "photo": ("background", "photo"), "print": ("photo",)}
"""The filters that each treatment calls for. A photograph that fills its picture has a scene at its border as well."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about the picture under one URL path.

    `listed`: a page names it as a unit's picture, so a scrape should find it. `fetchable`: a picture comes when asked for, be it a
    damaged one; `readable`: it is whole. `classify` and `filter`: whether the stage should keep it; `rules`: the filters that should
    not. `group`: the same for the same picture, whether re-encoded, resized or mirrored. `best`: no member of its group that is kept by
    classify and filter is larger or less compressed. `robot`: it holds the robot artist's parts.
    """

    path: str
    unit_type: str
    listed: bool
    fetchable: bool
    readable: bool
    classify: bool
    filter: bool
    rules: tuple[str, ...]
    group: str
    best: bool
    robot: bool

    @property
    def wanted(self) -> bool:
        """Whether the picture passes everything but the comparison with its copies."""
        return self.fetchable and self.readable and self.classify and self.filter


def truth(site: Site) -> list[Truth]:
    """One row per picture path, in path order; the site's furniture has none."""
    types = _unit_types(site)
    ranks: dict[str, tuple[int, int]] = {}
    rows = []
    for path, picture in sorted(site.pictures.items()):
        rules = _rules(picture)
        row = Truth(
            path=path,
            unit_type=types.get(path) or types[picture.shot.group],
            listed=picture.listed,
            fetchable=picture.answer not in ("dead", "html"),
            readable=picture.answer != "truncated",
            classify=picture.shot.subject not in words.VESSELS,
            filter=not rules,
            rules=rules,
            group=picture.shot.group,
            best=False,
            robot=picture.shot.subject == "robot",
        )
        rows.append(row)
        if row.wanted:
            ranks[row.group] = max(ranks.get(row.group, (0, 0)), _rank(picture))
    return [replace(row, best=row.wanted and _rank(site.pictures[row.path]) == ranks[row.group]) for row in rows]


def _unit_types(site: Site) -> dict[str, str]:
    """By path and by group: the unit type on the first page that is about what it shows. A carrier's page may show a robot it carries."""
    types: dict[str, str] = {}
    for unit in site.units:
        for _, picture in unit.pictures:
            if (unit.kind == "robot") == (picture.shot.subject not in words.VESSELS):
                for key in (picture.path, picture.shot.group):
                    types.setdefault(key, unit.figures["Unit type"])
    return types


def _rules(picture: Picture) -> tuple[str, ...]:
    if picture.answer == "truncated":
        return ("readable",)
    tiny = ("size",) if min(picture.size) < SMALLEST else ()
    return tiny + RULES.get(picture.shot.treatment, ())


def _rank(picture: Picture) -> tuple[int, int]:
    """Size first; then a JPEG of low quality comes after all others."""
    width, height = picture.size
    return width * height, int(picture.quality == 0 or picture.quality >= 85)
