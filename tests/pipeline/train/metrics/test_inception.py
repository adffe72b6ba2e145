from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import linalg

pytest.importorskip("tensorflow")

from pipeline.embed import weights
from pipeline.errors import PipelineError
from pipeline.train import backends
from pipeline.train.metrics import inception


class Writer(pickle._Pickler):  # the one in Python, as it lets names be written that cannot be imported
    """Pickles a table of arrays as torch does: each a call that rebuilds it from a storage."""

    def persistent_id(self, obj: Any) -> Any:
        return ("storage", Name("torch", "FloatStorage"), obj.key, "cpu", obj.count) if isinstance(obj, Storage) else None

    def save(self, obj: Any, save_persistent_id: bool = True) -> Any:
        if isinstance(obj, Name):
            self.write(f"c{obj.module}\n{obj.name}\n".encode())
            return None
        if isinstance(obj, np.ndarray):
            self.save(Name("torch._utils", "_rebuild_tensor_v2"))
            strides = tuple(step // 4 for step in obj.strides)
            self.save((Storage(str(id(obj)), obj.size), 0, obj.shape, strides, False, {}))
            self.write(pickle.REDUCE)
            return None
        return super().save(obj, save_persistent_id)


class Name:
    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Storage:
    def __init__(self, key: str, count: int) -> None:
        self.key, self.count = key, count


def layers() -> dict[str, tuple[int, ...]]:
    """Every convolution of the published file: out, in, height, width."""
    found = {
        "Conv2d_1a_3x3": (32, 3, 3, 3),
        "Conv2d_2a_3x3": (32, 32, 3, 3),
        "Conv2d_2b_3x3": (64, 32, 3, 3),
        "Conv2d_3b_1x1": (80, 64, 1, 1),
        "Conv2d_4a_3x3": (192, 80, 3, 3),
    }
    for block, given, pool in (("Mixed_5b", 192, 32), ("Mixed_5c", 256, 64), ("Mixed_5d", 288, 64)):
        found |= {
            f"{block}.branch1x1": (64, given, 1, 1),
            f"{block}.branch5x5_1": (48, given, 1, 1),
            f"{block}.branch5x5_2": (64, 48, 5, 5),
            f"{block}.branch3x3dbl_1": (64, given, 1, 1),
            f"{block}.branch3x3dbl_2": (96, 64, 3, 3),
            f"{block}.branch3x3dbl_3": (96, 96, 3, 3),
            f"{block}.branch_pool": (pool, given, 1, 1),
        }
    found |= {
        "Mixed_6a.branch3x3": (384, 288, 3, 3),
        "Mixed_6a.branch3x3dbl_1": (64, 288, 1, 1),
        "Mixed_6a.branch3x3dbl_2": (96, 64, 3, 3),
        "Mixed_6a.branch3x3dbl_3": (96, 96, 3, 3),
    }
    for block, mid in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        found |= {
            f"{block}.branch1x1": (192, 768, 1, 1),
            f"{block}.branch7x7_1": (mid, 768, 1, 1),
            f"{block}.branch7x7_2": (mid, mid, 1, 7),
            f"{block}.branch7x7_3": (192, mid, 7, 1),
            f"{block}.branch7x7dbl_1": (mid, 768, 1, 1),
            f"{block}.branch7x7dbl_2": (mid, mid, 7, 1),
            f"{block}.branch7x7dbl_3": (mid, mid, 1, 7),
            f"{block}.branch7x7dbl_4": (mid, mid, 7, 1),
            f"{block}.branch7x7dbl_5": (192, mid, 1, 7),
            f"{block}.branch_pool": (192, 768, 1, 1),
        }
    found |= {
        "Mixed_7a.branch3x3_1": (192, 768, 1, 1),
        "Mixed_7a.branch3x3_2": (320, 192, 3, 3),
        "Mixed_7a.branch7x7x3_1": (192, 768, 1, 1),
        "Mixed_7a.branch7x7x3_2": (192, 192, 1, 7),
        "Mixed_7a.branch7x7x3_3": (192, 192, 7, 1),
        "Mixed_7a.branch7x7x3_4": (192, 192, 3, 3),
    }
    for block, given in (("Mixed_7b", 1280), ("Mixed_7c", 2048)):
        found |= {
            f"{block}.branch1x1": (320, given, 1, 1),
            f"{block}.branch3x3_1": (384, given, 1, 1),
            f"{block}.branch3x3_2a": (384, 384, 1, 3),
            f"{block}.branch3x3_2b": (384, 384, 3, 1),
            f"{block}.branch3x3dbl_1": (448, given, 1, 1),
            f"{block}.branch3x3dbl_2": (384, 448, 3, 3),
            f"{block}.branch3x3dbl_3a": (384, 384, 1, 3),
            f"{block}.branch3x3dbl_3b": (384, 384, 3, 1),
            f"{block}.branch_pool": (192, given, 1, 1),
        }
    return found


def tensors() -> dict[str, np.ndarray]:
    rng, found = np.random.default_rng(0), {}
    for name, shape in layers().items():
        spread = (2 / np.prod(shape[1:])) ** 0.5
        found[f"{name}.conv.weight"] = (rng.standard_normal(shape, np.float32) * spread).astype("<f4")
        for part, value in (("weight", 1.0), ("bias", 0.1), ("running_mean", 0.0), ("running_var", 1.0)):
            found[f"{name}.bn.{part}"] = np.full(shape[0], value, "<f4")
    return found | {"fc.weight": rng.normal(0, 0.1, (1008, 2048)).astype("<f4"), "fc.bias": np.zeros(1008, "<f4")}


def archive(path: Path, table: dict[str, np.ndarray]) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        with out.open("archive/data.pkl", "w") as file:
            Writer(file, protocol=2).dump(table)
        for array in table.values():
            out.writestr(f"archive/data/{id(array)}", array.tobytes())
    return path


def legacy(path: Path, table: dict[str, np.ndarray]) -> Path:
    with path.open("wb") as out:
        for part in (weights._MAGIC, 1001, {"little_endian": True}):
            pickle.dump(part, out, protocol=2)
        Writer(out, protocol=2).dump(table)
        pickle.dump([str(id(array)) for array in table.values()], out, protocol=2)
        for array in table.values():
            out.write(struct.pack("<q", array.size) + array.tobytes())
    return path


def test_a_file_of_the_published_layout_is_loaded_and_run(tmp_path: Path) -> None:
    backends.load_any()
    table = tensors()
    path = legacy(tmp_path / "i.pth", table)
    found = inception.Inception(path)
    pictures = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    pictures[2] = pictures[0]
    features = found(pictures)
    assert features.shape == (3, 2048)
    assert np.isfinite(features).all()
    assert np.allclose(features[0], features[2], atol=1e-4)
    assert not np.allclose(features[0], features[1], atol=1e-3)
    shares = found.probabilities(features)
    assert shares.shape == (3, 1008)
    assert np.allclose(shares.sum(axis=1), 1)
    again = weights.read(archive(tmp_path / "zip.pth", table))
    assert all(np.array_equal(again[name], table[name]) for name in table)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    backends.load_any()
    some = {"fc.weight": np.zeros((1000, 2048), "<f4")}
    with pytest.raises(PipelineError, match="another network"):
        inception.Inception(archive(tmp_path / "other.pth", some))
    part = {"fc.weight": np.zeros((1008, 2048), "<f4"), "Conv2d_1a_3x3.conv.weight": np.zeros((32, 3, 3, 3), "<f4")}
    with pytest.raises(PipelineError, match="not all of Inception's weights"):
        inception.Inception(archive(tmp_path / "part.pth", part))
    (tmp_path / "none.pth").write_bytes(b"nothing")
    with pytest.raises(PipelineError, match="not readable as weights.*pytorch-fid"):
        inception.Inception(tmp_path / "none.pth")
    with pytest.raises(PipelineError, match="No such file"):
        inception.Inception(tmp_path / "missing.pth")


def test_the_score_of_known_distributions() -> None:
    assert inception.inception_score(np.full((40, 8), 1 / 8)) == pytest.approx(1)
    assert inception.inception_score(np.tile(np.eye(8), (10, 1)), splits=5) == pytest.approx(8)
    assert inception.inception_score(np.repeat(np.eye(8)[:1], 20, axis=0)) == pytest.approx(1)
    mixed = np.tile(np.array([[0.9, 0.1], [0.1, 0.9]]), (5, 1))
    expected = np.exp(0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5))
    assert inception.inception_score(mixed, splits=1) == pytest.approx(expected)


@pytest.mark.parametrize("count", [200, 8])
def test_frechet_is_the_formula_with_a_matrix_root(count: int) -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(count, 12)), rng.normal(0.5, 1, (count + 1, 12)) * np.linspace(0.5, 2, 12)
    covariances = [np.cov(side, rowvar=False) for side in (one, two)]
    shift = ((one.mean(0) - two.mean(0)) ** 2).sum()
    expected = shift + np.trace(covariances[0] + covariances[1] - 2 * np.real(linalg.sqrtm(covariances[0] @ covariances[1])))
    assert inception.frechet(one, two) == pytest.approx(expected, rel=1e-3)
    assert inception.frechet(one, one) == pytest.approx(0, abs=1e-9)
    assert inception.frechet(one, one + 2) == pytest.approx(48)
