"""A generator as an ONNX graph, written layer by layer: it is transposed convolutions, batch normalisation, ReLU and tanh, and no more.

Written here rather than converted: a converter goes through TensorFlow's graph, and so needs TensorFlow whatever the backend. Batch
normalisation is folded into the convolution before it, so that the graph is a third shorter than the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.errors import PipelineError
from pipeline.train.use.folding import folded, is_transposed, with_norms

OPSET = 13
"""The operator set; every runtime since 2021 reads it."""

IR = 8
"""The file format's version, of 2021 too; the newest would shut out runtimes that are a little older."""

INPUT, OUTPUT = "latents", "pictures"


def build(network: Any, about: Mapping[str, str]) -> Any:
    """The ONNX model of a generator: `latents` float32 (n, length) → `pictures` float32 (n, size, size, 3) in [-1, 1], for any n.

    `about` becomes its metadata. Raises PipelineError when `onnx` is not installed, or for a layer that generators do not have.
    """
    try:
        import onnx
        from onnx import TensorProto, helper, numpy_helper
    except ImportError as error:
        raise PipelineError("export to ONNX needs onnx and onnxruntime: pip install 'art-pipeline[export]'") from error
    nodes: list[Any] = []
    weights: list[Any] = []

    def node(kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(name: str, value: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    at = INPUT
    for layer, norm in with_norms(network):
        kind = type(layer).__name__
        if kind == "Reshape":
            height, width, channels = layer.target_shape
            at = node("Reshape", [at, constant("first_map", np.array([-1, channels, height, width], np.int64))])
        elif is_transposed(layer):
            kernel, bias = folded(layer, norm)
            named = [constant(f"{layer.name}.kernel", kernel), constant(f"{layer.name}.bias", bias)]
            at = node("ConvTranspose", [at, *named], **geometry(layer))
        elif kind == "ReLU":
            at = node("Relu", [at])
        elif kind == "Activation" and layer.get_config()["activation"] == "tanh":
            at = node("Tanh", [at])
        else:
            raise PipelineError(f"layer {layer.name}: {kind} cannot be exported to ONNX; export as savedmodel")
    nodes.append(helper.make_node("Transpose", [at], [OUTPUT], name=OUTPUT, perm=[0, 2, 3, 1]))
    _, *side = network.output_shape
    graph = helper.make_graph(
        nodes,
        "generator",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", network.input_shape[1]])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", *side])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="art-pipeline")
    helper.set_model_props(model, dict(about))
    onnx.checker.check_model(model, full_check=True)
    return model


def geometry(layer: Any) -> dict[str, list[int]]:
    """ONNX attributes that give what Keras' Conv2DTranspose gives, with `valid` or `same` padding and its `output_padding` unset.

    `same` makes the output `stride` times the input: of the k - s pixels too many, the smaller half is cut off at the top and left.
    """
    attributes = {"strides": list(layer.strides), "kernel_shape": list(layer.kernel_size)}
    if layer.padding == "same":
        cut = [kernel - stride for kernel, stride in zip(layer.kernel_size, layer.strides, strict=True)]
        before = [max(0, pixels) // 2 for pixels in cut]
        after = [max(0, pixels) - first for pixels, first in zip(cut, before, strict=True)]
        attributes |= {"pads": [*before, *after], "output_padding": [max(0, -pixels) for pixels in cut]}
    return attributes
