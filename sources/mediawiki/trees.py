"""Reading JSON trees of which nothing is sure: a wrong type is an absent value, and no string holds what a catalog cannot store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Control characters but tab and line feed, and halves of surrogate pairs, which JSON can spell and UTF-8 cannot."""


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; those in an object of objects too, as wikis from before `formatversion=2` answer."""
    held = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    return [one for one in held if isinstance(one, dict)]


def text(value: Any) -> str:
    """A string or a number as text, cleaned; empty for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return UNWANTED.sub("", value) if isinstance(value, str) else ""


def number(value: Any) -> int | None:
    """A whole number, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(holder: Mapping[str, Any], name: str) -> bool:
    """Whether a flag is set: true, or merely there (`"missing": ""`) in older wikis."""
    return name in holder and holder[name] not in (False, None)
