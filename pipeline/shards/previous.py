"""Taking over from the folder that stands there those shards that would come out the same again."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.shards import checksums, index, staging
from pipeline.shards.encode import Target


@dataclass(frozen=True, slots=True)
class Taken:
    """The shards that were taken over, the SHA-256 of their files, and why there was none, where there could have been some."""

    shards: tuple[str, ...]
    sums: dict[str, str]
    reason: str


def take(folder: Path, targets: Sequence[Target], bound: str) -> Taken:
    """Put the shards of `folder` that are still right into the folder in the making, as links where the disk allows it.

    A shard is right when it was made from the same examples by the same program and settings, and every file of it still has the
    SHA-256 it was written with. `bound` says why a split is one file in this format, if it is.
    """
    try:
        sums = checksums.read(folder)
    except OSError:
        return Taken((), {}, "")
    files: dict[str, list[str]] = {}
    for name in sums:
        files.setdefault(name, []).append(name)
        files.setdefault(name.rpartition("/")[0], []).append(name)
    known = {target.file: found for target in targets if (found := _digests(folder, target.file))}
    shards, checked = [], {}
    for target in targets:
        names = [index.name(target.file), *files.get(target.file, [])]
        if known.get(target.file) == (target.settings, target.contents) and _linked(folder, target, names, sums):
            shards.append(target.file)
            checked.update({name: sums[name] for name in names})
    return Taken(tuple(shards), checked, "" if shards else _reason(targets, known, bound))


def _reason(targets: Sequence[Target], known: dict[str, tuple[str, str]], bound: str) -> str:
    if not all(target.file in known for target in targets):
        return "another number of shards, another name, or an older version's"
    if any(known[target.file][0] != target.settings for target in targets):
        return "the settings or the program changed"
    if any(known[target.file][1] == target.contents for target in targets):
        return "what was there is damaged"
    return bound or "each has a picture that is new, gone or changed"


def _digests(folder: Path, file: str) -> tuple[str, str] | None:
    """Of the settings and the contents that a shard was made from, where its index can be read."""
    with contextlib.suppress(PipelineError):
        found = index.read(folder, file)
        return found.settings, found.contents
    return None


def _linked(folder: Path, target: Target, names: Sequence[str], sums: dict[str, str]) -> bool:
    """Take over one shard, its index (the first name) before it; False if it is damaged or partly gone."""
    listed, *files = names
    try:
        if not files or any(checksums.sha256(folder / name) != sums.get(name) for name in names):
            return False
        _link(folder / listed, target.folder / listed)
        with staging.whole(target.path) as temporary:
            for name in files:
                _link(folder / name, temporary / name[len(target.file) + 1 :] if name != target.file else temporary)
    except OSError:
        return False
    return True


def _link(there: Path, here: Path) -> None:
    here.parent.mkdir(parents=True, exist_ok=True)
    here.unlink(missing_ok=True)
    try:
        os.link(there, here)
    except OSError:  # a disk without links
        shutil.copyfile(there, here)
