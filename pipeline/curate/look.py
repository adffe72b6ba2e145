"""The second look at a candidate pair: both signatures are aligned, brought to one brightness, and compared cell by cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align, tone
from pipeline.curate.align import Floats
from pipeline.curate.views import Looks, pooled
from pipeline.measure.signature import SIDE

LIMIT = 17.0
"""Largest local difference of brightness and of colour (0–255) in one and the same picture; `docs/dedup.md` has the figures."""

EASY, EFFORT, STRICT = 0.2, 70.0, 6.0
"""From which strength of a brightness curve on the limit falls, how much for each unit of it, and the least it becomes: another paint
or skin tone looks almost like another brightness, a picture made lighter or darker does exactly."""

USUAL, CLEAN, SLACK = 0.97, 7.0, 4.5
"""Two pictures usually differ by no more than this quantile of all cells. The limit in their subjects is `CLEAN` and so many times as much,
up to `LIMIT`. Of 400 robots with another mouth all reached 8.6 at a quantile below 0.2; JPEG 30 gave 3 at 0.4 to 2."""

STRAIGHT = 0.03
"""Largest entry by which a map differs from none where so close a look is taken: turned or enlarged, edges never meet that well."""

GROUND = 12.0
"""Largest difference of brightness (0–255) from the edge's median on plain ground."""

STARTS = (1.0, 0.9, 1.11)
"""Sizes of the second picture, relative to the first, that are tried about the middle; besides, the subjects laid over each other."""

TURNS = (-4.0, 4.0)
"""Rotations that are tried, degrees."""

ROUGH, PEAK = 25.0, 105.0
"""Mean and largest difference (0–255) of cells, aligned so far, beyond which a pair is given up; true copies reached 92."""

DIRECT, SURE = 5.0, 8.0
"""Mean difference (0–255) at 16 × 16 cells up to which the closest look is taken at once, and what it must find to end the matter."""

LEVELS = ((16, 6, 60.0), (32, 5, 40.0), (64, 2, 20.0))
"""Cells on a side, steps of alignment, and the residual that halves a cell's weight."""

SOFTER = 2
"""How often at most the sharper picture is averaged over neighbours (1, 2, 1 both ways) to match the softer one."""

TINY = 100
"""Pictures with fewer pixels than this on the longest side of what is compared are both softened once more."""

LEAST = 0.5
"""Least share of each view that must overlap the other."""

MARGIN_LEVELS, MARGIN_SHARE = 24, 0.9
"""A margin is plain when this share of its cells lies within so many levels of brightness."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class Look(NamedTuple):
    """Of n pairs: the largest local differences of brightness (at 64 × 64) and colour (at 32 × 32), 0–255, infinite for strangers;
    the map from the first view to the second; the share of each view that overlaps the other; the curve's strength."""

    light: NDArray[np.float64]
    colour: NDArray[np.float64]
    maps: Floats
    overlap: NDArray[np.float64]
    effort: NDArray[np.float64]


def look(first: Looks, second: Looks) -> Look:
    """Compare n pairs of views."""
    count = len(first.luma)
    light, colour = np.full(count, np.inf), np.full(count, np.inf)
    overlap, effort = np.zeros((count, 2)), np.zeros(count)
    pair = _pair(first, second, 16)
    maps = best_start(first, second, pair)
    # most copies lie in the same frame and need no alignment
    direct = np.flatnonzero(_rough(pair, maps)[0] <= DIRECT)
    if len(direct):
        light[direct], colour[direct], overlap[direct], effort[direct] = close(first.some(direct), second.some(direct), maps[direct])
    left = np.flatnonzero(np.maximum(light, colour) > SURE)
    for side, steps, soft in LEVELS:
        if not len(left):
            break
        some, other = first.some(left), second.some(left)
        pair = _pair(some, other, side)
        maps[left] = align.refine(pair, maps[left], steps, soft)
        rough, peak = _rough(pair, maps[left])
        left = left[(rough <= ROUGH) & (peak <= PEAK)]
    if len(left):
        seen = close(first.some(left), second.some(left), maps[left])
        better = np.maximum(seen[0], seen[1]) < np.maximum(light[left], colour[left])
        for target, values in zip((light, colour, overlap, effort), seen, strict=True):
            target[left[better]] = values[better]
    return Look(light, colour, maps, overlap, effort)


