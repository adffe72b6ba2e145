"""A picture of any size as a square: padded so that nothing is cut off, or cropped so that nothing is added.

Pictures are made smaller by Lanczos over the area that a pixel covers, in the values as stored (sRGB), as Pillow and the loaders of most
trainers do; not in linear light, in which thin dark lines fade.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from PIL import Image

from pipeline import image_store, images
from pipeline.errors import PipelineError
from pipeline.shards import padding

if TYPE_CHECKING:
    from pipeline.shards.example import Picture

Result = TypeVar("Result")

RGB = tuple[int, int, int]
Fit = Literal["pad", "crop"]
Mode = Literal["rgb", "gray", "rgba"]

WHITE = (255, 255, 255)

ROOM = 3
"""A picture is averaged down, or a JPEG decoded smaller, only while it stays so many times as large as the square: closer than that,
the result departs from Lanczos over all pixels."""


def load(
    picture: Picture,
    size: int,
    pad: str,
    *,
    fit: Fit = "pad",
    alpha: str = "",
    mode: Mode = "rgb",
    read: Callable[[], bytes] | None = None,
) -> Image.Image:
    """The stored picture as a square of `size` pixels: L, RGB or RGBA by `mode`.

    `pad`: `background` continues each edge into the picture's own border colour, `flat` is that colour alone, or `#rrggbb`. `alpha`: the
    colour that transparency is laid on; empty: the padding's, white where that is the picture's own. `read` gives the stored bytes, where
    they have been asked for already. Raises PipelineError, naming item
    and file, when the file is lost or no longer decodes.
    """
    image, extent = _decoded(picture, read or partial(image_store.read, picture.place), size * ROOM, fit == "crop")
    own = pad in ("background", "flat")
    under = colour(alpha) if alpha else WHITE if own else colour(pad)
    if mode == "rgba":
        image = image if image.mode == "RGBa" else image.convert("RGBA").convert("RGBa")
    clear = image.mode == "RGBa" and _clear_border(image)
    image = image if mode == "rgba" else images.flatten(image, under)
    ground: tuple[int, ...] = colour(picture.border_colour) if own else colour(pad)
    if own and clear:
        ground = (0, 0, 0, 0) if mode == "rgba" else under
    elif mode == "rgba":
        ground = (*ground, 255)
    if fit == "crop":
        made = image.resize((size, size), Image.Resampling.LANCZOS, box=window(extent, picture.centre))
    else:
        made = _padded(image, extent, size, ground, pad == "background")
    return made.convert({"rgb": "RGB", "gray": "L", "rgba": "RGBA"}[mode])


def decode(picture: Picture) -> tuple[Image.Image, tuple[int, int]]:
    """The stored picture to be shown, RGB or RGBA and hardly larger than 512 pixels, and the width and height in its file.

    Raises PipelineError naming item and file.
    """
    data = _told(picture, partial(image_store.read, picture.place))
    image, _ = _decoded(picture, lambda: data, 512, False)
    size = images.read_header(data)
    return image.convert("RGBA") if image.mode == "RGBa" else image, (size.width, size.height)


def square(image: Image.Image, size: int, ground: RGB) -> Image.Image:
    """Fit an RGB or RGBA picture into `size`×`size` pixels, centred on plain `ground`, on which transparency is laid; RGB.

    The longest side becomes `size`; smaller pictures grow.
    """
    return _padded(images.flatten(image, ground), image.size, size, ground, False)


def fitted(width: float, height: float, size: int) -> tuple[int, int, int, int]:
    """Where a picture of this shape lies in its square: left, top, right, bottom in pixels."""
    longest = max(width, height)
    across, down = max(1, round(width * size / longest)), max(1, round(height * size / longest))
    left, top = (size - across) // 2, (size - down) // 2
    return left, top, left + across, top + down


def window(extent: tuple[float, float], centre: tuple[float, float]) -> tuple[float, float, float, float]:
    """The largest square (left, top, right, bottom) of a picture of this width and height, as near to `centre` (shares of
    width and height, 0–1) as it can lie."""
    side = min(extent)
    left, top = (min(max(middle * length - side / 2, 0), length - side) for middle, length in zip(centre, extent, strict=True))
    return left, top, left + side, top + side


def colour(text: str) -> RGB:
    """`#rrggbb` as three numbers 0–255. Raises ValueError."""
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"not a colour of the form #rrggbb: {text!r}")
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue


def _decoded(picture: Picture, read: Callable[[], bytes], side: int, shorter: bool) -> tuple[Image.Image, tuple[float, float]]:
    return _told(picture, lambda: images.open_scaled(read(), side, shorter=shorter))


def _told(picture: Picture, work: Callable[[], Result]) -> Result:
    """What `work` on the stored picture gives; its faults with item and file."""
    try:
        return work()
    except OSError as error:
        why = error.strerror or str(error)
    except images.BadImage as error:
        why = str(error)
    raise PipelineError(f"{picture.place}: the picture of {picture.id} cannot be read ({why}); put it back, or drop the item in review.csv")


def _padded(image: Image.Image, extent: tuple[float, float], size: int, ground: tuple[int, ...], smooth: bool) -> Image.Image:
    left, top, right, bottom = fitted(*extent, size)
    if (right - left, bottom - top) != image.size or image.size != extent:
        image = image.resize((right - left, bottom - top), Image.Resampling.LANCZOS, box=(0, 0, *extent))
    if smooth:
        return padding.extend(image, left, top, size - right, size - bottom, ground)
    canvas = Image.new(image.mode, (size, size), ground)
    canvas.paste(image, (left, top))
    return canvas


def _clear_border(image: Image.Image) -> bool:
    """Whether most of the outermost pixels are transparent."""
    width, height = image.size
    opacity = image.getchannel("a")
    edges = [(0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height)]
    ring = b"".join(opacity.crop(edge).tobytes() for edge in edges)
    return 2 * sum(value < 128 for value in ring) >= len(ring)
