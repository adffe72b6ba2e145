"""What trains, and which precision it does well. The backends choose it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CPU_BFLOAT16 = "amx_bf16"
"""The processor flag of matrix units for bfloat16: three times as fast as float32 there. With avx512_bf16 alone it is slower."""


@dataclass(frozen=True)
class Device:
    """What trains: its name for people, the Keras dtype policy, and a warning to pass on (or an empty string)."""

    name: str
    precision: str
    warning: str = ""


def gpu_precision(capability: tuple[int, int]) -> str:
    """bfloat16 from Ampere (8.0) on, float16 on older cards."""
    return "mixed_bfloat16" if capability >= (8, 0) else "mixed_float16"


def cpu_precision(flags: frozenset[str]) -> str:
    """bfloat16 where the processor has matrix units for it, else float32; float16 is far slower than either."""
    return "mixed_bfloat16" if CPU_BFLOAT16 in flags else "float32"


def processor_flags() -> frozenset[str]:
    """What the processor says it can, as Linux names it; empty where that is not known."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
