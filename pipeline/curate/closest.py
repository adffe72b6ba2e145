"""The closest look at aligned pictures: brought to one brightness, and compared cell by cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.curate import align, tone
from pipeline.curate.align import Floats
from pipeline.curate.cells import SOFTER, Band, around, band, pooled, rgb, softer, softness, unexplained
from pipeline.curate.views import Looks
from pipeline.measure.signature import SIDE

LIMIT = 17.0
"""Largest local difference of brightness and of colour (0–255) in one and the same picture; `docs/dedup.md` has the figures."""

EFFORTS, LIMITS = (0.1, 0.15, 0.25, 0.3, 0.36), (LIMIT, 9.2, 9.2, 7.6, 4.0)
"""The limit for strengths of a brightness curve: another paint or skin tone looks almost like another brightness, a picture made lighter or
darker does exactly. Of copies at a strength of 0.36 all stayed below 3.7; skin tones reached down to 1."""

USUAL, CLEAN, SLACK = 0.97, 7.0, 4.5
"""Two pictures usually differ by no more than this quantile of all cells. The limit in their subjects is `CLEAN` and so many times as much,
up to `LIMIT`. Of 400 robots with another mouth all reached 8.6 at a quantile below 0.2; JPEG 30 gave 3 at 0.4 to 2."""

STRAIGHT = 0.03
"""Largest entry by which a map differs from none where so close a look is taken: turned or enlarged, edges never meet that well."""

CURVED = 0.2
"""Strength of a curve from which on no such close look is taken."""

GROUND = 12.0
"""Largest difference of brightness (0–255) from the edge's median on plain ground."""

TINY = 100
"""Pictures with fewer pixels than this on the longest side of what is compared are both softened once more."""

SURE = 8.0
"""Difference (0–255) up to which pictures are the same without a curve."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def close(first: Looks, second: Looks, maps: Floats) -> tuple[NDArray[np.float64], ...]:
    """`light`, `colour`, `overlap` and `effort` of aligned pairs."""
    moved, inside = align.warp(second.luma, maps)
    there = align.warp(second.counts(SIDE), maps)[0]
    weight = ((inside * first.counts(SIDE) * (there > 0.99)) > 0).astype(np.float32)
    back = align.warp(first.luma, align.inverse(maps))[1]
    overlap = np.stack([inside.mean(axis=(1, 2)), back.mean(axis=(1, 2))], axis=1).astype(float)
    chroma, _ = align.warp(second.chroma, maps)
    mine, theirs = rgb(pooled(first.luma, SIDE // 2), first.chroma), rgb(pooled(moved, SIDE // 2), chroma)
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
    return np.interp(effort, EFFORTS, LIMITS)


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
    ground = _on_ground(first) | _on_ground(second) | (~straight | (tone.effort(curves) > CURVED))[:, None, None]
    light = striking(unexplained(one, two, weight), ground)
    flats = [tone.flat(side[..., 1])[..., None] for side in (mine, theirs)]
    toned = tone.level(curves, mine, theirs)
    bands = [band(was, new, even) for was, new, even in zip((mine, theirs), toned, flats, strict=True)]
    soft = [(softer(low), softer(high)) for low, high in bands]
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
    found: NDArray[np.bool_] = around(away, np.maximum)[:, 1:-1, 1:-1] <= GROUND
    return found


def _levelled(
    curves: NDArray[np.intp], first: Floats, second: Floats, mine: Floats, theirs: Floats, weight: Floats, tiny: NDArray[np.intp]
) -> tuple[Band, Band]:
    """Brightness at 64 × 64 of both pictures after their curves, equally soft."""
    toned = _toned(curves, (first, mine), (second, theirs))
    bands = [band(was, new, tone.flat(was)) for was, new in zip((first, second), toned, strict=True)]
    kind = softness(toned[0], toned[1], weight)
    result = []
    for side, levels in enumerate(bands):
        own = []
        for cells in levels:
            soft = cells
            for step in range(1, SOFTER + 1):
                rows = np.flatnonzero(kind >= step if side == 0 else kind <= -step)
                soft = soft.copy()
                soft[rows] = softer(soft[rows])
            soft = softer(soft)
            soft[tiny] = softer(soft[tiny])
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
