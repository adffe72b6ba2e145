from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from pipeline.errors import PipelineError, UsageError
from pipeline.train import load, samples
from pipeline.train.use import export as exporting

NEEDS = {"onnx": ("onnx", "onnxruntime"), "savedmodel": ()}
RUNTIMES = {
    "onnx": """
import onnxruntime
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
run = lambda noise: session.run(None, {about["input"]["name"]: noise})[0]
""",
    "savedmodel": """
import tensorflow as tf
serve = tf.saved_model.load(path).signatures["serving_default"]
run = lambda noise: serve(**{about["input"]["name"]: tf.constant(noise)})[about["output"]["name"]].numpy()
""",
}
"""What another program would do, which knows the JSON beside the export and nothing of ours."""


@pytest.mark.parametrize("kind", list(exporting.FORMATS))
def test_an_export_runs_by_itself_and_agrees(kind: str, drawable: Path, tmp_path: Path) -> None:
    for package in NEEDS[kind]:
        pytest.importorskip(package)
    done = exporting.export(drawable, kind, tmp_path / f"robots{exporting.FORMATS[kind][0]}")
    assert done.difference <= exporting.TOLERANCE
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([done.path.name, done.about.name])
    noise = np.random.default_rng(0).standard_normal((7, 8)).astype(np.float32)
    np.save(tmp_path / "noise.npy", noise)
    code = f"import json, sys, numpy as np\npath, about = {str(done.path)!r}, json.load(open({str(done.about)!r}))\n{RUNTIMES[kind]}"
    code += f"""
noise = np.load({str(tmp_path / "noise.npy")!r})
np.savez({str(tmp_path / "drawn.npz")!r}, whole=run(noise), one=run(noise[:1]))
assert not any(name.split(".")[0] == "pipeline" for name in sys.modules)
assert {kind!r} == "savedmodel" or "tensorflow" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=tmp_path)
    ours = np.asarray(load(drawable).network(noise))
    with np.load(tmp_path / "drawn.npz") as drawn:
        assert drawn["whole"].dtype == np.float32
        assert np.abs(drawn["whole"] - ours).max() <= 1e-4
        assert np.abs(drawn["one"] - ours[:1]).max() <= 1e-4
    assert ours.std() > 0.05  # pictures that are nothing would agree too


@pytest.mark.parametrize(("size", "kernel"), [(32, 3), (32, 4), (64, 5), (32, 6), (32, 7)])
def test_the_graph_is_the_network_for_any_kernel(size: int, kernel: int, settings: Callable[..., object]) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from pipeline.train import networks
    from pipeline.train.use import onnx_graph

    network = networks.generator(size, settings(kernel=kernel))  # type: ignore[arg-type]
    rng = np.random.default_rng(kernel)
    for weight in network.weights:
        weight.assign(rng.uniform(0.2, 0.6, weight.shape) if weight.name == "moving_variance" else rng.normal(0, 0.3, weight.shape))
    session = runtime.InferenceSession(onnx_graph.build(network, {}).SerializeToString(), providers=["CPUExecutionProvider"])
    noise = rng.uniform(-1, 1, (3, 8)).astype(np.float32)
    assert np.abs(session.run(None, {"latents": noise})[0] - np.asarray(network(noise))).max() <= 1e-4


def test_an_export_that_does_not_agree_is_not_written(drawable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ending, write, runtime = exporting.FORMATS["savedmodel"]

    def wrong(path: Path) -> Callable[[np.ndarray], np.ndarray]:
        draw = runtime(path)
        return lambda noise: draw(noise) + np.float32(2e-4)

    monkeypatch.setitem(exporting.FORMATS, "savedmodel", (ending, write, wrong))
    with pytest.raises(PipelineError, match=r"differs by 0\.0002.*not kept"):
        exporting.export(drawable, "savedmodel", tmp_path / "robots")
    assert not list(tmp_path.iterdir())


def test_another_number_of_pictures_does_not_agree(drawable: Path) -> None:
    generator = load(drawable)
    with pytest.raises(PipelineError, match="gives"):
        exporting.compare(generator, lambda noise: np.zeros((1, 32, 32, 3), np.float32))
    with pytest.raises(PipelineError, match="no numbers"):
        exporting.compare(generator, lambda noise: np.full((len(noise), 32, 32, 3), np.nan, np.float32))


def test_it_takes_the_place_of_its_kind_only(drawable: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="onnx, savedmodel"):
        exporting.export(drawable, "tflite", tmp_path / "x")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "me.jpg").touch()
    for kind in exporting.FORMATS:
        with pytest.raises(UsageError, match="exists and is no"):
            exporting.export(drawable, kind, tmp_path / "photos")
    assert (tmp_path / "photos" / "me.jpg").exists()


def test_what_is_beside_it_says_what_it_is(drawable: Path, tmp_path: Path) -> None:
    run = tmp_path / "robots" / "runs" / "first"
    shutil.copytree(drawable, run)
    shards = tmp_path / "robots" / "shards" / "tfrecord-32"
    shards.mkdir(parents=True)
    (shards / "dataset_info.json").write_text(json.dumps({"name": "dots", "redistributionInfo": {"license": "CC BY 4.0: 20"}}))
    (shards / "README.md").write_text("# dots\n\n## Licences\nOf the pictures.\n\n- drawn by Somebody: 20\n\n## Load\nso\n")
    for _ in range(2):  # the second takes the first one's place
        done = exporting.export(run, "savedmodel")
    assert done.path == run / "export" / "first-savedmodel"
    about = json.loads(done.about.read_text(encoding="utf-8"))
    assert about["input"] == {"name": "latents", "shape": ["n", 8], "dtype": "float32", "distribution": "standard normal"}
    assert about["output"]["shape"] == ["n", 32, 32, 3]
    assert about["trained_on"]["license"] == "CC BY 4.0: 20"
    assert about["trained_on"]["attribution"] == "Of the pictures.\n\n- drawn by Somebody: 20"
    assert about["run"]["generator_sha256"] == load(run).digest
    assert exporting.trained_on(run, "others", 32) == exporting.TrainedOn("others")
    # the formula for bytes is the one our own pictures are made by
    x = np.linspace(-1.2, 1.2, 1001, dtype=np.float32)
    names = {"clip": np.clip, "round": np.round, "x": x, "__builtins__": {}}
    assert (eval(about["output"]["to_bytes"], names).astype(np.uint8) == samples.to_pixels(x)).all()
