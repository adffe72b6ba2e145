"""What trains. The backends choose it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Device:
    """What trains."""

    name: str
    """For people."""
    warning: str = ""
    """To pass on."""
    count: int = 1
    """So many share each batch equally."""


def processor_flags() -> frozenset[str]:
    """What the processor says it can, as Linux names it; empty where that is not known."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
