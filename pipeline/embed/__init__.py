"""An embedding of pictures that needs no network and no deep-learning framework: EfficientNet-Lite0 (extra `embed`)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.embed.network import Network

NAME = "efficientnet-lite0"
"""What a number computed from this embedding is named after."""

WIDTH = 1280
BATCH = 4
"""Pictures at a time: the arrays of more leave the processor's cache."""


def available() -> bool:
    """Whether the weights are installed."""
    from pipeline.embed import weights
    from pipeline.errors import PipelineError

    try:
        weights.find()
    except PipelineError:
        return False
    return True


def embed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Embeddings, float32 N×1280, of uint8 N×H×W×3 pictures (RGB): the mean of the last feature maps (0–6).

    Pictures of other sizes than 224 × 224 are resized to that (bicubic, antialiased; not square: stretched). A picture's
    embedding does not depend on those beside it, up to rounding. Raises PipelineError when the weights are not installed.
    """
    import numpy as np

    found = np.empty((len(images), WIDTH), np.float32)
    for at in range(0, len(images), BATCH):
        found[at : at + BATCH] = maps(images[at : at + BATCH]).mean(axis=(1, 2))
    return found


def maps(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The last feature maps, float32 N×7×7×1280, before they are averaged; all N at once in memory."""
    import numpy as np
    from PIL import Image

    from pipeline.embed.network import SIDE

    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"give uint8 N×H×W×3 pictures, not {images.dtype} {'×'.join(map(str, images.shape))}")
    if images.shape[1:3] != (SIDE, SIDE):
        sized = [Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for image in images]
        images = np.stack([np.asarray(image) for image in sized]) if sized else np.empty((0, SIDE, SIDE, 3), np.uint8)
    return _network().maps(images)


@cache
def _network() -> Network:
    from pipeline.embed import weights
    from pipeline.embed.network import Network

    return Network(weights.read(weights.find()))
