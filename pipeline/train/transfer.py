"""Beginning with another run's weights: on other pictures, or at a higher resolution, with every layer that fits.

Layers are named by the side in pixels that they lead to, so those of the same side correspond. Twice the size with half the
`channels` gives the same shapes at every side but the outermost ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError
from pipeline.train import checkpoints
from pipeline.train.config import RunConfig

if TYPE_CHECKING:
    import keras

    from pipeline.train.gan import Gan

OUTER = "input"
"""What stands before the first named layer."""


def name(source: Path) -> str:
    """What `RunConfig.source` says of the run. Raises PipelineError when it is none."""
    return f"{source.resolve().name} ({RunConfig.read(source).dataset})"


def take_over(gan: Gan, source: Path) -> str:
    """Put what fits of the run `source` (its best checkpoint, else the newest) into new networks; returns what was taken, in words.

    Optimizers begin anew. Raises PipelineError when the run has no checkpoint, or when nothing of it fits.
    """
    from pipeline.train.gan import Gan

    config = replace(RunConfig.read(source), precision="float32")
    folder = source / "checkpoints"
    old = Gan(config.size, config.settings, config.precision)
    found = checkpoints.read(folder / checkpoints.BEST)
    paths = [] if found else list(reversed(checkpoints.listed(folder)))
    for path in paths:
        if (found := checkpoints.read(path)) is not None:
            break
    if found is None:
        raise PipelineError(f"{source}: no checkpoint to begin with; train it first")
    arrays, about = found
    for key, variable in old.state().items():
        # Optimizers may hold other variables in another precision, and nothing of theirs is wanted.
        if not key.startswith(("generator", "discriminator", "average")):
            continue
        if key not in arrays or arrays[key].shape != tuple(variable.shape):
            raise PipelineError(f"{folder}: its variables are not those of these networks; it was written by another version")
        variable.assign(arrays[key])
    told = []
    for title, new, before in (("generator", gan.generator, old.generator), ("discriminator", gan.discriminator, old.discriminator)):
        taken, left = _copy(new, before)
        told.append(f"{title}: {', '.join(taken) or 'nothing'} taken over" + (f", {', '.join(left)} new" if left else ""))
        if not taken:
            raise PipelineError(
                f"{source}: no layer of its {title} fits (it has {config.settings.channels} train.channels at {config.size} pixels); "
                "give the same ones, or half as many for twice the size"
            )
    if gan.average is not None:
        _copy(gan.average, gan.generator)
        _copy(gan.average, old.average or old.generator)
    return f"began with {source} at {about.get('kimg', 0):g} thousand images; " + "; ".join(told)


def _copy(new: keras.Model, old: keras.Model) -> tuple[list[str], list[str]]:
    """Copy what has the same place and shape; names of layers taken over whole, and of the others."""
    there, whole = dict(_weights(old)), dict[str, bool]()
    for place, variable in _weights(new):
        fits = place in there and tuple(there[place].shape) == tuple(variable.shape)
        whole[place[0]] = whole.get(place[0], True) and fits
        if fits:
            variable.assign(there[place])
    return [layer for layer, fits in whole.items() if fits], [layer for layer, fits in whole.items() if not fits]


def _weights(net: keras.Model) -> Iterator[tuple[tuple[str, str, int], Any]]:
    """Every variable with its place: the named layer it belongs to or comes after, the kind of its own layer, its number there."""
    current = OUTER
    for layer in net.layers:
        if layer.name.startswith("to_"):
            current = layer.name
        for number, variable in enumerate(layer.variables):
            yield (current, type(layer).__name__, number), variable
