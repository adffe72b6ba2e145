"""Files that are whole or absent: temporary name, fsync, rename."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path; on a clean exit it is fsynced and renamed to `path`.

    `scratch` is the folder for the temporary file (same file system as `path`; default: beside it). After an error the
    temporary file is removed and `path` is as it was; after a kill it stays in `scratch`, for `sweep`.
    """
    folder = scratch or path.parent
    folder.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{path.name}.{uuid.uuid4().hex[:8]}.tmp"
    try:
        yield temporary
        adopt(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write(path: Path, data: bytes | str, scratch: Path | None = None) -> None:
    """Write a whole file, or leave `path` as it was."""
    with replacing(path, scratch) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def adopt(temporary: Path, path: Path) -> None:
    """Make a finished temporary file (on the same file system) durable under its own name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary.open("rb+") as handle:
        os.fsync(handle.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def append_line(path: Path, line: str) -> None:
    """Append one line and make it durable; a line cut short by an earlier crash is closed first."""
    with path.open("ab+") as handle:
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


def sweep(scratch: Path) -> None:
    """Remove what a killed command left in its scratch folder."""
    shutil.rmtree(scratch, ignore_errors=True)
