"""Robots composed from robohash's artist-drawn parts (set1 by Zikri Kader, CC BY).

The parts are read from the installed robohash package; nothing of its own code is run, because composing the parts directly is
hundreds of times quicker.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

SIDE = 300
"""Pixels on a side of a composed robot."""

COLOURS = ("blue", "brown", "green", "orange", "pink", "purple", "red", "yellow")
"""The set's colours but grey and white: those robots are colourless but for an eye, so whether one is a colour picture is moot."""

WIDE_BODY = 10
"""The one body that the artist let run off the picture's right edge."""

Design = tuple[int, int, int, int, int]
"""Part numbers, 1–10, of body, face, accessory, eyes and mouth: the order in which they are laid over each other."""


def designs() -> list[Design]:
    """Every design the site may use, 826 of them; any two differ in at least three of their five parts.

    They are the words without the symbol 10 of a [5, 3] maximum-distance-separable code over the integers modulo 11: two digits
    fix no third, so words that agree in three places are one word.
    """
    digits = range(10)
    words = [(a, b, c, (a + b + c) % 11, (a + 2 * b + 3 * c) % 11) for a in digits for b in digits for c in digits]
    return [(a + 1, b + 1, c + 1, d + 1, e + 1) for a, b, c, d, e in words if d < 10 and e < 10]


def robot(colour: str, design: Design) -> Image.Image:
    """The robot as RGBA, SIDE × SIDE, transparent around it; its body is cut off by the lower edge, as drawn."""
    image = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0))
    for parts, number in zip(_parts(colour), design, strict=True):
        part, place = _part(parts[number])
        image.alpha_composite(part, place)
    return image


def backgrounds() -> list[Path]:
    """The scenes that come with the robots, by the same artist: stars, hills, a city, a beach, …"""
    return sorted((parts_folder() / "backgrounds" / "bg1").glob("*.png"))[:12]


def parts_folder() -> Path:
    """Where robohash keeps its art. Raises ImportError, saying what to install, if it is not there."""
    spec = find_spec("robohash")
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / "sets" / "set1").is_dir():
            return Path(place)
    raise ImportError("the demo site draws with the art of robohash, which is not installed; pip install 'art-pipeline[demo]'")


@cache
def _part(file: Path) -> tuple[Image.Image, tuple[int, int]]:
    """A part without the empty space around it, and where it belongs. All 400 together take 13 MB."""
    with Image.open(file) as image:
        part = image.convert("RGBA")
    box = part.getbbox()
    assert box is not None
    return part.crop(box), (box[0], box[1])


@cache
def _parts(colour: str) -> list[dict[int, Path]]:
    """For each slot, bottom layer first, its files by part number."""
    slots = sorted((parts_folder() / "sets" / "set1" / colour).iterdir(), key=lambda folder: folder.name.partition("#")[2])
    return [{int(re.findall(r"(\d+)\.png$", file.name)[0]): file for file in slot.glob("*.png")} for slot in slots]
