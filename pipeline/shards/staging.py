"""A folder that is whole or as it was before: made beside its place under a hidden name, then swapped in.

For a folder `tfrecord-64` the new one grows as `.tfrecord-64.<fingerprint>.partial`, and an interrupted write is taken up
again from there. At the end the old folder steps aside as `.tfrecord-64.old`. A kill between the two renames leaves no
`tfrecord-64`; the next `begin` puts the old one back.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
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
    tidy(partial)
    return partial


def tidy(partial: Path) -> None:
    """Remove what writers that were killed left behind."""
    for torn in list(partial.rglob(".*.tmp")):
        _remove(torn)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path for a file or a folder; on a clean exit it is made durable and renamed to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = files.hidden(path, path.parent)
    try:
        yield temporary
        if temporary.is_dir():
            for file in temporary.iterdir():
                _sync(file)
            files.sync_folder(temporary)
            temporary.rename(path)
            files.sync_folder(path.parent)
        else:
            files.adopt(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def finish(partial: Path, folder: Path) -> None:
    """Put the finished folder in its place and remove the old one."""
    aside = _aside(folder)
    if folder.exists():
        folder.rename(aside)
    partial.rename(folder)
    files.sync_folder(folder.parent)
    if aside.exists():
        shutil.rmtree(aside)


def _sync(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _aside(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"
