"""What each stage was made from, and so what is stale.

A stage's fingerprint holds its code version, its settings and the output digests of the stages it reads. `status` compares
the recorded fingerprint with the present one and says which part moved; `run` redoes just those stages.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sources.base
from pipeline import images, verdicts
from pipeline.catalog import StageRecord
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.manifest import Manifest
from sources.base import LocalSource

DECIDERS = ("classify", "filter", "dedup")
"""The stages that keep or drop; each has a report."""

VERDICTS = "verdicts"
"""Not a stage: a person's word on keep and same, read from review.csv, that some stages depend on."""

FACING = "facing"
"""Not a stage: a person's word on facing, that sharding depends on where it turns pictures."""

FAILURES = "failures"
"""Not a stage: the URLs that gave nothing, which a report lists."""

Parts = dict[str, Any]
"""What a stage is made from: code version, digest of settings, digests of inputs."""


PASSING = frozenset(["timeout", "unreachable", "busy", "server_error", "broken"])
PASSING_SHARE = 0.02
"""A scrape in which more than this share of what was asked for failed for such reasons is due again."""

FAILED = "SELECT url, kind, status, error, detail FROM responses WHERE error IS NOT NULL ORDER BY url, kind"


@dataclass(frozen=True)
class Stage:
    """One step of the chain. `version` is raised when its code gives other results for the same input."""

    name: str
    needs: tuple[str, ...]
    version: int
    settings: Callable[[Manifest], Any]
    output: tuple[str, ...] = ()
    """Queries whose rows are what the stage made."""


def _decisions(stage: str) -> str:
    return f"SELECT id, decision, rule, score, threshold, reason, scores FROM decisions WHERE stage = '{stage}' ORDER BY id"


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            "scrape",
            (),
            1,
            lambda manifest: manifest.section("scrape"),
            (
                "SELECT id, sha256, extension FROM items ORDER BY id",
                "SELECT id, page_url, image_url, source, title, fields, text, license, author, credit FROM sightings"
                " ORDER BY id, page_url, image_url, source",
            ),
        ),
        Stage("measure", ("scrape",), 1, lambda manifest: None, ("SELECT * FROM measurements ORDER BY id",)),
        Stage("classify", ("scrape",), 3, lambda manifest: manifest.section("classify"), (_decisions("classify"),)),
        Stage("filter", ("measure",), 1, lambda manifest: manifest.section("filter"), (_decisions("filter"),)),
        Stage(
            "dedup",
            ("measure", "classify", "filter", VERDICTS),
            3,
            lambda manifest: manifest.section("dedup"),
            (_decisions("dedup"), "SELECT id, cluster, kind, keeper FROM clusters ORDER BY id"),
        ),
        Stage("review", ("scrape", "classify", "filter", "dedup", VERDICTS, FAILURES), 1, lambda manifest: None),
        Stage(
            "shard",
            ("scrape", "measure", "classify", "filter", "dedup", VERDICTS, FACING),
            1,
            lambda manifest: [manifest.section(name) for name in ("shard", "augment", *(["facing"] if manifest.augment.facing else []))],
        ),
        Stage("train", ("shard",), 1, lambda manifest: manifest.section("train")),
    )
}
"""The chain, in the order it runs."""


@dataclass(frozen=True)
class State:
    """How a stage stands. `state`: fresh, stale, or missing; `why` says what moved; `finished_at` in seconds since 1970."""

    name: str
    state: str
    why: str
    finished_at: float | None


def state(dataset: Dataset) -> list[State]:
    """How every stage of the chain stands, in order."""
    states: dict[str, State] = {}
    for stage in STAGES.values():
        record = dataset.catalog.stage(stage.name)
        if record is None:
            states[stage.name] = State(stage.name, "missing", "has not run, or was interrupted", None)
            continue
        upstream = [need for need in stage.needs if need in states and states[need].state != "fresh"]
        moved = _moved(json.loads(record.fingerprint), parts(dataset, stage.name)) + [f"{name} is not up to date" for name in upstream]
        if stage.name == "scrape" and not moved:
            moved = _due(dataset, record)
        moved += _lost(dataset, record)
        states[stage.name] = State(stage.name, "stale" if moved else "fresh", "; ".join(moved), record.finished_at)
    return list(states.values())


