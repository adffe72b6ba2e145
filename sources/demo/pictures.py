"""From a planned picture to the bytes that the site sends."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageOps

from sources.demo import art, photos, vehicles
from sources.demo.plan import Picture, Shot

SMOOTH = Image.Resampling.BICUBIC
WHITE = (255, 255, 255, 255)
ERROR_PAGE = b"<html><head><title>Error</title></head><body><h1>The picture server is down for maintenance.</h1></body></html>\n"


def content(picture: Picture) -> bytes:
    """The file: a JPEG or PNG; cut off at 60% for a truncated one, an HTML page for one that the site only calls a picture."""
    if picture.answer == "html":
        return ERROR_PAGE
    image = shot(picture.shot)
    if picture.mirrored:
        image = ImageOps.mirror(image)
    if picture.size != image.size:
        image = image.resize(picture.size, SMOOTH)
    file = io.BytesIO()
    if picture.quality:
        grey = picture.shot.treatment == "grayscale" and _number(picture.shot) % 3 == 0
        _on_white(image).convert("L" if grey else "RGB").save(file, "JPEG", quality=picture.quality)
    else:
        (image if picture.clear else _on_white(image)).save(file, "PNG")
    data = file.getvalue()
    return data[: len(data) * 6 // 10] if picture.answer == "truncated" else data


def shot(shot: Shot) -> Image.Image:
    """The picture before it is copied and encoded; RGBA (transparent around a plain subject) or RGB."""
    if shot.treatment in ("photo", "print"):
        photo = photos.landscape(shot.seed, shot.size) if shot.subject == "landscape" else photos.studio(_robot(shot), shot.seed, shot.size)
        return photos.print_of(photo) if shot.treatment == "print" else photo
    if shot.subject != "robot":
        return _vehicle(shot)
    figure = _bust(shot)
    if shot.treatment == "scene":
        return _scene(shot, figure)
    if shot.treatment == "grayscale":
        return _grayscale(shot, figure)
    return figure


def _robot(shot: Shot) -> Image.Image:
    assert shot.design is not None
    return art.robot(shot.colour, shot.design)


def _bust(shot: Shot) -> Image.Image:
    """The robot rising from the picture's lower edge, a little smaller or to the side each time."""
    width, height = shot.size
    rng = random.Random(shot.seed)
    # The wide body is cut off by the right edge too, so it has to stay there.
    wide = shot.design is not None and shot.design[0] == art.WIDE_BODY
    side = width if wide else round(width * rng.uniform(0.97, 1))
    left = 0 if wide else rng.randint(0, width - side)
    canvas = Image.new("RGBA", shot.size, (255, 255, 255, 0))
    canvas.paste(_robot(shot).resize((side, side), SMOOTH), (left, height - side))
    return canvas


def _vehicle(shot: Shot) -> Image.Image:
    """The vehicle in the middle of the picture."""
    width, height = shot.size
    drawn = ImageOps.contain(vehicles.vehicle(shot.subject, shot.seed), (round(width * 0.94), round(height * 0.94)), SMOOTH)
    canvas = Image.new("RGBA", shot.size, (255, 255, 255, 0))
    canvas.paste(drawn, ((width - drawn.width) // 2, (height - drawn.height) // 2))
    return canvas


def _scene(shot: Shot, figure: Image.Image) -> Image.Image:
    """The figure before a painted background."""
    places = art.backgrounds()
    with Image.open(places[_number(shot) % len(places)]) as place:
        ground = ImageOps.fit(place.convert("RGBA"), shot.size, SMOOTH)
    return Image.alpha_composite(ground, figure).convert("RGB")


def _grayscale(shot: Shot, figure: Image.Image) -> Image.Image:
    """The figure without colour. One in three has the faint warm tint of a scan; another is sent with a single channel, if as a JPEG."""
    grey = _on_white(figure).convert("L")
    if _number(shot) % 3 != 1:
        return grey.convert("RGB")
    return Image.merge("RGB", (grey, grey.point(lambda value: round(value * 0.99)), grey.point(lambda value: round(value * 0.97))))


def _number(shot: Shot) -> int:
    """A number of the picture's own, to choose by in turn."""
    return int(shot.group[1:])


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image).convert("RGB")
