from __future__ import annotations

import os

import pytest

from pipeline.train.quiet import quiet


def test_chatter_is_dropped_and_errors_come_through(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(2, b"I0000 00:00:1.5 1 port.cc:153] oneDNN custom operations are on.\n")
        os.write(2, b"E0000 00:00:1.6 1 gpu.cc:7] out of memory\n")
        os.write(2, b"2026-01-01 00:00:00: F tensorflow/core: no AVX\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "E0000 00:00:1.6 1 gpu.cc:7] out of memory\n2026-01-01 00:00:00: F tensorflow/core: no AVX\n"


def test_after_an_exception_everything_held_back_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet():
            os.write(2, b"the cause\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    os.write(2, b"and on\n")
    assert capfd.readouterr().err == "the cause\nand on\n"
