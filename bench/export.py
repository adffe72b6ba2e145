"""How long an exported generator takes for one picture on one core, in ONNX Runtime and in TensorFlow.

    python bench/export.py [--quick] [--size 128] [--channels 64]

A generator of preset `stable` with its first weights (which cost what trained ones cost) is exported as ONNX and as SavedModel, each
checked against the network as `pipeline export` does. Each runtime has a process of its own, held to one core and one thread, and takes
turns with the others: a turn is as many single pictures as fit into a tenth of a second; a figure is the median over turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

HEAD = """
import json, os, sys, time, numpy as np
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
path, length = sys.argv[1], int(sys.argv[2])
noise = [np.random.default_rng(n).standard_normal((1, length)).astype(np.float32) for n in range(8)]
"""
TENSORFLOW = """
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
"""
RUNTIMES = {
    "onnxruntime": """
import onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(path + ".onnx", options, providers=["CPUExecutionProvider"])
draw = lambda row: session.run(None, {"latents": row})[0]
""",
    "tensorflow": TENSORFLOW
    + """
serve = tf.saved_model.load(path + "-savedmodel").signatures["serving_default"]
draw = lambda row: serve(latents=tf.constant(row))["output_0"].numpy()
""",
    "keras": TENSORFLOW
    + """
sys.path.insert(0, sys.argv[3])
from pipeline.train import load
network = load(path).network
draw = lambda row: np.asarray(network(row, training=False))
""",
}
LOOP = """
for _ in range(5):
    draw(noise[0])
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    taken, began = [], time.perf_counter()
    while time.perf_counter() - began < 0.1 or len(taken) < 3:
        start = time.perf_counter()
        draw(noise[len(taken) % 8])
        taken.append(time.perf_counter() - start)
    print(json.dumps(sorted(taken)[len(taken) // 2]), flush=True)
"""


def made(folder: Path, size: int, channels: int) -> tuple[Path, int, float]:
    """A run with an untrained generator and its exports beside it: its path, its latents, and millions of weights."""
    from pipeline.train import backends, checkpoints, presets
    from pipeline.train.config import RunConfig
    from pipeline.train.use import export

    backends.load("tensorflow")
    from pipeline.train import networks

    settings = presets.load("stable").model_validate({"channels": channels})
    run = folder / "run"
    RunConfig(settings, "none", "0" * 64, images=1000, size=size, batch=settings.batch, precision="float32").write(run)
    network = networks.generator(size, settings)
    checkpoints.save_generator(network, run / checkpoints.GENERATOR)
    for kind, (ending, *_) in export.FORMATS.items():
        done = export.export(run, kind, folder / f"run{ending}")
        print(f"{kind}: differs by {done.difference:.1g} at most")
    return run, settings.latent, network.count_params() / 1e6


def start(name: str, run: Path, length: int) -> subprocess.Popen[str]:
    """A runtime's process, ready to take turns."""
    command = [sys.executable, "-c", HEAD + RUNTIMES[name] + LOOP, str(run), str(length), str(ROOT)]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet)
    assert process.stdout is not None
    if not process.stdout.readline():
        raise SystemExit(f"{name} did not start")
    return process


def turn(process: subprocess.Popen[str]) -> float:
    """Milliseconds for one picture, the median of a turn."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return 1000 * float(json.loads(process.stdout.readline()))


def main() -> None:
    """Export, take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 turns instead of 100")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--channels", type=int, default=64)
    asked = parser.parse_args()
    missing = [name for name in ("onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)} (pip install 'art-pipeline[export]')")
    with tempfile.TemporaryDirectory() as folder:
        run, length, millions = made(Path(folder), asked.size, asked.channels)
        processes = {name: start(name, run, length) for name in RUNTIMES}
        times: dict[str, list[float]] = {name: [] for name in RUNTIMES}
        for _ in range(20 if asked.quick else 100):
            for name, process in processes.items():
                times[name].append(turn(process))
        for process in processes.values():
            process.communicate()
    result: dict[str, Any] = {"bench": "export", "size": asked.size, "channels": asked.channels, "million_weights": round(millions, 1)}
    for name, values in times.items():
        low, middle, high = statistics.quantiles(values, n=4)
        result[name] = {"ms": round(middle, 2), "quartiles": [round(low, 2), round(high, 2)]}
        print(f"{name:<12} {middle:8.2f} ms a picture (quartiles {low:.2f} to {high:.2f})")
    medians = {name: statistics.median(values) for name, values in times.items()}
    result["ratio"] = {name: round(medians[name] / medians["onnxruntime"], 2) for name in ("tensorflow", "keras")}
    result["versions"] = {"python": platform.python_version(), **{name: version(name) for name in RUNTIMES}}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
