"""Who made what, and under which terms: one row for each picture and each way in which it was offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline import licences

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.manifest import AugmentSettings, ShardSettings

COLUMNS = (
    *("id", "file", "title", "author", "credit", "license", "spdx", "license_url"),
    *("page_url", "image_url", "source", "changes"),
)
"""id; the stored file, relative to the dataset; title, author, credit line and licence as the page states them; the licence as an
SPDX expression and its address; the page and the picture's address there; the source's name; what was done to the picture."""

STATED = ("title", "author", "credit", "license", "page_url", "image_url", "source")


def gather(sightings: pd.DataFrame, files: Mapping[str, str], changes: str) -> pd.DataFrame:
    """The rows for the pictures in `files` (id → path relative to the dataset), COLUMNS, in id order.

    `sightings` is as `Catalog.sightings` gives it. A picture has one row for each distinct licence, author, credit and page; one
    that was seen nowhere has an empty row, so that every picture is accounted for. Addresses of files on this machine are left out:
    they mean nothing to others.
    """
    import pandas as pd

    rows, missing = [], dict.fromkeys(files)
    for row in sightings.to_dict("records"):
        if row["id"] in files:
            rows.append({"id": row["id"], **{name: _line(row.get(name)) for name in STATED}})
            missing.pop(row["id"], None)
    rows += [{"id": id, **dict.fromkeys(STATED, "")} for id in missing]
    frame = pd.DataFrame(rows, columns=["id", *STATED], dtype=str)
    for address in ("page_url", "image_url"):
        frame[address] = ["" if url.lower().startswith("file:") else url for url in frame[address]]
    frame = frame.drop_duplicates(["id", "license", "author", "credit", "page_url"])
    frame = frame.sort_values("id", kind="stable", ignore_index=True)
    frame["file"] = [files[id] for id in frame["id"]]
    frame["spdx"] = [licences.spdx(text) for text in frame["license"]]
    frame["license_url"] = [licences.url(expression) for expression in frame["spdx"]]
    frame["changes"] = changes
    return frame[list(COLUMNS)]


COPIES = {
    **{"brightness": "brightened or darkened", "contrast": "of another contrast"},
    **dict.fromkeys(("saturation", "hue", "desaturate"), "recoloured"),
    **{"rotate": "turned", "zoom": "enlarged or made smaller", "blur": "blurred", "noise": "with noise added"},
}
"""What each setting of [augment] does to copies, in words."""


def changes(shard: ShardSettings, augment: AugmentSettings) -> str:
    """What the manifest does to a picture on its way to a trainer, for the terms that want changes named."""
    turned = f", mirrored where needed to face {augment.facing}" if augment.facing else ""
    copies = ["mirrored"] if augment.mirror else []
    if augment.copies:
        fields = type(augment).model_fields
        copies += dict.fromkeys(words for name, words in COPIES.items() if getattr(augment, name) != fields[name].default)
    also = f"; copies {' and '.join(copies)}" if copies else ""
    fitted = "cropped" if shard.fit == "crop" else "padded"
    return f"kept as fetched; for training resized and {fitted} to {shard.size} × {shard.size} pixels{turned}{also}"


def counts(frame: pd.DataFrame) -> dict[str, int]:
    """Pictures by licence (an SPDX expression), the most frequent first; a picture under two is counted in both."""
    found = frame.drop_duplicates(["id", "spdx"])["spdx"].value_counts()
    return {str(licence): int(count) for licence, count in sorted(found.items(), key=lambda entry: (-entry[1], str(entry[0])))}


def unstated(frame: pd.DataFrame) -> int:
    """How many pictures come with no word on their terms anywhere."""
    return int((frame["license"] == "").groupby(frame["id"]).all().sum())


def _line(value: object) -> str:
    """A text from the web on one line, without control characters; empty for a missing one."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())
