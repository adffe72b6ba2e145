"""The frozen decode path: the same files give the same pixels and the same measurements, whatever is changed and wherever it runs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import features

from pipeline.measure import registry

FOLDER = Path(__file__).parent / "golden"
GOLDEN: dict[str, Any] = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def freeze() -> ModuleType:
    spec = importlib.util.spec_from_file_location("freeze", Path(__file__).with_name("freeze.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_values_are_those_of_this_version() -> None:
    assert GOLDEN["version"] == registry.VERSION, "VERSION was raised: run `python tests/pipeline/measure/freeze.py`"
    assert all(set(values) == {"decoded", *registry.COLUMNS} for values in GOLDEN["files"].values())


@pytest.mark.parametrize("name", GOLDEN["files"])
def test_a_golden_file(freeze: ModuleType, name: str) -> None:
    if name.endswith(".jpg") and not features.check_feature("libjpeg_turbo"):
        pytest.skip("this Pillow decodes JPEG with another library than libjpeg-turbo: its hashes differ by a few bits")
    found, expected = freeze.measured(FOLDER / name), GOLDEN["files"][name]
    assert found["decoded"] == expected["decoded"], (
        f"{name} is decoded to other pixels. Frozen with {GOLDEN['libraries']}, now {freeze.libraries()}. If a library has changed its "
        "decoder, hashes in catalogs are no longer comparable: raise registry.VERSION and run `python tests/pipeline/measure/freeze.py`"
    )
    for column, value in expected.items():
        wanted = pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
        assert found[column] == wanted, f"{name}: {column} has changed on the same pixels: raise registry.VERSION and freeze anew"


def test_a_jpeg_is_decoded_at_a_fraction_of_its_size() -> None:
    files = GOLDEN["files"]
    assert files["half.jpg"]["decoded"].startswith("RGB 216x165 ")
    assert files["quarter.jpg"]["decoded"].startswith("RGB 251x188 ")
    assert files["eighth.jpg"]["decoded"].startswith("RGB 201x163 ")
    assert files["turned.jpg"]["decoded"].startswith("RGB 176x200 ")
