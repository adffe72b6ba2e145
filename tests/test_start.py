"""`pipeline --help` takes little more than loading what draws it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    return time.perf_counter() - began


def test_help_is_quick() -> None:
    bare, full = [], []
    for _ in range(7):  # interleaved, and the best of each: other work on the machine only ever adds
        bare.append(seconds("import typer, rich.console"))
        full.append(seconds("import sys; sys.argv = ['pipeline', '--help']; import cli; cli.app()"))
    assert min(full) <= 2 * min(bare), f"help {min(full):.3f} s, typer and rich alone {min(bare):.3f} s"
