"""TensorFlow's start-up chatter, kept from the terminal; its errors are passed on."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator

CHATTER = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|[IW]\d{4} |To enable the following instructions:"
    rb"|E\d{4} .*cuInit.*\(303\)"  # CUDA's way of saying that there is no NVIDIA driver, and so no such GPU
)
"""Starts of lines that tell a person nothing."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hold back what native code writes to standard error meanwhile; afterwards everything but `CHATTER` is written.

    TensorFlow writes some notes before it looks at TF_CPP_MIN_LOG_LEVEL, so the file descriptor itself must be turned.
    """
    try:
        kept = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held:
                if not CHATTER.match(line):
                    os.write(2, line)
