"""What each stage was made from, and so what is stale.

A stage's fingerprint holds its code version, its settings and the output digests of the stages it reads. `status` compares
the recorded fingerprint with the present one and says which part moved; `run` redoes just those stages.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline import verdicts
from pipeline.catalog import StageRecord
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.manifest import Manifest

VERDICTS = "verdicts"
"""Not a stage: a person's word, read from review.csv, that some stages depend on."""


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
                "SELECT id, page_url, image_url, source, title, fields, text, license, credit FROM sightings"
                " ORDER BY id, page_url, image_url",
            ),
        ),
        Stage("measure", ("scrape",), 1, lambda manifest: None, ("SELECT * FROM measurements ORDER BY id",)),
        Stage("classify", ("scrape",), 1, lambda manifest: manifest.section("classify"), (_decisions("classify"),)),
        Stage("filter", ("measure",), 1, lambda manifest: manifest.section("filter"), (_decisions("filter"),)),
        Stage(
            "dedup",
            ("measure", "classify", "filter", VERDICTS),
            1,
            lambda manifest: manifest.section("dedup"),
            (_decisions("dedup"), "SELECT id, cluster, kind, keeper FROM clusters ORDER BY id"),
        ),
        Stage("review", ("scrape", "classify", "filter", "dedup", VERDICTS), 1, lambda manifest: None),
        Stage(
            "shard",
            ("scrape", "measure", "classify", "filter", "dedup", VERDICTS),
            1,
            lambda manifest: [manifest.section("shard"), manifest.section("augment")],
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
        moved = _moved(json.loads(record.fingerprint), _parts(dataset, stage)) + [f"{name} is not up to date" for name in upstream]
        if stage.name == "scrape" and not moved:
            moved = _due(dataset, record)
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
    return [f"{need} ({known[need].why})" for need in STAGES[name].needs if need in known and known[need].state != "fresh"]


def finish(dataset: Dataset, name: str, summary: Mapping[str, Any], output: str = "") -> None:
    """Record that a stage is done. `output`: digest of what it made, where that is not in the catalog."""
    stage = STAGES[name]
    dataset.catalog.finish_stage(
        StageRecord(
            name=name,
            fingerprint=json.dumps(_parts(dataset, stage), sort_keys=True),
            output=output or dataset.catalog.table_digest(*stage.output),
            summary=dict(summary),
            finished_at=time.time(),
        )
    )


def verdicts_in_force(dataset: Dataset) -> verdicts.Verdicts:
    """The verdicts of review.csv, given also to items with the same pixels in other bytes."""
    said = verdicts.read(dataset.review_path)
    if not (said.keep or said.facing):
        return said
    table = dataset.catalog.measurements()
    if "pixels" not in table:
        return said
    table = table[table["pixels"].notna()]
    groups = {pixels: list(ids) for pixels, ids in table.groupby("pixels")["id"]}
    twins = {id: groups[pixels] for id, pixels in zip(table["id"], table["pixels"], strict=True)}
    return said.spread(twins)


def _parts(dataset: Dataset, stage: Stage) -> dict[str, Any]:
    inputs = {}
    for need in stage.needs:
        if need == VERDICTS:
            said = asdict(verdicts.read(dataset.review_path))
            inputs[need] = _digest(sorted((aspect, str(key), value) for aspect, table in said.items() for key, value in table.items()))
        else:
            record = dataset.catalog.stage(need)
            inputs[need] = record.output if record else ""
    return {"code": _version(stage), "settings": _digest(stage.settings(dataset.manifest)), "inputs": inputs}


def _version(stage: Stage) -> int:
    if stage.name == "measure":
        from pipeline.measure import registry

        return stage.version * 1000 + registry.VERSION
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
    return [f"last visit {age:.0f} days ago"] if days and age > min(days) else []


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
