"""How well `pipeline facing` foretells sides from few verdicts, on real sprites whose side is known.

    python bench/facing.py [--quick] [--wesnoth FOLDER] [--pokesprite FOLDER] [--plot FILE.svg]

Nothing is installed or fetched: FOLDER is where you unpacked Debian's `wesnoth-1.16-data` (the folder with `data/core`), or the npm
package `pokesprite-images`. By convention Wesnoth's units face right and these Pokémon sprites left; every second one, by its
name's digest, is mirrored here. Wesnoth's units stand on a shadow that falls to one side: it is removed.

`strangers`: labels and test pictures come from different folders of units, so that no test picture has a relative with a label.
`outlines`: the same pictures in plain black, so that light, which falls from one side, tells nothing.
`linear`: ridge regression on the same odd features, as a simpler model to compare with.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

from pipeline.curate import facing  # noqa: E402
from pipeline.measure import facing as measured  # noqa: E402
from pipeline.measure import registry  # noqa: E402

COUNTS = (10, 25, 50, 100, 200, 400)
OTHER = {"left": "right", "right": "left"}
Pictures = dict[str, tuple[str, Image.Image]]
"""Name → side it faces, picture."""


def wesnoth(folder: Path) -> Pictures:
    """Every picture that a unit's file names as the unit itself, shadows removed."""
    core = next(iter(sorted(folder.rglob("data/core"))), folder)
    names: set[str] = set()
    for path in sorted((core / "units").rglob("*.cfg")):
        inside: list[str] = []
        for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
            if line.startswith("[/"):
                inside = inside[:-1]
            elif opened := re.match(r"\[\+?([^/\]]+)\]", line):
                inside.append(opened[1])
            elif inside and inside[-1] in ("unit_type", "female", "male", "variation"):
                found = re.match(r'image\s*=\s*"?(units/[^"\s~:\[]+\.png)', line)
                names |= {found[1]} if found and (core / "images" / found[1]).is_file() else set()
    pictures: Pictures = {}
    for name in sorted(names):
        pixels = np.asarray(Image.open(core / "images" / name).convert("RGBA")).copy()
        pixels[pixels[..., 3] < 250] = 0
        pictures[name] = "right", Image.fromarray(pixels)
    return pictures


def pokesprite(folder: Path) -> Pictures:
    """The basic form of every kind whose side is clear."""
    data = next(iter(sorted(folder.rglob("data/pokemon.json"))))
    unclear = set((Path(__file__).parent / "facing_unclear.txt").read_text(encoding="utf-8").split("\n", 1)[1].split())
    pictures: Pictures = {}
    for entry in json.loads(data.read_text(encoding="utf-8")).values():
        slug = entry["slug"]["eng"]
        path = data.parents[1] / "pokemon-gen8" / "regular" / f"{slug}.png"
        if path.is_file() and slug not in unclear:
            pictures[slug] = "left", Image.open(path).convert("RGBA")
    return pictures


def outlines(pictures: Pictures) -> Pictures:
    """The same in plain black."""
    return {
        name: (side, Image.merge("RGBA", [*Image.new("RGB", p.size).split(), p.getchannel("A")])) for name, (side, p) in pictures.items()
    }


def table(pictures: Pictures) -> tuple[pd.DataFrame, dict[str, str]]:
    """Measurements with id and facing, and the true sides, after every second picture was mirrored."""
    rows, true = [], {}
    for name, (side, picture) in pictures.items():
        if hashlib.sha256(name.encode()).digest()[0] % 2:
            side, picture = OTHER[side], ImageOps.mirror(picture)
        data = io.BytesIO()
        picture.save(data, "PNG")
        rows.append({"id": name, **measured.MEASUREMENT.compute(registry.decode(data.getvalue()))})
        true[name] = side
    return pd.DataFrame(rows), true


Model = Callable[[pd.DataFrame, dict[str, str]], pd.DataFrame]


