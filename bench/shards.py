"""Writing shards against the ways others do it, on real files: 128-pixel squares, PNG at the same level, on both cores.

    python bench/shards.py FOLDER [--quick] [--peers PYTHON] [--rounds N] [--count N] [--workers N] [--seed N]

FOLDER holds the unpacked packages that `shipped.py` names; 2,500 JPEGs and 2,500 PNGs with an alpha channel are drawn from them by lot.
Ours is the whole of what `pipeline shard` does beyond the catalog: processes started, every field, index, checksums, card, and everything
synced to the disk. The peers (`shard_peers.py`) write a picture and a name. They are timed without the start of their processes:

- `tf.io.TFRecordWriter`: a loop in each of two processes, pictures by Pillow; and the same with TensorFlow's own decoding and resizing;
- `webdataset.ShardWriter`: a loop in each of two processes;
- the way of StyleGAN's dataset_tool: one process, as the tool has no more.

Rounds in turn, the median of each, by the clock and of processor time, which a busy machine moves less. The quality of a square is its
PSNR against Lanczos in floating point on the whole picture, in ours and in what a plain Pillow loop makes; above 50 dB or so only
rounding differs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import numpy as np  # noqa: E402
import PIL  # noqa: E402
import shard_peers  # noqa: E402
import shipped  # noqa: E402
from PIL import Image  # noqa: E402

from pipeline import images  # noqa: E402
from pipeline.manifest import AugmentSettings, ShardSettings  # noqa: E402
from pipeline.report import SILENT  # noqa: E402
from pipeline.shards import encode, geometry  # noqa: E402
from pipeline.shards.example import Picture  # noqa: E402
from pipeline.shards.write import write  # noqa: E402

PROCESSES = {"tfrecord": 2, "tensorflow_ops": 2, "webdataset": 2, "stylegan": 1}
SAMPLE = 300
"""Pictures whose quality is measured, and the time that each takes by itself."""
BANDS = (1000, 500, 0)
"""Least longest sides, pixels, for which times are given."""


def readable(paths: list[Path]) -> list[Path]:
    """Those that both sides can read."""
    found = []
    for path in paths:
        try:
            images.open_image(path.read_bytes())
            shard_peers.square(str(path))
        except Exception as error:  # whatever Pillow's plugins let escape
            print(f"left out: {path.name}: {error}", file=sys.stderr)
        else:
            found.append(path)
    return found


def picture(path: Path) -> Picture:
    """A curated item, as the catalog would give it."""
    id = images.item_id(images.digest(str(path).encode()))
    texts = ["a title", "a series", "a label", "https://example.org/page", "https://example.org/image", "CC BY 4.0", "somebody"]
    return Picture(id, f"c{id}", path, *texts, "#ffffff")


def ours(pictures: list[Picture], kind: str, folder: Path, workers: int) -> tuple[float, float]:
    """Seconds by the clock and of processor time, with the start of our processes."""
    # As many shards as 5,000 pictures have by default, so that a short run has work for both cores too.
    settings = ShardSettings(format=kind, size=shard_peers.SIDE, shards=8, validation=0, pad="#ffffff")
    began, used = time.perf_counter(), processor()
    write(
        pictures,
        {kind: folder / "ours"},
        name="bench",
        shard=settings,
        augment=AugmentSettings(),
        workers=workers,
        report=SILENT,
        scratch=folder / "scratch",
    )
    return time.perf_counter() - began, processor() - used


def processor() -> float:
    """Seconds of processor time, of this process and of those it has waited for."""
    return sum(os.times()[:4])


def theirs(python: str, name: str, listed: Path, folder: Path) -> tuple[float, float]:
    """Seconds by the clock and of processor time, without the start of their processes."""
    command = [python, str(HERE / "shard_peers.py"), name, str(listed), str(folder), str(PROCESSES[name])]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(command, capture_output=True, text=True, env=quiet, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[-1:]}")
    took = json.loads(done.stdout.splitlines()[-1])
    return took["clock"], took["processor"]


def has(python: str, module: str) -> bool:
    """Whether that Python can import it."""
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def one_by_one(pictures: list[Picture]) -> dict[str, dict[str, float]]:
    """Milliseconds of processor time a picture, decoded to encoded, ours against the plain loop's in turns, by kind and longest side."""
    times: dict[str, list[tuple[float, float]]] = {}
    for one in pictures:
        with Image.open(one.place) as opened:
            longest, kind = max(opened.size), opened.format
        band = next(f"{kind}, {least} px or more" for least in BANDS if longest >= least)
        spent = []
        for work in (_ours, _plain):
            began = time.process_time()
            work(one)
            spent.append(1000 * (time.process_time() - began))
        times.setdefault(band, []).append((spent[0], spent[1]))
    found = {}
    for band, lines in sorted(times.items()):
        us, them = (statistics.mean(line[side] for line in lines) for side in (0, 1))
        found[band] = {"files": len(lines), "ours": round(us, 2), "Pillow": round(them, 2), "ratio": round(them / us, 2)}
    return found


