"""Images per second of our training step against PyTorch's published DCGAN example, and of our whole loop against that step alone.

    python bench/train_speed.py [--torch PYTHON] [--quick] [--rounds N] [--batch N] [--xla] [--threads N]

PyTorch's example (pytorch/examples, dcgan): latents of 100, 4×4 kernels, 64 feature maps at the widest, 64 pixels, batches of 64, batch
normalisation in both networks, Adam; written here anew from the published architecture and its order of passes (the discriminator on
real pictures, on generated ones, the generator through the discriminator once more). It gets the best of float32 and bfloat16 (autocast),
contiguous and channels-last memory. Ours: preset dcgan with the same latents, kernels, widths and batch, the best of float32 and bfloat16
(--xla: also compiled). Each library has a process of its own, with the same number of threads; all choices take turns in rounds; medians.
PYTHON is one that can import torch; left out, that part is. Nothing else should run meanwhile: threads that wait for each other suffer
most, and PyTorch's more than ours.

The loop: one trained state, steps on one batch in memory against the trainer's own loop with its data, rows, grids and checkpoints, in
turns; the share of the loop's time that is spent waiting for pictures; and what tf.data gives alone at 128 pixels once it has decoded all.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

SIZE, LATENT, WIDTH = 64, 100, 64
Block = Callable[[int], float]
"""Takes so many steps, waits for the device, and gives the seconds."""


def settings(batch: int, **changes: Any) -> Any:
    """Ours with the example's numbers."""
    from pipeline.train import presets

    made = {"channels": WIDTH, "latent": LATENT, "kernel": 4, "batch": batch, "prior": "normal", "evaluate_kimg": 0} | changes
    return presets.load("dcgan").model_validate(made)


def ours(batch: int, xla: bool) -> dict[str, Block]:
    """A block of our step for each choice."""
    from pipeline.train import backends

    backend = backends.load("tensorflow")
    backend.choose()
    import numpy as np

    from pipeline.train.gan import Gan

    pictures = np.random.default_rng(0).uniform(-1, 1, (batch, SIZE, SIZE, 3)).astype(np.float32)

    def block(precision: str, jit: bool) -> Block:
        gan = Gan(SIZE, settings(batch), precision)
        step = backend.make_step(gan, settings(batch), batch, jit=jit)

        def run(count: int) -> float:
            began = time.perf_counter()
            for _ in range(count):
                step(pictures)
            int(np.asarray(gan.steps))
            return time.perf_counter() - began

        return run

    choices = [(precision, jit) for jit in ((False, True) if xla else (False,)) for precision in ("float32", "mixed_bfloat16")]
    return {f"{precision.removeprefix('mixed_')}{' xla' if jit else ''}": block(precision, jit) for precision, jit in choices}


def theirs(batch: int) -> dict[str, Block]:
    """A block of the example's step for each choice."""
    import torch
    from torch import nn

    torch.manual_seed(0)

    def start(module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)

    def generator() -> nn.Module:
        layers: list[nn.Module] = [nn.ConvTranspose2d(LATENT, WIDTH * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(WIDTH * 8), nn.ReLU(True)]
        for many in (8, 4, 2):
            half = WIDTH * many // 2
            layers += [nn.ConvTranspose2d(WIDTH * many, half, 4, 2, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU(True)]
        return nn.Sequential(*layers, nn.ConvTranspose2d(WIDTH, 3, 4, 2, 1, bias=False), nn.Tanh())

    def discriminator() -> nn.Module:
        layers: list[nn.Module] = [nn.Conv2d(3, WIDTH, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True)]
        for many in (1, 2, 4):
            twice = WIDTH * many * 2
            layers += [nn.Conv2d(WIDTH * many, twice, 4, 2, 1, bias=False), nn.BatchNorm2d(twice), nn.LeakyReLU(0.2, True)]
        return nn.Sequential(*layers, nn.Conv2d(WIDTH * 8, 1, 4, 1, 0, bias=False), nn.Flatten(0))

    def block(low: bool, last: bool) -> Block:
        form = torch.channels_last if last else torch.contiguous_format
        g, d = (net().apply(start).to(memory_format=form) for net in (generator, discriminator))
        g_adam, d_adam = (torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999)) for net in (g, d))
        real = (torch.rand(batch, 3, SIZE, SIZE) * 2 - 1).to(memory_format=form)
        ones, zeros, loss = torch.ones(batch), torch.zeros(batch), nn.BCEWithLogitsLoss()

        def step() -> None:
            with torch.autocast("cpu", torch.bfloat16, enabled=low):
                d.zero_grad()
                loss(d(real).float(), ones).backward()
                fake = g(torch.randn(batch, LATENT, 1, 1))
                loss(d(fake.detach()).float(), zeros).backward()
                d_adam.step()
                g.zero_grad()
                loss(d(fake).float(), ones).backward()
                g_adam.step()

        def run(count: int) -> float:
            began = time.perf_counter()
            for _ in range(count):
                step()
            return time.perf_counter() - began

        return run

    return {
        f"{'bfloat16' if low else 'float32'}{' channels-last' if last else ''}": block(low, last)
        for low in (False, True)
        for last in (False, True)
    }


