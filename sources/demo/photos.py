"""Pictures that look like photographs to a measurement: continuous tones, depth blur, sensor noise. Made, not taken.

Random numbers come from NumPy's frozen RandomState, whose stream is the same in every version.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Plane = NDArray[np.float32]
Size = tuple[int, int]


def landscape(seed: int, size: Size) -> Image.Image:
    """Ridges under a clouded sky, hazier with distance; RGB of `size` (width, height)."""
    rng = np.random.RandomState(seed)
    width, height = size
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    warmth = rng.uniform(0.0, 1.0)
    zenith = np.array([70 + 60 * warmth, 112 - 6 * warmth, 176 - 40 * warmth])
    horizon = np.array([206 + 30 * warmth, 196, 202 - 70 * warmth])
    scene = _mix(zenith, horizon, np.broadcast_to(down**0.8, (height, width)))
    clouds = np.clip((_noise(rng, size, 3) - 0.48) * 3.2, 0, 1) * (1 - 0.7 * down)
    scene = scene * (1 - clouds[..., None]) + (np.array([238, 234, 230]) - 26 * _noise(rng, size, 12)[..., None]) * clouds[..., None]
    ground = np.array([rng.uniform(70, 122), rng.uniform(78, 104), rng.uniform(42, 74)])
    ridges = rng.randint(4, 6)
    for number in range(ridges):
        near = number / (ridges - 1)
        line = 0.42 + 0.5 * near * 0.8 + (_noise(rng, (width, 1), 3 + number)[0] - 0.5) * (0.42 - 0.2 * near)
        cover = np.clip((down - line[None, :]) * height / 2, 0, 1)
        rough = _noise(rng, size, 8 + 22 * near) * 0.62 + _noise(rng, size, 60) * 0.5
        lit = ground * (0.42 + 0.9 * rough[..., None])
        layer = lit * near + horizon * 0.92 * (1 - near) if near < 1 else lit * 0.8
        scene = scene * (1 - cover[..., None]) + layer * cover[..., None]
    return _camera(scene, rng, blur=rng.uniform(0.3, 0.8))


def studio(robot: Image.Image, seed: int, size: Size) -> Image.Image:
    """The robot (RGBA) as a model on a table: uneven light, a shadow, and a background out of focus; RGB of `size`."""
    rng = np.random.RandomState(seed)
    width, height = size
    wall = np.array([rng.uniform(96, 186), rng.uniform(92, 170), rng.uniform(80, 160)])
    table = np.array([rng.uniform(110, 170), rng.uniform(74, 110), rng.uniform(44, 76)])
    edge = int(height * rng.uniform(0.62, 0.74))
    scene = np.empty((height, width, 3), np.float32)
    scene[:] = wall * (0.55 + 0.8 * _noise(rng, size, 3)[..., None])
    grain = _noise(rng, (width, height), 5) * 0.5 + _stretched(rng, size) * 0.5
    scene[edge:] = (table * (0.5 + grain[..., None]))[edge:]
    backdrop = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(5))
    side = int(min(width, height) * rng.uniform(0.78, 0.9))
    model = robot.resize((side, side), Image.Resampling.LANCZOS)
    left, top = (width - side) // 2 + rng.randint(-16, 17), height - side
    alpha = Image.new("L", size)
    alpha.paste(model.getchannel("A"), (left, top))
    shadow = alpha.transform(size, Image.Transform.AFFINE, (1, 0.25, -0.25 * height - 14, 0, 1, -8)).filter(ImageFilter.GaussianBlur(12))
    backdrop = Image.composite(Image.new("RGB", size, (18, 14, 12)), backdrop, shadow.point(lambda value: value * 0.55))
    backdrop.paste(model.convert("RGB"), (left, top), model.getchannel("A"))
    shape = np.asarray(alpha.filter(ImageFilter.GaussianBlur(9)), np.float32) / 255
    left_lit = np.linspace(1.25, 0.6, width, dtype=np.float32)
    slope = left_lit if rng.randint(2) else left_lit[::-1]
    light = slope[None, :] * (0.72 + 0.5 * _noise(rng, size, 4)) * (0.62 + 0.42 * shape)
    tinted = np.asarray(backdrop, np.float32) * 0.86 + 22
    return _camera(tinted * light[..., None], rng, blur=rng.uniform(0.7, 1.1))


def print_of(photo: Image.Image) -> Image.Image:
    """The photograph with the white margin of a paper print, same size."""
    margin = round(min(photo.size) * 0.09)
    paper = Image.new("RGB", photo.size, (255, 255, 255))
    paper.paste(photo.resize((photo.width - 2 * margin, photo.height - 2 * margin), Image.Resampling.LANCZOS), (margin, margin))
    return paper


def _noise(rng: np.random.RandomState, size: Size, cells: float) -> Plane:
    """Fractal noise, 0–1, height × width: five octaves from `cells` across, each half as strong as the last."""
    total, weight = np.zeros((size[1], size[0]), np.float32), 0.0
    for octave in range(5):
        across = max(2, min(round(cells * 2**octave), size[0]))
        downwards = max(1 if size[1] == 1 else 2, min(round(across * size[1] / size[0]), size[1]))
        grid = Image.fromarray(rng.uniform(0, 1, (downwards, across)).astype(np.float32))
        total += np.asarray(grid.resize(size, Image.Resampling.BICUBIC)) * 0.5**octave
        weight += 0.5**octave
    noise: Plane = np.clip((total / np.float32(weight) - 0.5) * 1.5 + 0.5, 0, 1)
    return noise


def _stretched(rng: np.random.RandomState, size: Size) -> Plane:
    """Noise drawn out sideways, like the grain of wood; 0–1."""
    grid = Image.fromarray(rng.uniform(0, 1, (size[1] // 2, 6)).astype(np.float32))
    grain: Plane = np.clip(np.asarray(grid.resize(size, Image.Resampling.BICUBIC)), 0, 1)
    return grain


def _mix(first: NDArray[np.float64], second: NDArray[np.float64], share: NDArray[np.float32]) -> NDArray[np.float64]:
    return first * (1 - share[..., None]) + second * share[..., None]


def _camera(scene: NDArray[np.floating], rng: np.random.RandomState, blur: float) -> Image.Image:
    """What lens and sensor add: softness, vignetting, and noise that is stronger in the light, partly in colour."""
    soft = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    values = np.asarray(soft, np.float32)
    height, width = values.shape[:2]
    across, down = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    values = values * (1 - 0.16 * (across**2 + down**2))[..., None]
    grain = rng.standard_normal((height, width, 1)) * 3.2 + rng.standard_normal((height, width, 3)) * 2.2
    return Image.fromarray(np.clip(values + grain * (0.6 + values / 255), 0, 255).astype(np.uint8))
