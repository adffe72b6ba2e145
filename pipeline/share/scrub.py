"""A manifest without what is private: who scraped, where files lie on a machine, what opens a way into a private network."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import urlsplit

import tomlkit

import sources.base
from pipeline.manifest import Manifest

PRIVATE = re.compile(r"contact|private|token|secret|passw|(?:^|_)key$|cookie|auth(?!or)|login|user", re.I)
"""Names of keys that are left out, also of sources that other packages bring."""


def manifest(text: str) -> str:
    """The recipe as others may see it: comments, addresses of people and hosts, and secrets are gone; of paths only the last name stays."""
    data = tomllib.loads(text)
    for block in data["scrape"]:
        fields = sources.base.load(block["source"]).Settings.model_fields
        for name in [name for name in block if PRIVATE.search(name)]:
            if not fields[name].is_required():
                del block[name]
        for name, value in list(block.items()):
            if fields[name].annotation in (Path, Path | None) or (isinstance(value, str) and value.lower().startswith("file:")):
                block[name] = PureWindowsPath(str(value)).name or "."  # knows both kinds of slashes
            elif isinstance(value, str) and not public(value):
                del block[name]
    scrubbed = tomlkit.dumps(data)
    Manifest.parse(scrubbed, "the published manifest")
    return scrubbed


def public(value: Any) -> bool:
    """Whether a text may be shown: any but an address with a user name in it."""
    try:
        return "@" not in urlsplit(str(value)).netloc
    except ValueError:
        return False


def address(url: str) -> str:
    """A web address as others may see it; empty for a file of this machine, and for one with a user name in it."""
    return url if url.lower().startswith(("http:", "https:")) and public(url) else ""