def require(dataset: Dataset, name: str) -> list[str]:
    """Check that the stages `name` reads have run. Returns those that are stale; raises PipelineError for a missing one."""
    known = {entry.name: entry for entry in state(dataset)}
    if STAGES[name].needs and not dataset.catalog.item_count():
        raise PipelineError(f"{dataset.root}: no pictures yet; run `pipeline scrape {dataset.root}`, and see the failures it prints")
    for need in STAGES[name].needs:
        # A scrape that was cut short still leaves pictures to work on.
        if need in known and known[need].state == "missing" and need != "scrape":
            raise PipelineError(f"{dataset.root}: {name} needs {need}, which has not been finished; run `pipeline {need} {dataset.root}`")
        if need == "measure" and "the program changed" in known[need].why:
            raise PipelineError(f"{dataset.root}: measured by another version of the program; run `pipeline measure {dataset.root}`")
    return [f"{need} ({known[need].why})" for need in STAGES[name].needs if need in known and known[need].state != "fresh"]


def parts(dataset: Dataset, name: str) -> Parts:
    """What the stage would be made from now. Taken before the work, so that what changes meanwhile makes the stage stale."""
    stage = STAGES[name]
    inputs: dict[str, str] = {}
    for need in stage.needs:
        if need == VERDICTS:
            said = verdicts.read(dataset.review_path)
            inputs[need] = _digest(sorted((str(key), value) for table in (said.keep, said.same) for key, value in table.items()))
        elif need == FACING:
            inputs[need] = _digest(sorted(verdicts.read(dataset.review_path).facing.items())) if dataset.manifest.augment.facing else ""
        elif need == FAILURES:
            inputs[need] = dataset.catalog.table_digest(FAILED)
        else:
            record = dataset.catalog.stage(need)
            inputs[need] = record.output if record else ""
    if name == "scrape":
        inputs["files"] = _local_files(dataset)
    return {"code": _version(stage), "settings": _digest(stage.settings(dataset.manifest)), "inputs": inputs}


def finish(dataset: Dataset, name: str, made_from: Parts, summary: Mapping[str, Any], output: str = "") -> None:
    """Record that a stage is done. `output`: digest of what it made, where that is not in the catalog."""
    stage = STAGES[name]
    dataset.catalog.finish_stage(
        StageRecord(
            name=name,
            fingerprint=json.dumps(made_from, sort_keys=True),
            output=output or dataset.catalog.table_digest(*stage.output),
            summary=dict(summary),
            finished_at=time.time(),
        )
    )


def verdicts_in_force(dataset: Dataset) -> verdicts.Verdicts:
    """The verdicts of review.csv, given also to items with the same pixels in other bytes."""
    said = verdicts.read(dataset.review_path)
    return said.spread(twins(dataset)) if said.keep or said.facing else said


def twins(dataset: Dataset) -> dict[str, list[str]]:
    """For each item that has any: the ids with the same pixels in other bytes, its own among them."""
    return {id: ids for ids in dataset.catalog.same("pixels") for id in ids}


def known(dataset: Dataset) -> set[str]:
    """The ids that a verdict may name: of items, and of what was forgotten."""
    return {*dataset.catalog.ids(), *(stone.id for stone in dataset.catalog.tombstones())}


