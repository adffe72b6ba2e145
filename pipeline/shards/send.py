"""A finished folder of shards on its way to another place (extra `remote`)."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import PipelineError, UsageError
from pipeline.remote import Folder
from pipeline.report import SILENT, Reporter
from pipeline.shards import checksums


def send(folder: Path, url: str, report: Reporter = SILENT) -> dict[str, int]:
    """Copy every file of `folder` that its SHA256SUMS lists to `url`, a folder there, and read each back to compare its checksum.

    What is there already with the right checksum stays. SHA256SUMS is taken away first and comes last: where it stands, all is
    there. Nothing else at `url` is touched. Returns how many files were `sent` and how many were `there`. Raises UsageError for a
    folder without checksums, a URL that is none, or a missing package; PipelineError when a file cannot be sent or arrives changed.
    """
    try:
        listed = checksums.read(folder)
    except OSError as error:
        raise UsageError(f"{folder}: no finished folder of shards (it has no {checksums.SUMS}); `pipeline shard` makes one") from error
    there, place = 0, Folder(url)
    try:
        place.remove(checksums.SUMS)
        with report.bar("send", len(listed)) as advance:
            for name, wanted in listed.items():
                if place.sha256(name) == wanted:
                    there += 1
                else:
                    place.put(str(folder / name), name)
                    if place.sha256(name) != wanted:
                        raise PipelineError(f"{url}/{name}: is not what was sent; run `pipeline verify {folder}`, then send it again")
                advance(1)
        place.put(str(folder / checksums.SUMS), checksums.SUMS)
    except OSError as error:
        raise PipelineError(f"{url}: cannot be written ({error}); what has arrived stays, and sending again goes on from there") from error
    return {"sent": len(listed) - there, "there": there}
