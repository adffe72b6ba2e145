"""The metadata by which TensorFlow Datasets loads a folder (`tfds.builder_from_directory`), written without it.

The form is that of TFDS 4.9: `features.json` holds the feature connectors, `dataset_info.json` a DatasetInfo message as JSON,
in which 64-bit numbers are strings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pipeline.shards.example import FIELDS

INFO, FEATURES = "dataset_info.json", "features.json"
_CONNECTORS = "tensorflow_datasets.core.features"


@dataclass(frozen=True, slots=True)
class Split:
    """One split: examples in each shard, in shard order, and `bytes`, the sum of the records' lengths without framing."""

    name: str
    lengths: tuple[int, ...]
    bytes: int


def dataset_name(name: str) -> str:
    """The name as TFDS takes it: ASCII letters, digits and underscores, a letter first."""
    plain = re.sub(r"[^0-9A-Za-z]+", "_", name).strip("_")
    return plain if plain[:1].isalpha() else f"dataset_{plain}".rstrip("_")


def shard_file(name: str, split: str, index: int, count: int) -> str:
    """File name of shard `index` (from 0) of `count`."""
    return f"{dataset_name(name)}-{split}.tfrecord-{index:05d}-of-{count:05d}"


def features(size: int, encoding: str, channels: int = 3) -> str:
    """features.json for images of `size`×`size` pixels of so many channels, encoded as `png` or `jpeg`."""
    kinds: dict[str, dict[str, Any]] = {
        "image": {
            "pythonClassName": f"{_CONNECTORS}.image_feature.Image",
            "image": {"shape": {"dimensions": [str(size), str(size), str(channels)]}, "dtype": "uint8", "encodingFormat": encoding},
        },
        "text": {"pythonClassName": f"{_CONNECTORS}.text_feature.Text", "text": {}},
        "integer": {"pythonClassName": f"{_CONNECTORS}.scalar.Scalar", "tensor": {"shape": {}, "dtype": "int64", "encoding": "none"}},
    }
    connectors = {name: kinds[kind] for name, kind in FIELDS.items()}
    return _json({"pythonClassName": f"{_CONNECTORS}.features_dict.FeaturesDict", "featuresDict": {"features": connectors}})


def info(name: str, description: str, license: str, splits: list[Split]) -> str:
    """dataset_info.json."""
    return _json(
        {
            "name": dataset_name(name),
            "version": "1.0.0",
            "description": description,
            "redistributionInfo": {"license": license},
            "fileFormat": "tfrecord",
            "splits": [
                {
                    "name": split.name,
                    "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
                    "shardLengths": [str(length) for length in split.lengths],
                    "numBytes": str(split.bytes),
                }
                for split in splits
            ],
        }
    )


def splits(text: str) -> list[Split]:
    """The splits that a dataset_info.json tells of. Raises ValueError for anything but the form that `info` gives it."""
    try:
        return [
            Split(str(entry["name"]), tuple(map(int, entry["shardLengths"])), int(entry["numBytes"]))
            for entry in json.loads(text)["splits"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"damaged, or of another kind ({error!r})") from error


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
