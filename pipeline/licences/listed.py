"""The SPDX licence list, as the license-expression package carries it; loaded at first use."""

from __future__ import annotations

import functools
import re
from typing import Any


@functools.cache
def listed() -> dict[str, str]:
    """Ids of the list, in use or given up, in lower case → the id in use."""
    from license_expression import get_license_index

    in_use: dict[str, str] = {}
    given_up: dict[str, str] = {}
    for entry in get_license_index():
        key = entry.get("spdx_license_key") or ""
        if key and not key.startswith("LicenseRef-") and not entry["is_deprecated"] and not entry["is_exception"]:
            in_use[key.lower()] = key
            given_up |= {other.lower(): key for other in entry["other_spdx_license_keys"]}
    return {**given_up, **in_use}


@functools.cache
def _grammar() -> Any:
    """The package's parser; making one takes longer than all the rest."""
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def id_or_reference(wanted: str) -> str:
    """The id as the list spells it, or a LicenseRef of that name; empty where nothing is left of it."""
    name = re.sub(r"[^A-Za-z0-9.]+", "-", wanted).strip("-.")
    return listed().get(wanted.lower()) or (name and f"LicenseRef-{name}")


def expression(text: str) -> str:
    """The text as an SPDX expression in its one spelling; empty if it is none."""
    if re.fullmatch(r"(?i:LicenseRef-)[A-Za-z0-9.-]*[A-Za-z0-9]", text):
        return "LicenseRef" + text[10:]
    if len(text) > 200 or not re.fullmatch(r"[\w.+\-() ]+", text, re.ASCII):
        return ""
    if not re.search(r"[ ()]", text):
        return listed().get(text.lower(), "")
    if not re.search(r"\b(?:and|or|with)\b", text, re.I):
        return ""
    from license_expression import ExpressionError

    try:
        parsed = _grammar().parse(text, validate=True, strict=True)
    except (ExpressionError, AssertionError, LookupError):  # the last two for unbalanced parentheses
        return ""
    return "" if parsed is None or "LicenseRef-" in str(parsed) else str(parsed)