def _ours(one: Picture) -> bytes:
    return encode.encoded(geometry.load(one, shard_peers.SIDE, "#ffffff"), "png")


def _plain(one: Picture) -> bytes:
    return shard_peers.png(str(one.place))


def quality(pictures: list[Picture]) -> dict[str, dict[str, float]]:
    """PSNR in dB, of ours and of a plain loop's, over the padded square."""
    found: dict[str, list[float]] = {"ours": [], "Pillow": []}
    for one in pictures:
        wanted = _reference(one.place)
        made = {"ours": geometry.load(one, shard_peers.SIDE, "#ffffff"), "Pillow": shard_peers.square(str(one.place))}
        for name, image in made.items():
            error = float(np.mean((np.asarray(image).astype(float) - wanted) ** 2))
            found[name].append(10 * float(np.log10(255**2 / max(error, 1e-3))))
    return {name: {"p5": round(float(np.percentile(v, 5)), 1), "median": round(statistics.median(v), 1)} for name, v in found.items()}


def _reference(path: Path) -> np.ndarray[Any, Any]:
    flat = images.flatten(images.open_image(path))
    size = shard_peers.fitted(flat.size)
    bands = [np.asarray(band.convert("F").resize(size, Image.Resampling.LANCZOS)) for band in flat.split()]
    out = np.full((shard_peers.SIDE, shard_peers.SIDE, 3), 255.0)
    left, top = (shard_peers.SIDE - size[0]) // 2, (shard_peers.SIDE - size[1]) // 2
    out[top : top + size[1], left : left + size[0]] = np.clip(np.stack(bands, axis=-1), 0, 255)
    return out


def main() -> None:
    """Draw, run in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="600 files, under 10 minutes")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has tensorflow and webdataset")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    count = 600 if asked.quick else asked.count
    drawn = shipped.drawn(asked.folder, count // 2, asked.seed)
    paths = readable([path for by in drawn.values() for package in by.values() for path in package])
    random.Random(asked.seed).shuffle(paths)
    pictures = [picture(path) for path in paths]
    sample = random.Random(asked.seed).sample(pictures, min(SAMPLE, len(pictures)))
    peers = [name for name in shard_peers.PEERS if has(asked.peers, shard_peers.NEEDS[name])]
    for name in set(shard_peers.PEERS) - set(peers):
        print(f"{name}: {asked.peers} cannot import {shard_peers.NEEDS[name]}; left out", file=sys.stderr)
    runs = [("ours", kind) for kind in ("tfrecord", "webdataset", "stylegan")] + [("peer", name) for name in peers]
    took: dict[tuple[str, str], list[tuple[float, float]]] = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as place:
        listed = Path(place) / "list"
        listed.write_text("\n".join(map(str, paths)), encoding="utf-8")
        for turn in range(asked.rounds):
            for who, name in runs[:: -1 if turn % 2 else 1]:
                folder = Path(place) / "out"
                folder.mkdir()
                seconds = ours(pictures, name, folder, asked.workers) if who == "ours" else theirs(asked.peers, name, listed, folder)
                took[who, name].append(seconds)
                shutil.rmtree(folder)
                each = ", ".join(f"{1000 * part / len(paths):.1f}" for part in seconds)
                print(f"round {turn + 1}: {who} {name}: ms a picture by the clock and of processor time: {each}", file=sys.stderr)
    clock = {run: statistics.median(first for first, _ in times) for run, times in took.items()}
    worked = {run: statistics.median(second for _, second in times) for run, times in took.items()}
    print(
        json.dumps(
            {
                "bench": "shards",
                "files": len(paths),
                "rounds": asked.rounds,
                "workers": asked.workers,
                "pictures/s": {f"{who} {name}": round(len(paths) / clock[who, name], 1) for who, name in runs},
                "ms of processor time a picture": {f"{who} {name}": round(1000 * worked[who, name] / len(paths), 2) for who, name in runs},
                "spread of the clock": {" ".join(run): round(max(times)[0] / min(times)[0], 2) for run, times in took.items()},
                "PSNR, dB": quality(sample),
                "one process, ms of processor time a picture": one_by_one(sample),
                "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, Pillow {PIL.__version__}",
                "ratio of processor time": {name: round(worked["peer", name] / worked["ours", "tfrecord"], 3) for name in peers},
                "ratio": {name: round(clock["peer", name] / clock["ours", "tfrecord"], 3) for name in peers},
            }
        )
    )


if __name__ == "__main__":
    main()
