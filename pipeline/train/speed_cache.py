"""What was timed before, in the user's cache directory: one small JSON file for each machine, version and shape of networks."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline import files
from pipeline.train import user_cache
from pipeline.train.config import FREE, RunConfig

NO_MATTER = FREE | {"preset", "seed", "learning_rate_g", "learning_rate_d", "beta1", "decay", "decay_steps", "r1_gamma", "r1_every"}
"""Settings that do not change how long a step takes, but for the penalty, which is not timed."""


def key(config: RunConfig, device_name: str) -> dict[str, Any]:
    """All that the timings depend on, as JSON data."""
    settings = config.settings.model_dump(mode="json", exclude=set(NO_MATTER)) | {"ema": config.settings.ema > 0}
    return settings | {
        "device": device_name,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "versions": {name: _version(name) for name in ("tensorflow", "keras", "torch")},
        "size": config.size,
        "batch": config.batch,
        "accumulate": config.accumulate,
    }


def read(found: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The timings kept for that key, or None."""
    try:
        kept = json.loads(_path(found).read_text(encoding="utf-8"))
        timings = kept["timings"] if kept["key"] == found else None
        return timings if isinstance(timings, list) and timings else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(found: dict[str, Any], timings: list[dict[str, Any]]) -> None:
    """Keep them; where nothing can be written, the next run times again."""
    with contextlib.suppress(OSError):
        files.write(_path(found), json.dumps({"key": found, "timings": timings}, indent=2) + "\n")


def _path(found: dict[str, Any]) -> Path:
    return user_cache.folder() / "speed" / (hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16] + ".json")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
