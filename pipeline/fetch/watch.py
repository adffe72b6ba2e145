"""One thread that cuts connections whose time is over. (A timer for each request would be a thread for each request.)"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator


class Mark:
    """One watched connection. `late`: its time is over, and it has been cut."""

    __slots__ = ("deadline", "late", "sock")

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock = sock
        self.deadline = deadline
        self.late = False


class Watch:
    """Shuts a socket down that is not through within `seconds`; checked some times within that span."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._marks: set[Mark] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    @contextlib.contextmanager
    def over(self, sock: socket.socket, deadline: float | None = None) -> Iterator[Mark]:
        """Watch a socket while the block runs; `deadline` as `time.monotonic` tells it, `seconds` from now if left out."""
        mark = Mark(sock, time.monotonic() + self.seconds if deadline is None else deadline)
        with self._lock:
            self._marks.add(mark)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fetch watch", daemon=True)
                self._thread.start()
        try:
            yield mark
        finally:
            with self._lock:
                self._marks.discard(mark)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(min(1.0, self.seconds / 5)):
            now = time.monotonic()
            with self._lock:
                late = [mark for mark in self._marks if mark.deadline < now and not mark.late]
                for mark in late:
                    mark.late = True
                    with contextlib.suppress(OSError):
                        socket.socket.shutdown(mark.sock, socket.SHUT_RDWR)
