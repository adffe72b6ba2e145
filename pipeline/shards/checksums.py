"""SHA256SUMS: one line per file of a folder and the folders in it, as `sha256sum -c` reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline import files

SUMS = "SHA256SUMS"


def write(folder: Path, names: Iterable[str], known: Mapping[str, str] | None = None, workers: int = 1) -> str:
    """Write the checksums of these files (paths within the folder, with /); returns the SHA-256 of the list, which stands for all
    that is in the folder. Those in `known` are not computed again; the rest are read by so many threads."""
    listed = sorted(names)
    with ThreadPoolExecutor(workers) as pool:
        sums = pool.map(lambda name: (known or {}).get(name) or sha256(folder / name), listed)
        text = "".join(f"{sha}  {name}\n" for sha, name in zip(sums, listed, strict=True))
    files.write(folder / SUMS, text)
    return hashlib.sha256(text.encode()).hexdigest()


def read(folder: Path) -> dict[str, str]:
    """The listed SHA-256 of each file. Raises OSError when the list cannot be read."""
    lines = (folder / SUMS).read_bytes().decode("utf-8", errors="replace").splitlines()
    return {name: sha for sha, _, name in (line.partition("  ") for line in lines)}


def problems(folder: Path) -> list[str]:
    """Files that are changed, missing or not listed, one line each. Raises OSError when the folder cannot be read."""
    listed = read(folder)
    present = present_in(folder) - {SUMS}
    changed = [name for name in listed if name in present and sha256(folder / name) != listed[name]]
    found = [f"{name}: SHA-256 differs from the one in {SUMS}" for name in changed]
    found += [f"{name}: listed in {SUMS} but missing" for name in listed if name not in present]
    found += [f"{name}: not listed in {SUMS}" for name in present if name not in listed]
    return sorted(found)


def present_in(folder: Path) -> set[str]:
    """Every file in the folder and the folders in it, as a path within it, with /."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def sha256(path: Path) -> str:
    """Of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
