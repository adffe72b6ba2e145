from __future__ import annotations

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
