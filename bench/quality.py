"""Is the preset `stable` better than the DCGAN of 2015, on few drawings and a short budget?

Two collections at 64 pixels: 2,000 robots (robohash set 1, made here) and an emoji set (a folder you give). Each goes through the real
chain, half of it set aside: training never sees that half, and all scores are against it. Each recipe is first tried at several
learning rates with one seed (and at twice or half as much again, as long as the best is the largest or the smallest one tried), then
trained at its own best with the others, every run for the same number of images, with the same widths. The checkpoint scored is chosen
by the run itself, for both recipes in the same way: by KID and colours against the same half, so scores are a little too good, alike.

    python bench/quality.py FOLDER [--emoji PICTURES] [--kimg 100] [--seeds 3] [--rates 5e-4 1e-3 2e-3] [--quick] [--list]

FOLDER keeps data sets, runs and `results-KIMG.json` (`bench/results/` holds what docs/benchmarks.md tells; copied there, it is gone on
from); results of a preset that has changed since are made anew (remove its runs). The whole takes hours: stop it at any time, and the
same command goes on. PICTURES: where you unpacked npm's `@lobehub/fluent-emoji-3d` (MIT); nothing is fetched. `--quick`: robots only, two
rates, one seed, 10,000 images.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.train import presets  # noqa: E402

RECIPES = ("dcgan", "stable")
SIZE, CHANNELS, ROBOTS, SAMPLES = 64, 32, 4000, 2000
EVALUATE = 20
"""Thousand images between two evaluations, from which a run chooses its best checkpoint."""

MANIFEST = """schema = 1
name = "{name}"
about = "{name} for bench/quality.py"
[[scrape]]
source = "folder"
path = '{pictures}'
[dedup]
distance = 2
kinds = ["re-encoded", "resized"]
[shard]
size = 64
validation = 0.5
"""


def robot(task: tuple[Path, int]) -> None:
    """Robot `number`, 300 pixels as the parts are drawn."""
    from robohash import Robohash

    folder, number = task
    path = folder / f"robot-{number:05d}.png"
    if not path.exists():
        made = Robohash(f"quality {number}")
        made.assemble(roboset="set1", sizex=128, sizey=128)
        made.img.convert("RGBA").save(path.with_suffix(".part"), "PNG")
        path.with_suffix(".part").replace(path)


def collections(folder: Path, emoji: Path | None, quick: bool) -> dict[str, Path]:
    """The folders of shards, made where they are missing."""
    sources = {"robots": folder / "robots"}
    sources["robots"].mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        list(pool.map(robot, ((sources["robots"], number) for number in range(ROBOTS)), chunksize=100))
    if emoji and not quick:
        sources["emoji"] = emoji.resolve()
    return {name: sharded(folder, name, pictures) for name, pictures in sources.items()}


def sharded(folder: Path, name: str, pictures: Path) -> Path:
    """The shards of the pictures in a folder, through the real commands."""
    recipe, dataset = folder / f"{name}.toml", folder / "datasets" / name
    recipe.write_text(MANIFEST.format(name=name, pictures=pictures), encoding="utf-8")
    shards = dataset / "shards" / f"tfrecord-{SIZE}"
    if not (shards / "features.json").exists():
        command(["run", str(recipe), "--into", str(dataset), "--until", "shard", "--quiet"])
    return shards


def command(arguments: list[str]) -> str:
    """What a command of ours prints."""
    done = subprocess.run([sys.executable, str(ROOT / "cli.py"), *arguments], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return done.stdout


def trial(folder: Path, shards: Path, name: str, recipe: str, rate: float, seed: int, kimg: float) -> dict[str, Any]:
    """Train and score one run; a run that was stopped goes on."""
    where = folder / "trained" / name
    where.mkdir(parents=True, exist_ok=True)
    settings = {
        "preset": recipe,
        "kimg": kimg,
        "channels": CHANNELS,
        "learning_rate_g": rate,
        "learning_rate_d": rate,
        "seed": seed,
        "precision": "float32",  # not what is fastest: every run is to compute alike, whatever else the machine does
        "jit": "off",
        "evaluate_kimg": EVALUATE,
        "samples_kimg": EVALUATE,
        "checkpoint_kimg": 10,
    }
    run = f"{recipe}-{rate:g}-{seed}"
    asked = [part for key, value in settings.items() for part in ("--set", f"train.{key}={value}")]
    began = time.monotonic()
    said = json.loads(
        subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), "train", str(shards), "--name", run, "--json", "--quiet", *asked],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=where,
        ).stdout
    )
    scores = json.loads(command(["evaluate", str(where / "runs" / run), "--count", str(SAMPLES), "--json", "--quiet"]))
    told = {"images per second": said["images_per_second"], "seconds": time.monotonic() - began}
    return {"scores": scores, "preset": dict(presets.load(recipe).defaults), **told}


def plan(names: list[str], rates: list[float], seeds: int, results: dict[str, Any]) -> list[tuple[str, str, float, int]]:
    """The runs that are still to be made, as far as that is known: first every rate, then the other seeds of the best one."""
    wanted = [(name, recipe, rate, 0) for name in names for recipe in RECIPES for rate in rates]
    missing = [run for run in wanted if key(*run) not in results]
    for name in names:
        for recipe in RECIPES:
            if any(key(name, recipe, rate, 0) not in results for rate in rates):
                continue
            best, found = best_rate(name, recipe, results), tried(name, recipe, results)
            if best in (found[0], found[-1]) and len(rates) > 2:
                missing.append((name, recipe, best / 2 if best == found[0] else best * 2, 0))
            else:
                missing += [(name, recipe, best, seed) for seed in range(1, seeds) if key(name, recipe, best, seed) not in results]
    return missing


def tried(name: str, recipe: str, results: dict[str, Any]) -> list[float]:
    """The rates that the first seed was trained at, in order."""
    found = [one.split() for one in results]
    return sorted(float(rate) for collection, preset, rate, seed in found if (collection, preset, seed) == (name, recipe, "0"))


def key(name: str, recipe: str, rate: float, seed: int) -> str:
    """Where a run's scores stand in the results."""
    return f"{name} {recipe} {rate:g} {seed}"


