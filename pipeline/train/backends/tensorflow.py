"""TensorFlow: its devices, tf.data for the pictures, and the step: what `pipeline.train.objective` makes small, differentiated, applied."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pipeline.errors import PipelineError
from pipeline.train import data, networks, objective
from pipeline.train.data import ShardSet
from pipeline.train.device import Device
from pipeline.train.gan import Gan
from pipeline.train.presets import TrainSettings
from pipeline.train.quiet import quiet

TITLE = "TensorFlow"
COMPILER = "XLA"
STRIDE = 64
"""How far apart the random numbers of two parts of a batch begin; a part draws some ten times."""
STREAM_BUFFER = 10_000
"""Pictures that are shuffled among each other when the set does not fit into memory, at most."""
STREAM_SHARE = 0.25
"""Of the memory that these may take."""

_strategy: tf.distribute.Strategy | None = None
"""How the work is spread over several devices; None: there is one."""


def choose(batch: int = 1) -> Device:
    """As `Backend.choose`."""
    # It fails on a leaky ReLU after a bias, with an error line on the terminal, and the graph stays as it was.
    tf.config.optimizer.set_experimental_options({"remapping": False})
    warning = ""
    with quiet():
        gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        name = str(details.get("device_name", "GPU"))
        capability = details.get("compute_capability") or (0, 0)
        warning = unsupported(name, capability, tf.__version__)
        if not warning:
            used = gpus[: sharing(len(gpus), batch)]
            if batch > 1 and len(used) < len(gpus):
                warning = f"{len(used)} of {len(gpus)} GPUs can share batches of {batch}; a larger train.batch uses more"
            with contextlib.suppress(RuntimeError):  # the program that draws here has used TensorFlow before, in its own way
                tf.config.set_visible_devices(used, "GPU")
                for gpu in used:
                    tf.config.experimental.set_memory_growth(gpu, True)
            replicate([device.name for device in tf.config.list_logical_devices("GPU")][: len(used)])
            return Device(name if len(used) == 1 else f"{len(used)} x {name}", warning, len(used))
        with contextlib.suppress(RuntimeError):
            tf.config.set_visible_devices([], "GPU")
    return Device("CPU", warning)


def sharing(gpus: int, batch: int) -> int:
    """The most of so many GPUs that a batch can be shared by: equally, and so that each has a whole group of the minibatch deviation."""
    least = networks.MinibatchStddev.GROUP
    return next((count for count in range(gpus, 1, -1) if batch % count == 0 and batch // count >= least), 1)


def unsupported(name: str, capability: tuple[int, int], version: str) -> str:
    """Why this GPU cannot be used with this TensorFlow, or an empty string."""
    major, minor = (int(part) for part in version.split(".")[:2])
    if capability >= (12, 0) and (major, minor) <= (2, 21):
        number = ".".join(str(part) for part in capability)
        return f"{name} (compute capability {number}) is not supported by TensorFlow {version} (tensorflow#111958); training on the CPU"
    return ""


def replicate(devices: Sequence[str]) -> None:
    """Train on these from now on: the networks stand on each, and each takes its share of every batch. One: nothing is shared."""
    global _strategy
    _strategy = tf.distribute.MirroredStrategy(list(devices)) if len(devices) > 1 else None


def compiles(device: str) -> bool:
    """As `Backend.compiles`: XLA does for all, but for a step on several devices."""
    return _strategy is None


def make_gan(size: int, settings: TrainSettings, precision: str) -> Gan:
    """As `Backend.make_gan`."""
    with _strategy.scope() if _strategy else contextlib.nullcontext():
        return Gan(size, settings, precision)


def batches(shards: ShardSet, batch: int, seed: int, first_step: int = 0) -> Any:
    """As `Backend.batches`: an endless tf.data.Dataset."""

    def decode(record: Any) -> Any:
        fields = tf.io.parse_single_example(record, {"image": tf.io.FixedLenFeature([], tf.string)})
        picture = tf.io.decode_image(fields["image"], expand_animations=False)  # a gray one would become RGB if it were told 3 channels
        return tf.ensure_shape(picture, (shards.size, shards.size, 3))

    pictures = tf.data.TFRecordDataset([str(path) for path in shards.files]).map(decode, num_parallel_calls=tf.data.AUTOTUNE)
    buffer = max(1, min(shards.images, STREAM_BUFFER, data.room(shards, STREAM_SHARE)))
    if data.fits(shards):
        pictures, buffer = pictures.cache(), shards.images

    def epoch(number: Any) -> Any:
        order = pictures.shuffle(buffer, seed=seed * 1_000_003 + number, reshuffle_each_iteration=False)
        return order.batch(batch, drop_remainder=True)

    steps = shards.images // batch
    endless = tf.data.Dataset.range(first_step // steps, 2**62).flat_map(epoch).skip(first_step % steps)
    return endless.map(lambda pixels: tf.cast(pixels, tf.float32) / 127.5 - 1.0).prefetch(tf.data.AUTOTUNE)


def make_step(gan: Gan, settings: TrainSettings, batch: int, *, jit: bool = False, parts: int = 1) -> Callable[[Any], None]:
    """As `Backend.make_step`. On several devices each takes its share of the batch, in `parts`. Raises PipelineError for `jit` there, and
    for a batch that cannot be shared."""
    strategy = _strategy
    devices = strategy.num_replicas_in_sync if strategy else 1
    total = devices * parts
    if batch % total:
        raise PipelineError(
            f"train.batch: {batch} pictures cannot be shared by {devices} GPUs, each in {parts} parts; "
            f"take a multiple of {total}, or let CUDA_VISIBLE_DEVICES show fewer"
        )
    if jit and not compiles(""):
        raise PipelineError("train.jit: XLA does not compile a step on several GPUs; leave it at auto, or set it to off")

    def step(real: Any, penalised: bool) -> None:
        context = tf.distribute.get_replica_context()
        rank, shares = context.replica_id_in_sync_group, [real]
        if total > 1:
            mine = tf.reshape(real, (devices, batch // devices, *real.shape[1:]))[rank]
            shares = tf.split(mine, parts)
        first, taken = gan.seeds.state + 0, []
        for number, share in enumerate(shares):
            if total > 1:
                _draw_from(gan, first, rank * parts + number)
            taken.append(_gradients(gan, settings, share, batch, penalised))
        d_gradients, g_gradients, measures = (_mean(side) for side in zip(*taken, strict=True))
        if total > 1:
            _draw_from(gan, first, total)
        if devices > 1:  # Keras' optimizers add up what the replicas found
            d_gradients, g_gradients = ([gradient / devices for gradient in side] for side in (d_gradients, g_gradients))
            measures = [context.all_reduce(tf.distribute.ReduceOp.MEAN, measures[0])]
        objective.update(gan, settings, batch, d_gradients, g_gradients, measures[0])

    def spread(real: Any, penalised: bool) -> None:
        if strategy:
            strategy.run(step, args=(real, penalised))
        else:
            step(real, penalised)

    plain = tf.function(lambda real: spread(real, False), jit_compile=jit)
    penalised = tf.function(lambda real: spread(real, True), jit_compile=jit)
    number = int(np.asarray(gan.steps))

    def train(real: Any) -> None:
        nonlocal number
        (penalised if objective.is_penalised(settings, number) else plain)(real)
        number += 1

    return train


@contextlib.contextmanager
def in_full() -> Iterator[None]:
    """As `Backend.in_full`."""
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def out_of_memory(error: BaseException) -> bool:
    """As `Backend.out_of_memory`."""
    return isinstance(error, (tf.errors.ResourceExhaustedError, MemoryError))


def problem(error: BaseException) -> str:
    """As `Backend.problem`."""
    return str(error.message).splitlines()[0] if isinstance(error, tf.errors.OpError) else ""


def _gradients(gan: Gan, settings: TrainSettings, real: Any, batch: int, penalised: bool) -> tuple[list[Any], list[Any], list[Any]]:
    """Scaled gradients for the discriminator and the generator, and the measures in a list of one."""
    with tf.GradientTape() as d_tape, tf.GradientTape() as g_tape:
        outcome = objective.play(gan, settings, real)
        d_loss = outcome.loss_d
        if penalised:
            with g_tape.stop_recording():
                d_loss = d_loss + _penalty(gan, settings, real, batch)
        d_scaled, g_scaled = gan.d_optimizer.scale_loss(d_loss), gan.g_optimizer.scale_loss(outcome.loss_g)
    d_gradients = d_tape.gradient(d_scaled, [weight.value for weight in gan.discriminator.trainable_variables])
    g_gradients = g_tape.gradient(g_scaled, [weight.value for weight in gan.generator.trainable_variables])
    return d_gradients, g_gradients, [outcome.measures]


def _draw_from(gan: Gan, first: Any, part: Any) -> None:
    """Let the random numbers of a part of the batch begin at a place of its own, the same on whichever device it is passed through."""
    gan.seeds.state.assign(first + tf.cast(tf.stack([0, part * STRIDE]), first.dtype))


def _penalty(gan: Gan, settings: TrainSettings, real: Any, batch: int) -> Any:
    images = objective.seen(gan, settings, real)
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = tf.reduce_sum(objective.penalised_logits(gan, images))
    return objective.penalty(gan, settings, tape.gradient(logits, images), batch)


def _mean(parts: tuple[list[Any], ...]) -> list[Any]:
    return [tf.add_n(same) / len(same) if len(same) > 1 else same[0] for same in zip(*parts, strict=True)]
