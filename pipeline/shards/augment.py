"""Copies for the training split: mirrored, and brightened or darkened.

A copy is made from the padded square, so picture and padding change alike and no seam appears.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings


TURNED = "turned"
"""The record's `augmentation` of a picture that was turned to the side all others face, itself unchanged."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What is done to a square: flipped left to right as a further copy (`mirror`) or because all are to face one side
    (`turned`), and brightness in percent (100: unchanged)."""

    mirror: bool = False
    percent: int = 100
    turned: bool = False

    @property
    def original(self) -> bool:
        """Whether this is the picture itself and not a further copy of it."""
        return not self.mirror and self.percent == 100

    @property
    def label(self) -> str:
        """The record's `augmentation`: empty, `turned`, `mirror`, `brightness=0.83`, or `mirror brightness=1.10`."""
        words = [word for word, done in ((TURNED, self.turned), ("mirror", self.mirror)) if done]
        if self.percent != 100:
            words.append(f"brightness={self.percent / 100:.2f}")
        return " ".join(words)

    def apply(self, square: Image.Image) -> Image.Image:
        """The changed copy of an RGB image. Every channel is multiplied, rounded half up, and cut off at 255."""
        changed = ImageOps.mirror(square) if self.mirror != self.turned else square
        if self.percent == 100:
            return changed
        curve = [min(255, (value * self.percent + 50) // 100) for value in range(256)]
        return changed.point(curve * 3)


ORIGINAL = Variant()


def check(settings: AugmentSettings) -> None:
    """Raise UsageError when more copies are asked for than can differ from each other."""
    room = len(_drawable(settings))
    if settings.copies > room:
        low, high = settings.brightness
        raise UsageError(
            f"augment.copies = {settings.copies}: brightness from {low:g} to {high:g} in steps of 0.01 gives {room} different copies;"
            " widen augment.brightness or lower augment.copies"
        )


def variants(id: str, settings: AugmentSettings, seed: int) -> list[Variant]:
    """All that a training picture is written as: itself, its mirror image if wanted, and `copies` further ones.

    The copies are drawn without replacement from every brightness in the range (in hundredths) on either side: the possible
    ones are ranked by SHA-256 of seed, id and label, and the first are taken. So no two examples of a picture are equal,
    and asking for more copies keeps those there were.
    """
    fixed = [ORIGINAL, Variant(mirror=True)] if settings.mirror else [ORIGINAL]
    if not settings.copies:
        return fixed
    ranked = sorted(_drawable(settings), key=lambda variant: hashlib.sha256(f"{seed}\0{id}\0{variant.label}".encode()).digest())
    return fixed + ranked[: settings.copies]


def _drawable(settings: AugmentSettings) -> list[Variant]:
    low, high = settings.brightness
    # 0.7 * 100 is not quite 70 in binary.
    percents = range(math.ceil(low * 100 - 1e-6), math.floor(high * 100 + 1e-6) + 1)
    sides = (False, True) if settings.mirror else (False,)
    return [Variant(mirror, percent) for percent in percents if percent != 100 for mirror in sides]