def best_start(first: Looks, second: Looks, pair: align.Pair) -> Floats:
    """The map to begin with: of the same frame, a larger or smaller one, and subject on subject, what agrees best."""
    starts = [
        _between(first, second, np.full((len(first.box), 2), scale), np.full((len(first.box), 2), (1 - scale) / 2)) for scale in STARTS
    ]
    starts += [align.compose(starts[0], _turned(first, angle)) for angle in TURNS]
    scale = (second.subject[:, 2:] - second.subject[:, :2]) / (first.subject[:, 2:] - first.subject[:, :2])
    starts.append(_between(first, second, scale, second.subject[:, :2] - scale * first.subject[:, :2]))
    scores = np.stack([_rough(pair, maps)[0] for maps in starts])
    scores[1:] *= 1.05
    found: Floats = np.stack(starts)[scores.argmin(axis=0), np.arange(scores.shape[1])]
    return found


def _turned(looks: Looks, degrees: float) -> Floats:
    """A rotation about the middle of each view."""
    extent = (looks.box[:, 2:] - looks.box[:, :2]) * looks.size
    aspect = (extent[:, 0] / extent[:, 1]).astype(np.float32)
    maps = np.zeros((len(aspect), 2, 3), dtype=np.float32)
    maps[:, 0, 0] = maps[:, 1, 1] = np.cos(np.radians(degrees))
    maps[:, 0, 1], maps[:, 1, 0] = -np.sin(np.radians(degrees)) / aspect, np.sin(np.radians(degrees)) * aspect
    return maps


def _between(first: Looks, second: Looks, scale: NDArray[np.float64], shift: NDArray[np.float64]) -> Floats:
    """The map between views that takes a place x, y (shares of the first picture) to scale·(x, y) + shift of the second."""
    own, other = first.box[:, 2:] - first.box[:, :2], second.box[:, 2:] - second.box[:, :2]
    maps = np.zeros((len(scale), 2, 3), dtype=np.float32)
    for axis in range(2):
        factor = scale[:, axis] * own[:, axis] / other[:, axis]
        middle = scale[:, axis] * (own[:, axis] / 2 + first.box[:, axis]) + shift[:, axis]
        maps[:, axis, axis] = factor
        maps[:, axis, 2] = (middle - second.box[:, axis]) / other[:, axis] * 2 - 1
    return maps


def _pair(first: Looks, second: Looks, side: int) -> align.Pair:
    one, two = first.at(side), second.at(side)
    return align.Pair(_softer(one[0]), _softer(two[0]), one[1], two[1])


