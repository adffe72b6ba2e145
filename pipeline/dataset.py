"""A dataset: one directory that holds everything, one writer at a time."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline import files
from pipeline.catalog import Catalog
from pipeline.errors import InUse, PipelineError, UsageError
from pipeline.image_store import ImageStore
from pipeline.manifest import Manifest

HOME = Path("datasets")
"""Where named datasets live, under the current directory."""


class Dataset:
    """The files of one dataset. Opening it reads the manifest and nothing else; `catalog` opens at first use."""

    def __init__(self, root: Path, *, read_only: bool = False) -> None:
        self.root = root
        self.read_only = read_only
        self.manifest_path = root / "manifest.toml"
        self.review_path = root / "review.csv"
        self.image_store = ImageStore(root)
        self.pages = root / "pages"
        self.reports = root / "reports"
        self.shards = root / "shards"
        self.runs = root / "runs"
        self.scratch = root / ".scratch"

    @cached_property
    def manifest(self) -> Manifest:
        """The recipe in force."""
        return Manifest.load(self.manifest_path)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog, created or migrated if need be."""
        path = self.root / "catalog.sqlite"
        if self.read_only and not path.exists():
            raise PipelineError(f"{self.root}: nothing scraped yet; run `pipeline scrape {self.root}`")
        return Catalog(path, read_only=self.read_only)

    def write_manifest(self, text: str) -> None:
        """Replace the recipe in force; the caller holds the dataset and has checked the text."""
        files.write(self.manifest_path, text, self.scratch)
        self.__dict__.pop("manifest", None)

    @property
    def name(self) -> str:
        """The dataset's name: that of its directory."""
        return self.root.resolve().name

    def close(self) -> None:
        """Close the catalog, if it was opened."""
        if "catalog" in self.__dict__:
            self.catalog.close()
            del self.__dict__["catalog"]

    @contextlib.contextmanager
    def writing(self, command: str, wait: float = 0) -> Iterator[None]:
        """Hold the dataset for writing. Raises InUse, naming the holder, when another command has it for `wait` seconds more."""
        self.root.mkdir(parents=True, exist_ok=True)
        holder = self.root / ".lock.json"
        lock = FileLock(self.root / ".lock", timeout=wait)
        try:
            lock.acquire()
        except Timeout as error:
            raise InUse(f"{self.root}: in use by {_holder(holder)}; wait for it or stop it") from error
        try:
            files.write(holder, json.dumps({"command": command, "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}))
            files.sweep(self.scratch)
            yield
        finally:
            try:
                self.close()
                holder.unlink(missing_ok=True)
            finally:
                lock.release()


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text())
        return f"`{held['command']}` (process {held['pid']}, since {held['since']})"
    except (OSError, ValueError, KeyError):
        return "another pipeline command"


def find(reference: str | None) -> Path:
    """The directory meant by a DATASET argument: a directory, a name under `datasets/`, or None for the only one there is.

    Raises UsageError with what was looked at and what to do.
    """
    if reference is None:
        found = sorted(path.parent for path in HOME.glob("*/manifest.toml"))
        if len(found) == 1:
            return found[0]
        if not found:
            raise UsageError(f"no dataset under {HOME}{os.sep}; name one, or make one with `pipeline scrape MANIFEST`")
        raise UsageError(f"several datasets under {HOME}{os.sep} ({', '.join(path.name for path in found)}); name one of them")
    for candidate in (Path(reference), HOME / reference):
        if (candidate / "manifest.toml").is_file():
            return candidate
    if Path(reference).is_dir():
        raise UsageError(
            f"{reference}: not a dataset (it has no manifest.toml); make one with `pipeline scrape MANIFEST --into {reference}`"
        )
    raise UsageError(
        f"{reference}: no such dataset, neither as a directory nor under {HOME}{os.sep}; see `pipeline manifests` for recipes to scrape"
    )


def command_line() -> str:
    """How this process was called, for the lock's message."""
    return " ".join(["pipeline", *sys.argv[1:]])