def take_overrides(dataset: Dataset, tell: Callable[[str], None] = lambda line: None) -> int:
    """Move what a person wrote into the reports to review.csv; how many verdicts were new. The caller holds the dataset.

    Reports that are as they were written are not read. `tell` gets lines about edits by hand that cannot be taken up.
    """
    paths = sorted(dataset.reports.glob("*.csv"))
    written = {path: json.loads(dataset.catalog.note(_report_note(path)) or "{}") for path in paths}
    touched = [path for path in paths if written[path].get("digest") != images.digest(path.read_bytes())]
    if not touched:
        return 0
    ids = dataset.catalog.ids()

    def decided(path: Path) -> dict[str, str]:
        known = written[path]
        if known.get("ids") != images.digest("\n".join(ids).encode()):
            return {}
        letters = zlib.decompress(base64.b64decode(known["decisions"])).decode()
        return {id: _LETTERS[letter] for id, letter in zip(ids, letters, strict=True) if letter in _LETTERS}

    untouched = set(paths) - set(touched)
    taken = verdicts.collect(
        dataset.reports, dataset.review_path, known(dataset), twins(dataset), untouched=untouched, decided=decided, tell=tell
    )
    for path in touched:
        note = written[path] | {"digest": images.digest(path.read_bytes())}
        dataset.catalog.put_note(_report_note(path), json.dumps(note))
    return taken


_LETTERS = {"k": "keep", "d": "drop"}


def remember_report(dataset: Dataset, path: Path, decisions: Mapping[str, str]) -> None:
    """Note what was just written to a report: its digest, and the decision of every item, by which an edit by hand is known later."""
    ids = dataset.catalog.ids()
    letters = "".join(decisions.get(id, "-")[:1] for id in ids).encode()
    note = {
        "digest": images.digest(path.read_bytes()),
        "ids": images.digest("\n".join(ids).encode()),
        "decisions": base64.b64encode(zlib.compress(letters)).decode(),
    }
    dataset.catalog.put_note(_report_note(path), json.dumps(note))


def _report_note(path: Path) -> str:
    return f"report {path.name}"


def _local_files(dataset: Dataset) -> str:
    """Digest of what local sources would give: a file that is new, gone or written again makes the scrape stale."""
    found = []
    for settings in dataset.manifest.scrape:
        source = sources.base.load(settings.source)
        if isinstance(source, LocalSource):
            try:
                for path, sighting in source.items(settings):
                    state = path.stat()
                    found.append(repr((str(path), state.st_size, state.st_mtime_ns, sighting)))
            except (OSError, ValueError) as error:
                found.append(str(error))
    return _digest(found) if found else ""


def _version(stage: Stage) -> int:
    """The stage's version; measuring and sharding have one of their own that their authors raise."""
    if stage.name == "measure":
        from pipeline.measure import registry

        return stage.version * 1000 + registry.VERSION
    if stage.name == "shard":
        from pipeline.shards import plan

        return stage.version * 1000 + plan.VERSION
    return stage.version


def _moved(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    moved = []
    if then["code"] != now["code"]:
        moved.append("the program changed")
    if then["settings"] != now["settings"]:
        moved.append("the manifest changed")
    moved += [f"{name} changed" for name, digest in now["inputs"].items() if then["inputs"].get(name) != digest]
    return moved


def _due(dataset: Dataset, record: StageRecord) -> list[str]:
    """A website's pages are asked for again after `revisit_days`."""
    days = [block.revisit_days for block in dataset.manifest.scrape if hasattr(block, "revisit_days")]
    age = (time.time() - record.finished_at) / 86400
    if days and age > min(days):
        return [f"last visit {age:.0f} days ago"]
    passing = sum(count for kind, count in record.summary.get("failures", {}).items() if kind in PASSING)
    if passing > PASSING_SHARE * (record.summary.get("pages", 0) + record.summary.get("pictures", 0)):
        return [f"{passing} requests failed for reasons that may have passed"]
    return []


def _lost(dataset: Dataset, record: StageRecord) -> list[str]:
    """What a stage wrote beside the catalog and is there no more; people tidy up."""
    shards = list(record.summary.get("folders", {}).values())
    names = {"review": record.summary.get("reports", []), "shard": shards, "train": [record.summary.get("run")]}
    gone = [name for name in names.get(record.name, []) if name and not (dataset.root / name).exists()]
    return [f"{', '.join(gone)} is gone"] if gone else []


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
