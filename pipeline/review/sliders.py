"""The thresholds that may be moved on the review page: every number among the keys of the manifest's filters and of dedup."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from pipeline import manifest
from pipeline.errors import UsageError
from pipeline.manifest import Manifest


def describe(recipe: Manifest) -> list[dict[str, Any]]:
    """For each slider: `key` as `--set` takes it, `group`, `name`, `about`, `value`, `low`, `high`, `step`, `whole` (integers only)."""
    models: list[tuple[str, str, BaseModel]] = [(f"filter.{name}", name, values) for name, values in recipe.filter.items()]
    models.append(("dedup", "dedup", recipe.dedup))
    return [
        {"key": f"{section}.{name}", "group": group, "name": name, **_slider(model, name)}
        for section, group, model in models
        for name, info in type(model).model_fields.items()
        if info.annotation in (int, float)
    ]


def assignments(recipe: Manifest, values: Mapping[str, Any]) -> list[str]:
    """`key=value` as `--set` takes it, for the values that differ from the recipe's.

    Raises UsageError for what is no slider, or no number.
    """
    known = {slider["key"]: slider for slider in describe(recipe)}
    found = []
    for key, value in values.items():
        if key not in known:
            raise UsageError(f"{key}: not a threshold of this manifest; reload the page")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise UsageError(f"{key}: {value!r} is not a number")
        if known[key]["whole"] and value == int(value):
            value = int(value)
        if value != known[key]["value"]:
            found.append(f"{key}={value!r}")
    return found


def moved(recipe: Manifest, values: Mapping[str, Any]) -> Manifest:
    """The recipe with other thresholds. Raises UsageError for a value the section refuses."""
    return Manifest.parse(manifest.with_settings(recipe.text, assignments(recipe, values)), "the thresholds")


def _slider(model: BaseModel, name: str) -> dict[str, Any]:
    info, value = type(model).model_fields[name], float(getattr(model, name))
    bounds: dict[str, float] = {}
    for limit in info.metadata:
        for word in ("ge", "gt", "le", "lt"):
            if (bound := getattr(limit, word, None)) is not None:
                bounds["low" if word[0] == "g" else "high"] = float(bound)
    low = bounds.get("low", 0.0)
    # Where the manifest allows any size, four times what is usual is far enough to look; the number beside the slider takes more.
    high = bounds.get("high", max(4 * value, 4 * float(info.default or 0), low + 1))
    whole = info.annotation is int
    step = 1.0 if whole else 10.0 ** math.floor(math.log10(high - low)) / 100
    return {"about": info.description or "", "value": value, "low": low, "high": high, "step": step, "whole": whole}
