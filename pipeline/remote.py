"""Other places than this machine's disks: any file system that fsspec knows, s3://…, gs://…, sftp://…, memory://… (extra `remote`)."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from functools import cached_property

from pipeline.errors import UsageError

CHUNK = 2**20
"""Bytes read at a time."""


class Folder:
    """A folder there, as a URL says it. Names in it have slashes. Whatever its file system raises comes out as OSError."""

    def __init__(self, url: str) -> None:
        """Raises UsageError without the extra, or for a URL that is none."""
        try:
            import fsspec
        except ImportError as error:
            raise UsageError(f"{url}: other places need the extra `remote`; pip install 'art-pipeline[remote]'") from error
        self.url = url.rstrip("/")
        try:
            self._system, base = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise UsageError(f"{url}: no address that fsspec can use ({error})") from error
        self._base = str(base).rstrip("/")

    def read(self, name: str) -> bytes:
        """A whole file."""
        with _as_os_error():
            return bytes(self._system.cat_file(self._path(name)))

    def sha256(self, name: str) -> str | None:
        """A file's digest in hex, read back from there; None if there is no such file."""
        sha = hashlib.sha256()
        with _as_os_error():
            try:
                with self._system.open(self._path(name), "rb") as file:
                    while chunk := file.read(CHUNK):
                        sha.update(chunk)
            except FileNotFoundError:
                return None
        return sha.hexdigest()

    def put(self, file: str, name: str) -> None:
        """Copy a file of this machine there."""
        path = self._path(name)
        with _as_os_error():
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._system.put_file(file, path)

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with _as_os_error(), contextlib.suppress(FileNotFoundError):
            self._system.rm_file(self._path(name))

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Bytes of every file in the folder by name, listed once."""
        with _as_os_error():
            self._system.invalidate_cache()
            found = self._system.find(self._base, detail=True)
        return {path[len(self._base) + 1 :]: int(entry["size"] or 0) for path, entry in found.items()}

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}"


@contextlib.contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:  # each file system has errors of its own
        raise OSError(f"{type(error).__name__}: {error}") from error
