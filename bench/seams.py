"""How visible the border between picture and padding is, over robots on grounds of every kind: ours against plain padding.

`python bench/seams.py [--quick] [--sheets FOLDER]`: prints a table and one line of JSON; `--sheets` draws the pictures
of docs/augment.md. Needs robohash. A seam is measured as `pipeline.shards.padding.seam` says, in levels of 255.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.manifest import AugmentSettings, ShardSettings
from pipeline.measure.base import Decoded
from pipeline.shards import geometry, padding
from pipeline.shards.example import Picture
from pipeline.shards.sheet import sheet
from sources.demo import art

GROUNDS = ("plain", "plain, cut off", "gradient", "vignette", "noise", "scene")
SIZE = 128


def ground(kind: str, width: int, height: int, number: int) -> Image.Image:
    """A ground of this kind; `number` picks its colours."""
    chance = np.random.default_rng(number)
    first, second = (chance.integers(60, 250, 3) for _ in range(2))
    y, x = np.mgrid[0:height, 0:width]
    if kind == "scene":
        scenes = art.backgrounds()
        return Image.open(scenes[number % len(scenes)]).convert("RGB").resize((width, height))
    if kind in ("gradient", "noise"):
        share = (y / height if number % 2 else x / width)[..., None]
        pixels = first * (1 - share) + second * share
        pixels = pixels + (chance.normal(0, 10, (height, width, 1)) if kind == "noise" else 0)
    elif kind == "vignette":
        pixels = 255 - 70 * np.hypot((x - width / 2) / width, (y - height / 2) / height)[..., None] * np.ones(3)
    else:
        return Image.new("RGB", (width, height), tuple(int(value) for value in first))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def picture(kind: str, number: int) -> Image.Image:
    """A robot on a ground, wide or tall; every second one through a JPEG of quality 80."""
    designs = art.designs()
    robot = art.robot(art.COLOURS[number % 8], designs[number * 37 % len(designs)])
    robot = robot.crop(robot.getbbox())
    side, above = (110, 24) if number % 2 else (12, 110)
    below = 0 if kind == "plain, cut off" else above
    made = ground(kind, robot.width + 2 * side, robot.height + above + below, number).convert("RGBA")
    made.alpha_composite(robot, (side, above))
    flat = made.convert("RGB")
    if number % 4 < 2:
        out = io.BytesIO()
        flat.save(out, "JPEG", quality=80)
        flat = Image.open(io.BytesIO(out.getvalue())).convert("RGB")
    return flat


def stored(image: Image.Image, path: Path) -> Picture:
    """The picture as the pipeline would know it."""
    image.save(path)
    decoded = Decoded(image)
    width, height = decoded.working.size
    left, top, right, bottom = decoded.steady
    colour = "#{:02x}{:02x}{:02x}".format(*decoded.border.colour)
    centre = (left + right) / 2 / width, (top + bottom) / 2 / height
    return Picture(path.stem, path.stem, path, "", "", "", "", "", "", "", colour, False, centre)


def main() -> None:
    """Measure, print, and draw if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sheets", type=Path)
    asked = parser.parse_args()
    count, started = (40 if asked.quick else 400), time.time()
    seams: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in GROUNDS:
            of = seams.setdefault(kind, {"background": [], "flat": []})
            for number in range(count):
                image = picture(kind, number)
                one = stored(image, Path(name) / "robot.png")
                for pad, found in of.items():
                    found.append(padding.seam(geometry.load(one, SIZE, pad), geometry.fitted(*image.size, SIZE)))
            ours, plain = of["background"], of["flat"]
            print(f"{kind:16s} median {statistics.median(ours):5.1f} (flat {statistics.median(plain):5.1f})", end="")
            print(f"   worst {max(ours):5.1f} (flat {max(plain):5.1f})")
        if asked.sheets:
            draw(Path(name), asked.sheets)
    worst = {kind: {pad: round(max(found), 1) for pad, found in of.items()} for kind, of in seams.items()}
    print(json.dumps({"bench": "seams", "pictures": count, "size": SIZE, "worst": worst, "seconds": round(time.time() - started, 1)}))


def draw(folder: Path, out: Path) -> None:
    """The two sheets of the documents: squares by setting, and what copies look like."""
    rows = [stored(picture(kind, number), folder / f"{kind.split(',')[0]}{number}.png") for number, kind in enumerate(GROUNDS)]
    strips = []
    for keys in ({"pad": "flat"}, {}, {"fit": "crop"}, {"mode": "gray"}):
        whole = sheet(rows, ShardSettings(size=SIZE, **keys), AugmentSettings())
        strips.append(whole.crop((0 if not strips else whole.width // 2 + 6, 0, whole.width, whole.height)))
    canvas = Image.new("RGB", (sum(strip.width for strip in strips), strips[0].height))
    left = 0
    for strip in strips:
        canvas.paste(strip, (left, 0))
        left += strip.width
    canvas.save(out / "augment-squares.jpg", quality=82)
    every = AugmentSettings(
        **{"mirror": True, "copies": 2, "brightness": (0.7, 1.2), "contrast": (0.7, 1.3), "saturation": (0.4, 1.6), "hue": 30},
        **{"rotate": 12, "zoom": (0.8, 1.2), "blur": 1.5, "noise": 12, "desaturate": 0.5},
    )
    sheet(rows[:5], ShardSettings(size=SIZE), every).save(out / "augment-copies.jpg", quality=75)


if __name__ == "__main__":
    main()
