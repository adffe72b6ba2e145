"""How far the mix of colours in generated pictures is from that in real ones. KID hardly sees colour."""

from __future__ import annotations

import numpy as np

CLASSES = 10
"""Colours in a palette."""

GRAY = 0.02
"""Weight of a colourless pixel, beside a chroma of 0 to about 0.3: what a picture without colour is judged by is its lightness."""

ROUNDS, STARTS, SPLITS = 50, 10, 20


def colors(pictures: np.ndarray) -> np.ndarray:
    """The colour of each of uint8 pictures (n, height, width, 3): the mean of its pixels weighted by their chroma, so that a white ground
    counts little. float32 (n, 3), lightness (0–1), green to red and blue to yellow in Oklab (Björn Ottosson 2020)."""
    found = np.empty((len(pictures), 3), np.float32)
    for at, picture in enumerate(pictures):
        lab = oklab(picture)
        weights = np.hypot(lab[..., 1], lab[..., 2]) + GRAY
        found[at] = np.average(lab.reshape(-1, 3), axis=0, weights=weights.ravel())
    return found


def oklab(picture: np.ndarray) -> np.ndarray:
    """uint8 sRGB (…, 3) → Oklab, float32."""
    lab: np.ndarray = np.cbrt(_LINEAR[picture] @ _TO_LMS.T) @ _TO_LAB.T
    return lab


class Palette:
    """Classes of colour found in real pictures' colours (n, 3) by k-means, and how often each occurs there."""

    def __init__(self, real: np.ndarray, classes: int = CLASSES) -> None:
        self.centers = _k_means(real.astype(np.float64), min(classes, len(real)))
        self._real = self.classes(real)
        self.floor = self._halves()
        """What two halves of the real pictures are apart on average: differences of this size say nothing."""

    def classes(self, found: np.ndarray) -> np.ndarray:
        """The class each colour (n, 3) is nearest to."""
        return _nearest(found.astype(np.float64), self.centers)

    def __call__(self, made: np.ndarray) -> float:
        """Total variation between both mixes of classes: 0, the same; 1, no class in common."""
        return self._apart(self._real, self.classes(made))

    def _apart(self, one: np.ndarray, other: np.ndarray) -> float:
        shares = [np.bincount(part, minlength=len(self.centers)) / len(part) for part in (one, other)]
        return float(np.abs(shares[0] - shares[1]).sum() / 2)

    def _halves(self) -> float:
        rng, half = np.random.default_rng(0), len(self._real) // 2
        orders = [rng.permutation(self._real) for _ in range(SPLITS)]
        return float(np.mean([self._apart(order[:half], order[half:]) for order in orders]))


def _k_means(points: np.ndarray, classes: int) -> np.ndarray:
    """Lloyd's algorithm from the best of some k-means++ starts (Arthur & Vassilvitskii 2007); the same points give the same centres."""
    rng, best, found = np.random.default_rng(0), np.inf, points[:classes]
    for _ in range(STARTS):
        centers = points[rng.integers(len(points), size=1)]
        while len(centers) < classes:
            gaps = np.square(points[:, None] - centers[None]).sum(axis=2).min(axis=1)
            if not gaps.sum():  # fewer colours than classes
                break
            centers = np.concatenate([centers, points[rng.choice(len(points), size=1, p=gaps / gaps.sum())]])
        for _ in range(ROUNDS):
            member = _nearest(points, centers)
            moved = np.stack([points[member == one].mean(axis=0) if (member == one).any() else centers[one] for one in range(len(centers))])
            if np.array_equal(moved, centers):
                break
            centers = moved
        loss = float(np.square(points - centers[_nearest(points, centers)]).sum())
        if loss < best:
            best, found = loss, centers
    return found


def _nearest(points: np.ndarray, centers: np.ndarray) -> np.ndarray:
    nearest: np.ndarray = np.square(points[:, None] - centers[None]).sum(axis=2).argmin(axis=1)
    return nearest


_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]],
    np.float32,
)
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]],
    np.float32,
)