def _rough(pair: align.Pair, maps: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and largest difference where both count, brightness levelled; 255 where too little of the first lies on the second."""
    moved, inside = align.warp(pair.second, maps)
    weight = inside * pair.first_weight * align.warp(pair.second_weight, maps)[0]
    gain, offset = align.level(pair.first, moved, weight)
    away = np.abs(pair.first - moved * gain[:, None, None] - offset[:, None, None])
    total = weight.sum(axis=(1, 2))
    mean = (np.minimum(away, 80) * weight).sum(axis=(1, 2)) / np.maximum(total, 1)
    return np.where(total > 0.3 * weight[0].size, mean, 255.0), (away * (weight > 0.5)).max(axis=(1, 2)).astype(float)


def close(first: Looks, second: Looks, maps: Floats) -> tuple[NDArray[np.float64], ...]:
    """`light`, `colour`, `overlap` and `effort` of aligned pairs."""
    moved, inside = align.warp(second.luma, maps)
    there = align.warp(second.weight, maps)[0]
    weight = ((inside * first.weight * (there > 0.99)) > 0).astype(np.float32)
    back = align.warp(first.luma, align.inverse(maps))[1]
    overlap = np.stack([inside.mean(axis=(1, 2)), back.mean(axis=(1, 2))], axis=1).astype(float)
    chroma, _ = align.warp(second.chroma, maps)
    mine, theirs = rgb(first.luma, first.chroma), rgb(moved, chroma)
    tiny = np.minimum(first.detail(), second.detail()) < TINY
    plain = np.zeros(len(maps), dtype=np.intp)
    straight = np.abs(maps - np.eye(2, 3, dtype=np.float32)).max(axis=(1, 2)) <= STRAIGHT
    light, colour = _differences(plain, first.luma, moved, mine, theirs, weight, tiny, straight)
    effort = np.zeros(len(maps))
    # a curve is tried where the pictures do not agree without one, and must then make them agree better
    curves = tone.choose(mine, theirs, pooled(weight, SIDE // 2))
    rows = np.flatnonzero((np.maximum(light, colour) > SURE) & (tone.effort(curves) > 0))
    if len(rows):
        seen = _differences(curves[rows], first.luma[rows], moved[rows], mine[rows], theirs[rows], weight[rows], tiny[rows], straight[rows])
        strength = tone.effort(curves[rows])
        better = np.maximum(*seen) / limit(strength) < np.maximum(light[rows], colour[rows]) / LIMIT
        light[rows[better]], colour[rows[better]], effort[rows[better]] = seen[0][better], seen[1][better], strength[better]
    return light, colour, overlap, effort


def limit(effort: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest local difference (0–255) of one and the same picture, given the strength of the brightness curve between them."""
    return np.maximum(STRICT, LIMIT - EFFORT * np.maximum(effort - EASY, 0))


def _differences(
    curves: NDArray[np.intp],
    first: Floats,
    second: Floats,
    mine: Floats,
    theirs: Floats,
    weight: Floats,
    tiny: NDArray[np.bool_],
    straight: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Differences of brightness (n×64×64) and of colour (n×32×32×3) after a curve."""
    one, two = _levelled(curves, first, second, mine, theirs, weight, np.flatnonzero(tiny))
    ground = _on_ground(first) | _on_ground(second) | (~straight | (tone.effort(curves) > EASY))[:, None, None]
    light = striking(unexplained(one, two, weight), ground)
    flats = [tone.flat(side[..., 1])[..., None] for side in (mine, theirs)]
    toned = tone.level(curves, mine, theirs)
    bands = [_band(was, new, even) for was, new, even in zip((mine, theirs), toned, flats, strict=True)]
    soft = [(_softer(low), _softer(high)) for low, high in bands]
    colour = unexplained(soft[0], soft[1], (pooled(weight, SIDE // 2) > 0.7).astype(np.float32))
    return light, colour.reshape(len(colour), -1).max(axis=1).astype(float)


def striking(patches: Floats, ground: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The largest difference of n×62×62, raised where all else agrees so well that less is a changed part; never on plain ground.

    Compression, noise and alignment differ a little everywhere, another mouth in one place. What is written on plain ground is a mark.
    """
    usual = np.quantile(patches.reshape(len(patches), -1), USUAL, axis=1)
    bound = np.clip(CLEAN + SLACK * usual, CLEAN, LIMIT)[:, None, None]
    raised = np.where(ground, patches, patches * (LIMIT / bound))
    found: NDArray[np.float64] = raised.reshape(len(patches), -1).max(axis=1).astype(float)
    return found


def _on_ground(luma: Floats) -> NDArray[np.bool_]:
    """Which 3 × 3 patches of n×64×64 brightness have the colour that prevails along the picture's edge."""
    edge = np.concatenate([luma[:, 0], luma[:, -1], luma[:, :, 0], luma[:, :, -1]], axis=1)
    away = np.abs(luma - np.median(edge, axis=1)[:, None, None])
    found: NDArray[np.bool_] = _around(away, np.maximum)[:, 1:-1, 1:-1] <= GROUND
    return found


Band = tuple[Floats, Floats]
"""The least and the largest value that a cell may stand for."""


def _band(before: Floats, after: Floats, even: NDArray[np.bool_]) -> Band:
    """Where a cell is a mixture, a curve's value for it lies between the cell's own value and the curve's value of that."""
    return np.where(even, after, np.minimum(before, after)), np.where(even, after, np.maximum(before, after))


def _levelled(
    curves: NDArray[np.intp], first: Floats, second: Floats, mine: Floats, theirs: Floats, weight: Floats, tiny: NDArray[np.intp]
) -> tuple[Band, Band]:
    """Brightness at 64 × 64 of both pictures after their curves, equally soft."""
    toned = _toned(curves, (first, mine), (second, theirs))
    bands = [_band(was, new, tone.flat(was)) for was, new in zip((first, second), toned, strict=True)]
    kind = softness(toned[0], toned[1], weight)
    result = []
    for side, band in enumerate(bands):
        own = []
        for cells in band:
            soft = cells
            for step in range(1, SOFTER + 1):
                rows = np.flatnonzero(kind >= step if side == 0 else kind <= -step)
                soft = soft.copy()
                soft[rows] = _softer(soft[rows])
            soft = _softer(soft)
            soft[tiny] = _softer(soft[tiny])
            own.append(soft)
        result.append((own[0], own[1]))
    return result[0], result[1]


def _toned(curves: NDArray[np.intp], first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Brightness at 64 × 64 of both pictures after their curves, which act on red, green and blue."""
    luma = [first[0].copy(), second[0].copy()]
    for side, (light, colours), rows in ((0, first, curves > 0), (1, second, curves < -1)):
        which = np.flatnonzero(rows)
        if len(which):
            gray = colours[which] @ _LUMA
            full = light[which][..., None] + (colours[which] - gray[..., None]).repeat(2, axis=1).repeat(2, axis=2)
            luma[side][which] = tone.level(curves[which], full, full)[side] @ _LUMA
    return luma[0], luma[1]


def rgb(luma: Floats, chroma: Floats) -> Floats:
    """RGB, 0–255, n×32×32×3, of brightness n×64×64 and colour n×32×32×2 (JFIF)."""
    light, blue, red = pooled(luma, SIDE // 2), chroma[..., 0] - 128, chroma[..., 1] - 128
    colours = np.stack([light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue], axis=3)
    found: Floats = np.clip(colours, 0, 255).astype(np.float32)
    return found


def softness(first: Floats, second: Floats, weight: Floats) -> NDArray[np.intp]:
    """How often the first picture (or, negative, the second) must be softened to look like the other; n×s×s brightness."""
    kinds, misses, soft = [0], [(np.abs(first - second) * weight).sum(axis=(1, 2))], [first, second]
    for step in range(1, SOFTER + 1):
        soft = [_softer(side) for side in soft]
        kinds += [step, -step]
        misses += [(np.abs(one - two) * weight).sum(axis=(1, 2)) for one, two in ((soft[0], second), (first, soft[1]))]
    found: NDArray[np.intp] = np.array(kinds)[np.stack(misses).argmin(axis=0)]
    return found


def _softer(cells: Floats) -> Floats:
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1), (0, 0))[: cells.ndim], mode="edge")
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    found: Floats = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 16
    return found


def unexplained(first: Band, second: Band, weight: Floats) -> Floats:
    """How much n pairs of n×s×s(×c) cells differ around each inner cell: the mean over 3 × 3 cells that count, n×(s−2)×(s−2)(×c).

    A cell differs by what the other picture's cell cannot explain, being shifted by up to half a cell.
    """
    missed = np.maximum(_missed(first, second), _missed(second, first)) * (weight if first[0].ndim == 3 else weight[..., None])
    patches = missed[:, :-2] + missed[:, 1:-1] + missed[:, 2:]
    found: Floats = (patches[:, :, :-2] + patches[:, :, 1:-1] + patches[:, :, 2:]) / 9
    return found


def _missed(cells: Band, other: Band) -> Floats:
    low, high = (other[0] + _around(other[0], np.minimum)) / 2, (other[1] + _around(other[1], np.maximum)) / 2
    missed: Floats = np.maximum(np.maximum(low - cells[1], cells[0] - high), 0)
    return missed


def _around(cells: Floats, choose: np.ufunc) -> Floats:
    """The smallest or largest value among each cell and its eight neighbours."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1), (0, 0))[: cells.ndim], mode="edge")
    rows = choose(choose(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    found: Floats = choose(choose(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])
    return found


def turn(first: Looks, maps: Floats) -> NDArray[np.float64]:
    """The rotation in each map, radians, in pixels of the picture."""
    extent = (first.box[:, 2:] - first.box[:, :2]) * first.size
    aspect = extent[:, 0] / extent[:, 1]
    found: NDArray[np.float64] = np.arctan2(maps[:, 1, 0] / aspect - maps[:, 0, 1] * aspect, maps[:, 0, 0] + maps[:, 1, 1])
    return found


def frames(first: Looks, second: Looks, maps: Floats) -> NDArray[np.float64]:
    """n×2: which share of the first picture's extent lies on the second, and which of the second's on the first (0–1).

    Taken from the boxes, so that a subject that was looked at by itself tells of its picture's margins too.
    """
    result = np.ones((len(maps), 2))
    own, other = (side.box[:, 2:] - side.box[:, :2] for side in (first, second))
    for axis in range(2):
        # where the edges of the first picture (0 and 1) come to lie on the second
        ends = []
        for edge in (0.0, 1.0):
            there = maps[:, axis, axis] * ((edge - first.box[:, axis]) / own[:, axis] * 2 - 1) + maps[:, axis, 2]
            ends.append((there + 1) / 2 * other[:, axis] + second.box[:, axis])
        low, high = np.minimum(*ends), np.maximum(*ends)
        common = np.maximum(np.minimum(high, 1) - np.maximum(low, 0), 0)
        result[:, 0] *= common / np.maximum(high - low, 1e-6)
        result[:, 1] *= common
    return result


def plain_margins(first: Looks, second: Looks, maps: Floats, at: int) -> bool:
    """Whether what one picture of pair `at` has beyond the other is of one colour (or of one colour on each side)."""
    plain = True
    for one, way in ((first, maps[at : at + 1]), (second, align.inverse(maps[at : at + 1]))):
        x, y = align.grid(SIDE)
        across = way[0, 0, 0] * x + way[0, 0, 1] * y + way[0, 0, 2]
        down = way[0, 1, 0] * x + way[0, 1, 1] * y + way[0, 1, 2]
        for beyond in (across < -1.02, across > 1.02, down < -1.02, down > 1.02):
            cells = one.luma[at][beyond]
            if len(cells):
                plain &= float(np.mean(np.abs(cells - np.median(cells)) <= MARGIN_LEVELS)) >= MARGIN_SHARE
    return plain
