"""README.md of a shard folder: what is in it, where it comes from, under which licences, what was dropped, and how to load it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline import __version__
from pipeline.shards import front, loading
from pipeline.shards.augment import SCALES
from pipeline.shards.example import Picture
from pipeline.shards.formats.base import Format
from pipeline.shards.plan import Shard

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings

TEMPLATE = Template("""\
$front
# $name

$count pictures, each $fit; $encoding in $files.

![Some of the pictures](samples.png)

| split | pictures | examples | files |
|---|---:|---:|---:|
$rows

$augmentation $split

## Where they come from
$sources

## Licences
Of the pictures, as their sources state them. Every record names its own `license`, `credit`, `page_url` and `image_url`.

$licences
$credits
## What was kept and dropped
$decisions

## Load
$load
## Fields
`image` is $kind $encoding of $size × $size pixels, which `width` and `height` repeat. `augmentation` says what was done to it: empty for
an original, else `turned`, `mirror`, a change with its strength as in `brightness=0.83`, or several. The other
fields are text; an unknown one is empty.

`sha256sum -c SHA256SUMS` checks the files; `pipeline verify` reads every record. `shards.json` lists the files, `records/` holds length
and checksum of every record.
""")

MOST = 30
"""Lines of a list; further ones are counted."""

_OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class About:
    """What the pictures themselves do not say: `dates` (YYYY-MM-DD) of the first and the last picture's coming, how many `items` there
    were, and how many of them were `dropped` by stage and rule."""

    dates: tuple[str, str] = ("", "")
    items: int = 0
    dropped: Mapping[tuple[str, str], int] = field(default_factory=dict)


def text(
    name: str, folder: str, kind: Format, shard: ShardSettings, augment: AugmentSettings, shards: Sequence[Shard], about: About
) -> str:
    """The card of a format's folder; `folder` is the name it will have."""
    splits = list(dict.fromkeys(entry.split for entry in shards))
    of = {split: _pictures(shards, split) for split in splits}
    pictures = [picture for part in of.values() for picture in part]
    return TEMPLATE.substitute(
        front=front.text(name, len(pictures), (picture.license for picture in pictures), kind.front(splits)),
        name=plain(name),
        count=len(pictures),
        size=shard.size,
        fit=_fit(shard),
        kind={"rgb": "an RGB", "gray": "a gray", "rgba": "an RGBA"}[shard.mode],
        encoding=shard.encoding.upper(),
        files=kind.title,
        rows="\n".join(_row(split, len(of[split]), shards, kind) for split in splits),
        augmentation=_augmentation(augment, shard),
        split=_split(shard),
        sources=_sources(pictures, about),
        licences=licences(pictures),
        credits=_credits(pictures),
        decisions=decisions(about.items, about.dropped),
        load=loading.text(kind, name, folder, splits[0], shard.mode),
    )


def decisions(items: int, dropped: Mapping[tuple[str, str], int]) -> str:
    """Markdown: how many of so many items were kept, and a table of why the others were not."""
    if not items:
        return "Not recorded."
    kept = f"{items - sum(dropped.values()):,} of {items:,} pictures were kept."
    if not dropped:
        return kept
    rows = [f"| {stage} | {plain(rule) or '–'} | {count:,} |" for (stage, rule), count in dropped.items()]
    return "\n".join([f"{kept} The others were dropped by", "", "| stage | rule | pictures |", "|---|---|---:|", *rows])


def hosts(addresses: Iterable[tuple[str, str]]) -> str:
    """A Markdown list of hosts with their pages and pictures, most pictures first; `addresses` are page and picture of each picture."""
    pages: dict[str, set[str]] = {}
    counted: Counter[str] = Counter()
    for page, image in addresses:
        host = _host(page) or _host(image)
        counted[host] += 1
        pages.setdefault(host, set()).add(page)
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    lines = [f"- {_named(host, len(pages[host]))}: {count:,} picture{'s' * (count != 1)}" for host, count in ordered]
    return "\n".join(_capped(lines, "hosts"))


