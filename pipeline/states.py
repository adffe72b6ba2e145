"""A dataset as it was at one time, in the form that `diff` compares: what is there, what was decided, said and set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import dataset as datasets
from pipeline import stages, verdicts
from pipeline.catalog import Catalog
from pipeline.dataset import Dataset
from pipeline.errors import UsageError
from pipeline.manifest import SECTIONS, Manifest

if TYPE_CHECKING:
    import pandas as pd

PLACES = ["title", "page_url", "image_url"]


@dataclass(frozen=True)
class State:
    """What was there, by item id, and why.

    `items` is indexed by id, with title, page_url, image_url of the first sighting and `pixels`, the digest of what the picture
    shows (missing where it was not measured). `decisions` are the frames of the deciding stages. `keep` are the keep and drop verdicts
    in force, `said` all verdicts by aspect and subject, `settings` the manifest by dotted key; None, all three, where nothing but a
    catalog is known.
    """

    name: str
    items: pd.DataFrame
    decisions: Mapping[str, pd.DataFrame]
    keep: Mapping[str, str] | None
    said: Mapping[tuple[str, str], str] | None
    settings: Mapping[str, Any] | None


def load(reference: str) -> State:
    """Read a state without writing a byte: a dataset (a directory, or a name under datasets/), or the copy of a catalog by itself.

    Raises UsageError or PipelineError for what is neither.
    """
    path = Path(reference)
    if path.is_file() and not (path.name == "catalog.sqlite" and (path.parent / "manifest.toml").is_file()):
        alone = Dataset(path.parent, read_only=True)
        alone.__dict__["catalog"] = Catalog(path, read_only=True)
        return _read(reference, alone, None, None, None)
    try:
        dataset = Dataset(datasets.find(str(path.parent) if path.is_file() else reference), read_only=True)
    except UsageError as error:
        if path.exists() or not path.suffix:
            raise
        raise UsageError(f"{reference}: no such file; give a dataset, or a copy of its catalog.sqlite") from error
    said = stages.verdicts_in_force(dataset)
    return _read(reference, dataset, said.keep, _said(verdicts.read(dataset.review_path)), flat(dataset.manifest))


def flat(manifest: Manifest) -> dict[str, Any]:
    """A manifest's settings, defaults among them, by dotted key such as `filter.size.min_side`; `filter.size` is "on" if it is there."""
    found: dict[str, Any] = {}
    blocks = manifest.section("scrape")
    for number, block in enumerate(blocks, start=1):
        found |= {f"scrape{f' {number}' if len(blocks) > 1 else ''}.{key}": value for key, value in block.items()}
    for name in (*SECTIONS, "train"):
        found |= {f"{name}.{key}": value for key, value in manifest.section(name).items()}
    for name, settings in manifest.section("filter"):
        found[f"filter.{name}"] = "on"
        found |= {f"filter.{name}.{key}": value for key, value in settings.items()}
    return found


def _read(
    name: str,
    dataset: Dataset,
    keep: Mapping[str, str] | None,
    said: Mapping[tuple[str, str], str] | None,
    settings: Mapping[str, Any] | None,
) -> State:
    from pipeline.review import reports

    try:
        items, measured = reports.first_sightings(dataset)[PLACES], dataset.catalog.measurements(blobs=False)
        if "pixels" in measured:
            items = items.join(measured.set_index("id")["pixels"])
        else:
            items["pixels"] = None
        decisions = {stage: dataset.catalog.decisions(stage) for stage in stages.DECIDERS}
    finally:
        dataset.close()
    return State(name, items, decisions, keep, said, settings)


def _said(given: verdicts.Verdicts) -> dict[tuple[str, str], str]:
    single = {(aspect, id): word for aspect, table in (("keep", given.keep), ("facing", given.facing)) for id, word in table.items()}
    return single | {("same", " ".join(pair)): word for pair, word in given.same.items()}
