"""README.md of a published folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template
from typing import TYPE_CHECKING

from pipeline.credits import table as credits
from pipeline.shards import card, front

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = Template("""\
$front
# $name
$about
$items pictures, of which $kept were kept. **No picture is here**: this folder says where each one stood, what it was (SHA-256 of the
file, a digest of its pixels, a perceptual hash), and what was decided about it and why.

## Make it again
```
pipeline rebuild FOLDER --into datasets/$place
```
(of art-pipeline; FOLDER is this one) asks the sites for the pictures, politely (robots.txt, pauses, opt-outs), compares each with its
hashes, and says which are the same, which were changed and which are gone. Decisions and verdicts then hold as they stand here, and
`pipeline run datasets/$place` goes on.

The pictures belong to those who made them; what you may do with them is for their terms to say.

## Where they come from
$collected

$hosts

## Licences
As the sources state them, read as SPDX. Each row of `sightings` has its own words, author and credit.

$licences

## What was kept and dropped
$decisions

## Files
| file | one row for each | columns |
|---|---|---|
$files

`items.pixels` is the same for files that show the same pixels, `items.phash` differs in few of its 64 bits for pictures that look alike.
`manifest.toml` is the recipe, without what is private. `sha256sum -c SHA256SUMS` checks the files. Text is as the web had it$apostrophe.
""")

ROWS = {
    "items": "picture: its hashes, size and the final decision",
    "sightings": "place where a picture was seen",
    "decisions": "picture and stage: rule, score, threshold",
    "clusters": "picture: which others show the same, and the split it was in",
    "verdicts": "word of a person, which wins over every rule",
}


def text(name: str, about: str, tables: Mapping[str, pd.DataFrame], facts: card.About, form: str) -> str:
    """The whole page; `form` is the tables' ending."""
    items, seen = tables["items"], tables["sightings"]
    stated = seen.groupby("id")["license"].max()
    first = seen.drop_duplicates("id")
    return TEMPLATE.substitute(
        front=front.text(name, len(items), stated, {"configs": _configs(tables, form)}),
        name=card.plain(name),
        about=f"\n{card.plain(about)}\n" if about else "",
        items=f"{len(items):,}",
        kept=f"{(items['decision'] == 'keep').sum():,}",
        place=name if re.fullmatch(r"[\w.-]+", name) else "NAME",
        collected=card.collected(facts.dates),
        hosts=card.hosts(zip(first["page_url"], first["image_url"], strict=True)),
        licences="\n".join(f"- {card.plain(spdx)}: {count:,}" for spdx, count in credits.counts(seen).items()),
        decisions=card.decisions(facts.items, facts.dropped),
        files="\n".join(f"| `{table}{form}` | {ROWS[table]} | {', '.join(frame.columns)} |" for table, frame in _shown(tables)),
        apostrophe=", but that an apostrophe stands before what a spreadsheet would run" if form == ".csv" else "",
    )


def _configs(tables: Mapping[str, pd.DataFrame], form: str) -> list[dict[str, object]]:
    return [{"config_name": name, "data_files": f"{name}{form}", **({"default": True} if name == "items" else {})} for name in tables]


def _shown(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, pd.DataFrame]]:
    from pipeline.share.folder import TABLES

    return [(name, frame[list(TABLES[name])]) for name, frame in tables.items()]
