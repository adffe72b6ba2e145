"""Files that are whole or absent: temporary name, fsync, rename."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
T = TypeVar("T")
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6) if os.name == "nt" else ()
"""Seconds between tries where another program's open file is in the way."""
_numbers = itertools.count()  # next() on it is one step, whatever threads do


@contextlib.contextmanager
def replacing(path: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path; on a clean exit it is fsynced and renamed to `path`.

    `scratch` is the folder for the temporary file (same file system as `path`; default: beside it). After an error the
    temporary file is removed and `path` is as it was; after a kill it stays in `scratch`, for `sweep` or `sweep_hidden`.
    """
    folder = scratch or path.parent
    folder.mkdir(parents=True, exist_ok=True)
    temporary = hidden(path, folder)
    try:
        yield temporary
        adopt(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def hidden(path: Path, folder: Path) -> Path:
    """A new hidden name in `folder` for what will be `path`."""
    return folder / f".{path.name}.{uuid.uuid4().hex[:8]}.tmp"


def write(path: Path, data: bytes | str, scratch: Path | None = None) -> None:
    """Write a whole file, or leave `path` as it was."""
    with replacing(path, scratch) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def adopt(temporary: Path, path: Path) -> None:
    """Make a finished temporary file (on the same file system) durable under its own name."""
    settle(temporary, path)
    sync_folder(path.parent)


def temporary(scratch: Path) -> Path:
    """A new name in the scratch folder, which is made if need be."""
    scratch.mkdir(parents=True, exist_ok=True)
    return _new_name(scratch)


def settle(temporary: Path, path: Path) -> None:
    """The same for a file that a row of the catalog will name: whole or absent, but its name may be lost if the power fails now.

    Syncing the folder too would take a third of the time of fetching small files; a name that is lost is found out and the file
    had again.
    """
    with temporary.open("rb+") as handle:
        os.fsync(handle.fileno())
    _rename(temporary, path)


def put(path: Path, data: bytes, scratch: Path) -> None:
    """Write a new file of that kind (see `settle`) through the scratch folder, or leave `path` as it was.

    Plain system calls: there are six for each file of a crawl, where Python's file objects make twenty, and each is a chance
    for another thread to come between.
    """
    temporary = _new_name(scratch)
    try:
        try:
            handle = os.open(temporary, _NEW)
        except FileNotFoundError:
            scratch.mkdir(parents=True, exist_ok=True)
            handle = os.open(temporary, _NEW)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        _rename(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = error.filename or str(path)  # a write does not say where
        raise


def _new_name(scratch: Path) -> Path:
    return scratch / f"{os.getpid()}-{next(_numbers)}.tmp"


def _rename(temporary: Path, path: Path) -> None:
    try:
        _patiently(lambda: temporary.replace(path))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(path)


def _patiently(action: Callable[[], T]) -> T:
    """Windows refuses to replace or write what another program has open: mostly for a moment, so it is tried again for some seconds."""
    for pause in PAUSES:
        try:
            return action()
        except PermissionError:
            time.sleep(pause)
    return action()


def append_line(path: Path, line: str) -> None:
    """Append one line and make it durable; a line cut short by an earlier crash is closed first."""
    with _patiently(lambda: path.open("ab+")) as handle:
        if handle.tell():
            handle.seek(-1, os.SEEK_END)
            if handle.read(1) != b"\n":
                handle.write(b"\n")
        handle.write(line.rstrip("\n").encode() + b"\n")
        handle.flush()
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename inside `folder` durable, where the system lets a folder be opened (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_hidden(folder: Path) -> None:
    """Remove what a killed command left in a folder that no other one writes to now: names as `hidden` makes them."""
    for path in folder.glob(".*.tmp*"):
        path.unlink(missing_ok=True)


def sweep(scratch: Path) -> None:
    """Remove what a killed command left in its scratch folder."""
    shutil.rmtree(scratch, ignore_errors=True)
