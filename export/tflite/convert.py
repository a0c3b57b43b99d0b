"""TensorFlow Lite, which LiteRT runs."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from mitokeras.export.trained.frozen import INPUT, OUTPUT
from mitokeras.runners.silence import silent_stderr


def convert(network: Any, quantize: str, calibration: Sequence[np.ndarray] = ()) -> bytes:
    """Convert a network.

    Args:
        network: From `frozen`.
        quantize: "none"; "float16": weights of half precision; "dynamic": int8 weights by
            channel, float computation; "int8": int8 weights by channel and activations, but for
            the first convolution, with uint8 pixels in and a float32 probability out all the same.
        calibration: Inputs for "int8", uint8, each of shape (height, width, 3).

    Returns:
        The file, with the signature `serving_default` from `image` to `probability`.
    """
    module = tf.Module()
    module.network = network
    signature = tf.function(
        lambda image: {OUTPUT: network(image)[0]},
        input_signature=[tf.TensorSpec.from_tensor(network.inputs[0], INPUT)],
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), silent_stderr():
        tf.saved_model.save(module, folder, signatures=signature)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if quantize == "int8":
            return _int8(converter, calibration)
        if quantize != "none":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def _int8(converter: tf.lite.TFLiteConverter, calibration: Sequence[np.ndarray]) -> bytes:
    """Calibrate, then quantise all but the first convolution.

    Its int8 weights would err in proportion to the brightness of the image, which is far from
    zero. docs/export.md has what that costs and gives.
    """
    from tensorflow.lite.python.convert import mlir_quantize  # private, so only where needed

    # The ranges come from the calibration, not from statistics given by hand.
    warnings.filterwarnings("ignore", message="Statistics for quantized inputs were expected")
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter._experimental_calibrate_only = True
    calibrated = converter.convert()
    return bytes(mlir_quantize(calibrated, denylisted_nodes={_first_convolution(calibrated)}))


def _first_convolution(model: bytes) -> str:
    """Name of the tensor that it writes."""
    network = schema.Model.GetRootAs(model)
    graph = network.Subgraphs(0)
    for i in range(graph.OperatorsLength()):
        operator = graph.Operators(i)
        code = network.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
        if code == schema.BuiltinOperator.CONV_2D:
            return graph.Tensors(operator.Outputs(0)).Name().decode()
    raise ValueError("the network has no convolution")