def ours(frame: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    return facing.suggest(frame, said).table


def linear(frame: pd.DataFrame, said: dict[str, str]) -> pd.DataFrame:
    """Ridge regression on f(x) − f(mirrored x), its strength chosen by leave-one-out."""
    rows, mirrored = facing._features(list(frame["facing"]))
    odd = (rows - mirrored).astype(np.float64)
    place = [number for number, id in enumerate(frame["id"]) if id in said]
    answers = np.array([1.0 if said[frame["id"].iloc[number]] == "right" else -1.0 for number in place])
    kernel = odd @ odd[place].T
    values, vectors = np.linalg.eigh(kernel[place])
    best: tuple[float, Any] = (np.inf, None)
    for ridge in 10.0 ** np.arange(-3, 2.5, 0.5) * values.mean():
        inverse = vectors / (np.maximum(values, 0) + ridge) @ vectors.T
        weights = inverse @ answers
        error = float(((weights / np.diag(inverse)) ** 2).mean())
        if error < best[0]:
            best = error, weights
    scores = kernel @ best[1]
    found = pd.DataFrame({"id": frame["id"], "suggestion": np.where(scores > 0, "right", "left"), "confidence": np.abs(scores)})
    found["verdict"] = [said.get(id, "") for id in found["id"]]
    return found.sort_values("confidence", kind="stable")


def trial(model: Model, frame: pd.DataFrame, true: dict[str, str], labelled: list[str], tested: set[str]) -> dict[str, float]:
    """One split: share right of all that are tested and of the more confident half; what a confidence of .95 is worth."""
    found = model(frame, {id: true[id] for id in labelled})
    found = found[found["id"].isin(tested - set(labelled))]
    right = (found["suggestion"] == found["id"].map(true)).to_numpy()
    sure = found["confidence"].to_numpy() >= 0.95
    return {
        "all": right.mean(),
        "half": right[len(right) // 2 :].mean(),
        "said": found["confidence"].mean(),
        "sure": sure.mean(),
        "sure right": right[sure].mean() if sure.any() else float("nan"),
    }


def curve(model: Model, frame: pd.DataFrame, true: dict[str, str], repeats: int) -> dict[int, dict[str, float]]:
    """Means (and the spread of `all`) over repeated random splits, for each number of labels that leaves enough to test on."""
    found = {}
    for count in COUNTS:
        if count > 0.6 * len(true):
            continue
        splits = [list(np.random.default_rng(number).permutation(list(true)))[:count] for number in range(repeats)]
        found[count] = means([trial(model, frame, true, split, set(true)) for split in splits])
    return found


def strangers(frame: pd.DataFrame, true: dict[str, str], repeats: int, count: int = 100) -> dict[str, float]:
    """The same with labels and test pictures from different folders."""
    folders = sorted({id.rpartition("/")[0] for id in true})
    trials = []
    for number in range(repeats):
        chance, labelled = np.random.default_rng(number), []
        mixed = list(chance.permutation(folders))
        while len(labelled) < count:
            folder = mixed.pop()
            labelled += [id for id in true if id.rpartition("/")[0] == folder]
        labelled = list(chance.permutation(labelled))[:count]
        trials.append(trial(ours, frame, true, labelled, {id for id in true if id.rpartition("/")[0] in mixed}))
    return means(trials)


def means(trials: list[dict[str, float]]) -> dict[str, float]:
    frame = pd.DataFrame(trials)
    return {**{name: round(float(value), 3) for name, value in frame.mean().items()}, "spread": round(float(frame["all"].std(ddof=0)), 3)}


def plot(path: Path, curves: dict[str, dict[int, dict[str, float]]]) -> None:
    """Accuracy against the number of labels as an SVG: solid for all pictures, dashed for the more confident half."""
    width, height, left, top, colours = 640, 400, 56, 24, ("#2457c5", "#b3372f", "#1a7f4b")
    across, down = width - left - 150, height - top - 48

    def x(count: float) -> float:
        return left + across * float(np.log(count / COUNTS[0]) / np.log(COUNTS[-1] / COUNTS[0]))

    def y(share: float) -> float:
        return top + down * (1 - share) / 0.5

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for tick in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        lines.append(f'<path d="M{left} {y(tick):.1f}h{across}" stroke="#ddd"/>')
        lines.append(f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
    lines += [f'<text x="{x(count):.1f}" y="{top + down + 18}" text-anchor="middle">{count}</text>' for count in COUNTS]
    lines.append(f'<text x="{left + across / 2}" y="{height - 8}" text-anchor="middle">pictures with a verdict</text>')
    lines.append(f'<text x="{left - 40}" y="14">share of the other pictures that is right</text>')
    for (name, points), colour in zip(curves.items(), colours, strict=False):
        for key, dash in (("half", "6 4"), ("all", "none")):
            path_data = "M" + "L".join(f"{x(count):.1f} {y(point[key]):.1f}" for count, point in points.items())
            lines.append(f'<path d="{path_data}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
            count, point = list(points.items())[-1]
            words, lower = name if key == "all" else "surer half", 4 if count == COUNTS[-1] else 20
            lines.append(f'<text x="{x(count) + 6:.1f}" y="{y(point[key]) + lower:.1f}" fill="{colour}">{words}</text>')
    path.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="4 splits for each number of labels instead of 20")
    parser.add_argument("--wesnoth", type=Path, help="where wesnoth-1.16-data was unpacked")
    parser.add_argument("--pokesprite", type=Path, help="where pokesprite-images was unpacked")
    parser.add_argument("--plot", type=Path, help="an SVG to write")
    options = parser.parse_args()
    repeats, began = 4 if options.quick else 20, time.monotonic()
    sets: dict[str, Pictures] = {}
    for name, load in (("wesnoth", wesnoth), ("pokesprite", pokesprite)):
        folder = getattr(options, name)
        if folder is None:
            print(f"{name}: not given, left out (--{name} FOLDER)")
        else:
            sets[name] = load(folder)
    result: dict[str, Any] = {"sets": {}, "ratio": {}}
    curves = {}
    for name, pictures in sets.items():
        frame, true = table(pictures)
        curves[name] = curve(ours, frame, true, repeats)
        simple = curve(linear, frame, true, repeats)
        black = curve(ours, *table(outlines(pictures)), repeats)
        print(
            f"\n{name}: {len(true)} pictures, {repeats} splits\nlabels   all  ±     half   said   sure right | linear  half | outlines half"
        )
        for count, row in curves[name].items():
            ours_, others = [row[key] for key in ("all", "spread", "half", "said", "sure", "sure right")], (simple[count], black[count])
            cells = [" ".join(f"{value:.3f}" for value in ours_), *(f"{other['all']:.3f} {other['half']:.3f}" for other in others)]
            print(f"{count:6}", " | ".join(cells))
        result["sets"][name] = {"pictures": len(true), "ours": curves[name], "linear": simple, "outlines": black}
        result["ratio"][f"linear, {name}, 100 labels"] = round(curves[name][100]["all"] / simple[100]["all"], 3)
        if any("/" in id for id in true):
            result["sets"][name]["strangers, 100 labels"] = found = strangers(frame, true, repeats)
            print(f"strangers, 100 labels: {found['all']:.3f} ± {found['spread']:.3f}, half {found['half']:.3f}")
    if options.plot and curves:
        plot(options.plot, curves)
    print(json.dumps({**result, "seconds": round(time.monotonic() - began, 1), "python": platform.python_version()}))


if __name__ == "__main__":
    main()
