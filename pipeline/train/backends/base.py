"""What a backend is: all that the trainer needs of TensorFlow or PyTorch, and nothing else of either is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from pipeline.train.data import ShardSet
from pipeline.train.device import Device
from pipeline.train.presets import TrainSettings

if TYPE_CHECKING:
    from pipeline.train.gan import Gan


class Backend(Protocol):
    """A module of this package. Networks, losses and optimizers are not here: they are the same Keras code for all."""

    TITLE: str
    """Its name for people."""
    COMPILER: str
    """The name of what `jit` compiles the step with."""

    def choose(self, batch: int = 1) -> Device:
        """The GPU that works (several, if the backend uses them and can share batches of `batch` pictures among them), else the CPU.

        Called before the first network is made.
        """

    def compiles(self, device: str) -> bool:
        """Whether `jit` may help on the device of that name."""

    def batches(self, shards: ShardSet, batch: int, seed: int, first_step: int = 0) -> Iterable[Any]:
        """Endless batches of (batch, size, size, 3) float32 in [-1, 1], from step `first_step` on.

        The order of every epoch is shuffled by seed and epoch alone, so step n sees the same pictures whether or not the run was
        interrupted before it. What is left over at an epoch's end is dropped: other pictures each time. The order is not the same
        with another backend.
        """

    def make_gan(self, size: int, settings: TrainSettings, precision: str) -> Gan:
        """A new state of training (see `Gan`), on what `choose` chose: on every GPU, where there are several and the backend uses them."""

    def make_step(self, gan: Gan, settings: TrainSettings, batch: int, *, jit: bool = False, parts: int = 1) -> Callable[[Any], None]:
        """A function of one batch of real pictures (batch, size, size, 3), float32 in [-1, 1], that trains both networks on it.

        Both networks are updated from the same generated pictures; then the averaged generator and the sums of `gan.MEASURES`.
        `jit`: compiled by `COMPILER`. `parts`: the batch is passed through in so many equal parts one after the other, whose gradients
        are averaged, for memory that does not hold it at once.
        """

    def in_full(self) -> AbstractContextManager[None]:
        """Within it products in float32 have all their digits, which GPUs shorten otherwise (TF32: 10 bits of 23)."""

    def out_of_memory(self, error: BaseException) -> bool:
        """Whether this says that memory did not suffice."""

    def problem(self, error: BaseException) -> str:
        """What the backend itself complains of, in one line; empty for errors that are not its own."""
