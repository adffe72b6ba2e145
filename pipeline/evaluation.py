"""Labels against the keyword rules: reads a file of labels, finds the texts they are about, and asks `curate.evaluate`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import dataset as datasets
from pipeline import manifest, stages, tables, verdicts
from pipeline.dataset import Dataset
from pipeline.errors import UsageError
from pipeline.manifest import ClassifySettings, Manifest

if TYPE_CHECKING:
    import pandas as pd

WORDS = ("keep", "drop")
TEXTS = ("page_url", "source", "title", "text")
"""Columns of a file of texts that are the sighting's own; all others are its fields."""


@dataclass(frozen=True)
class Trial:
    """The rules, what they are to judge (all that is known, in the form of `Catalog.sightings`), and labels for some of it.

    `strangers` are lines about labels that fit nothing there.
    """

    settings: ClassifySettings
    sightings: pd.DataFrame
    labels: dict[str, str]
    strangers: list[str] = field(default_factory=list)


def from_file(reference: str | None, assignments: Sequence[str], path: Path) -> Trial:
    """A trial on a CSV file with a column `label` (keep or drop; rows without one are passed over), or on a `review.csv`.

    A file that has the field which decides, or `text`, is judged by what it says: its columns title, text, page_url and source
    are the sighting's, the others its fields; `reference` is then a dataset or a manifest. Else `id` or `page_url` says which of
    a dataset's items or pages is meant. Nothing is written. Raises UsageError or PipelineError, naming file and row.
    """
    try:
        table = tables.read(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a CSV file with a column `label`") from error
    if {"id", "aspect", "value"} <= set(table.columns):
        return _of_dataset(reference, assignments, table, "id", _verdicts(table))
    table.require(["label"], "write keep or drop in a column `label`")
    labelled = list(_labelled(table))
    if not labelled:
        raise UsageError(f"{path}: no row has a label; write keep or drop in the column `label`")
    settings = _settings(reference, assignments)
    told = [name for name in (settings.field, "text") if name]
    if any(name in table.columns for name in told):
        return Trial(settings, *_texts(table, labelled))
    key = next((name for name in ("id", "page_url") if name in table.columns), None)
    if key is None:
        raise UsageError(f"{path}: says neither which item is meant (`id` or `page_url`) nor what its page says (`{'` or `'.join(told)}`)")
    return _of_dataset(reference, assignments, table, key, [(number, row[key].strip(), row["label"]) for number, row in labelled])


def from_verdicts(reference: str | None, assignments: Sequence[str]) -> Trial:
    """A trial on a dataset's own verdicts. Raises UsageError when there are none."""
    with _opened(reference) as dataset:
        said, sightings = stages.verdicts_in_force(dataset).keep, dataset.catalog.sightings()
        known = set(sightings["id"])
        labels = {id: word for id, word in said.items() if id in known}
        if not labels:
            raise UsageError(f"{dataset.root}: no verdicts yet; write keep or drop under `override` in a report, or give --evaluate FILE")
    return Trial(_settings(reference, assignments), sightings, labels)


def _labelled(table: tables.Table) -> Iterator[tuple[int, dict[str, str]]]:
    for number, row in table.records():
        label = row["label"].strip().lower()
        if label and label not in WORDS:
            raise UsageError(f"{table.path} row {number}: label {row['label']!r} is not keep or drop")
        if label:
            yield number, {**row, "label": label}


def _verdicts(table: tables.Table) -> list[tuple[int, str, str]]:
    """The `keep` verdicts in force, with the row that has the last word."""
    rows = {row["id"].strip(): number for number, row in table.records() if row["aspect"].strip() == "keep"}
    return [(rows[id], id, word) for id, word in verdicts.read(table.path).keep.items()]


def _texts(table: tables.Table, labelled: Sequence[tuple[int, dict[str, str]]]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The file's rows as sightings, and their labels."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    labels: dict[str, str] = {}
    for number, row in labelled:
        id = row.get("id", "").strip() or f"row {number}"
        if id in labels:
            raise UsageError(f"{table.path} row {number}: the id {id!r} stands there twice; give each text one of its own, or none")
        labels[id] = row["label"]
        fields = {name: value for name, value in row.items() if name not in (*TEXTS, "id", "label")}
        rows.append({"id": id, "image_url": "", "fields": fields, **{name: row.get(name, "") for name in TEXTS}})
    return pd.DataFrame(rows), labels


def _of_dataset(
    reference: str | None, assignments: Sequence[str], table: tables.Table, key: str, said: Sequence[tuple[int, str, str]]
) -> Trial:
    """A trial on a dataset's own texts. `said`: row, id or page, label."""
    with _opened(reference) as dataset:
        root, sightings = dataset.root, dataset.catalog.sightings()
    sightings["id"] = sightings[key]
    known = set(sightings["id"])
    labels: dict[str, str] = {}
    rows: dict[str, int] = {}
    strangers = []
    for number, name, label in said:
        if name not in known:
            strangers.append(f"{table.path} row {number}: no {'item' if key == 'id' else 'page'} {name!r} in {root}")
            continue
        if labels.setdefault(name, label) != label:
            raise UsageError(f"{table.path} row {number} says {label} for {name}, but row {rows[name]} says {labels[name]}")
        rows.setdefault(name, number)
    if not labels:
        raise UsageError(f"{strangers[0]}, nor any other that is labelled" if strangers else f"{table.path}: no label in it")
    return Trial(_settings(reference, assignments), sightings, labels, strangers)


def _settings(reference: str | None, assignments: Sequence[str]) -> ClassifySettings:
    """The classify section of a dataset or, where there is none of that name, of a manifest."""
    try:
        where = str(datasets.find(reference) / "manifest.toml")
        text = Manifest.load(Path(where)).text
    except UsageError:
        if reference is None or _is_dataset(reference):
            raise
        _, text, where = manifest.find(reference)
    return Manifest.parse(manifest.with_settings(text, assignments, where), where).classify


def _is_dataset(reference: str) -> bool:
    return any((place / "manifest.toml").is_file() for place in (Path(reference), datasets.HOME / reference))


@contextlib.contextmanager
def _opened(reference: str | None) -> Iterator[Dataset]:
    dataset = Dataset(datasets.find(reference), read_only=True)
    try:
        yield dataset
    finally:
        dataset.close()
