"""Copies for the training split: which there are, and what each is.

What a copy is like depends on the manifest's seed, the picture's id and the copy's number alone: other pictures, their order and the number
of workers have no say in it. `alter` does to pixels what is decided here.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from pipeline.errors import UsageError
from pipeline.shards import alter

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings


TURNED = "turned"
"""The record's `augmentation` of a picture that was turned to the side all others face, itself unchanged."""

SCALES = {
    "brightness": 100,
    "contrast": 100,
    "saturation": 100,
    "hue": 1,
    "rotate": 10,
    "zoom": 100,
    "blur": 10,
    "noise": 10,
    "desaturate": 100,
}
"""How many steps of each setting are one of its units: strengths are drawn in whole steps, the same on every machine."""

COLOURFUL = ("saturation", "hue", "desaturate")
"""What changes nothing in a gray picture."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What is done to a square: flipped left to right as a further copy (`mirror`) or because all are to face one side
    (`turned`), and how strongly it is changed, in steps of `SCALES`: `percent` is brightness. `grain` decides where noise and
    patches fall."""

    mirror: bool = False
    percent: int = 100
    turned: bool = False
    contrast: int = 100
    saturation: int = 100
    hue: int = 0
    rotate: int = 0
    zoom: int = 100
    blur: int = 0
    noise: int = 0
    desaturate: int = 0
    grain: str = ""

    @property
    def original(self) -> bool:
        """Whether this is the picture itself and not a further copy of it."""
        return replace(self, turned=False, grain="") == ORIGINAL

    @property
    def label(self) -> str:
        """The record's `augmentation`: empty, `turned`, `mirror`, `brightness=0.83`, or several, as in
        `mirror brightness=1.10 rotate=-3.5`."""
        words = [word for word, done in ((TURNED, self.turned), ("mirror", self.mirror)) if done]
        for name, scale in SCALES.items():
            steps = getattr(self, _field(name))
            if steps != getattr(ORIGINAL, _field(name)):
                words.append(f"{name}={steps / scale:.{len(str(scale)) - 1}f}")
        return " ".join(words)

    def apply(self, square: Image.Image) -> Image.Image:
        """The changed copy of an L, RGB or RGBA image, of the same mode and size: turned and zoomed, blurred, recoloured,
        bleached in patches, grained, in that order."""
        changed = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if self.mirror != self.turned else square
        changed = alter.move(changed, self.rotate / 10, self.zoom / 100)
        changed = alter.blur(changed, self.blur / 10)
        changed = alter.tone(changed, self.percent, self.contrast)
        changed = alter.tint(changed, self.saturation / 100, self.hue)
        changed = alter.bleach(changed, self.desaturate / 100, f"{self.grain}\0{self.label}\0patches")
        return alter.grain(changed, self.noise / 10, f"{self.grain}\0{self.label}\0noise")


ORIGINAL = Variant()


def check(settings: AugmentSettings, mode: str = "rgb") -> None:
    """Raise UsageError when more copies are asked for than can differ from each other, or when one way of changing them
    changes nothing in pictures of this `mode` (`shard.mode`)."""
    ranges = _ranges(settings)
    for name in COLOURFUL:
        if mode == "gray" and settings.copies and name in ranges:
            raise UsageError(f"augment.{name} changes nothing in gray pictures; take it out, or set shard.mode to rgb")
    room = _room(settings)
    if settings.copies > room:
        given = ", ".join(f"{name} in steps of {1 / SCALES[name]:g}" for name in ranges) or "no range that is open"
        raise UsageError(
            f"augment.copies = {settings.copies}: {given} gives {room} different copies; widen a range such as augment.brightness,"
            " or lower augment.copies"
        )


def variants(id: str, settings: AugmentSettings, seed: int) -> list[Variant]:
    """All that a training picture is written as: itself, its mirror image if wanted, and `copies` further ones.

    Every strength of a copy is drawn evenly from its range, and the side from both if `mirror`, by SHA-256 of seed, id, number of the copy
    and name. A copy that equals one before it is drawn again, so no two examples of a picture are equal; asking for more
    copies keeps those there were. `check` must have passed.
    """
    found = [ORIGINAL, Variant(mirror=True)] if settings.mirror else [ORIGINAL]
    labels = {variant.label for variant in found}
    ranges, copies, attempt = _ranges(settings), min(settings.copies, _room(settings)), 0
    for copy in range(copies):
        while (drawn := _drawn(f"{seed}\0{id}\0{copy}\0{attempt}", ranges, settings.mirror, f"{seed}\0{id}")).label in labels:
            attempt += 1
        labels.add(drawn.label)
        found.append(drawn)
        attempt = 0
    return found


def alone(settings: AugmentSettings, high: bool) -> dict[str, Variant]:
    """Each way in which copies may change, by itself and at the `high` or low end of its range; for showing."""
    found: dict[str, Variant] = {}
    for name, (low, top) in _ranges(settings).items():
        wanted, other = (top, low) if high else (low, top)
        steps: dict[str, Any] = {_field(name): other if wanted == getattr(ORIGINAL, _field(name)) else wanted}
        found[name] = replace(ORIGINAL, grain=name, **steps)
    return found


def _drawn(key: str, ranges: dict[str, tuple[int, int]], sides: bool, grain: str) -> Variant:
    strengths: dict[str, Any] = {_field(name): low + _number(f"{key}\0{name}") % (high - low + 1) for name, (low, high) in ranges.items()}
    return replace(ORIGINAL, mirror=sides and _number(f"{key}\0mirror") % 2 == 1, grain=grain, **strengths)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:16])


def _room(settings: AugmentSettings) -> int:
    """How many copies can differ from each other and from what is there without them."""
    ranges = _ranges(settings)
    all_of_them = math.prod(high - low + 1 for low, high in ranges.values())
    unchanged = all(low <= getattr(ORIGINAL, _field(name)) <= high for name, (low, high) in ranges.items())
    return (all_of_them - unchanged) * (2 if settings.mirror else 1)


def _ranges(settings: AugmentSettings) -> dict[str, tuple[int, int]]:
    """Lowest and highest step of each strength that is not always neutral."""
    found = {}
    for name, scale in SCALES.items():
        value = getattr(settings, name)
        # 0.7 * 100 is not quite 70 in binary.
        if isinstance(value, tuple):
            low, high = math.ceil(value[0] * scale - 1e-6), math.floor(value[1] * scale + 1e-6)
        else:
            high = math.floor(value * scale + 1e-6)
            low = -high if name in ("hue", "rotate") else 0
        if low <= high and (low, high) != (getattr(ORIGINAL, _field(name)),) * 2:
            found[name] = low, high
    return found


def _field(name: str) -> str:
    return "percent" if name == "brightness" else name
