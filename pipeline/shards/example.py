"""The nouns of a shard: a curated picture, and one example made from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

from pipeline.image_store import Place
from pipeline.shards.augment import Variant

FIELDS: dict[str, Literal["image", "text", "integer"]] = {
    "image": "image",
    "id": "text",
    "cluster": "text",
    "title": "text",
    "series": "text",
    "label": "text",
    "page_url": "text",
    "image_url": "text",
    "license": "text",
    "credit": "text",
    "width": "integer",
    "height": "integer",
    "augmentation": "text",
}
"""Every field of a record. `width` and `height` are those of the encoded image, in pixels; `augmentation` is empty for
an original, `turned` for one turned to the side that all face."""

CHANNELS = {"gray": 1, "rgb": 3, "rgba": 4}
"""Channels of an image, by `shard.mode`."""

ORIGINALS = ("", "turned")
"""Values of `augmentation` that are no copies."""

TEXTS = ("id", "cluster", "title", "series", "label", "page_url", "image_url", "license", "credit")
"""The fields that come from the picture as they stand."""


def is_original(augmentation: object) -> bool:
    """Whether a record with this `augmentation`, text or its UTF-8, is a picture itself, not a copy of one."""
    return (augmentation.decode(errors="replace") if isinstance(augmentation, bytes) else augmentation) in ORIGINALS


@dataclass(frozen=True, slots=True)
class Picture:
    """One curated item. `place` is where the stored image is; `border_colour` is `#rrggbb`, as measured with transparency laid on white.
    `turned`: it faces the other side than all are to, and is flipped. `centre`: middle of the subject, as shares
    of width and height, 0–1. `group`: what it shares a split with, by the anchor; empty: its cluster."""

    id: str
    cluster: str
    place: Place
    title: str
    series: str
    label: str
    page_url: str
    image_url: str
    license: str
    credit: str
    border_colour: str
    turned: bool = False
    centre: tuple[float, float] = (0.5, 0.5)
    group: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One record to be: a picture, and what is done to it."""

    picture: Picture
    variant: Variant

    @classmethod
    def of(cls, picture: Picture, variant: Variant) -> Self:
        """The example of a picture that may have to be turned first."""
        return cls(picture, replace(variant, turned=True) if picture.turned else variant)

    def record(self, image: bytes, size: int) -> dict[str, bytes | int]:
        """The record's fields; `image` is the encoded square of `size` pixels."""
        values: dict[str, bytes | int] = {name: _bytes(getattr(self.picture, name)) for name in TEXTS}
        return {**values, "image": image, "width": size, "height": size, "augmentation": _bytes(self.variant.label)}


def clean(text: str) -> str:
    """The text as a record holds it: a page in a broken encoding can leave half a surrogate pair in its title."""
    return _bytes(text).decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")