def best_rate(name: str, recipe: str, results: dict[str, Any]) -> float:
    """The rate of the lowest KID with the first seed."""
    return min(tried(name, recipe, results), key=lambda rate: float(results[key(name, recipe, rate, 0)]["scores"]["kid"]))


def table(names: list[str], rates: list[float], seeds: int, results: dict[str, Any]) -> dict[str, Any]:
    """For each collection and recipe: its best rate, and the median of each score over the seeds that are there."""
    found: dict[str, Any] = {}
    for name in names:
        for recipe in RECIPES:
            if not all(key(name, recipe, rate, 0) in results for rate in rates):
                continue
            rate = best_rate(name, recipe, results)
            rows = [results[at]["scores"] for seed in range(seeds) if (at := key(name, recipe, rate, seed)) in results]
            scores = {
                measure: {"median": statistics.median(values), "least": min(values), "most": max(values)}
                for measure in rows[0]
                if len(values := [row[measure] for row in rows if isinstance(row.get(measure), (int, float))]) == len(rows)
            }
            by_rate = {f"{one:g}": results[key(name, recipe, one, 0)]["scores"]["kid"] for one in tried(name, recipe, results)}
            found.setdefault(name, {})[recipe] = {"rate": rate, "seeds": len(rows), "KID by rate": by_rate, "scores": scores}
        both = found.get(name, {})
        if len(both) == len(RECIPES):
            kids = [both[recipe]["scores"]["kid"]["median"] for recipe in RECIPES]
            both["KID of stable over that of dcgan"] = kids[1] / kids[0]
    return found


def main() -> None:
    """Make data, train what is missing, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--emoji", type=Path)
    parser.add_argument("--kimg", type=float, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rates", type=float, nargs="+", default=[5e-4, 1e-3, 2e-3])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true", help="what is still to be done, and the table so far")
    asked = parser.parse_args()
    if asked.quick:
        asked.kimg, asked.seeds, asked.rates = 10, 1, [5e-4, 1e-3]
    folder = asked.folder.resolve()
    store = folder / f"results-{asked.kimg:g}.json"
    kept: dict[str, Any] = json.loads(store.read_text()) if store.exists() else {}
    presents = {recipe: dict(presets.load(recipe).defaults) for recipe in RECIPES}
    results = {at: one for at, one in kept.items() if one.get("preset") == presents[at.split()[1]]}
    shards = collections(folder, asked.emoji, asked.quick)
    while not asked.list and (missing := plan(list(shards), asked.rates, asked.seeds, results)):
        name, recipe, rate, seed = missing[0]
        results[key(*missing[0])] = done = trial(folder / f"kimg-{asked.kimg:g}", shards[name], name, recipe, rate, seed, asked.kimg)
        store.write_text(json.dumps(kept | results, indent=1))
        shown = {measure: round(value, 4) for measure, value in done["scores"].items() if isinstance(value, float)}
        print(key(*missing[0]), shown, f"{done['seconds']:.0f} s, {len(missing) - 1} or more to go", flush=True)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    missing_now = [key(*run) for run in plan(list(shards), asked.rates, asked.seeds, results)]
    summary = {"bench": "quality", "kimg": asked.kimg, "machine": machine, "to do": missing_now}
    print(json.dumps(summary | {"table": table(list(shards), asked.rates, asked.seeds, results)}))


if __name__ == "__main__":
    main()
