"""The whole measuring pass against a bare loop of `imagehash.phash(Image.open(path))`, and against CleanVision, on real files.

    python bench/measure.py FOLDER [--quick] [--peers PYTHON] [--rounds N] [--workers N] [--seed N] [--only PART]

FOLDER holds the unpacked packages that `shipped.py` names (clip art, sprites, paintings, scans, photographs, textures). 2,500 JPEGs and
2,500 PNGs with an alpha channel are drawn from them by lot, evenly over the packages: those whose longest side is 200 to 2,000 pixels and
whose shorter side is 100 or more; no link, no second copy. No file is saved anew.

imagehash: one process and one core; every file is measured by one, then by the other, in rounds that change who is first; the time of a
file is the median of its rounds, in seconds of processor time (of all threads, so that no second core helps). Ours reads the file and
computes every column; the loop one hash. A file that either cannot read is left out and named. The ratio is given for small and large
files too: the larger a JPEG, the more of its decoding is saved.
CleanVision: its default checks, and ours, on all files with the same number of workers, in turns; wall clock; with the start of our
processes, without that of its Python; processor time beside it, since a busy machine moves that less. Gray pictures with alpha end it
with an IndexError: neither is given them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import imagehash  # noqa: E402
import shipped  # noqa: E402
from PIL import Image  # noqa: E402

from pipeline import images, workers  # noqa: E402
from pipeline.measure import registry  # noqa: E402

BATCH = 32
"""Files that a worker is given at once."""
BANDS = (200, 400, 800, 2001)
"""Longest sides between which ratios are given beside that of all files, pixels."""


def theirs(path: Path) -> str:
    """What a bare loop would do."""
    with Image.open(path) as picture:
        return str(imagehash.phash(picture))


def ours(path: Path) -> dict[str, Any]:
    """The whole pass."""
    return registry.measure_file(path, "i0")


def apart(path: Path) -> int:
    """Bits between our hash and imagehash's, of the picture as people see it (the loop sees what transparency hides).

    Raises where one of the two cannot read the file.
    """
    row = ours(path)
    if row["error"]:
        raise ValueError(f"{row['error']}: {row['detail']}")
    theirs(path)
    shown = imagehash.phash(images.flatten(images.open_image(path)))
    return (int(row["phash"], 16) ^ int(str(shown), 16)).bit_count()


def seconds(work: Callable[[Path], object], path: Path) -> float:
    """Of processor time."""
    began = time.process_time()
    work(path)
    return time.process_time() - began


def against_imagehash(paths: list[Path], rounds: int) -> dict[str, Any]:
    """Files a second of both, in all and by size, and how far their hashes are apart."""
    times: list[tuple[int, float, float]] = []
    bits, unread = [], []
    for path in paths:
        try:
            bits.append(apart(path))  # untimed: both have read the file once before
        except Exception as error:  # whatever Pillow's plugins let escape
            unread.append(f"{path}: {error}")
            continue
        took: dict[str, list[float]] = {"ours": [], "imagehash": []}
        for turn in range(rounds):
            for name, work in (("ours", ours), ("imagehash", theirs))[:: 1 if turn % 2 else -1]:
                took[name].append(seconds(work, path))
        with Image.open(path) as picture:
            times.append((max(picture.size), statistics.median(took["ours"]), statistics.median(took["imagehash"])))
    bands = {f"{least}-{most - 1} px": [line for line in times if least <= line[0] < most] for least, most in itertools.pairwise(BANDS)}
    return {
        **speeds(times),
        "unread": unread,
        "bits apart": {"mean": round(statistics.mean(bits), 2), "most": max(bits), "above 4": sum(count > 4 for count in bits)},
        "by longest side": {name: speeds(lines) for name, lines in bands.items() if lines},
    }


def speeds(times: list[tuple[int, float, float]]) -> dict[str, float]:
    """Files a second of both, and the ratio, from (longest side, our seconds, imagehash's)."""
    us, them = sum(line[1] for line in times), sum(line[2] for line in times)
    return {"files": len(times), "ours": round(len(times) / us, 1), "imagehash": round(len(times) / them, 1), "ratio": round(them / us, 3)}


def quartiles(values: list[float]) -> list[float]:
    """Least, quarter, half, three quarters, most."""
    return [round(value, 3) for value in (min(values), *statistics.quantiles(values, n=4), max(values))]


def sizes(paths: list[Path]) -> dict[str, list[float]]:
    """How large the files are."""
    shapes = []
    for path in paths:
        with Image.open(path) as picture:
            shapes.append(picture.size)
    return {
        "longest side, pixels": quartiles([max(shape) for shape in shapes]),
        "megapixels": quartiles([width * height / 1e6 for width, height in shapes]),
        "KB": quartiles([path.stat().st_size / 1000 for path in paths]),
    }


def batch(paths: list[str]) -> int:
    """Measured by a worker; how many."""
    return len([registry.measure_file(path, "i0") for path in paths])


def measured(paths: list[Path], count: int) -> tuple[float, float]:
    """Seconds by the clock and of processors, for all with so many workers, their start among them."""
    names = [str(path) for path in paths]
    began, busy = time.perf_counter(), sum(os.times()[:4])
    with workers.processes(count) as pool:
        done = sum(pool.map(batch, [names[at : at + BATCH] for at in range(0, len(names), BATCH)]))
    assert done == len(paths)
    return time.perf_counter() - began, sum(os.times()[:4]) - busy  # the workers have ended, so theirs is in it


def peer(python: str, *words: object) -> str:
    """The last line that `peers.py` prints; ends the program where it fails."""
    done = subprocess.run([python, HERE / "peers.py", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{python} bench/peers.py {words[0]}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout.strip().splitlines()[-1]


def against_cleanvision(python: str, paths: list[Path], count: int, rounds: int) -> dict[str, Any]:
    """Files a second, and a second of processor time; medians."""
    clock: dict[str, list[float]] = {"ours": [], "cleanvision": []}
    processor: dict[str, list[float]] = {"ours": [], "cleanvision": []}
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "files.txt"
        listed.write_text("\n".join(map(str, paths)), encoding="utf-8")
        for _ in range(rounds):
            theirs = peer(python, "cleanvision", listed, count).split()
            for name, (wall, busy) in {"cleanvision": map(float, theirs), "ours": measured(paths, count)}.items():
                clock[name].append(wall)
                processor[name].append(busy)
    middle = {name: statistics.median(values) for name, values in clock.items()}
    middle_busy = {name: statistics.median(values) for name, values in processor.items()}
    return {
        "files": len(paths),
        "workers": count,
        **{name: round(len(paths) / value, 1) for name, value in middle.items()},
        "rounds": {name: [round(len(paths) / value, 1) for value in values] for name, values in clock.items()},
        "ratio": round(middle["cleanvision"] / middle["ours"], 2),
        "by processor time": {
            **{name: round(len(paths) / value, 1) for name, value in middle_busy.items()},
            "ratio": round(middle_busy["cleanvision"] / middle_busy["ours"], 2),
        },
    }


def chosen(folder: Path, count: int, seed: int) -> dict[str, list[Path]]:
    """The files of each format, mixed; says what they are and what is missing."""
    groups = {}
    for format, taken in shipped.drawn(folder, count, seed).items():
        groups[format] = paths = [path for found in taken.values() for path in found]
        print(f"{format}: {len(paths):,} files: {', '.join(f'{package} {len(found)}' for package, found in taken.items() if found)}")
        if missing := [package for package, found in taken.items() if not found]:
            print(f"  none in {folder} of {', '.join(missing)}")
        if len(paths) < 20:
            sys.exit(f"{folder}: too few files ({format}); it should hold the unpacked packages that bench/shipped.py names")
        for what, values in sizes(paths).items():
            print(f"  {what}: {', '.join(f'{value:g}' for value in values)} (least, quartiles, most)")
        random.Random(seed).shuffle(paths)  # so that a busy minute of the machine hits no package alone
    return groups


def with_imagehash(groups: dict[str, list[Path]], rounds: int, only: str) -> dict[str, dict[str, Any]]:
    """What `against_imagehash` finds, by format; printed."""
    results = {}
    print(f"{'':<16}{'files':>7}{'ours/s':>9}{'imagehash/s':>13}{'ratio':>8}   bits from imagehash: mean, most")
    for format, paths in groups.items():
        if not format.lower().startswith(only):
            continue
        results[format] = found = against_imagehash(paths, rounds)
        for name, row in {format: found, **found["by longest side"]}.items():
            line = f"{name:<16}{row['files']:>7,}{row['ours']:>9}{row['imagehash']:>13}{row['ratio']:>8}"
            print(line if row is not found else f"{line}   {found['bits apart']['mean']}, {found['bits apart']['most']}", flush=True)
        for unread in found["unread"]:
            print(f"  left out: {unread}")
    return results


def with_cleanvision(groups: dict[str, list[Path]], python: str, count: int, rounds: int) -> dict[str, dict[str, Any]]:
    """What `against_cleanvision` finds; printed. Empty where the peer is missing."""
    if "cleanvision" not in json.loads(peer(python, "has")):
        print(f"{python} cannot import cleanvision; left out (--peers PYTHON names one that can)")
        return {}
    found = against_cleanvision(python, [path for paths in groups.values() for path in paths if not is_gray(path)], count, rounds)
    for words, figures in ((f"with {count} workers", found), ("by processor time", found["by processor time"])):
        print(
            f"{found['files']:,} files {words}: ours {figures['ours']}/s, CleanVision {figures['cleanvision']}/s, ratio {figures['ratio']}"
        )
    return {"cleanvision": found}


def is_gray(path: Path) -> bool:
    """With an alpha channel."""
    with Image.open(path) as picture:
        return picture.mode == "LA"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="unpacked packages, as shipped.py names them")
    parser.add_argument("--quick", action="store_true", help="300 files of each format instead of 2,500")
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable, help="the Python that has cleanvision")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="for CleanVision and for ours beside it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("jpeg", "png", "cleanvision"), default="", help="one part of the three")
    options = parser.parse_args()
    if not options.folder.is_dir():
        sys.exit(f"{options.folder}: no such folder")
    warnings.simplefilter("ignore")  # Pillow's, about damaged metadata
    groups = chosen(options.folder.resolve(), 300 if options.quick else 2500, options.seed)
    results: dict[str, Any] = {}
    if options.only != "cleanvision":
        results |= with_imagehash(groups, options.rounds, options.only)
    if options.only in ("", "cleanvision"):
        results |= with_cleanvision(groups, options.peers, options.workers, options.rounds)
    versions = {name: version(name) for name in ("pillow", "numpy", "imagehash")} | json.loads(peer(options.peers, "has"))
    report = {
        "results": results,
        "sizes": {format: sizes(paths) for format, paths in groups.items()},
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {"python": platform.python_version(), **versions},
        "ratio": {name if name == "cleanvision" else f"imagehash, {name}": found["ratio"] for name, found in results.items()},
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
