"""Kill a run at random moments, resume it each time, and compare it with one that nobody disturbed.

    python bench/resume.py [--kills N] [--quick] [--seed N] [--auto] [--precision NAME] [--jit off|on] [--preset NAME]
                           [--kimg N]

Two runs with the same settings train on the same shards (drawn here: coloured squares of 32 pixels), each in a process of its own. One is
left alone. The other is ended N times at moments drawn by lot, by SIGKILL and SIGTERM in turns, and started again with the same command.
Then every variable of the last checkpoints (weights, averages, both optimizers, random state, counters), the sample grids and the rows of
metrics.csv but for the speeds are compared bit for bit. The settings have everything that draws by lot or counts: R1 every 16 steps,
mirroring, DiffAugment, dropout, EMA, and a decay of the rates.

--auto: precision and XLA as timed here and frozen in the run; else float32 and no XLA, or what is given. Bits are promised on a CPU alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

FREE = "images_per_second"
TRAIN = """
import json, sys
from pathlib import Path
from pipeline.report import SILENT
from pipeline.train import presets
from pipeline.train.loop import train
made = json.loads(sys.argv[3])
train(Path(sys.argv[1]), Path(sys.argv[2]), presets.load(made["preset"]).model_validate(made), name=sys.argv[4], resume=True, report=SILENT)
"""


def draw(folder: Path, count: int, size: int = 32) -> None:
    """Shards of squares in random colours and places, written by hand so that nothing but TensorFlow's writer is needed."""
    import io

    import tensorflow as tf
    from PIL import Image

    folder.mkdir(parents=True)
    shape = {"dimensions": [str(size), str(size), "3"]}
    features = {"featuresDict": {"features": {"image": {"image": {"shape": shape, "dtype": "uint8", "encodingFormat": "png"}}}}}
    (folder / "features.json").write_text(json.dumps(features))
    lot = np.random.default_rng(0)
    with tf.io.TFRecordWriter(str(folder / "squares-train.tfrecord-00000-of-00001")) as writer:
        for _ in range(count):
            picture = np.full((size, size, 3), 255, np.uint8)
            x, y, side = (int(number) for number in lot.integers(8, size // 2, 3))
            picture[y : y + side, x : x + side] = lot.integers(0, 256, 3)
            held = io.BytesIO()
            Image.fromarray(picture).save(held, "PNG")
            feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[held.getvalue()]))
            writer.write(tf.train.Example(features=tf.train.Features(feature={"image": feature})).SerializeToString())


def start(shards: Path, runs: Path, settings: dict[str, Any], name: str) -> subprocess.Popen[bytes]:
    """Train in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", TRAIN, str(shards), str(runs), json.dumps(settings), name], cwd=ROOT)


def step_of(run: Path) -> int:
    """Of the newest checkpoint; -1 without one."""
    return max((int(path.stem[5:]) for path in (run / "checkpoints").glob("step-*.npz")), default=-1)


def disturb(shards: Path, runs: Path, settings: dict[str, Any], kills: int, lot: random.Random) -> list[dict[str, Any]]:
    """End the run `kills` times and let it finish then; what was done when."""
    done: list[dict[str, Any]] = []
    run = runs / "disturbed"
    sooner = 1.0
    while len(done) < kills:
        process = start(shards, runs, settings, "disturbed")
        began = time.monotonic()
        before = step_of(run)
        # It must have come further first, or it would never end: from a checkpoint on, at any moment of the next seconds.
        while process.poll() is None and step_of(run) <= before and time.monotonic() - began < 120:
            time.sleep(0.02)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(lot.uniform(0, sooner))
        if process.poll() is not None:
            if process.returncode:
                raise SystemExit(f"the run failed with {process.returncode}")
            print(f"the run was done after {len(done)} kills; give more --kimg", file=sys.stderr)
            break
        how = signal.SIGKILL if len(done) % 2 == 0 else signal.SIGTERM
        process.send_signal(how)
        process.wait()
        done.append({"signal": how.name, "after_s": round(time.monotonic() - began, 2), "kept_step": step_of(run)})
        print(f"kill {len(done)}: {done[-1]}", file=sys.stderr)
    return done


def differences(one: Path, other: Path) -> list[str]:
    """What of two runs is not the same."""
    found = []
    with np.load(_last(one)) as mine, np.load(_last(other)) as theirs:
        if set(mine.files) != set(theirs.files):
            found.append("names of variables")
        found += [name for name in mine.files if name != "about" and mine[name].tobytes() != theirs[name].tobytes()]
    for path in sorted((one / "samples").glob("*.png")):
        twin = other / "samples" / path.name
        if not twin.exists() or path.read_bytes() != twin.read_bytes():
            found.append(path.name)
    from pipeline.train import journal

    rows = [[{key: cell for key, cell in row.items() if key != FREE} for row in journal.read(run / "metrics.csv")] for run in (one, other)]
    if rows[0] != rows[1]:
        found.append("metrics.csv")
    return found


def _last(run: Path) -> Path:
    return max((run / "checkpoints").glob("step-*.npz"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="four kills")
    parser.add_argument("--auto", action="store_true", help="precision and XLA as timed here, instead of float32")
    parser.add_argument("--precision", default="float32", help="such as mixed_bfloat16, which --auto may choose on other machines")
    parser.add_argument("--jit", default="off", help="on: compiled by XLA, likewise")
    parser.add_argument("--preset", default="stable")
    parser.add_argument("--kimg", type=float, default=0, help="length of the run; by default enough for the kills")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    given = parser.parse_args()
    kills = 4 if given.quick else given.kills
    settings: dict[str, Any] = {
        "preset": given.preset, "kimg": given.kimg or 0.8 * (kills + 2), "batch": 16, "channels": 8, "latent": 16,
        "precision": "auto" if given.auto else given.precision, "jit": "auto" if given.auto else given.jit,
        "mirror": True, "dropout": 0.1, "decay": 0.9, "decay_steps": 100, "checkpoint_kimg": 0.4, "samples_kimg": 1, "evaluate_kimg": 0,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        shards, runs = Path(scratch) / "shards", Path(scratch) / "runs"
        draw(shards, 200)
        began = time.monotonic()
        if start(shards, runs, settings, "whole").wait():
            raise SystemExit("the undisturbed run failed")
        alone = time.monotonic() - began
        done = disturb(shards, runs, settings, kills, random.Random(given.seed))
        if start(shards, runs, settings, "disturbed").wait():
            raise SystemExit("the last sitting failed")
        found = differences(runs / "whole", runs / "disturbed")
        config = json.loads((runs / "whole" / "config.json").read_text())
        twin = json.loads((runs / "disturbed" / "config.json").read_text())
        result = {
            "bench": "resume", "kills": len(done), "signals": [one["signal"] for one in done], "steps": step_of(runs / "whole"),
            "precision": config["precision"], "jit": config["jit"], "same_choice": config["precision"] == twin["precision"],
            "different": found, "equal": not found, "undisturbed_s": round(alone, 1), "python": platform.python_version(),
            "tensorflow": version("tensorflow"), "cores": __import__("os").cpu_count(),
        }  # fmt: skip
    print(json.dumps(result))
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
