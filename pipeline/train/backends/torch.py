"""PyTorch: its devices, batches as tensors there, and the step: what `pipeline.train.objective` makes small, differentiated, applied.

It comes before Keras, which takes the device from the environment variable KERAS_TORCH_DEVICE when it is imported.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import torch

from pipeline.errors import PipelineError
from pipeline.train import pictures
from pipeline.train.data import ShardSet
from pipeline.train.device import Device
from pipeline.train.presets import TrainSettings

if TYPE_CHECKING:
    from pipeline.train.gan import Gan

TITLE = "PyTorch"
COMPILER = "torch.compile"

FULL = ("out of memory", "can't allocate memory", "not enough memory")
"""What PyTorch says, in errors of no class of their own, when memory ends on a CPU or in Metal."""


def find() -> tuple[str, str]:
    """The kind of device that works (KERAS_TORCH_DEVICE, if it is set), and why a card that is there is left out, or empty."""
    if named := os.environ.get("KERAS_TORCH_DEVICE"):
        return named, ""
    if torch.backends.mps.is_available():
        return "mps", ""
    if not torch.cuda.is_available():
        return "cpu", ""
    try:
        square = torch.ones(8, 8, device="cuda")
        (square @ square).sum().item()  # a build without code for this card fails only here
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        return "cpu", f"{torch.cuda.get_device_name()} cannot be used by PyTorch {torch.__version__} ({reason}); training on the CPU"
    return "cuda", ""


DEVICE, WARNING = find()
os.environ["KERAS_TORCH_DEVICE"] = DEVICE


def choose(batch: int = 1) -> Device:
    """As `Backend.choose`."""
    if DEVICE.startswith("cuda"):
        return Device(torch.cuda.get_device_name(DEVICE))
    if DEVICE == "cpu":
        return Device("CPU", WARNING)
    return Device("Apple GPU" if DEVICE == "mps" else DEVICE)


def compiles(device: str) -> bool:
    """As `Backend.compiles`: on CUDA, where the compiler comes with PyTorch; elsewhere one would have to be installed."""
    return DEVICE.startswith("cuda")


def batches(shards: ShardSet, batch: int, seed: int, first_step: int = 0) -> Iterator[torch.Tensor]:
    """As `Backend.batches`: tensors on the device, which are copied there as bytes."""
    for pixels in pictures.batches(shards, batch, seed, first_step):
        yield torch.from_numpy(pixels).to(DEVICE).to(torch.float32) / 127.5 - 1.0


def make_gan(size: int, settings: TrainSettings, precision: str) -> Gan:
    """As `Backend.make_gan`: on one device."""
    from pipeline.train.gan import Gan

    return Gan(size, settings, precision)


def make_step(gan: Gan, settings: TrainSettings, batch: int, *, jit: bool = False, parts: int = 1) -> Callable[[Any], None]:
    """As `Backend.make_step`. Raises PipelineError for `jit` where nothing can be compiled."""
    from pipeline.train import objective

    if jit and not compiles(""):
        raise PipelineError("train.jit: PyTorch compiles the step on CUDA only; leave it at auto, or set it to off")
    # What is compiled can be differentiated once only, and the penalty is a gradient whose gradient is taken.
    plain = torch.compile(_gradients) if jit else _gradients
    number = int(gan.steps)

    def train(real: Any) -> None:
        nonlocal number
        real = torch.as_tensor(real, dtype=torch.float32, device=DEVICE)
        penalised = objective.is_penalised(settings, number)
        taken = _gradients if penalised else plain
        found = [taken(gan, settings, part, batch, penalised) for part in real.tensor_split(parts)]
        with torch.no_grad():
            d_gradients, g_gradients, measures = (_mean(side) for side in zip(*found, strict=True))
            objective.update(gan, settings, batch, d_gradients, g_gradients, measures[0])
        number += 1

    return train


@contextlib.contextmanager
def in_full() -> Iterator[None]:
    """As `Backend.in_full`; products of matrices are in full by default."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def out_of_memory(error: BaseException) -> bool:
    """As `Backend.out_of_memory`."""
    if isinstance(error, RuntimeError):
        return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in FULL)
    return isinstance(error, MemoryError)


def problem(error: BaseException) -> str:
    """As `Backend.problem`."""
    return next(iter(str(error).splitlines()), type(error).__name__) if isinstance(error, RuntimeError) else ""


def _gradients(
    gan: Gan, settings: TrainSettings, real: torch.Tensor, batch: int, penalised: bool
) -> tuple[list[torch.Tensor], list[torch.Tensor], list[torch.Tensor]]:
    """Scaled gradients for the discriminator and the generator, and the measures in a list of one."""
    from pipeline.train import objective

    outcome = objective.play(gan, settings, real)
    d_loss = outcome.loss_d + _penalty(gan, settings, real, batch) if penalised else outcome.loss_d
    d_scaled, g_scaled = gan.d_optimizer.scale_loss(d_loss), gan.g_optimizer.scale_loss(outcome.loss_g)
    # Both losses go through the same passes: the first must leave the graph to the second.
    d_gradients = torch.autograd.grad(d_scaled, [weight.value for weight in gan.discriminator.trainable_variables], retain_graph=True)
    g_gradients = torch.autograd.grad(g_scaled, [weight.value for weight in gan.generator.trainable_variables])
    return list(d_gradients), list(g_gradients), [outcome.measures.detach()]


def _penalty(gan: Gan, settings: TrainSettings, real: torch.Tensor, batch: int) -> torch.Tensor:
    from pipeline.train import objective

    images = objective.seen(gan, settings, real).detach().requires_grad_()
    (gradients,) = torch.autograd.grad(objective.penalised_logits(gan, images).sum(), images, create_graph=True)
    penalty: torch.Tensor = objective.penalty(gan, settings, gradients, batch)
    return penalty


def _mean(parts: tuple[list[torch.Tensor], ...]) -> list[torch.Tensor]:
    return [torch.stack(same).mean(0) if len(same) > 1 else same[0] for same in zip(*parts, strict=True)]
