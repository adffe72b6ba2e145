"""What can be measured on a picture of one thing on a ground: its colour, and its shape. Pure NumPy, many pictures at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

COLOURS = {"red": 0, "orange": 30, "yellow": 60, "green": 120, "cyan": 180, "blue": 240, "purple": 275, "magenta": 300, "pink": 330}
"""Names of hues, in degrees on the circle of HSV."""

COLOUR = (*COLOURS, "brightness", "saturation")
SHAPE = ("size", "across", "down", "width", "height", "asymmetry", "detail")

SUBJECT = 0.12
"""How far from the ground, in any channel (0–1), a pixel belongs to the subject."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def looks(pictures: np.ndarray) -> dict[str, np.ndarray]:
    """Measures of pictures uint8 (n, height, width, 3), each (n,), of the subject: what differs from the median colour of the border.

    Hues (`COLOURS`): how far its mean colour lies towards that hue, -1 to 1: chroma times the cosine of the angle between them, in the
    plane of R - (G + B)/2 and √3/2·(G - B) (Preucil's circle of hues). `brightness`: mean luma, 0–1. `saturation`: mean of the largest
    channel less the smallest, 0–1.

    `size`: its share of the picture. `across`, `down`: where its middle lies, 0–1. `width`, `height`: standard deviation of its pixels'
    places, in picture sides. `asymmetry`: share of its outline's area that its mirror image does not cover. `detail`: mean difference of
    neighbouring pixels over the standard deviation of its luma. A picture without a subject counts whole.
    """
    parts = [_looks(pictures[start : start + 256]) for start in range(0, len(pictures), 256)]
    return {name: np.concatenate([part[name] for part in parts]) for name in (*COLOUR, *SHAPE)}


def hue(seen: Mapping[str, np.ndarray], angle: float) -> np.ndarray:
    """The measure of a hue at any angle in degrees, from those of `looks`."""
    one, other = seen["red"], (seen["green"] - np.cos(np.radians(120)) * seen["red"]) / np.sin(np.radians(120))
    towards: np.ndarray = one * np.cos(np.radians(angle)) + other * np.sin(np.radians(angle))
    return towards


def _looks(pictures: np.ndarray) -> dict[str, np.ndarray]:
    pixels = pictures.astype(np.float32) / 255
    _, height, width, _ = pixels.shape
    border = np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)
    ground = np.median(border, axis=1)[:, None, None]
    subject = (np.abs(pixels - ground).max(axis=3) > SUBJECT).astype(np.float32)
    subject[subject.sum(axis=(1, 2)) == 0] = 1
    share = subject / subject.sum(axis=(1, 2), keepdims=True)
    red, green, blue = np.einsum("nhwc,nhw->cn", pixels, share)
    one, other = red - (green + blue) / 2, 3**0.5 / 2 * (green - blue)
    found = {name: one * np.cos(np.radians(angle)) + other * np.sin(np.radians(angle)) for name, angle in COLOURS.items()}
    luma = pixels @ LUMA
    found["brightness"] = (luma * share).sum(axis=(1, 2))
    found["saturation"] = ((pixels.max(axis=3) - pixels.min(axis=3)) * share).sum(axis=(1, 2))
    found["size"] = subject.mean(axis=(1, 2))
    for place, spread, along, side in (("across", "width", share.sum(axis=1), width), ("down", "height", share.sum(axis=2), height)):
        places = (np.arange(side) + 0.5) / side
        found[place] = along @ places
        found[spread] = np.sqrt(np.maximum(along @ places**2 - found[place] ** 2, 0))
    found["asymmetry"] = (subject * (1 - subject[:, :, ::-1])).sum(axis=(1, 2)) / subject.sum(axis=(1, 2))
    contrast = np.sqrt(np.maximum((luma**2 * share).sum(axis=(1, 2)) - found["brightness"] ** 2, 0))
    down, across = np.abs(np.diff(luma, axis=1)), np.abs(np.diff(luma, axis=2))
    inside = (down * subject[:, 1:] * subject[:, :-1]).sum(axis=(1, 2)) + (across * subject[:, :, 1:] * subject[:, :, :-1]).sum(axis=(1, 2))
    found["detail"] = inside / subject.sum(axis=(1, 2)) / np.maximum(contrast, 0.02)
    return {name: values.astype(np.float64) for name, values in found.items()}
