"""The front matter of a README: the YAML between two lines of dashes from which Hugging Face makes a dataset's page.

Every value is written as JSON, which YAML 1.2 reads as it stands, so no text from the web can break out of its place. Keys and
values are those of https://huggingface.co/docs/hub/datasets-cards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline import licences

LICENCES = frozenset(
    [
        *("afl-3.0", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "mit", "mpl-2.0", "unlicense", "wtfpl"),
        *("cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nd-4.0"),
        *("cc-by-nc-2.0", "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0"),
        *("cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0"),
    ]
)
"""Licences that Hugging Face knows by name, of those that art comes under; they are SPDX ids in lower case."""

SIZES = {
    10**3: "n<1K",
    10**4: "1K<n<10K",
    10**5: "10K<n<100K",
    10**6: "100K<n<1M",
    10**7: "1M<n<10M",
    10**8: "10M<n<100M",
    10**9: "100M<n<1B",
}
"""What Hugging Face calls a dataset of fewer pictures than so many."""


def text(name: str, pictures: int, terms: Iterable[str], more: Mapping[str, Any]) -> str:
    """The front matter of a dataset of so many pictures; `terms`: the pictures' licences in their sources' words; `more`: further keys."""
    keys = {
        "pretty_name": name,
        **license(terms),
        "size_categories": [next((label for most, label in SIZES.items() if pictures < most), "1B<n<10B")],
        "task_categories": ["unconditional-image-generation"],
        "tags": ["art", "image"],
        **more,
    }
    return "".join(["---\n", *(f"{key}: {_json(value)}\n" for key, value in keys.items()), "---\n"])


def license(terms: Iterable[str]) -> dict[str, Any]:
    """The keys about terms: the licences by name if all are known there, `unknown` if nothing is stated, else `other`."""
    found = {licences.spdx(words) if words.strip() else licences.UNKNOWN for words in terms}
    if found <= {licences.UNKNOWN}:
        return {"license": "unknown"}
    names = sorted(expression.lower() for expression in found)
    if LICENCES.issuperset(names):
        return {"license": names[0] if len(names) == 1 else names}
    return {"license": "other", "license_name": "several-see-below", "license_link": "README.md"}


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else " " for letter in text).encode("utf-8", "replace").decode()
