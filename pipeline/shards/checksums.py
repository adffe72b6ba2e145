"""SHA256SUMS: one line per file of a folder, as `sha256sum -c` reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from pipeline import files
from pipeline.errors import UsageError

SUMS = "SHA256SUMS"


def write(folder: Path, names: Iterable[str]) -> str:
    """Write the checksums of these files; returns the SHA-256 of the list, which stands for all that is in the folder."""
    text = "".join(f"{_sha256(folder / name)}  {name}\n" for name in sorted(names))
    files.write(folder / SUMS, text)
    return hashlib.sha256(text.encode()).hexdigest()


def problems(folder: Path) -> list[str]:
    """Files that are changed, missing or not listed, one line each. Raises OSError when the folder cannot be read."""
    listed = _listed(folder)
    present = {entry.name for entry in folder.iterdir()} - {SUMS}
    changed = [name for name in listed if name in present and _sha256(folder / name) != listed[name]]
    found = [f"{name}: SHA-256 differs from the one in {SUMS}" for name in changed]
    found += [f"{name}: listed in {SUMS} but missing" for name in listed if name not in present]
    found += [f"{name}: not listed in {SUMS}" for name in present if name not in listed]
    return sorted(found)


def read(folder: Path) -> dict[str, str]:
    """SHA-256 (hex) by file name. Raises UsageError where there is no list."""
    try:
        return _listed(folder)
    except OSError as error:
        raise UsageError(f"{folder}: no finished folder of shards (it has no {SUMS}); `pipeline shard` makes one") from error


def _listed(folder: Path) -> dict[str, str]:
    lines = (folder / SUMS).read_bytes().decode("utf-8", errors="replace").splitlines()
    return {name: sha for sha, _, name in (line.partition("  ") for line in lines)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
