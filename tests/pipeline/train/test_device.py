from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.train import device


@pytest.mark.parametrize(
    ("capability", "precision"),
    [((7, 5), "mixed_float16"), ((8, 0), "mixed_bfloat16"), ((9, 0), "mixed_bfloat16"), ((0, 0), "mixed_float16")],
)
def test_a_gpu_uses_bfloat16_from_ampere_on(capability: tuple[int, int], precision: str) -> None:
    assert device.gpu_precision(capability) == precision


@pytest.mark.parametrize(
    ("flags", "precision"),
    [({"avx2", "avx512f"}, "float32"), ({"avx512_bf16"}, "float32"), ({"avx512_bf16", "amx_bf16"}, "mixed_bfloat16"), ((), "float32")],
)
def test_a_processor_uses_bfloat16_only_with_matrix_units(flags: set[str], precision: str) -> None:
    assert device.cpu_precision(frozenset(flags)) == precision


def test_a_card_too_new_for_this_tensorflow_is_named() -> None:
    line = device.unsupported("GeForce RTX 5090", (12, 0), "2.21.0")
    assert "GeForce RTX 5090 (compute capability 12.0)" in line
    assert "training on the CPU" in line
    assert device.unsupported("GeForce RTX 5090", (12, 0), "2.22.0") == ""
    assert device.unsupported("H100", (9, 0), "2.21.0") == ""


class _Card:
    """What TensorFlow would say of a machine with one GPU."""

    def __init__(self, capability: tuple[int, int]) -> None:
        self.visible: object = "all"
        self.growth: list[str] = []
        details = {"device_name": "Card", "compute_capability": capability}
        self.experimental = type("E", (), {})()
        self.experimental.get_device_details = lambda gpu: details
        self.experimental.set_memory_growth = lambda gpu, on: self.growth.append(gpu)
        self.optimizer = type("O", (), {"set_experimental_options": lambda self, options: None})()

    def list_physical_devices(self, kind: str) -> list[str]:
        return ["GPU:0"]

    def set_visible_devices(self, devices: list[str], kind: str) -> None:
        self.visible = devices


def _with_card(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int]) -> _Card:
    card = _Card(capability)
    monkeypatch.setattr(device, "tensorflow", lambda: type("TF", (), {"config": card, "__version__": "2.21.0"})())
    return card


def test_a_working_gpu_is_used_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    card = _with_card(monkeypatch, (8, 6))
    assert device.choose("auto") == device.Device("Card", "mixed_bfloat16")
    assert device.choose("float32").precision == "float32"
    assert (card.growth[0], card.visible) == ("GPU:0", "all")


def test_an_unsupported_gpu_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    card = _with_card(monkeypatch, (12, 0))
    chosen = device.choose("float32")
    assert (chosen.name, card.visible) == ("CPU", [])
    assert "not supported" in chosen.warning


def test_without_tensorflow_the_way_out_is_named() -> None:
    code = (
        "import sys; sys.modules['tensorflow'] = None; sys.modules['keras'] = None\n"
        "from pipeline.errors import PipelineError; from pipeline.train import device\n"
        "try: device.tensorflow()\nexcept PipelineError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout == "training needs TensorFlow: pip install 'art-pipeline[train]'\n"


def test_tensorflow_comes_quietly() -> None:
    pytest.importorskip("tensorflow")
    code = "from pipeline.train import device; print(device.choose('auto').name)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.strip()
    assert said.stderr == ""
