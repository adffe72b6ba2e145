"""Which device trains, and in which precision. TensorFlow is imported here and nowhere earlier."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.train.quiet import quiet

CPU_BFLOAT16 = "amx_bf16"
"""The processor flag of matrix units for bfloat16: three times as fast as float32 there. With avx512_bf16 alone it is slower."""


@dataclass(frozen=True)
class Device:
    """What trains: its name for people, the Keras dtype policy, and a warning to pass on (or an empty string)."""

    name: str
    precision: str
    warning: str = ""


def tensorflow() -> Any:
    """The TensorFlow module, imported quietly: its notes and warnings are hidden, its errors are not.

    Raises PipelineError when it is not installed, or when Keras was told to use another backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        with quiet():
            import keras
            import tensorflow as tf
    except ModuleNotFoundError as error:
        if error.name not in ("tensorflow", "keras"):
            raise
        raise PipelineError("training needs TensorFlow: pip install 'art-pipeline[train]'") from error
    if keras.backend.backend() != "tensorflow":
        raise PipelineError(f"Keras uses {keras.backend.backend()} here; set the environment variable KERAS_BACKEND=tensorflow")
    return tf


def choose(precision: str) -> Device:
    """The first GPU that works, else the CPU; `precision` as in TrainSettings, `auto` resolved to what the device does well."""
    tf = tensorflow()
    # It fails on a leaky ReLU after a bias, with an error line on the terminal, and the graph stays as it was.
    tf.config.optimizer.set_experimental_options({"remapping": False})
    warning = ""
    with quiet():
        gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        name = str(details.get("device_name", "GPU"))
        capability = details.get("compute_capability") or (0, 0)
        warning = unsupported(name, capability, tf.__version__)
        if not warning:
            for gpu in gpus:
                tf.config.experimental.set_memory_growth(gpu, True)
            return Device(name, gpu_precision(capability) if precision == "auto" else precision)
        tf.config.set_visible_devices([], "GPU")
    return Device("CPU", cpu_precision(processor_flags()) if precision == "auto" else precision, warning)


def gpu_precision(capability: tuple[int, int]) -> str:
    """bfloat16 from Ampere (8.0) on, float16 on older cards."""
    return "mixed_bfloat16" if capability >= (8, 0) else "mixed_float16"


def cpu_precision(flags: frozenset[str]) -> str:
    """bfloat16 where the processor has matrix units for it, else float32; float16 is far slower than either."""
    return "mixed_bfloat16" if CPU_BFLOAT16 in flags else "float32"


def unsupported(name: str, capability: tuple[int, int], version: str) -> str:
    """Why this GPU cannot be used with this TensorFlow, or an empty string."""
    major, minor = (int(part) for part in version.split(".")[:2])
    if capability >= (12, 0) and (major, minor) <= (2, 21):
        number = ".".join(str(part) for part in capability)
        return f"{name} (compute capability {number}) is not supported by TensorFlow {version} (tensorflow#111958); training on the CPU"
    return ""


def processor_flags() -> frozenset[str]:
    """What the processor says it can, as Linux names it; empty where that is not known."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