def licences(pictures: Sequence[Picture]) -> str:
    """A Markdown list of licences with the number of pictures under each, the most frequent first."""
    counted = Counter(plain(picture.license) or "not stated" for picture in pictures)
    return "\n".join(f"- {name}: {count}" for name, count in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))


def _credits(pictures: Sequence[Picture]) -> str:
    counted = Counter(line for picture in pictures if (line := plain(picture.credit)))
    ordered = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    lines = _capped([f"- {line}: {count:,}" for line, count in ordered], "credit lines, in the records")
    return "\n".join(["", "Credit lines that the sources ask for, with the pictures under each:", "", *lines, ""]) if lines else ""


def collected(dates: tuple[str, str]) -> str:
    """A sentence on when pictures were collected, from the first and the last day; empty if that is not known."""
    first, last = dates
    if not first:
        return ""
    return f"Collected {f'on {first}' if first == last else f'between {first} and {last}'} (UTC) with art-pipeline {__version__}."


def _sources(pictures: Sequence[Picture], about: About) -> str:
    when = collected(about.dates)
    return (f"{when}\n\n" if when else "") + hosts((picture.page_url, picture.image_url) for picture in pictures)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "") if url.lower().startswith(("http:", "https:")) else ""
    except ValueError:
        return ""


def _named(host: str, pages: int) -> str:
    return f"{plain(host)} ({pages:,} page{'s' * (pages != 1)})" if host else "files on a disk"


def _capped(lines: list[str], what: str) -> list[str]:
    more = len(lines) - MOST
    return [*lines[:MOST], f"- and {more:,} more {what}"] if more > 0 else lines


def _split(shard: ShardSettings) -> str:
    if not shard.validation:
        return "Pictures that are variants of each other share a `cluster`."
    series = ", and neither does a series" if shard.split_by == "series" else ""
    return f"Pictures that are variants of each other share a `cluster`, and no cluster stands in two splits{series}."


def _row(split: str, pictures: int, shards: Sequence[Shard], kind: Format) -> str:
    mine = [entry for entry in shards if entry.split == split]
    files = {kind.file("", split, entry.index, entry.count) for entry in mine}
    return f"| {split} | {pictures} | {sum(len(entry.examples) for entry in mine)} | {len(files)} |"


def _pictures(shards: Sequence[Shard], split: str) -> list[Picture]:
    found = {example.picture.id: example.picture for entry in shards if entry.split == split for example in entry.examples}
    return list(found.values())


def _augmentation(augment: AugmentSettings, shard: ShardSettings) -> str:
    turned = (
        f"Pictures known to face {_OTHER[augment.facing]} are mirrored, to face {augment.facing} (`turned`). " if augment.facing else ""
    )
    kinds = ["its mirror image"] if augment.mirror else []
    if augment.copies:
        sides = ", on either side" if augment.mirror else ""
        kinds.append(f"{augment.copies} {'copy' if augment.copies == 1 else 'copies'} with {_changes(augment)}{sides}")
    if not kinds:
        return f"{turned}Nothing is augmented."
    elsewhere = "; validation holds originals only" if shard.validation else ""
    return f"{turned}In training each picture comes with {' and '.join(kinds)}{elsewhere}."


def _fit(shard: ShardSettings) -> str:
    size = f"{shard.size} × {shard.size} pixels"
    if shard.fit == "crop":
        return f"cropped around its subject to {size}"
    pad = "their own background colour" if shard.pad in ("background", "flat") else shard.pad
    return f"fitted into {size} and padded with {pad}"


def _changes(augment: AugmentSettings) -> str:
    found = []
    for name in SCALES:
        value = getattr(augment, name)
        if value != type(augment).model_fields[name].default:
            found.append(f"{name} × {value[0]:g}–{value[1]:g}" if isinstance(value, tuple) else f"{name} up to {value:g}")
    return ", ".join(found)


def plain(text: str) -> str:
    """One line of text from the web that is neither Markdown nor HTML, cut at 200 characters."""
    line = " ".join(text.split())
    short = line if len(line) <= 200 else line[:199] + "…"
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", html.escape(short, quote=False))
