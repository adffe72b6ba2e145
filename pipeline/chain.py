"""The whole chain: from a reference on the command line to a dataset, and every stale stage in order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import dataset as datasets
from pipeline import forget, images, manifest, stages, steps, verdicts
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import Manifest
from pipeline.steps import Options

RECIPE = "recipe"
"""The catalog's note of the digest of the manifest file that a dataset was made from."""


@dataclass(frozen=True)
class Plan:
    """A dataset to write to, and the manifest text it is to have."""

    dataset: Dataset
    text: str
    recipe: str | None
    """Digest of the manifest file the text comes from; None when the dataset's own is used."""


def plan(reference: str, into: Path | None, assignments: Sequence[str]) -> Plan:
    """What MANIFEST|DATASET means. Nothing is written. Raises UsageError."""
    root = _existing(reference, into)
    if root is not None:
        text = Manifest.load(root / "manifest.toml").text
        return Plan(Dataset(root), manifest.with_settings(text, assignments, str(root / "manifest.toml")), None)
    name, text, where = manifest.find(reference)
    Manifest.parse(text, where)
    root = into or datasets.HOME / name
    if root.exists() and not root.is_dir():
        raise UsageError(f"{root}: is a file; a dataset needs a directory of its own")
    recipe = images.digest(text.encode())
    if (root / "manifest.toml").is_file():
        own = Manifest.load(root / "manifest.toml").text
        text = _merged(Dataset(root, read_only=True), own, text, recipe, reference)
    elif root.is_dir() and any(root.iterdir()) and not (root / ".lock").exists():
        raise UsageError(f"{root}: not empty and not a dataset; name another directory with --into")
    return Plan(Dataset(root), manifest.with_settings(text, assignments, where), recipe)


@contextlib.contextmanager
def opened(plan: Plan, note: Callable[[str], None]) -> Iterator[Dataset]:
    """Hold the planned dataset for writing, its manifest in place and the reports' overrides taken up."""
    dataset = plan.dataset
    with _writable(dataset), dataset.writing(datasets.command_line()):
        if not dataset.manifest_path.exists() or dataset.manifest_path.read_text(encoding="utf-8-sig") != plan.text:
            dataset.write_manifest(plan.text)
        if plan.recipe is not None:
            dataset.catalog.put_note(RECIPE, plan.recipe)
        taken = stages.take_overrides(dataset, note)
        forget.finish(dataset)  # after the overrides: it writes the reports anew
        if taken:
            note(f"{taken} override{'s' * (taken != 1)} from the reports written to {dataset.review_path}")
        verdicts.some(verdicts.strangers(dataset.review_path, stages.known(dataset)), note)
        yield dataset


def existing(reference: str | None, assignments: Sequence[str]) -> Plan:
    """What DATASET means, for commands that need one that is there. Raises UsageError."""
    root = datasets.find(reference)
    text = Manifest.load(root / "manifest.toml").text
    return Plan(Dataset(root), manifest.with_settings(text, assignments, str(root / "manifest.toml")), None)


def run(dataset: Dataset, options: Options, until: str = "shard") -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Bring every stage up to and including `until` up to date; yields each with its summary, None where it was fresh."""
    for name in stages.STAGES:
        if name not in steps.STEPS:
            break
        fresh = {state.name: state.state == "fresh" for state in stages.state(dataset)}
        yield name, None if fresh[name] else steps.STEPS[name](dataset, options)
        if name == until:
            break


def _existing(reference: str, into: Path | None) -> Path | None:
    """The dataset a reference means, if it means one that is there."""
    if into is not None:
        if not (into / "manifest.toml").is_file():
            return None
        if reference in manifest.built_in():
            _same_sources(reference, into)
            return into
        return into if _same(Path(reference), into) else None
    if Path(reference).name == "manifest.toml" and (Path(reference).parent / "catalog.sqlite").exists():
        return Path(reference).parent
    for candidate in (Path(reference), datasets.HOME / reference):
        if (candidate / "manifest.toml").is_file():
            return candidate
    return None


def _same_sources(reference: str, root: Path) -> None:
    """Raises UsageError when a dataset was made from other sources than the built-in recipe that is named for it."""
    asked = [block.source for block in Manifest.parse(manifest.find(reference)[1], reference).scrape]
    there = [block.source for block in Manifest.load(root / "manifest.toml").scrape]
    if set(asked).isdisjoint(there):
        raise UsageError(f"{root}: is a dataset of {', '.join(there)}, not of {reference}; name another directory with --into")


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _merged(dataset: Dataset, own: str, text: str, recipe: str, reference: str) -> str:
    """The text to use when a manifest file is given for a dataset that has one. Nothing a person wrote is lost."""
    try:
        made_from = dataset.catalog.note(RECIPE)
    except PipelineError:
        made_from = None
    finally:
        dataset.close()
    if made_from == recipe or images.digest(own.encode()) == recipe:
        return own  # the file has not changed since; --set and edits in the dataset stand
    if images.digest(own.encode()) == made_from:
        return text
    raise UsageError(
        f"{dataset.manifest_path}: differs from {reference}, and both have been changed; run the command on {dataset.root} to use "
        f"the dataset's own, or copy {reference} over it"
    )


@contextlib.contextmanager
def _writable(dataset: Dataset) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        # Windows says this too of a file that a spreadsheet has open.
        place = error.filename or dataset.root
        raise PipelineError(f"{place}: no permission to write; close it elsewhere, change its permissions, or work on a copy") from error
