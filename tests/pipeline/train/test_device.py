from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.train import device


def test_the_processors_flags_are_those_that_linux_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "processor\t: 0\nflags\t\t: fpu avx512_bf16\n\nprocessor\t: 1\nflags\t\t: other\n"
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: listed)
    assert {"fpu", "avx512_bf16"} <= device.processor_flags()
    assert "other" not in device.processor_flags()


def test_where_linux_lists_none_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(path: Path, encoding: str) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", missing)
    assert device.processor_flags() == frozenset()
