"""A folder that is whole or as it was before: made beside its place under a hidden name, then swapped in.

For a folder `tfrecord-64` the new one grows as `.tfrecord-64.<fingerprint>.partial`, and an interrupted write is taken up
again from there. At the end the old folder steps aside as `.tfrecord-64.old`. A kill between the two renames leaves no
`tfrecord-64`; the next `begin` puts the old one back.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline import files


def begin(folder: Path, fingerprint: str) -> Path:
    """The folder to write into. Whole files that an interrupted write of the same fingerprint left are still in it."""
    aside = _aside(folder)
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(folder)
    partial = folder.parent / f".{folder.name}.{fingerprint}.partial"
    for other in folder.parent.glob(f".{folder.name}.*.partial"):
        if other != partial:
            shutil.rmtree(other)
    partial.mkdir(parents=True, exist_ok=True)
    for torn in partial.glob(".*.tmp"):
        torn.unlink()
    return partial


def finish(partial: Path, folder: Path) -> None:
    """Put the finished folder in its place and remove the old one."""
    aside = _aside(folder)
    if folder.exists():
        folder.rename(aside)
    partial.rename(folder)
    files.sync_folder(folder.parent)
    if aside.exists():
        shutil.rmtree(aside)


def _aside(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"
