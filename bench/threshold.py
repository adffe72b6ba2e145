"""One changed threshold on 100,000 items: how long until everything is decided anew, and is any picture opened?

Makes a catalog of synthetic items (measured rows of a few drawn pictures, their numbers scattered), runs classify and filter, then in
turn changes a threshold with the filter stage, and lets pandas read and write the very same tables and do nothing else:
read measurements, items, sightings, classify's decisions and the reports (the stage looks there for a person's overrides),
write the decisions and filter.csv. There is no images/ folder, and Pillow's `open` raises while the stage runs.

    python bench/threshold.py [--quick] [--items N] [--rounds N]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from pipeline import manifest, steps  # noqa: E402
from pipeline.catalog import Find  # noqa: E402
from pipeline.dataset import Dataset  # noqa: E402
from pipeline.measure import registry  # noqa: E402

MANIFEST = """schema = 1
name = "many"
about = "Synthetic items."
[[scrape]]
source = "mahq"
[filter.size]
[filter.background]
[filter.grayscale]
[filter.photo]
"""
KEY, VALUES = "filter.grayscale.chroma", (13.0, 12.0)
READ = {
    "measurements": "SELECT * FROM measurements ORDER BY id",
    "items": "SELECT id, sha256, extension, size FROM items ORDER BY id",
    "sightings": "SELECT * FROM sightings ORDER BY id, page_url, image_url, source",
    "classify": "SELECT * FROM decisions WHERE stage = 'classify' ORDER BY id",
}


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Measured rows: those of a few drawings, with numbers scattered by a few per cent and hashes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        known = [registry.measure_file(drawn(Path(folder) / f"{number}.png", number), "i") for number in range(40)]
    chance = np.random.default_rng(0)
    for number in range(count):
        row = dict(known[number % len(known)], id=name(number)[0])
        for column, kind in registry.COLUMNS.items():
            if kind == "REAL":
                row[column] = float(row[column] * chance.uniform(0.9, 1.0))
            elif kind == "BLOB":
                row[column] = chance.bytes(len(row[column]))
        row["pixels"] = name(number)[1]  # no two have the same pixels
        yield row


def drawn(path: Path, number: int) -> Path:
    chance = random.Random(number)
    size = chance.randint(50, 400)
    picture = Image.new("RGB", (size, size), chance.choice(("white", "white", "#e0e0e0", "#d04040")))
    pen = ImageDraw.Draw(picture)
    for _ in range(9):
        left, top = chance.randint(5, size - 20), chance.randint(5, size - 20)
        gray = chance.randint(0, 255)
        fill = (gray, gray, gray) if number % 4 == 0 else (gray, chance.randint(0, 255), 90)
        pen.ellipse((left, top, left + size // 4, top + size // 5), fill=fill, outline="black")
    picture.save(path)
    return path


def name(number: int) -> tuple[str, str]:
    digest = f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" * 4
    return "i" + digest[:16], digest


def make(root: Path, count: int) -> None:
    dataset = Dataset(root)
    root.mkdir(parents=True)
    dataset.write_manifest(manifest.Manifest.parse(MANIFEST, "bench").text)
    with dataset.writing("bench"):
        catalog = dataset.catalog
        finds = (
            Find("mahq", *name(number), "png", 9000, _sighting(number), 1.0) for number in range(count)
        )  # fmt: skip
        catalog.put_finds(finds)
        catalog.put_measurements(registry.VERSION, registry.COLUMNS, rows(count))
        for stage in ("scrape", "measure"):
            from pipeline import stages

            stages.finish(dataset, stage, stages.parts(dataset, stage), {})
        steps.classify(dataset, steps.Options(workers=1))
        steps.filter(dataset, steps.Options(workers=1))


def _sighting(number: int) -> dict[str, Any]:
    return {
        "page_url": f"https://art.example/series-{number // 50}/unit-{number // 2}/",
        "image_url": f"https://art.example/uploads/{number // 1000}/unit-{number}.png",
        "title": f"Unit {number} of the series",
        "fields": {"series": f"series {number // 50}", "unit_type": "mobile suit"},
        "text": "A mobile suit that was built in some numbers. " * 3,
        "license": "all rights reserved",
        "author": "",
        "credit": "",
    }


def stage(root: Path, value: float) -> dict[str, float]:
    """Change the threshold and decide anew; seconds."""
    dataset = Dataset(root)
    with dataset.writing("bench"), mock.patch.object(Image, "open", side_effect=AssertionError("a picture was opened")):
        dataset.write_manifest(manifest.with_settings(dataset.manifest_path.read_text("utf-8-sig"), [f"{KEY}={value}"], "bench"))
        began = time.perf_counter()
        steps.filter(dataset, steps.Options(workers=1))
        return {"stage": time.perf_counter() - began}


def bare(root: Path) -> dict[str, float]:
    """Read and write the same tables with pandas; seconds, those for the reports and for the rest apart."""
    spent = {"tables": 0.0, "reports": 0.0}

    @contextlib.contextmanager
    def clock(what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        spent[what] += time.perf_counter() - began

    with contextlib.closing(sqlite3.connect(root / "catalog.sqlite")) as db:
        db.execute("PRAGMA synchronous = FULL")
        made = pd.read_sql("SELECT * FROM decisions WHERE stage = 'filter' ORDER BY id", db)  # what is to be written; not timed
        report = pd.read_csv(root / "reports" / "filter.csv", encoding="utf-8-sig", keep_default_na=False)
        report[[column for column in report if column.endswith("score")]] = report[
            [column for column in report if column.endswith("score")]
        ].apply(pd.to_numeric)
        with clock("tables"):
            for query in READ.values():
                pd.read_sql(query, db)
            db.execute("DELETE FROM decisions WHERE stage = 'filter'")
            made.to_sql("decisions", db, if_exists="append", index=False)
            db.commit()
            report.to_csv(root / "bare.csv", index=False, encoding="utf-8-sig", float_format="%.6g")
        with clock("reports"):
            for path in sorted((root / "reports").glob("*.csv")):
                pd.read_csv(path, encoding="utf-8-sig")
    return spent


def command(root: Path, value: float) -> float:
    """The same by the command line, with the start of Python; seconds."""
    began = time.perf_counter()
    subprocess.run([sys.executable, str(ROOT / "cli.py"), "filter", str(root), "--set", f"{KEY}={value}", "--quiet"], check=True)
    return time.perf_counter() - began


def profile(root: Path, value: float) -> None:
    import cProfile
    import pstats

    watch = cProfile.Profile()
    watch.runcall(stage, root, value)
    text = io.StringIO()
    pstats.Stats(watch, stream=text).sort_stats("cumulative").print_stats(45)
    print(text.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 7")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--profile", action="store_true", help="show where the stage spends its time, and nothing else")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "many"
        began = time.perf_counter()
        make(root, options.items)
        print(f"{options.items:,} items made in {time.perf_counter() - began:.0f} s", flush=True)
        if options.profile:
            profile(root, VALUES[0])
            return
        times: dict[str, list[float]] = {}
        for turn in range(options.rounds or (3 if options.quick else 7)):
            for part, seconds in {**stage(root, VALUES[turn % 2]), **bare(root)}.items():
                times.setdefault(part, []).append(seconds)
            print({part: round(found[-1], 2) for part, found in times.items()}, flush=True)
        whole = command(root, 14.0)
        middle = {part: statistics.median(found) for part, found in times.items()}
    ratio = middle["stage"] / (middle["tables"] + middle["reports"])
    print(f"medians: stage {middle['stage']:.2f} s; pandas: tables {middle['tables']:.2f} s, reports {middle['reports']:.2f} s")
    print(f"stage / pandas {ratio:.2f}, without the reading of reports {middle['stage'] / middle['tables']:.2f}; the command {whole:.1f} s")
    print(
        json.dumps(
            {
                "bench": "threshold",
                "items": options.items,
                "images_opened": 0,
                "seconds": {part: round(value, 3) for part, value in middle.items()} | {"command": round(whole, 2)},
                "ratio": {"pandas": round(1 / ratio, 3)},
                "stage_over_pandas": round(ratio, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
