"""A first manifest for a new dataset, to be edited by its owner."""

from __future__ import annotations

import re
from pathlib import Path

import tomlkit

import sources.base
from pipeline import files, manifest
from pipeline.errors import UsageError
from sources.base import WebsiteSource

TEMPLATE = """\
# Recipe for the dataset {name}. `pipeline run {name}.toml` runs it; every key can be overridden with --set.
schema = 1
name = "{name}"
about = ""

[[scrape]]
source = "{source}"
{keys}
# Keep or drop by words in a field of the text that came with a picture. No words: everything is kept.
[classify]
field = ""
keep = []
drop = []

# Remove a table and that filter is off. The first that fails names the reason.
[filter.size]
[filter.background]
[filter.grayscale]
[filter.photo]

[dedup]
distance = 10

[augment]
mirror = false
copies = 0

[shard]
size = 64

[train]
preset = "{preset}"
"""


def create(name: str, source: str, assignments: list[str], folder: Path) -> Path:
    """Write `folder/NAME.toml` for a source. Raises UsageError for a bad name, an unknown source, or a file that is there."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise UsageError(f"{name!r}: a dataset's name has letters, digits, - and _ only, and begins with a letter or digit")
    try:
        found = sources.base.load(source)
    except KeyError:
        raise UsageError(f"--source {source}: no such source; there are {', '.join(sources.base.names())}") from None
    path = folder / f"{name}.toml"
    if path.exists():
        raise UsageError(f"{path.name}: exists already; choose another name or edit it")
    from pipeline.train import presets

    text = TEMPLATE.format(name=name, source=source, keys=_keys(found), preset=presets.DEFAULT)
    text = manifest.with_settings(text, assignments, path.name)
    manifest.Manifest.parse(text, path.name)
    files.write(path, text)
    return path


def _keys(source: sources.base.Source) -> str:
    """The source's keys with their defaults and what they mean; those without a default are left for --set or an editor."""
    lines = []
    for key, info in source.Settings.model_fields.items():
        if key == "source":
            continue
        about = f"  # {info.description}" if info.description else ""
        if info.is_required():
            lines.append(f'{key} = "."{about}')
        elif key == "contact" and isinstance(source, WebsiteSource):
            lines.append(f'{key} = ""{about}')
        else:
            lines.append(f"# {key} = {_toml(source.delay if key == 'delay' else info.default)}{about}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if value is None:
        return "…"
    if isinstance(value, dict):
        return "{}" if not value else str(tomlkit.item(value).as_string())
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value).as_string())
