"""Does the metric see what it must? Real pictures spoilt in known ways, scored as if a generator had drawn them.

Robots (robohash set 1, extra `demo`, composed here) or the pictures in a folder, brought to 64 pixels and cut into thirds: training
pictures, real pictures that generated ones are compared with, and those that are spoilt: blurred, noisy, collapsed to few, with permuted
channels, of few colours, gray, each more and more; and training pictures handed out as new ones. A score that watches a defect should move
with each step of it.

    python bench/metric.py [--pictures FOLDER] [--count 500] [--quick]

Needs the extras `train` and `embed`. The last line is JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from pipeline.train.metrics import color, evaluator, reals  # noqa: E402
from pipeline.train.metrics.embedder import EMBEDDER, RESIZE, Embedder  # noqa: E402

SIZE = 64
COLUMNS = ("kid", "color", "precision", "recall", "diversity", "nearest", "copies")
WATCHES = (
    ("blur", "kid", 1),
    ("noise", "kid", 1),
    ("collapse", "kid", 1),
    ("collapse", "diversity", -1),
    ("permuted channels", "color", 1),
    ("few colours", "color", 1),
    ("gray", "color", 1),
)
"""Which score must see which defect, and in which direction it goes then."""


def pictures(folder: Path | None, count: int) -> np.ndarray:
    """uint8 (count, SIZE, SIZE, 3), on white, in an order that repeats."""
    if folder is None:
        from likeness import Robots

        found = [picture for _, picture in Robots().some(count + count // 20)]  # sorted by colour there
        random.Random(0).shuffle(found)
    else:
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp"))
        random.Random(0).shuffle(files)
        found = [on_white(path) for path in files[:count]]
    if len(found) < count:
        raise SystemExit(f"{folder or 'robots'}: {len(found)} pictures, {count} are needed; give a smaller --count")
    return np.stack([np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)) for picture in found[:count]])


def on_white(path: Path) -> Image.Image:
    """An opaque picture, square as it is stretched later."""
    with Image.open(path) as opened:
        picture = opened.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def blurred(found: np.ndarray, radius: float) -> np.ndarray:
    """Gaussian, in pixels of 64."""
    return np.stack([np.asarray(Image.fromarray(one).filter(ImageFilter.GaussianBlur(radius))) for one in found])


def noisy(found: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian, in levels of 255."""
    noise = np.random.default_rng(0).normal(0, sigma, found.shape)
    return np.clip(np.rint(found + noise), 0, 255).astype(np.uint8)


def spoilt(
    found: np.ndarray, embedder: Embedder, palette: color.Palette, quick: bool
) -> Iterator[tuple[str, float, np.ndarray, np.ndarray]]:
    """Defect, strength, embeddings and colours; strengths grow."""
    plain, plain_colors = embedder(found), color.colors(found)
    count = len(found)
    for radius in (0.5, 1, 2) if not quick else (1, 2):
        changed = blurred(found, radius)
        yield "blur", radius, embedder(changed), color.colors(changed)
    for sigma in (5, 10, 20, 40) if not quick else (10, 40):
        changed = noisy(found, sigma)
        yield "noise", sigma, embedder(changed), color.colors(changed)
    for distinct in (count // 4, count // 16, 8, 1):
        rows = np.arange(count) % distinct
        yield "collapse", distinct, plain[rows], plain_colors[rows]
    classes = palette.classes(plain_colors)
    common = np.argsort(-np.bincount(classes, minlength=len(palette.centers)), kind="stable")
    for kept in (5, 3, 1):
        rows = np.resize(np.flatnonzero(np.isin(classes, common[:kept])), count)
        yield "few colours", kept, plain[rows], plain_colors[rows]
    gray = np.rint(found.astype(np.float32) @ (0.299, 0.587, 0.114)).astype(np.uint8)[..., None].repeat(3, axis=3)
    for name, changed in (("permuted channels", found[..., [1, 2, 0]]), ("gray", gray)):
        far, far_colors = embedder(changed), color.colors(changed)
        for share in (0.25, 0.5, 1.0):
            rows = np.arange(count) < share * count
            yield name, share, np.where(rows[:, None], far, plain), np.where(rows[:, None], far_colors, plain_colors)


def main() -> None:
    """Spoil, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, help="a folder to take pictures from; robots otherwise")
    parser.add_argument("--count", type=int, default=500, help="pictures in each third")
    parser.add_argument("--quick", action="store_true", help="250 in each third, fewer strengths")
    asked = parser.parse_args()
    count = 250 if asked.quick else asked.count
    began = time.monotonic()
    found = pictures(asked.pictures, 3 * count)
    training, real, new = found[:count], found[count : 2 * count], found[2 * count :]
    embedder = Embedder()
    splits = [
        reals.Reals(name, embedder(part), color.colors(part), tuple(map(str, range(count))))
        for name, part in ((reals.TRAIN, training), (reals.VALIDATION, real))
    ]
    known = evaluator.Known.of(*splits)
    rows: list[dict[str, float | str]] = []

    def add(defect: str, strength: float | str, made: np.ndarray, colors: np.ndarray) -> None:
        scores = known.scores(made, colors)
        rows.append({"defect": defect, "strength": strength, **{name: scores[name] for name in COLUMNS}, "cost": evaluator.cost(scores)})
        shown = " | ".join(f"{1000 * scores[name]:.1f}" if name == "kid" else f"{scores[name]:.2f}" for name in COLUMNS)
        print(f"| {defect} | {strength if isinstance(strength, str) else f'{strength:g}'} | {shown} |", flush=True)

    print(f"{EMBEDDER}, {RESIZE}; {count} pictures of {SIZE} px against {known.real.split} {len(known.real)}; ", end="")
    print(f"KID ×1000, floor {1000 * known.kid.floor:.1f}; colour floor {known.palette.floor:.2f}\n")
    print(f"| defect | strength | {' | '.join(COLUMNS)} |\n|---|---|{'---|' * len(COLUMNS)}")
    add("none: new real pictures", "", embedder(new), color.colors(new))
    add("training pictures", "", splits[0].embeddings, splits[0].colors)
    for defect, strength, made, colors in spoilt(new, embedder, known.palette, asked.quick):
        add(defect, strength, made, colors)
    print()
    verdict = {}
    for defect, score, way in WATCHES:
        line = [float(rows[0][score])] + [float(row[score]) for row in rows if row["defect"] == defect]
        seen = min(way * (after - before) for before, after in itertools.pairwise(line)) > 0
        verdict[f"{defect} in {score}"] = seen
        print(f"{defect}: {score} {'moves with every step' if seen else 'does NOT move with every step'}")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    about = {"bench": "metric", "machine": machine, "embedder": EMBEDDER, "resize": RESIZE, "count": count, "size": SIZE}
    floors = {"kid_floor": known.kid.floor, "color_floor": known.palette.floor}
    print(json.dumps(about | floors | {"seconds": round(time.monotonic() - began), "monotone": verdict, "rows": rows, "ratio": {}}))


if __name__ == "__main__":
    main()
