"""One format's folder in the making: what is there already, what is missing, and how it is finished."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline import files
from pipeline.shards import checksums, index, plan, previous, staging
from pipeline.shards.encode import Target
from pipeline.shards.formats.base import Format, Record
from pipeline.shards.formats.tfrecord import TFRecord
from pipeline.shards.info import FILE, Info, Split

PARTS = ".parts"
"""Folder for the shards of a bound format until they are bound. They are TFRecord files, whatever is made of them."""


class Making:
    """A folder that grows beside its place until `place` puts it there.

    `settings` names program and settings (plan.made_by), `fingerprint` all that the bytes depend on (plan.fingerprint), `classes`
    are the labels of the whole set, sorted. Every method may raise OSError.
    """

    def __init__(
        self, kind: Format, folder: Path, name: str, shards: Sequence[plan.Shard], settings: str, fingerprint: str, classes: Sequence[str]
    ) -> None:
        self.kind, self.folder, self.classes = kind, folder, classes
        self.partial = staging.begin(folder, fingerprint)
        self._file = {(shard.split, shard.index): kind.file(name, shard.split, shard.index, shard.count) for shard in shards}
        self._shards: dict[str, list[plan.Shard]] = {}
        for shard in shards:
            self._shards.setdefault(self._file[shard.split, shard.index], []).append(shard)
        self._targets = {file: self._target(file, settings) for file in self._shards}
        self._taken = previous.Taken((), {}, "")

    def take_over(self) -> None:
        """Take from the folder that is there what would come out the same."""
        missing = [target for target in self._targets.values() if not target.path.exists()]
        self._taken = previous.take(self.folder, missing, self.kind.bound)

    def missing(self, shard: plan.Shard) -> Target | None:
        """What a worker has to write of a shard, if anything."""
        target = self._targets[self._file[shard.split, shard.index]]
        if target.path.exists():
            return None
        if self.kind.bound:
            target = self._part(shard)
        return None if target.path.exists() else target

    def bind(self) -> None:
        """Put the parts of a bound format together; for others there is nothing to do."""
        for file, target in self._targets.items():
            if self.kind.bound and not target.path.exists():
                with staging.whole(target.path) as temporary:
                    spans = self.kind.write(temporary, self._records(self._shards[file]), self.classes)
                    index.write(self.partial, file, index.Index(target.settings, target.contents, tuple(spans)))
        shutil.rmtree(self.partial / PARTS, ignore_errors=True)

    def describe(self, info: Info, texts: Mapping[str, str | bytes], workers: int) -> tuple[str, int]:
        """Write the texts that stand beside the shards, and the checksums; the digest and the size in bytes of all there is."""
        staging.tidy(self.partial)  # a worker may have been killed, and another have done its work
        for name, text in {**texts, FILE: info.text()}.items():
            files.write(self.partial / name, text)
        names = checksums.present_in(self.partial) - {checksums.SUMS}
        digest = checksums.write(self.partial, names, self._taken.sums, workers)
        return digest, sum((self.partial / name).stat().st_size for name in [*names, checksums.SUMS])

    def info(self, name: str, size: int, mode: str) -> Info:
        """What has been written, read from the indexes."""
        splits = []
        for split in dict.fromkeys(shards[0].split for shards in self._shards.values()):
            mine = tuple(file for file, shards in self._shards.items() if shards[0].split == split)
            counts = [(found.records, found.bytes) for file in mine if (found := index.read(self.partial, file))]
            splits.append(Split(split, mine, tuple(records for records, _ in counts), sum(size for _, size in counts)))
        return Info(self.kind.name, name, size, self.kind.encoding, tuple(splits), mode)

    def place(self) -> None:
        """Put the finished folder in its place."""
        staging.finish(self.partial, self.folder)

    @property
    def counts(self) -> tuple[int, int, str]:
        """Files taken over, files rewritten, and why all had to be, if so and if there were some."""
        kept = len(self._taken.shards)
        return kept, len(self._targets) - kept, self._taken.reason

    def _target(self, file: str, settings: str) -> Target:
        contents = plan.contents(self._shards[file], self.classes if self.kind.bound else ())
        return Target(self.kind.name, self.partial, file, settings, contents)

    def _part(self, shard: plan.Shard) -> Target:
        return Target(TFRecord.name, self.partial / PARTS, f"{shard.split}-{shard.index:05d}", "", "")

    def _records(self, shards: Sequence[plan.Shard]) -> Iterator[Record]:
        parts = TFRecord(self.kind.encoding)
        for part in map(self._part, shards):
            spans = index.read(part.folder, part.file).spans
            for span, piece in zip(spans, parts.read(part.path, spans), strict=True):
                if span.key:
                    yield Record(span.key, parts.fields(piece))