def serve(blocks: dict[str, Block], about: str) -> None:
    """Be a worker: names first, then for each line of `name<tab>steps` the seconds."""
    print(json.dumps({"names": list(blocks), "version": about}), flush=True)
    for line in sys.stdin:
        name, count = line.rstrip("\n").split("\t")
        print(json.dumps(blocks[name](int(count))), flush=True)


class Worker:
    """One library in a process of its own."""

    def __init__(self, python: str, what: str, given: argparse.Namespace) -> None:
        environment = os.environ | {"OMP_NUM_THREADS": str(given.threads), "TF_CPP_MIN_LOG_LEVEL": "2"}
        command = [python, __file__, "--serve", what, "--batch", str(given.batch)] + (["--xla"] if given.xla else [])
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        told = json.loads(self._line())
        self.names, self.version = told["names"], told["version"]

    def run(self, name: str, count: int) -> float:
        """Seconds of so many steps."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{name}\t{count}\n")
        self.process.stdin.flush()
        return float(json.loads(self._line()))

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended: {self.process.wait()}")  # type: ignore[index]
        return line

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def compare(given: argparse.Namespace) -> dict[str, Any]:
    """Medians of images per second of every choice, and our best over theirs."""
    workers = {"ours": Worker(sys.executable, "ours", given)}
    if given.torch:
        workers["torch"] = Worker(given.torch, "theirs", given)
    turns = [(who, name) for who, worker in workers.items() for name in worker.names]
    speeds: dict[tuple[str, str], list[float]] = {turn: [] for turn in turns}
    for who, name in turns:
        workers[who].run(name, 2)
    for number in range(given.rounds):
        for who, name in turns[number % len(turns) :] + turns[: number % len(turns)]:
            speeds[who, name].append(given.steps * given.batch / workers[who].run(name, given.steps))
        print(f"round {number + 1}: " + ", ".join(f"{who} {name} {speeds[who, name][-1]:.1f}" for who, name in turns), file=sys.stderr)
    medians = {who: {name: round(statistics.median(speeds[who, name]), 1) for w, name in turns if w == who} for who in workers}
    found: dict[str, Any] = {"images_per_second": medians, "torch": workers["torch"].version if given.torch else None}
    if given.torch:
        best = {who: max(medians[who], key=medians[who].__getitem__) for who in workers}
        each = [a / b for a, b in zip(speeds["ours", best["ours"]], speeds["torch", best["torch"]], strict=True)]
        found |= {"best": best, "ratio_spread": [round(min(each), 2), round(max(each), 2)]}
        found["ratio"] = {"pytorch-dcgan": round(medians["ours"][best["ours"]] / medians["torch"][best["torch"]], 3)}
    for worker in workers.values():
        worker.close()
    return found


def whole_loop(given: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Our loop over the bare step, in turns: the median ratio of times with its bootstrap interval of 95%."""
    from pipeline.train import backends

    backend = backends.load("tensorflow")
    backend.choose()
    import numpy as np
    import resume

    from pipeline.train import data, networks
    from pipeline.train.config import RunConfig
    from pipeline.train.recorder import Recorder

    # Grids and checkpoints as often as in a real run of 300 thousand images: every 10 and 20.
    made = settings(given.batch, kimg=1000)
    resume.draw(scratch / "64", 2000, SIZE)
    shards = data.inspect(scratch / "64", networks.SIZES)
    config = RunConfig(made, shards.name, shards.digest, images=shards.images, size=SIZE, batch=given.batch, precision="float32")
    recorder = Recorder(scratch / "run", config)
    step = backend.make_step(recorder.gan, made, given.batch)
    batches = iter(backend.batches(shards, given.batch, 0))
    still = np.asarray(next(batches))
    recorder.begin()
    waited = [0.0, 0.0]

    def bare(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            step(still)
        recorder.wait()
        return time.perf_counter() - began

    def loop(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            before = time.perf_counter()
            pictures = next(batches)
            waited[0] += time.perf_counter() - before
            step(pictures)
            recorder.stepped()
        recorder.wait()
        waited[1] += time.perf_counter() - began
        return time.perf_counter() - began

    bare(2)
    loop(2)
    waited[:] = [0.0, 0.0]
    ratios = []
    for number in range(given.rounds):
        one, other = (bare, loop) if number % 2 else (loop, bare)
        times = {work: work(given.steps) for work in (one, other)}
        ratios.append(times[bare] / times[loop])
        print(f"loop, round {number + 1}: {ratios[-1]:.3f} of the bare step's speed", file=sys.stderr)
    recorder.close()
    lot = np.random.default_rng(0)
    medians = np.median(lot.choice(ratios, (2000, len(ratios))), axis=1)
    interval = [round(float(bound), 4) for bound in np.quantile(medians, (0.025, 0.975))]
    return {
        "loop_over_bare": round(statistics.median(ratios), 4), "interval": interval,
        "waiting_for_pictures": round(waited[0] / waited[1], 5), "rows_every_steps": config.steps(1),
    }  # fmt: skip


def pictures(given: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """tf.data alone at 128 pixels: images per second in the first epoch (decoding) and in later ones."""
    import resume

    from pipeline.train import backends, data, networks

    backend = backends.load("tensorflow")
    resume.draw(scratch / "128", 2048, 128)
    shards = data.inspect(scratch / "128", networks.SIZES)
    batches = iter(backend.batches(shards, given.batch, 0))
    steps, found = shards.images // given.batch, []
    for _ in range(6):
        began = time.perf_counter()
        for _ in range(steps):
            next(batches)
        found.append(steps * given.batch / (time.perf_counter() - began))
    return {"first_epoch": round(found[0]), "later_epochs": round(statistics.median(found[1:]))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that can import torch")
    parser.add_argument("--quick", action="store_true", help="three rounds of two steps")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=4, help="in a block")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--xla", action="store_true", help="ours compiled too")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--serve", choices=["ours", "theirs"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.steps = 3, 2
    if given.serve == "ours":
        return serve(ours(given.batch, given.xla), version("tensorflow"))
    if given.serve == "theirs":
        import torch

        torch.set_num_threads(given.threads)
        return serve(theirs(given.batch), torch.__version__)
    result: dict[str, Any] = {"bench": "train_speed", "batch": given.batch, "size": SIZE, "rounds": given.rounds, **compare(given)}
    with tempfile.TemporaryDirectory() as scratch:
        result["loop"] = whole_loop(given, Path(scratch))
        result["tf_data_128"] = pictures(given, Path(scratch))
    if not given.torch:
        print("without --torch there is nothing to compare the step with", file=sys.stderr)
    from pipeline.train import device

    units = sorted(flag for flag in device.processor_flags() if "bf16" in flag)
    result |= {"tensorflow": version("tensorflow"), "python": platform.python_version(), "cores": os.cpu_count(), "bf16_units": units}
    return print(json.dumps(result))


if __name__ == "__main__":
    main()
