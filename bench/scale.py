"""From a thousand pictures to a hundred thousand: time for each picture, and the most memory, of measuring, deduplicating and sharding.

Pictures are composed from robohash's parts (sets 1–4, placed and sized at random, on plain grounds and before its scenes); one in twenty is
a copy of another, in other bytes, smaller, or cut. Each size is a dataset of its own, the first so many of one pool. Every stage is
the real command in a process of its own. Memory is that of the command and all its workers together (proportional set size, twenty
times a second, and the main process's own peak); time is by the wall clock and by the processor (user and system, workers too), which
tells more where others use the machine.

    python bench/scale.py FOLDER [--quick] [--sizes 1000 3000 …] [--workers N] [--distance BITS] [--plot FILE.svg]

FOLDER keeps the pool and the datasets (20 GB for 100,000); what is there is used again, and results.json gathers all sizes run so far.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402
from PIL import Image  # noqa: E402

from pipeline import images, stages  # noqa: E402
from pipeline.catalog import Find  # noqa: E402
from pipeline.dataset import Dataset  # noqa: E402
from sources.demo.art import parts_folder  # noqa: E402

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
SIDE, FIGURE = 224, 160
"""Pixels on a side of a picture, and of a figure before it is made smaller."""
COPIES = 20
"""One picture in so many is a copy of one shortly before it."""

STAGES = ("measure", "classify", "filter", "dedup", "shard")
SHOWN = ("measure", "dedup", "shard")
MANIFEST = """schema = 1
name = "robots"
about = "Robots, monsters, heads and cats from robohash's parts."
[[scrape]]
source = "mahq"
[classify]
[filter.size]
min_side = 64
[dedup]
distance = DISTANCE
[shard]
size = 128
"""


@cache
def slots(folder: Path) -> list[list[Path]]:
    """The parts of one set, bottom layer first."""
    found = sorted((place for place in folder.iterdir() if place.is_dir()), key=lambda place: place.name.partition("#")[2])
    return [sorted(place.glob("*.png")) for place in found]


@cache
def part(file: Path, side: int) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("RGBA").resize((side, side), Image.Resampling.BOX)


def composed(number: int) -> Image.Image:
    """Picture `number`, the same for ever: two to five figures of different sets on one ground."""
    chance = random.Random(f"scale {number}")
    sets = parts_folder() / "sets"
    if chance.random() < 0.3:
        scenes = sorted((parts_folder() / "backgrounds").glob("*/*.png"))
        left, top, side = chance.randrange(SIDE // 2), chance.randrange(SIDE // 2), SIDE // 2
        picture = (
            part(chance.choice(scenes), SIDE).crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        )
    else:
        light = chance.choice([(255, 255, 255), tuple(chance.randrange(60, 256) for _ in range(3))])
        picture = Image.new("RGBA", (SIDE, SIDE), (*light, 255))
    for _ in range(chance.randint(2, 5)):
        folder = chance.choice([chance.choice(sorted((sets / "set1").iterdir())), *(sets / f"set{which}" for which in (2, 3, 4))])
        figure = Image.new("RGBA", (FIGURE, FIGURE))
        for files in slots(folder):
            figure.alpha_composite(part(chance.choice(files), FIGURE))
        side = round(FIGURE * chance.uniform(0.4, 1.0))
        figure = figure.resize((side, side), Image.Resampling.BILINEAR)
        if chance.random() < 0.5:
            figure = figure.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        picture.alpha_composite(figure, (chance.randint(0, SIDE - side), chance.randint(0, SIDE - side)))
    return picture.convert("RGB")


def encoded(number: int) -> tuple[bytes, str]:
    """The file's bytes and extension; every `COPIES`th is a copy."""
    chance, out = random.Random(f"file {number}"), io.BytesIO()
    if number % COPIES == COPIES - 1:
        picture = composed(number - chance.randint(1, COPIES - 1))
        match number // COPIES % 3:
            case 1:
                picture = picture.resize((SIDE * 2 // 3, SIDE * 2 // 3), Image.Resampling.LANCZOS)
            case 2:
                picture = picture.crop((6, 6, SIDE - 6, SIDE - 6))
        picture.save(out, format="JPEG", quality=80)
        return out.getvalue(), "jpg"
    picture = composed(number)
    if number % 2:
        picture.save(out, format="JPEG", quality=92)
        return out.getvalue(), "jpg"
    picture.save(out, format="PNG", compress_level=3)
    return out.getvalue(), "png"


def put(task: tuple[Path, range]) -> list[tuple[str, str, int]]:
    """Write some pictures into the pool: digest, extension and size of each."""
    folder, numbers = task
    written = []
    for number in numbers:
        data, extension = encoded(number)
        digest = hashlib.sha256(data).hexdigest()
        path = images.stored_path(folder, digest, extension)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written.append((digest, extension, len(data)))
    return written


def pool(folder: Path, count: int, workers: int) -> list[tuple[str, str, int]]:
    """At least `count` pictures under `folder/images`, made where they are missing."""
    known = folder / "pool.json"
    files = [tuple(row) for row in json.loads(known.read_text())] if known.exists() else []
    tasks = [(folder / "images", range(at, min(at + 500, count))) for at in range(len(files), count, 500)]
    with ProcessPoolExecutor(workers) as executor:
        for written in executor.map(put, tasks):
            files += written
            known.write_text(json.dumps(files))
    return files


def dataset(root: Path, pictures: Path, files: list[tuple[str, str, int]], distance: int) -> None:
    """A dataset as a scrape would leave it; its images lie in the pool."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    held = Dataset(root)
    held.write_manifest(MANIFEST.replace("DISTANCE", str(distance)))
    (root / "images").symlink_to(pictures.resolve(), target_is_directory=True)
    with held.writing("bench"):
        held.catalog.put_finds(_finds(files))
        stages.finish(held, "scrape", stages.parts(held, "scrape"), {})


def _finds(files: list[tuple[str, str, int]]) -> Iterator[Find]:
    for number, (digest, extension, size) in enumerate(files):
        sighting = {
            "page_url": f"https://art.example/unit-{number}/",
            "image_url": f"https://art.example/uploads/unit-{number}.{extension}",
            "title": f"Unit {number}",
            "fields": {"series": f"series {number // 50}"},
            "text": "",
            "license": "CC BY 4.0",
            "author": "Zikri Kader",
            "credit": "",
        }
        yield Find("mahq", "i" + digest[:16], digest, extension, size, sighting, 1.0)


def measured(command: list[str]) -> dict[str, Any]:
    """Run a command: its JSON, seconds by the wall and by the processor, and the most megabytes of it and its children together."""
    before, began, most = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(0.05)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"said": json.loads(said), "seconds": time.monotonic() - began, "cpu": cpu, "MB": most / 1e6}


def _memory(pid: int) -> int:
    """Bytes of a process and its descendants, shared pages divided among those that share them."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    except (psutil.Error, OSError):
        pass  # it has just ended
    return total


def trial(root: Path, count: int, workers: int) -> dict[str, Any]:
    """Every stage on one dataset."""
    found: dict[str, Any] = {"pictures": count, "workers": workers}
    for stage in STAGES:
        parallel = ["--workers", str(workers)] if stage in ("measure", "shard") else []
        result = measured([sys.executable, "cli.py", stage, str(root), "--json", "--quiet", *parallel])
        said = result.pop("said")
        found[stage] = {
            **{name: round(value, 2) for name, value in result.items()},
            "ms each": round(result["seconds"] / count * 1000, 3),
            "cpu ms each": round(result["cpu"] / count * 1000, 3),
        }
        if stage == "dedup":
            found[stage]["dropped"] = said["dropped"]
        if stage == "shard":
            found[stage]["bytes"] = said["bytes"]
        print(f"{count:>7} {stage:<9}", " ".join(f"{name} {value}" for name, value in found[stage].items()), flush=True)
    return found


def plot(path: Path, results: list[dict[str, Any]]) -> None:
    """Milliseconds of the processor for each picture, and megabytes in all, against the number of pictures, as an SVG."""
    width, height, left, top, colours = 720, 320, 56, 32, ("#2457c5", "#b3372f", "#1a7f4b")
    across, down = 230, height - top - 56
    counts = [result["pictures"] for result in results]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for start, key, title in ((left, "cpu ms each", "processor time for each picture, ms"), (left + 360, "MB", "most memory, MB")):
        most = max(result[stage][key] for result in results for stage in SHOWN if stage in result)
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if most / step <= 6)
        top_value = step * (int(most / step) + 1)

        def x(count: float, start: int = start) -> float:
            return start + across * math.log(count / counts[0]) / max(1e-9, math.log(counts[-1] / counts[0]))

        def y(value: float, most: float = top_value) -> float:
            return top + down * (1 - value / most)

        lines.append(f'<text x="{start - 40}" y="14">{title}</text>')
        for tick in range(0, top_value + 1, step):
            lines.append(f'<path d="M{start} {y(tick):.1f}h{across}" stroke="#ddd"/>')
            lines.append(f'<text x="{start - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick}</text>')
        lines += [f'<text x="{x(count):.1f}" y="{top + down + 18}" text-anchor="middle">{count // 1000}k</text>' for count in counts]
        lines.append(f'<text x="{start + across / 2}" y="{height - 12}" text-anchor="middle">pictures</text>')
        for stage, colour in zip(SHOWN, colours, strict=True):
            had = [result for result in results if stage in result]
            had[-1]["pictures"]
            points = "M" + "L".join(f"{x(result['pictures']):.1f} {y(result[stage][key]):.1f}" for result in had)
            lines.append(f'<path d="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
            lines.append(f'<text x="{x(had[-1]["pictures"]) + 6:.1f}" y="{y(had[-1][stage][key]) + 4:.1f}" fill="{colour}">{stage}</text>')
    path.write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where pool and datasets are kept")
    parser.add_argument("--quick", action="store_true", help="1,000 and 3,000 pictures only")
    parser.add_argument("--sizes", type=int, nargs="+", help="how many pictures")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--distance", type=int, default=6, help="dedup.distance, bits: the more, the more pairs are compared")
    parser.add_argument("--plot", type=Path, help="an SVG to write")
    options = parser.parse_args()
    sizes, began = options.sizes or (SIZES[:2] if options.quick else SIZES), time.monotonic()
    store = options.folder / "results.json"
    results: dict[str, Any] = json.loads(store.read_text()) if store.exists() else {}
    options.folder.mkdir(parents=True, exist_ok=True)
    for count in sizes:
        files = pool(options.folder, count, options.workers)[:count]
        root = options.folder / f"robots-{count}"
        dataset(root, options.folder / "images", files, options.distance)
        results[str(count)] = trial(root, count, options.workers)
        shutil.rmtree(root / "shards")  # the pool is what takes time to make
        store.write_text(json.dumps(results, indent=1))
    if options.plot:
        plot(options.plot, [results[key] for key in sorted(results, key=int)])
    print(
        json.dumps(
            {"sizes": results, "seconds": round(time.monotonic() - began, 1), "python": platform.python_version(), "cores": os.cpu_count()}
        )
    )


if __name__ == "__main__":
    main()
