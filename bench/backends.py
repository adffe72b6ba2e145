"""Do both backends train alike, and which is the faster one on this machine?

    python bench/backends.py SHARDS [--torch PYTHON] [--kimg 8] [--seeds 3] [--set KEY=VALUE ...]

Trains the preset `stable` (32 channels, float32, uncompiled) on a folder of shards with TensorFlow and with PyTorch in turns, seed by
seed, each run by the real command in a process of its own. Printed: images per second (median of the rows of metrics.csv but for the
first), and for each measure at each evaluation the least and the most of the seeds. Random numbers and the order of pictures differ
between backends, so curves are to lie within each other's seeds, not upon each other. PYTHON is one that has the extras torch and embed;
by default this one.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MEASURES = ("loss_d", "loss_g", "kid", "color", "diversity")


def trained(python: str, backend: str, shards: Path, folder: Path, settings: dict[str, object]) -> list[dict[str, str]]:
    """The rows of metrics.csv of one run."""
    name = f"{backend}-{settings['seed']}"
    asked = [part for key, value in settings.items() for part in ("--set", f"train.{key}={value}")]
    command = [python, str(ROOT / "cli.py"), "train", str(shards), "--name", name, "--backend", backend, "--quiet", *asked]
    subprocess.run(command, check=True, cwd=folder, env=os.environ | {"KERAS_BACKEND": backend})
    with (folder / "runs" / name / "metrics.csv").open(newline="") as opened:
        return list(csv.DictReader(opened))


def main() -> None:
    """Train in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--torch", default=sys.executable)
    parser.add_argument("--kimg", type=float, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    asked = parser.parse_args()
    settings: dict[str, object] = {"preset": "stable", "channels": 32, "precision": "float32", "jit": "off", "kimg": asked.kimg}
    settings |= {"evaluate_kimg": asked.kimg / 2, "samples_kimg": asked.kimg, "checkpoint_kimg": asked.kimg}
    settings |= dict(pair.split("=", 1) for pair in asked.set)
    pythons = {"tensorflow": sys.executable, "torch": asked.torch}
    rows: dict[str, list[list[dict[str, str]]]] = {backend: [] for backend in pythons}
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(asked.seeds):
            for backend in list(pythons)[:: -1 if seed % 2 else 1]:
                found = trained(pythons[backend], backend, asked.shards.resolve(), Path(scratch), settings | {"seed": seed})
                rows[backend].append(found)
                print(f"{backend}, seed {seed}: {speed([found]):.0f} images/s, KID {found[-1]['kid'] or 'not measured'}", flush=True)
    curves = [
        {"kimg": float(first["kimg"]), "measure": measure, **{backend: span(runs, at, measure) for backend, runs in rows.items()}}
        for at, first in enumerate(rows["tensorflow"][0])
        if first["kid"]
        for measure in MEASURES
    ]
    for row in curves:
        print(f"{row['kimg']:6.1f} kimg  {row['measure']:<10}" + "".join(f"{backend:>12} {row[backend]}" for backend in rows))
    speeds = {backend: round(speed(runs), 1) for backend, runs in rows.items()}
    ratio = round(speeds["tensorflow"] / speeds["torch"], 2)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    said = {"bench": "backends", "images_per_second": speeds, "tensorflow over torch": ratio, "curves": curves, "machine": machine}
    print(json.dumps(said))


def speed(runs: list[list[dict[str, str]]]) -> float:
    """Images per second: the median of all rows but each run's first, in which graphs are made."""
    return statistics.median(float(row["images_per_second"]) for run in runs for row in run[1:])


def span(runs: list[list[dict[str, str]]], at: int, measure: str) -> list[float]:
    """The least and the most of the seeds."""
    values = [float(run[at][measure]) for run in runs]
    return [round(min(values), 4), round(max(values), 4)]


if __name__ == "__main__":
    main()
