"""A Dask cluster as workers (extra `cluster`): the same functions, on other machines.

They see the dataset's files under the same path as this machine does. Only this process opens the catalog.
"""

from __future__ import annotations

import contextlib
import platform
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError, UsageError
from pipeline.workers import AHEAD, Lost, Part, Result, Workers

PATIENCE = 60.0
"""Seconds without a single worker until it is given up."""

ANSWER = 20.0
"""Seconds a scheduler or worker may take to answer."""

GONE = "the scheduler is gone; start it, and run the same command again"


@contextlib.contextmanager
def connected(address: str) -> Iterator[Workers]:
    """The workers of the scheduler at an address such as `tcp://host:8786`. Raises UsageError without the extra, PipelineError without
    an answer."""
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("--scheduler needs the extra `cluster`; pip install 'art-pipeline[cluster]', here and on every worker") from error
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise PipelineError(
            f"{address}: no Dask scheduler answers there; start one with `dask scheduler`, and workers with `dask worker`"
        ) from error
    try:
        yield Cluster(client, address)
    finally:
        client.close()


class Cluster(Workers):
    """The workers that a scheduler has. They may come and go; what a lost one was at is done elsewhere."""

    def __init__(self, client: Any, address: str) -> None:
        self.client = client
        self.address = address

    def outcomes(
        self, work: Callable[[Part], Result], parts: Iterable[Part], name: Callable[[Part], str], *, apart: bool = False
    ) -> Iterator[tuple[Part, Result | Lost]]:
        """See `Workers.outcomes`. A part may take down as many workers as the scheduler's `allowed-failures` says (3), and one more."""
        under: deque[tuple[Part, Any]] = deque()
        for part in parts:
            under.append((part, self.client.submit(work, part, pure=False)))
            if apart or len(under) >= AHEAD * max(1, self._threads()):
                yield self._outcome(*under.popleft(), name)
        while under:
            yield self._outcome(*under.popleft(), name)

    def check(self, folder: Path) -> None:
        """See `Workers.check`: every worker must run the same code as this process, and see the folder."""
        mine = probe(str(folder))
        try:
            found = self.client.run(probe, str(folder))
        except (ImportError, AttributeError) as error:
            raise PipelineError(f"{self.address}: a worker has no pipeline ({error}); install the same art-pipeline there") from error
        except OSError as error:
            raise PipelineError(f"{self.address}: lost ({error}); is the scheduler still running?") from error
        for worker, (sees, versions) in found.items():
            if not sees:
                raise PipelineError(f"{worker}: does not see {folder}; every worker must have it under the same path")
            other = [f"{what} {versions.get(what)}, here {version}" for what, version in mine[1].items() if versions.get(what) != version]
            if other:
                raise PipelineError(f"{worker}: has {', '.join(other)}; install the same there, or the bytes would differ")

    def _threads(self) -> int:
        return sum(self.client.nthreads().values())

    def _outcome(self, part: Part, future: Any, name: Callable[[Part], str]) -> tuple[Part, Any]:
        from distributed import KilledWorker
        from distributed.client import CancelledError

        seen = time.monotonic()
        while True:
            try:
                return part, future.result(timeout=PATIENCE / 6)
            except KilledWorker:
                return part, Lost(f"{name(part)}: every worker that took it died, perhaps for want of memory; give them more each")
            except CancelledError as error:
                raise PipelineError(f"{self.address}: {GONE}") from error
            except TimeoutError as error:
                if future.done():
                    raise  # the work itself said so
                if self.client.status != "running":
                    raise PipelineError(f"{self.address}: {GONE}") from error
                seen = time.monotonic() if self._threads() else seen
                if time.monotonic() - seen > PATIENCE:
                    raise PipelineError(f"{self.address}: no worker for {PATIENCE:.0f} seconds; start some, and run it again") from error


def probe(folder: str) -> tuple[bool, dict[str, str]]:
    """On a worker: whether it sees a folder, and the versions that what it makes depends on."""
    import numpy
    import PIL
    from PIL import features

    import pipeline
    from pipeline.measure import registry

    versions = {
        "pipeline": pipeline.__version__,
        "measurements": str(registry.VERSION),
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "Pillow": PIL.__version__,
        "NumPy": numpy.__version__,
        "zlib": str(features.version("zlib")),
        "libjpeg": str(features.version("jpg")),
    }
    return Path(folder).is_dir(), versions
