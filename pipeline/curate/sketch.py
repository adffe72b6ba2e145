"""Sketches: 64-bit hashes of stored signatures, steadier than a pHash where a drawing is symmetric, turned or cut.

A pHash has one bit for each low frequency, and in a symmetric drawing half of these are nothing but noise. Here each bit is the sign of a
sum of all low frequencies with random signs (Charikar: Similarity estimation techniques from rounding algorithms, 2002), so that
Hamming distance grows with the angle between two pictures' low frequencies.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

from pipeline.curate.align import Floats, warp
from pipeline.curate.hamming import Hashes
from pipeline.curate.views import Views

INNER = 0.9
"""The middle of a picture, as a share of its sides, whose sketch is held against others' whole pictures: they may be cut-outs."""

WHITER = 1.5
"""Power of the frequency by which it is raised: drawings have less of the higher ones."""

_LIGHT, _COLOUR = 7, 3
"""Frequencies u + v below these are used, of brightness and of Cb and Cr."""

_BATCH = 2000


def sketches(views: Views, flip: bool = False) -> tuple[Hashes, Hashes, Hashes]:
    """Of every whole picture, of its subject, and of its middle; `flip`: as the mirror images' would be."""
    found: list[list[Hashes]] = [[], [], []]
    for start in range(0, len(views.size), _BATCH):
        part = slice(start, start + _BATCH)
        luma, chroma = views.whole.luma[part].astype(np.float32), views.whole.chroma[part].astype(np.float32)
        for number, maps in enumerate((None, _onto(views, part), _middle(len(luma)))):
            found[number].append(_hashed(luma, chroma, flip) if maps is None else _hashed(warp(luma, maps)[0], warp(chroma, maps)[0], flip))
    whole, subject, middle = (np.concatenate([np.zeros(0, dtype=np.uint64), *hashes]) for hashes in found)
    return whole, subject, middle


def _onto(views: Views, part: slice) -> Floats:
    """The maps that stretch a square around each subject over the cells (its surroundings too, where it is no square)."""
    box, size = views.subject[part], views.size[part]
    pixels = (box[:, 2:] - box[:, :2]) * size
    half = pixels.max(axis=1, keepdims=True) / size
    maps = np.zeros((len(box), 2, 3), dtype=np.float32)
    maps[:, [0, 1], [0, 1]] = half
    maps[:, :, 2] = box[:, 2:] + box[:, :2] - 1
    return maps


def _middle(count: int) -> Floats:
    return np.tile(np.array([[INNER, 0, 0], [0, INNER, 0]], dtype=np.float32), (count, 1, 1))


def _hashed(luma: Floats, chroma: Floats, flip: bool) -> Hashes:
    parts = []
    for cells, last in ((luma, _LIGHT), (chroma[..., 0] - 128, _COLOUR), (chroma[..., 1] - 128, _COLOUR)):
        low = dctn(cells, axes=(1, 2), norm="ortho")[:, :last, :last] * (64 / cells.shape[1])
        down, across = np.mgrid[:last, :last]
        used = (down + across < (last if last == _LIGHT else last + 1)) & ((down + across > 0) | (last == _COLOUR))
        factor = np.maximum(down + across, 0.7) ** WHITER * np.where((across % 2 == 1) & flip, -1, 1)
        parts.append((low * factor)[:, used])
    values = np.concatenate(parts, axis=1)
    bits: NDArray[np.bool_] = values @ _signs(values.shape[1]) > 0
    hashes: Hashes = np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)
    return hashes


def _signs(count: int) -> Floats:
    """Random signs, count×64, the same for ever."""
    raw = np.random.PCG64(20040301).random_raw(count).astype(">u8").view(np.uint8).reshape(count, 8)
    return (np.unpackbits(raw, axis=1).astype(np.float32) * 2 - 1).astype(np.float32)
