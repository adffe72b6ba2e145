"""sources, manifests, init."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.manifest import Manifest


def test_sources_tell_their_terms(pipeline: Callable) -> None:  # type: ignore[type-arg]
    listed = {one["name"]: one for one in json.loads(pipeline("sources", "--json").out)["sources"]}
    assert {"mahq", "folder", "demo"} <= set(listed)
    assert "rights reserved" in listed["mahq"]["terms"].lower()
    assert "mahq" in pipeline("sources").out


def test_manifests_are_listed_and_shown(pipeline: Callable) -> None:  # type: ignore[type-arg]
    assert "mahq" in pipeline("manifests").out
    shown = pipeline("manifests", "show", "mahq").out
    assert Manifest.parse(shown).name == "mahq"
    assert pipeline("manifests", "show").code == 2


@pytest.mark.parametrize("source", ["mahq", "folder", "demo"])
def test_init_writes_a_recipe_that_loads(pipeline: Callable, source: str, tmp_path: Path) -> None:  # type: ignore[type-arg]
    outcome = pipeline("init", "mine", "--source", source, "--set", "shard.size=128")
    assert outcome.code == 0, outcome.err
    recipe = Manifest.load(tmp_path / "mine.toml")
    assert recipe.name == "mine"
    assert recipe.shard.size == 128
    again = pipeline("init", "mine", "--source", source)
    assert again.code == 2
    assert "exists already" in again.err


def test_init_refuses_a_bad_name_and_an_unknown_source(pipeline: Callable) -> None:  # type: ignore[type-arg]
    assert "letters, digits" in pipeline("init", "../x", "--source", "mahq").err
    assert "no such source" in pipeline("init", "x", "--source", "mahk").err
