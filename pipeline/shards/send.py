"""A finished folder of shards on its way to any file system that fsspec knows: s3://…, gs://…, sftp://…, memory://… (extra `remote`)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError, UsageError
from pipeline.report import SILENT, Reporter
from pipeline.shards import checksums

CHUNK = 2**20
"""Bytes read at a time."""


def send(folder: Path, url: str, report: Reporter = SILENT) -> dict[str, int]:
    """Copy every file of `folder` that its SHA256SUMS lists to `url`, a folder there, and read each back to compare its checksum.

    What is there already with the right checksum stays. SHA256SUMS is taken away first and comes last: where it stands, all is
    there. Nothing else at `url` is touched. Returns how many files were `sent` and how many were `there`. Raises UsageError for a
    folder without checksums, a URL that is none, or a missing package; PipelineError when a file cannot be sent or arrives changed.
    """
    try:
        import fsspec
    except ImportError as error:
        raise UsageError("sending shards needs the extra `remote`; pip install 'art-pipeline[remote]'") from error
    try:
        listed = checksums.read(folder)
    except OSError as error:
        raise UsageError(f"{folder}: no finished folder of shards (it has no {checksums.SUMS}); `pipeline shard` makes one") from error
    try:
        system, base = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{url}: no address that fsspec can use ({error})") from error
    there = 0
    place = str(base).rstrip("/")
    try:
        system.makedirs(place, exist_ok=True)
        listing = f"{place}/{checksums.SUMS}"
        if system.exists(listing):
            system.rm_file(listing)
        with report.bar("send", len(listed)) as advance:
            for name, wanted in listed.items():
                target = f"{place}/{name}"
                if system.exists(target) and _sha256(system, target) == wanted:
                    there += 1
                else:
                    system.makedirs(target.rpartition("/")[0], exist_ok=True)
                    system.put_file(str(folder / name), target)
                    if _sha256(system, target) != wanted:
                        raise PipelineError(f"{url}/{name}: is not what was sent; run `pipeline verify {folder}`, then send it again")
                advance(1)
        system.put_file(str(folder / checksums.SUMS), listing)
    except OSError as error:
        raise PipelineError(f"{url}: cannot be written ({error}); what has arrived stays, and sending again goes on from there") from error
    return {"sent": len(listed) - there, "there": there}


def _sha256(system: Any, path: str) -> str:
    sha = hashlib.sha256()
    with system.open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            sha.update(chunk)
    return sha.hexdigest()
