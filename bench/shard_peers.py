"""How others write a training set of 128-pixel squares: for `shards.py`, which runs this with the peers' own Python.

    PYTHON shard_peers.py NAME LIST FOLDER PROCESSES

LIST is a file with a picture's path a line. Each peer opens a picture with Pillow, fits it by Lanczos, pads it with white and saves it as
PNG at zlib's level 6; what is then done with it is the peer's own way. One line of JSON says how long it took by the clock and of
processor time, all imports done.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

SIDE = 128


def square(path: str) -> Image.Image:
    """What a loop of few lines does."""
    with Image.open(path) as opened:
        image = opened.convert("RGBA") if opened.has_transparency_data else opened.convert("RGB")
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A"))
        image = flat
    image = image.resize(fitted(image.size), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (SIDE, SIDE), "white")
    canvas.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    return canvas


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    """The size with the longer side made `SIDE`."""
    longest = max(size)
    return max(1, round(size[0] * SIDE / longest)), max(1, round(size[1] * SIDE / longest))


def png(path: str) -> bytes:
    """The square as a file."""
    out = io.BytesIO()
    square(path).save(out, format="PNG", compress_level=6)
    return out.getvalue()


def tfrecord(paths: list[str], folder: str, number: int) -> None:
    """A loop around tf.io.TFRecordWriter."""
    import tensorflow as tf

    def text(value: bytes) -> tf.train.Feature:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

    with tf.io.TFRecordWriter(f"{folder}/{number}.tfrecord") as writer:
        for path in paths:
            features = tf.train.Features(feature={"image": text(png(path)), "id": text(path.encode())})
            writer.write(tf.train.Example(features=features).SerializeToString())


def tensorflow_ops(paths: list[str], folder: str, number: int) -> None:
    """The same, with TensorFlow's own operations in place of Pillow."""
    import tensorflow as tf

    with tf.io.TFRecordWriter(f"{folder}/{number}.tfrecord") as writer:
        for path in paths:
            image = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
            size = fitted((image.shape[1], image.shape[0]))[::-1]
            image = tf.image.resize(image, size, method="lanczos3", antialias=True)
            image = tf.image.resize_with_crop_or_pad(tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8), SIDE, SIDE)
            value = tf.io.encode_png(image, compression=6).numpy()
            features = {"image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))}
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())


def webdataset(paths: list[str], folder: str, number: int) -> None:
    """A loop around webdataset.ShardWriter."""
    import webdataset

    with webdataset.ShardWriter(f"{folder}/{number}-%06d.tar", maxcount=625, verbose=False) as writer:
        for count, path in enumerate(paths):
            writer.write({"__key__": f"{number}-{count:06d}", "png": png(path), "json": {"id": path}})


def stylegan(paths: list[str], folder: str, number: int) -> None:
    """As dataset_tool.py of NVlabs/stylegan3 does it, which has one process: PNGs, stored in a zip."""
    with zipfile.ZipFile(f"{folder}/{number}.zip", "w", compression=zipfile.ZIP_STORED) as archive:
        for count, path in enumerate(paths):
            archive.writestr(f"{count // 1000:05d}/img{count:08d}.png", png(path))
        archive.writestr("dataset.json", json.dumps({"labels": None}))


PEERS = {"tfrecord": tfrecord, "tensorflow_ops": tensorflow_ops, "webdataset": webdataset, "stylegan": stylegan}
NEEDS = {"tfrecord": "tensorflow", "tensorflow_ops": "tensorflow", "webdataset": "webdataset", "stylegan": "PIL"}


def ready(name: str, gate: Any, spent: Any, paths: list[str], folder: str, number: int) -> None:
    """A process's work, begun when all have imported what they need; `spent` is told its seconds of processor time."""
    __import__(NEEDS[name])
    gate.wait()
    began = time.process_time()
    PEERS[name](paths, folder, number)
    spent.put(time.process_time() - began)


def main() -> None:
    """Work through the list."""
    name, listed, folder, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    paths = Path(listed).read_text(encoding="utf-8").splitlines()
    context = multiprocessing.get_context("spawn")
    gate, spent = context.Barrier(count + 1), context.Queue()
    work = [context.Process(target=ready, args=(name, gate, spent, paths[number::count], folder, number)) for number in range(count)]
    for process in work:
        process.start()
    gate.wait()
    began = time.perf_counter()
    processor = sum(spent.get() for _ in work)
    for process in work:
        process.join()
    if any(process.exitcode for process in work):
        sys.exit(1)
    print(json.dumps({"clock": time.perf_counter() - began, "processor": processor}))


if __name__ == "__main__":
    main()
