"""Where a dataset's pictures are: files in its folder `images/`; those that were offloaded, in a folder that fsspec reaches."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, cached_property, partial
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.images import stored_name, stored_path
from pipeline.remote import Folder

Place = Path | str
"""Where one picture's bytes are: a file of this machine, or a URL."""

MARK = "images.url"
"""Beside `images/`: one line, the URL of the folder that has what `images/` has not. Without it all pictures are here."""

AHEAD = 8
"""Pictures asked for at once from another place: an answer takes some ten milliseconds, most of which is waiting."""


class ImageStore:
    """The pictures of the dataset in the folder `root`, named by SHA-256 and extension. A picture lies in `images/`, or else at `url`."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "images"
        self.mark = root / MARK

    @cached_property
    def url(self) -> str:
        """Where offloaded pictures are; empty: nowhere. Raises UsageError for a file `images.url` without one line in it."""
        try:
            lines = self.mark.read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return ""
        if len(lines) != 1:
            raise UsageError(f"{self.mark}: should hold one line, the URL of the folder of offloaded pictures")
        return lines[0].rstrip("/")

    @cached_property
    def remote(self) -> Folder | None:
        """The folder at `url`. Raises UsageError where the extra is missing."""
        return Folder(self.url) if self.url else None

    def path(self, sha256: str, extension: str) -> Path:
        """The picture's file in `images/`, there or not."""
        return stored_path(self.folder, sha256, extension)

    def place(self, sha256: str, extension: str) -> Place:
        """Where the picture can be read, also by a process in another folder. Nothing is looked for but a file here."""
        path = self.path(sha256, extension)
        if self.url and not path.exists():
            return f"{self.url}/{stored_name(sha256, extension)}"
        return path.absolute()

    def link(self, sha256: str, extension: str) -> str:
        """The same for people and pages: relative to the dataset with slashes, or the URL."""
        return self.shown(self.place(sha256, extension))

    def shown(self, place: Place) -> str:
        """A place in this store as `link` gives it."""
        return place if isinstance(place, str) else place.relative_to(self.folder.parent.absolute()).as_posix()

    def size(self, sha256: str, extension: str) -> int | None:
        """The picture's bytes; None if it is nowhere. The other place is listed once. Raises OSError where it cannot be."""
        path = self.path(sha256, extension)
        if path.is_file():
            return path.stat().st_size
        return self.remote.sizes.get(stored_name(sha256, extension)) if self.remote else None

    def remove(self, sha256: str, extension: str) -> None:
        """Remove the picture here and there. Raises OSError."""
        self.path(sha256, extension).unlink(missing_ok=True)
        if self.remote:
            self.remote.remove(stored_name(sha256, extension))


def read(place: Place) -> bytes:
    """A picture's bytes. Raises OSError; UsageError where the extra `remote` is missing."""
    if isinstance(place, Path):
        return place.read_bytes()
    url, folder, name = place.rsplit("/", 2)
    return _folder(url).read(f"{folder}/{name}")


def extension(place: Place) -> str:
    """Of its name, without the dot."""
    return str(place).rpartition(".")[2]


def readers(places: Iterable[Place]) -> Iterator[Callable[[], bytes]]:
    """For each place, in order, what gives its bytes or raises as `read` does. Pictures elsewhere are asked for `AHEAD` at a time."""
    waiting: collections.deque[Callable[[], bytes]] = collections.deque()
    with ThreadPoolExecutor(AHEAD, thread_name_prefix="read") as pool:  # starts a thread when the first task comes
        for place in places:
            if isinstance(place, Path):
                waiting.append(partial(read, place))
            else:
                future: Future[bytes] = pool.submit(read, place)
                waiting.append(future.result)
            if len(waiting) > AHEAD:
                yield waiting.popleft()
        yield from waiting


@cache
def _folder(url: str) -> Folder:
    return Folder(url)
